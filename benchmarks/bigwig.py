"""Writing one value a base: our bigWig writer against pyBigWig, the same values in one process.

    python benchmarks/bigwig.py

CPU seconds, in turns, best of `--repeats`, on a chromosome of the length of chr22; then both files are read
back and compared. The values are like a soft mask: smooth along the sequence, rounded to three decimals.
Below, what other resolutions and precisions of the same mask take.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyBigWig

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_writer import BigWigWriter
from seq2exp_tracks.tracks.bins import Binner, Bins
from seq2exp_tracks.tracks.merge import Stretch
from seq2exp_tracks.tracks.track import LEARNED

LENGTH = 50_818_468
PIECE = 200_000
DECIMALS = 3


def soft_mask(length: int, decimals: int = DECIMALS) -> np.ndarray:
    """Values (length,) between 0 and 1 that change slowly, with a little noise at every base."""
    random = np.random.default_rng(0)
    knots = random.beta(1, 6, length // 500 + 2)
    smooth = np.interp(np.arange(length), np.arange(len(knots)) * 500, knots)
    noisy = np.clip(smooth + random.normal(0, 0.003, length), 0, 1)
    return np.round(noisy, decimals).astype(np.float32)


def write_ours(path: Path, values: np.ndarray) -> None:
    """Writes with the library, a window at a time."""
    with BigWigWriter(path, ChromSizes({"chr22": len(values)}), DECIMALS) as file:
        for start in range(0, len(values), PIECE):
            file.write("chr22", start, values[start : start + PIECE])


def write_pybigwig(path: Path, values: np.ndarray) -> None:
    """Writes with pyBigWig, a window at a time, with its own zoom levels."""
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader([("chr22", len(values))])
        for start in range(0, len(values), PIECE):
            file.addEntries("chr22", start, values=values[start : start + PIECE], span=1, step=1)


def write_bins(path: Path, values: np.ndarray, size: int, decimals: int) -> None:
    """Writes means of bins with the library, a window at a time."""
    binner = Binner(Bins(size))
    with BigWigWriter(path, ChromSizes({"chr22": len(values)}), decimals, size) as file:
        for start in range(0, len(values), PIECE):
            stretch = Stretch("chr22", start, {LEARNED: values[start : start + PIECE]})
            for bins in binner.add(stretch):
                file.write("chr22", bins.start, bins.values[LEARNED])
        for bins in binner.finish():
            file.write("chr22", bins.start, bins.values[LEARNED])


def print_table(path: Path, repeats: int) -> None:
    """Prints size and time of each resolution and precision."""
    values = soft_mask(LENGTH, decimals=7)
    write_bins(path, values, 1, DECIMALS)
    default = path.stat().st_size
    print("\nresolution  decimals   CPU s      MB  of the default's size")
    for size in (1, 10, 25, 100):
        for decimals in (2, 3, 4):
            times = [cpu_seconds(partial(write_bins, path, values, size, decimals)) for _ in range(repeats)]
            written = path.stat().st_size
            print(
                f"{size:>7} bp{decimals:>10}{min(times):>8.2f}{written / 1e6:>8.1f}{written / default:>9.1%}"
            )


def cpu_seconds(work: Callable[[], None]) -> float:
    """CPU time of one call."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> None:
    """Measures both writers and compares what they wrote."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    values = soft_mask(LENGTH)
    writers = {"ours": write_ours, "pyBigWig": write_pybigwig}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{name}.bw" for name in writers}
        best = dict.fromkeys(writers, float("inf"))
        for _ in range(repeats):
            for name, write in writers.items():
                best[name] = min(best[name], cpu_seconds(lambda: write(paths[name], values)))  # noqa: B023 # called at once
        for name, path in paths.items():
            with pyBigWig.open(str(path)) as file:
                np.testing.assert_array_equal(file.values("chr22", 0, LENGTH, numpy=True), values)
            print(f"{name:<10}{best[name]:>8.1f} CPU s{path.stat().st_size / LENGTH:>8.2f} bytes a base")
        print(f"ratio     {best['pyBigWig'] / best['ours']:>8.1f}")
        print_table(Path(folder) / "bins.bw", repeats)


if __name__ == "__main__":
    main()
