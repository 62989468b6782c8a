"""The parts of a bigWig file as bytes: header, chromosome tree, data blocks, R-tree index.

The format is that of Kent et al. 2010 (Bioinformatics 26:2204, supplement), little-endian, version 4.
Nothing here opens a file; `bigwig_file` puts the parts in their order.
"""

import struct
from array import array
from collections.abc import Mapping
from typing import IO

import deflate
import numpy as np

from seq2exp_tracks.errors import OutputError

BIGWIG_MAGIC = 0x888FFC26
BIGBED_MAGIC = 0x8789F2EB
CHROM_TREE_MAGIC = 0x78CA8C91
R_TREE_MAGIC = 0x2468ACE0

HEADER_BYTES = 64
ZOOM_HEADER_BYTES = 24
TOTALS_BYTES = 40

UNCOMPRESSED_BYTES = 1 << 15
"""No block is larger than this before compression; readers allocate their buffer by it."""

# libdeflate's output is zlib's format, and always the same for one version of it. On mask values of three
# decimals its first level takes 0.4 of the time of zlib's and a few bytes less; higher ones take twice as
# long for 3 %.
_COMPRESSION_LEVEL = 1

_FANOUT = 256
_MAX_CHROMS = 0xFFFF

BLOCK = np.dtype(
    [
        ("first_chrom", "<u4"),
        ("start", "<u4"),
        ("last_chrom", "<u4"),
        ("end", "<u4"),
        ("offset", "<u8"),
        ("size", "<u8"),
    ]
)
"""One compressed block in the index: what it covers and where it lies (a leaf item of the R-tree)."""

_CHILD = np.dtype([(name, BLOCK[name]) for name in ("first_chrom", "start", "last_chrom", "end", "offset")])


class BlockList:
    """The blocks that were written so far, 40 bytes each: what a block covers and where it lies."""

    def __init__(self) -> None:
        self._numbers = array("Q")

    def __len__(self) -> int:
        return len(self._numbers) // 5

    def append(self, chrom: int, start: int, end: int, offset: int, size: int) -> None:
        """Adds a block, in the order of the genome."""
        self._numbers.extend((chrom, start, end, offset, size))

    def table(self, position: int = 0) -> np.ndarray:
        """The items of the index, of dtype `BLOCK`, with `position` added to every offset."""
        numbers = np.array(self._numbers, np.uint64).reshape(-1, 5)
        table = np.zeros(len(numbers), BLOCK)
        table["first_chrom"] = table["last_chrom"] = numbers[:, 0]
        table["start"], table["end"] = numbers[:, 1], numbers[:, 2]
        table["offset"], table["size"] = numbers[:, 3] + np.uint64(position), numbers[:, 4]
        return table


class BlockFile:
    """Compressed blocks, one after another from a file's position on, and what each of them covers."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.blocks = BlockList()
        self.n_bytes = 0

    def append(self, chrom: int, start: int, end: int, block: bytes) -> None:
        """Writes a block, in the order of the genome."""
        self.blocks.append(chrom, start, end, self.n_bytes, len(block))
        self.file.write(block)
        self.n_bytes += len(block)


def compress(block: bytes) -> bytes:
    """A block as the file holds it."""
    return bytes(deflate.zlib_compress(block, _COMPRESSION_LEVEL))


def header(
    chroms_at: int, data_at: int, index_at: int, totals_at: int, zooms: list[tuple[int, int, int]]
) -> bytes:
    """The first bytes of the file: where everything lies.

    Args:
        chroms_at: Offset of the chromosome tree.
        data_at: Offset of the data section.
        index_at: Offset of the index of the data.
        totals_at: Offset of the totals.
        zooms: Bases a bin, offset of the data and offset of the index of each zoom level.
    """
    fixed = struct.pack(
        "<IHHQQQHHQQIQ",
        *(BIGWIG_MAGIC, 4, len(zooms), chroms_at, data_at, index_at),
        *(0, 0, 0, totals_at, UNCOMPRESSED_BYTES, 0),
    )
    return fixed + b"".join(
        struct.pack("<IIQQ", reduction, 0, data, index) for reduction, data, index in zooms
    )


def chrom_tree(sizes: Mapping[str, int]) -> bytes:
    """The names and lengths of the chromosomes, in their order.

    All stand in one leaf: readers walk through a leaf from its start, so the order may be the genome's
    own, whereas a tree of several nodes would have to be sorted by name.

    Raises:
        OutputError: If there are more chromosomes than a leaf can hold.
    """
    if len(sizes) > _MAX_CHROMS:
        raise OutputError(
            f"a bigWig file in the genome's order holds at most {_MAX_CHROMS:,} chromosomes "
            f"and this genome has {len(sizes):,}; leave out the smallest scaffolds"
        )
    names = [name.encode() for name in sizes]
    width = max(map(len, names))
    head = struct.pack("<IIIIQQ", CHROM_TREE_MAGIC, len(names), width, 8, len(names), 0)
    leaf = struct.pack("<BBH", 1, 0, len(names))
    items = (
        name.ljust(width, b"\0") + struct.pack("<II", rank, length)
        for rank, (name, length) in enumerate(zip(names, sizes.values(), strict=True))
    )
    return head + leaf + b"".join(items)


def fixed_step_block(chrom: int, start: int, end: int, span: int, values: np.ndarray) -> bytes:
    """One value for every `span` bases of `start` to `end`, compressed."""
    head = struct.pack("<IIIIIBBH", chrom, start, end, span, span, 3, 0, len(values))
    return compress(head + values.astype("<f4").tobytes())


def interval_block(chrom: int, intervals: np.ndarray) -> bytes:
    """Intervals of one value each (fields start, end, value), compressed."""
    first, last = intervals["start"][0], intervals["end"][-1]
    head = struct.pack("<IIIIIBBH", chrom, first, last, 0, 0, 1, 0, len(intervals))
    return compress(head + intervals.tobytes())


def r_tree(blocks: np.ndarray, position: int, items_per_block: int) -> bytes:
    """The index that finds the blocks of a place.

    Args:
        blocks: What the blocks cover, of dtype `BLOCK`, in the order of the genome; may be empty.
        position: Offset in the file that the index will be written to.
        items_per_block: Most items of a block.
    """
    layers = [blocks]
    while len(layers[-1]) > _FANOUT:
        layers.append(_parents(layers[-1]))
    layers.reverse()
    spans = (0, 0, 0, 0)
    if len(blocks):
        first, last = blocks[0], blocks[-1]
        spans = (first["first_chrom"], first["start"], last["last_chrom"], last["end"])
    head = struct.pack(
        "<IIQIIIIQII", R_TREE_MAGIC, _FANOUT, len(blocks), *spans, position, items_per_block, 0
    )
    parts, at = [head], position + len(head)
    for depth, layer in enumerate(layers):
        children_at = at + _layer_bytes(layer)
        if depth < len(layers) - 1:
            node_bytes = 4 + _FANOUT * layers[depth + 1].dtype.itemsize
            layer["offset"] = children_at + node_bytes * np.arange(len(layer))
        parts.append(_nodes(layer))
        at = children_at
    return b"".join(parts)


def _parents(items: np.ndarray) -> np.ndarray:
    """One item for each node that holds up to `_FANOUT` of the given items."""
    first = np.arange(0, len(items), _FANOUT)
    last = np.minimum(first + _FANOUT, len(items)) - 1
    parents = np.zeros(len(first), _CHILD)
    parents["first_chrom"], parents["start"] = items["first_chrom"][first], items["start"][first]
    parents["last_chrom"], parents["end"] = items["last_chrom"][last], items["end"][last]
    return parents


def _layer_bytes(layer: np.ndarray) -> int:
    return 4 * max(1, -(-len(layer) // _FANOUT)) + layer.nbytes


def _nodes(layer: np.ndarray) -> bytes:
    """The nodes of one layer: full ones, then the rest; one empty node where there is nothing."""
    is_leaf = layer.dtype == BLOCK
    groups = [layer[at : at + _FANOUT] for at in range(0, max(1, len(layer)), _FANOUT)]
    return b"".join(struct.pack("<BBH", is_leaf, 0, len(group)) + group.tobytes() for group in groups)
