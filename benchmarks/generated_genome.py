"""A genome of full size that means nothing: bases, two signals and a blacklist, made from a seed.

Bases are drawn one by one, with N at both ends of a chromosome. The signals have the texture of real ones,
runs of one value for a low background and peaks, on three fifths of the genome; the rest has no value.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from fake_scores import EVERY, EXCLUDED

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_writer import BigWigWriter

SIGNALS = ("H3K27ac", "DNase")

_LETTERS = np.frombuffer(b"ACGT" * 64, np.uint8)
_LINE = 100
_UNKNOWN = 10_000
# Small enough that memory is used again, and not fetched anew from the system.
_PIECE = 4_000 * _LINE

_MEGABASE, _COVERED, _RUN = 1_000_000, 600_000, 20
_PEAKS, _PEAK_RUNS = 40, 50


class GeneratedGenome(NamedTuple):
    """Where its files are."""

    folder: Path

    @property
    def fasta(self) -> Path:
        """The bases, with their index beside."""
        return self.folder / "genome.fa"

    @property
    def signals(self) -> dict[str, Path]:
        """The bigWig of each signal."""
        return {name: self.folder / f"{name}.bw" for name in SIGNALS}

    @property
    def blacklist(self) -> Path:
        """The first bases of every million."""
        return self.folder / "blacklist.bed"


def generate(folder: Path, sizes: ChromSizes) -> GeneratedGenome:
    """Writes the genome, or takes the one that the folder holds, by other processes.

    Their memory is not that of the process which is measured.

    Raises:
        ValueError: If the folder holds a genome with other chromosomes.
    """
    genome = GeneratedGenome(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if genome.blacklist.exists():
        rows = (line.split("\t") for line in _index(genome).read_text().splitlines())
        if {name: int(length) for name, length, *_ in rows} != dict(sizes):
            raise ValueError(f"{folder}: a genome with other chromosomes; choose another folder")
        return genome
    work: list[Callable[[], None]] = [partial(_write_fasta, genome, sizes)]
    work += [partial(_write_signal, path, sizes, seed) for seed, path in enumerate(genome.signals.values())]
    with ProcessPoolExecutor(len(work), multiprocessing.get_context("spawn")) as pool:
        for done in [pool.submit(each) for each in work]:
            done.result()
    # The last: where it stands, all is there.
    genome.blacklist.write_text("".join(_blacklist(sizes)))
    return genome


def _index(genome: GeneratedGenome) -> Path:
    return genome.fasta.with_name(f"{genome.fasta.name}.fai")


def _write_fasta(genome: GeneratedGenome, sizes: ChromSizes) -> None:
    random = np.random.default_rng(0)
    rows = []
    with genome.fasta.open("wb") as file:
        for chrom, length in sizes.items():
            file.write(f">{chrom}\n".encode())
            rows.append(f"{chrom}\t{length}\t{file.tell()}\t{_LINE}\t{_LINE + 1}\n")
            for start in range(0, length, _PIECE):
                file.write(_lines(random, start, min(start + _PIECE, length), length))
    _index(genome).write_text("".join(rows))


def _lines(random: np.random.Generator, start: int, end: int, length: int) -> bytes:
    """Bases of a chromosome in lines of a FASTA; `start` is the first base of a line."""
    text = np.full((-(-(end - start) // _LINE), _LINE + 1), ord("\n"), np.uint8)
    letters = _LETTERS[np.frombuffer(random.bytes(text.shape[0] * _LINE), np.uint8)]
    letters[: max(0, _UNKNOWN - start)] = ord("N")
    letters[max(0, length - _UNKNOWN - start) :] = ord("N")
    text[:, :_LINE] = letters.reshape(-1, _LINE)
    whole = text.tobytes()
    missing = text.shape[0] * _LINE - (end - start)
    return whole[: len(whole) - 1 - missing] + b"\n" if missing else whole


def _write_signal(path: Path, sizes: ChromSizes, seed: int) -> None:
    random = np.random.default_rng([1, seed])
    partial_file = path.with_suffix(".partial")
    with BigWigWriter(partial_file, sizes, decimals=2) as file:
        for chrom, length in sizes.items():
            for start in range(0, length, _MEGABASE):
                values = _stretch(random)[: length - start]
                file.write(chrom, start, values)
    partial_file.replace(path)


def _stretch(random: np.random.Generator) -> np.ndarray:
    """Values of consecutive bases: runs of a low background, and peaks."""
    runs = random.gamma(0.8, 0.5, _COVERED // _RUN).astype(np.float32)
    shape = np.hanning(_PEAK_RUNS + 2)[1:-1]
    for first, height in zip(
        random.integers(len(runs) - _PEAK_RUNS, size=_PEAKS), random.gamma(2, 10, _PEAKS), strict=True
    ):
        runs[first : first + _PEAK_RUNS] += height * shape
    return np.repeat(runs, _RUN)


def _blacklist(sizes: ChromSizes) -> Iterator[str]:
    for chrom, length in sizes.items():
        for start in range(0, length, EVERY):
            yield f"{chrom}\t{start}\t{min(start + EXCLUDED, length)}\n"
