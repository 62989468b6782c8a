"""Writers of small input files by libraries that the package does not read them with, or by the format's
specification."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import cooler
import hictkpy
import numpy as np
import pandas as pd
import pyBigWig
import pysam


def write_fasta(path: Path, sequences: Mapping[str, str], width: int = 60) -> Path:
    """Writes a FASTA, bgzipped where the name ends in .gz."""
    text = ""
    for name, sequence in sequences.items():
        lines = [sequence[start : start + width] for start in range(0, len(sequence), width)]
        text += "".join(f"{line}\n" for line in (f">{name} described", *lines))
    if path.suffix == ".gz":
        with pysam.BGZFile(str(path), "wb") as handle:
            handle.write(text.encode())
    else:
        path.write_text(text)
    return path


def write_bigwig(
    path: Path, sizes: Mapping[str, int], intervals: Sequence[tuple[str, int, int, float]] = ()
) -> Path:
    """Writes a bigWig of sorted intervals."""
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(sizes.items()))
        for chrom, start, end, value in intervals:
            file.addEntries([chrom], [start], ends=[end], values=[float(value)])
    return path


def bins_of(sizes: Mapping[str, int], width: int) -> pd.DataFrame:
    """The bins of a genome as cooler has them."""
    return cooler.binnify(pd.Series(sizes), width)


def pixels_of(matrices: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The upper triangles of the chromosomes' matrices as cooler's pixels."""
    offset, frames = 0, []
    for matrix in matrices.values():
        first, second = np.nonzero(np.triu(matrix))
        frames.append(
            pd.DataFrame(
                {"bin1_id": first + offset, "bin2_id": second + offset, "count": matrix[first, second]}
            )
        )
        offset += len(matrix)
    return pd.concat(frames, ignore_index=True)


def write_cool(
    path: Path,
    sizes: Mapping[str, int],
    matrices: Mapping[str, np.ndarray],
    width: int = 5_000,
    weights: Mapping[str, Sequence[float]] | None = None,
) -> Path:
    """Writes symmetric matrices, one a chromosome, and columns of weights of all bins."""
    bins = bins_of(sizes, width).assign(**(weights or {}))
    cooler.create_cooler(str(path), bins, pixels_of(matrices))
    return path


def write_hic(
    path: Path,
    sizes: Mapping[str, int],
    matrices: Mapping[str, np.ndarray],
    width: int = 5_000,
    vc: Mapping[str, Sequence[float]] | None = None,
) -> Path:
    """Writes symmetric matrices, one a chromosome, and VC divisors."""
    writer = hictkpy.hic.FileWriter(path, dict(sizes), width)
    writer.add_pixels(pixels_of(matrices).astype({"count": "float64"}))
    writer.finalize()
    if vc is not None:
        _append_vc(path, list(sizes), width, vc)
    return path


def _append_vc(path: Path, chroms: list[str], width: int, vc: Mapping[str, Sequence[float]]) -> None:
    """Appends normalisation vectors by the specification of the .hic format, version 9.

    The header (magic, version, footer position, genome) says where the index of the vectors is: at the end
    of a file that has none. Each of its entries names a vector, which is a count and 4-byte numbers.
    """
    data = bytearray(path.read_bytes())
    assert struct.unpack_from("<4si", data) == (b"HIC\0", 9)
    header_place = data.index(b"\0", 16) + 1
    index_place, length = struct.unpack_from("<qq", data, header_place)
    assert length == 4
    assert index_place + length == len(data)
    entry = struct.Struct("<3si3siqq")
    index = struct.pack("<i", len(vc))
    vectors = b""
    start = index_place + len(index) + len(vc) * entry.size
    for chrom, divisors in vc.items():
        vector = struct.pack(f"<q{len(divisors)}f", len(divisors), *divisors)
        # Chromosome 0 is the pseudo-chromosome "All".
        number = chroms.index(chrom) + 1
        index += entry.pack(b"VC\0", number, b"BP\0", width, start + len(vectors), len(vector))
        vectors += vector
    struct.pack_into("<q", data, header_place + 8, len(index))
    path.write_bytes(data[:index_place] + index + vectors)
