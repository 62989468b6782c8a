"""Joins parts into a bigWig file: their blocks are copied as they are, the indices are made anew.

The file has no valid header until all else is written.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_format import (
    BIGWIG_MAGIC,
    BLOCK,
    HEADER_BYTES,
    TOTALS_BYTES,
    ZOOM_HEADER_BYTES,
    chrom_tree,
    header,
    r_tree,
)
from seq2exp_tracks.io.bigwig_zoom import RECORDS_PER_BLOCK, reductions
from seq2exp_tracks.io.writing import writing

VALUES_PER_BLOCK = 4096

_COPY_BYTES = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class PartSection:
    """Consecutive blocks of a part's file.

    Attributes:
        n_items: Values or summaries in them, counted for zoom levels alone.
        n_bytes: Their size.
        blocks: What they cover, of dtype `BLOCK`; offsets count from the section's first byte.
    """

    n_items: int
    n_bytes: int
    blocks: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class BigWigPart:
    """A part that is written.

    Attributes:
        path: Its file: the data, then each zoom level.
        data: The blocks of values.
        zooms: The blocks of each zoom level.
        totals: Number of bases, least and largest value, sum and sum of squares of each of its pieces.
    """

    path: Path
    data: PartSection
    zooms: tuple[PartSection, ...]
    totals: Float64[np.ndarray, " pieces 5"]


def join_parts(path: Path, sizes: ChromSizes, parts: Sequence[BigWigPart], span: int = 1) -> None:
    """Writes a bigWig file of parts and removes their files.

    The header carries every chromosome of the genome in its order, also those without a value.

    Args:
        path: The file to write; an existing one is replaced.
        sizes: Chromosomes of the genome.
        parts: The parts in the order of the genome; there may be none.
        span: Bases that a value of the parts stands for.

    Raises:
        OutputError: If the file cannot be written; nothing is left of it then.
    """
    try:
        with writing(path), path.open("wb") as file:
            _write(file, sizes, parts, span)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        for part in parts:
            part.path.unlink(missing_ok=True)


def _write(file: BinaryIO, sizes: ChromSizes, parts: Sequence[BigWigPart], span: int) -> None:
    tree = chrom_tree(sizes)
    levels = reductions(max(sizes.values()), span)
    totals_at = HEADER_BYTES + ZOOM_HEADER_BYTES * len(levels)
    chroms_at = totals_at + TOTALS_BYTES
    data_at = chroms_at + len(tree)
    n_blocks = sum(len(part.data.blocks) for part in parts)
    file.write(bytes(totals_at) + _totals(parts) + tree + struct.pack("<Q", n_blocks))
    index_at = _write_section(file, [(part, 0, part.data) for part in parts], VALUES_PER_BLOCK)
    zooms = []
    for level, reduction in enumerate(levels):
        sections = [(part, _zoom_offset(part, level), part.zooms[level]) for part in parts]
        zoom_at = file.tell()
        count = sum(section.n_items for _, _, section in sections)
        file.write(struct.pack("<I", count & 0xFFFFFFFF))
        zooms.append((reduction, zoom_at, _write_section(file, sections, RECORDS_PER_BLOCK)))
    file.write(struct.pack("<I", BIGWIG_MAGIC))
    file.seek(0)
    file.write(header(chroms_at, data_at, index_at, totals_at, zooms))


def _zoom_offset(part: BigWigPart, level: int) -> int:
    """Where a zoom level begins in the part's file."""
    return part.data.n_bytes + sum(zoom.n_bytes for zoom in part.zooms[:level])


def _write_section(
    file: BinaryIO, sections: Sequence[tuple[BigWigPart, int, PartSection]], items_per_block: int
) -> int:
    """Copies blocks of all parts, each from its offset on, and writes their index; returns its offset."""
    tables = [np.zeros(0, BLOCK)]
    for part, offset, section in sections:
        table = section.blocks.copy()
        table["offset"] += np.uint64(file.tell())
        tables.append(table)
        _copy(part.path, offset, section.n_bytes, file)
    index_at = file.tell()
    file.write(r_tree(np.concatenate(tables), index_at, items_per_block))
    return index_at


def _copy(source: Path, offset: int, count: int, target: BinaryIO) -> None:
    # One buffer for all pieces: fresh memory for each costs ten times as much as the copying.
    buffer = memoryview(bytearray(_COPY_BYTES))
    with source.open("rb") as file:
        file.seek(offset)
        while count:
            n_read = file.readinto(buffer[:count])
            if not n_read:
                raise OSError(f"{source.name} is shorter than it was written")
            target.write(buffer[:n_read])
            count -= n_read


def _totals(parts: Sequence[BigWigPart]) -> bytes:
    """The summary of the whole file, added up piece by piece in the order of the genome."""
    pieces = np.concatenate([np.zeros((0, 5)), *(part.totals for part in parts)])
    if not len(pieces):
        return bytes(TOTALS_BYTES)
    # Over the concatenated pieces, so that it does not matter which part a piece belonged to.
    sums = pieces[:, [0, 3, 4]].sum(axis=0)
    low, high = pieces[:, 1].min(), pieces[:, 2].max()
    return struct.pack("<Qdddd", int(sums[0]), low, high, sums[1], sums[2])
