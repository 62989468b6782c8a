"""Reads a bigBed file back by libBigWig (pyBigWig) and by UCSC's own code (pybbi), which have to agree."""

import struct
from pathlib import Path

import bbi
import pyBigWig

Item = tuple[str, int, int, list[str]]


def read_items(path: Path) -> list[Item]:
    """All items as text, in the order of the file."""
    items: list[Item] = []
    with pyBigWig.open(str(path)) as file:
        assert file.isBigBed()
        for chrom, length in file.chroms().items():
            items += [
                (chrom, start, end, rest.split("\t")) for start, end, rest in file.entries(chrom, 0, length)
            ]
    assert _by_ucsc(path) == [(chrom, str(start), str(end), *rest) for chrom, start, end, rest in items]
    return items


def field_names(path: Path) -> list[str]:
    """The fields' names as UCSC's parser of autoSql reads them."""
    with bbi.open(str(path)) as file:
        names: list[str] = file.schema["columns"]
    return names


def bed_fields(path: Path) -> tuple[int, int]:
    """Fields of the header: all, and those that are BED's own."""
    total, defined = struct.unpack("<HH", path.read_bytes()[32:36])
    return total, defined


def _by_ucsc(path: Path) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    with bbi.open(str(path)) as file:
        for chrom, length in file.chromsizes.items():
            frame = file.fetch_intervals(chrom, 0, length)
            texts = {name: [_text(name, value) for value in frame[name].tolist()] for name in frame.columns}
            rows += list(zip(*texts.values(), strict=True))
    return rows


def _text(name: str, value: object) -> str:
    """A field as it stands in the file; UCSC's reader turns the numbers of ours into float32."""
    if isinstance(value, float):
        return f"{value:.3f}" if name in ("mean_score", "value") else f"{value:.4f}"
    return str(value)
