import struct

import numpy as np
import pytest

from seq2exp_tracks.io.bigwig_format import BLOCK, BlockList, r_tree

POSITION = 1000


def walk(index: bytes, at: int) -> list[tuple[int, ...]]:
    """The leaf items below the node at an offset of the file, checked against the spans of their parents."""
    is_leaf, _, count = struct.unpack_from("<BBH", index, at - POSITION)
    items = [
        struct.unpack_from(
            "<IIIIQQ" if is_leaf else "<IIIIQ", index, at - POSITION + 4 + number * (32 if is_leaf else 24)
        )
        for number in range(count)
    ]
    if is_leaf:
        return items
    found = []
    for first_chrom, start, last_chrom, end, child in items:
        below = walk(index, child)
        assert (first_chrom, start) == below[0][:2]
        assert (last_chrom, end) == below[-1][2:4]
        found += below
    return found


@pytest.mark.parametrize("count", [0, 1, 256, 257, 70_000])
def test_every_block_is_found_from_the_root(count: int) -> None:
    blocks = BlockList()
    for number in range(count):
        blocks.append(number // 1000, number % 1000, number % 1000 + 1, number * 10, 10)
    index = r_tree(blocks.table(position=5), POSITION, 64)
    magic, fanout, listed = struct.unpack_from("<IIQ", index)
    assert (magic, fanout, listed) == (0x2468ACE0, 256, count)
    expected = np.zeros(count, BLOCK)
    numbers = np.arange(count)
    expected["first_chrom"] = expected["last_chrom"] = numbers // 1000
    expected["start"], expected["end"] = numbers % 1000, numbers % 1000 + 1
    expected["offset"], expected["size"] = 5 + numbers * 10, 10
    assert walk(index, POSITION + 48) == expected.tolist()
