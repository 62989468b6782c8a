"""Small bigWigs by our writer, what they should hold, and two readers of other people."""

from pathlib import Path

import numpy as np
import pybigtools
import pyBigWig

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_writer import BigWigWriter

SIZES = ChromSizes({"chr1": 5000, "chr2": 900, "chr10": 700, "chrM": 40})
Runs = list[tuple[str, int, np.ndarray]]


def written(path: Path, runs: Runs, sizes: ChromSizes = SIZES, decimals: int = 3) -> Path:
    with BigWigWriter(path, sizes, decimals) as file:
        for chrom, start, values in runs:
            file.write(chrom, start, values)
    return path


def expected(runs: Runs, sizes: ChromSizes = SIZES, decimals: int = 3) -> dict[str, np.ndarray]:
    """Values of every base of the genome, NaN where there is none."""
    tracks = {chrom: np.full(length, np.nan, np.float32) for chrom, length in sizes.items()}
    for chrom, start, values in runs:
        tracks[chrom][start : start + len(values)] = [np.float32(round(float(x), decimals)) for x in values]
    return tracks


def by_pybigwig(path: Path) -> dict[str, np.ndarray]:
    with pyBigWig.open(str(path)) as file:
        return {c: np.array(file.values(c, 0, n), np.float32) for c, n in file.chroms().items()}


def by_pybigtools(path: Path) -> dict[str, np.ndarray]:
    file = pybigtools.open(str(path))
    return {c: file.values(c, 0, n, fillna=None).astype(np.float32) for c, n in file.chroms().items()}


def assert_holds(path: Path, runs: Runs, sizes: ChromSizes = SIZES, decimals: int = 3) -> None:
    """Both readers find the chromosomes in the genome's order and each base's value."""
    truth = expected(runs, sizes, decimals)
    for read in (by_pybigwig(path), by_pybigtools(path)):
        assert list(read) == list(truth)
        for chrom, values in truth.items():
            np.testing.assert_array_equal(read[chrom], values, err_msg=chrom)
