"""Signal by position: a bigWig file, checked against the genome when it is opened.

The header is read here first, because the C library prints to stderr what it finds wrong with a file.
Knows nothing of windows or padding.
"""

import struct
from pathlib import Path
from typing import Literal

import numpy as np
import pyBigWig
from jaxtyping import Float32

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.bigwig_check import byte_order

Negatives = Literal["refuse", "clip"]

_SUFFIXES = (".bw", ".bigwig")

# Kent et al., BigWig and BigBed (2010), supplementary table 5: magic number, version, zoom levels, and
# the offsets of the chromosome tree, the data, the index and (after field counts) the total summary.
_HEADER = "IHHQQQHHQQ"
_SUMMARY = "Qd"
_SEARCH_STEP = 1_000_000


class BigWig:
    """A signal along the genome: one number a base, 0 where the file has none.

    Copies itself to another process by opening the file there again.

    Args:
        path: bigWig file.
        sizes: Chromosomes of the genome; `chr1` and `1` are the same chromosome.
        negatives: Whether a value below 0 is refused, or read as 0. The model's Beta distributions are
            defined for signals that are not negative.

    Attributes:
        path: The file.
        missing: Chromosomes of the genome that the file lacks; they read as 0.

    Raises:
        InputError: If the file is no bigWig, is truncated, belongs to another assembly, or holds
            negative values that were not asked to be clipped.
    """

    def __init__(self, path: str | Path, sizes: ChromSizes, negatives: Negatives = "refuse") -> None:
        self.path = Path(path)
        self._sizes = sizes
        self._negatives = negatives
        lowest = _check_whole(self.path)
        self._file = _open(self.path)
        self._names = sizes.reconcile(self._file.chroms(), self.path)
        self.missing = tuple(chrom for chrom in sizes if chrom not in self._names)
        if lowest < 0 and negatives == "refuse":
            self._refuse_negatives()

    def __reduce__(self) -> tuple[type["BigWig"], tuple[Path, ChromSizes, Negatives]]:
        return type(self), (self.path, self._sizes, self._negatives)

    def read(self, interval: Interval) -> Float32[np.ndarray, " length"]:
        """The signal of an interval, base by base.

        Bases without a value, or with NaN, are 0 (the published dataset does the same).

        Args:
            interval: An interval inside its chromosome.

        Raises:
            InputError: If a value is infinite, or negative where that is refused, or the data are
                damaged.
        """
        name = self._names.get(interval.chrom)
        if name is None:
            return np.zeros(len(interval), np.float32)
        try:
            values = self._file.values(name, interval.start, interval.end, numpy=True)
        except RuntimeError as error:
            raise InputError(
                f"{self.path}: the data of {interval} are damaged; get the file again"
            ) from error
        signal: Float32[np.ndarray, " length"] = np.where(np.isnan(values), np.float32(0), values)
        if np.isinf(signal).any():
            position = int(np.argmax(np.isinf(signal)))
            raise InputError(f"{self.path}: infinite value at {_base(interval, position)}; mend the file")
        if signal.min() < 0:
            signal = self._without_negatives(signal, interval)
        return signal

    def _without_negatives(
        self, signal: Float32[np.ndarray, " length"], interval: Interval
    ) -> Float32[np.ndarray, " length"]:
        if self._negatives == "clip":
            return np.where(signal < 0, np.float32(0), signal)
        position = int(np.argmax(signal < 0))
        raise InputError(
            f"{self.path}: negative value {signal[position]:g} at {_base(interval, position)}; the model "
            "reads signals from 0 up: use --clip-negative to read negative values as 0"
        )

    def _refuse_negatives(self) -> None:
        """Finds the first negative value, so that a run ends before it begins and says where."""
        for chrom, name in self._names.items():
            if (self._file.stats(name, type="min", exact=False)[0] or 0) >= 0:
                continue
            length = self._sizes[chrom]
            for start in range(0, length, _SEARCH_STEP):
                self.read(Interval(chrom, start, min(start + _SEARCH_STEP, length)))


def is_bigwig(path: Path) -> bool:
    """Tells by its name whether a file is a bigWig, where a table or a BED may be given instead."""
    return path.suffix.lower() in _SUFFIXES


def _base(interval: Interval, position: int) -> str:
    return f"{interval.chrom}:{interval.start + position + 1:,}"


def _check_whole(path: Path) -> float:
    """Checks by the header that a file is a bigWig and all of it is there.

    Returns:
        The lowest value of the file by its total summary; 0 where it has none.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(64)
            handle.seek(max(size - 4, 0))
            tail = handle.read(4)
            order = byte_order(path, head)
            fields = struct.unpack_from(f"{order}{_HEADER}", head.ljust(64, b"\0"))
            summary = fields[9]
            # Every writer repeats the magic number in the last 4 bytes, when all else is written.
            if tail != head[:4] or size < 64 or max(*fields[3:6], summary) + 4 > size:
                raise InputError(
                    f"{path}: truncated: its {size:,} bytes are not the whole file; get it again"
                )
            if summary == 0:
                return 0.0
            handle.seek(summary)
            _, lowest = struct.unpack(f"{order}{_SUMMARY}", handle.read(16))
    except OSError as error:
        raise InputError(f"{path}: the signal cannot be read: {error.strerror}") from error
    return float(lowest)


def _open(path: Path) -> "pyBigWig.bigWigFile":
    try:
        return pyBigWig.open(str(path))
    except RuntimeError as error:
        raise InputError(f"{path}: damaged: its header cannot be read; get the file again") from error
