"""Checks by its first bytes that a file is a whole bigWig, before a library takes its word for it.

pybigtools asks for as much memory as a header tells it to, and a damaged one ends the process. So whatever
the header and the chromosome tree claim is compared with the size of the file. The format is that of Kent et
al. 2010 (Bioinformatics 26:2204), supplementary tables 5 to 8.
"""

import struct
from pathlib import Path
from typing import BinaryIO

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.bigwig_format import (
    BIGBED_MAGIC,
    BIGWIG_MAGIC,
    CHROM_TREE_MAGIC,
    HEADER_BYTES,
    R_TREE_MAGIC,
    ZOOM_HEADER_BYTES,
)

_HEADER = "IHHQQQHHQQIQ"  # magic, version, zooms, chromosome tree, data, index, …, totals, buffer, extension
_CHROM_TREE = "IIIIQQ"  # magic, items a node, bytes of a name, bytes of a value, items, reserved
_ZOOM = "IIQQ"  # bases a bin, reserved, data, index

_CHROM_TREE_BYTES = struct.calcsize("=" + _CHROM_TREE)
_CHROM_BYTES = 8  # rank and length

# A block of data before it was compressed; the writers in use make 8 kB to 1 MB.
_LARGEST_BUFFER = 1 << 28
_LONGEST_NAME = 1 << 12


def check_header(path: Path) -> None:
    """Checks that a file is a bigWig and that what its header points to lies inside the file.

    Raises:
        InputError: If the file cannot be read, is no bigWig, is truncated, or has a damaged header.
    """
    try:
        with path.open("rb") as file:
            _check(path, file, path.stat().st_size)
    except (struct.error, OverflowError) as error:
        raise _damaged(path) from error
    except OSError as error:
        raise InputError(f"{path}: the signal cannot be read: {error.strerror or error}") from error


def _check(path: Path, file: BinaryIO, size: int) -> None:
    head = file.read(HEADER_BYTES)
    order = byte_order(path, head)
    fields = struct.unpack(order + _HEADER, head.ljust(HEADER_BYTES, b"\0"))
    _, version, zooms, chroms_at, data_at, index_at, _, _, _, totals_at, buffer, _ = fields
    file.seek(max(size - 4, 0))
    # Every writer repeats the magic number in the last 4 bytes, when all else is written.
    if file.read(4) != head[:4] or size < HEADER_BYTES:
        raise InputError(f"{path}: truncated: its {size:,} bytes are not the whole file; get it again")
    file.seek(HEADER_BYTES)
    levels = struct.iter_unpack(order + _ZOOM, file.read(zooms * ZOOM_HEADER_BYTES))
    indexes = [index_at, *(at for _, _, _, at in levels)]
    inside = all(at < size for at in (chroms_at, data_at, totals_at, *indexes))
    sound = inside and 1 <= version <= 10 and buffer <= _LARGEST_BUFFER and len(indexes) == zooms + 1
    if not (sound and all(_starts_with(file, order, at, R_TREE_MAGIC) for at in indexes)):
        raise _damaged(path)
    _check_chrom_tree(path, file, order, chroms_at, size)


def _check_chrom_tree(path: Path, file: BinaryIO, order: str, at: int, size: int) -> None:
    file.seek(at)
    magic, _, name_bytes, value_bytes, items, _ = struct.unpack(
        order + _CHROM_TREE, file.read(_CHROM_TREE_BYTES)
    )
    fits = items * (name_bytes + _CHROM_BYTES) <= size
    if magic != CHROM_TREE_MAGIC or value_bytes != _CHROM_BYTES or name_bytes > _LONGEST_NAME or not fits:
        raise _damaged(path)


def _starts_with(file: BinaryIO, order: str, at: int, magic: int) -> bool:
    file.seek(at)
    return file.read(4) == struct.pack(order + "I", magic)


def byte_order(path: Path, head: bytes) -> str:
    """The byte order of a bigWig by the first bytes of its file.

    Returns:
        `<` or `>`, as `struct` writes it.

    Raises:
        InputError: If the file is no bigWig.
    """
    for order in "<>":
        magic = int.from_bytes(head[:4], "little" if order == "<" else "big")
        if magic == BIGWIG_MAGIC:
            return order
        if magic == BIGBED_MAGIC:
            raise InputError(f"{path}: a bigBed, not a bigWig: it holds intervals, not a signal")
    raise InputError(
        f"{path}: not a bigWig file; signals are given as bigWig (seq2exp-tracks prepare makes them of reads)"
    )


def _damaged(path: Path) -> InputError:
    return InputError(f"{path}: damaged: its header does not fit the file; get the file again")
