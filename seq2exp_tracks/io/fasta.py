"""The genome's sequence: a FASTA file, plain or bgzipped, read by position through its index.

The FASTA defines the genome: its chromosomes, their order and their lengths. Knows nothing of windows
or padding; an interval that it is asked for lies on the chromosome.
"""

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np
import pysam
import pysam.samtools
from jaxtyping import UInt8
from pysam.utils import SamtoolsError

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval

UNKNOWN_BASE = 4

_IUPAC_AMBIGUOUS = b"NRYSWKMBDHVUX-"
_NOT_A_BASE = 255


def _base_codes() -> UInt8[np.ndarray, " 256"]:
    """Code of every byte: A 0, C 1, G 2, T 3, ambiguous 4, anything else `_NOT_A_BASE`."""
    codes = np.full(256, _NOT_A_BASE, np.uint8)
    for bases, ambiguous in (
        (b"ACGT", _IUPAC_AMBIGUOUS),
        (b"acgt", _IUPAC_AMBIGUOUS.lower()),
    ):
        codes[list(bases)] = range(4)
        codes[list(ambiguous)] = UNKNOWN_BASE
    return codes


_CODES = _base_codes()

# Copying a folder may write an index before its sequence; a gap of more than this was not copying.
_COPYING_SECONDS = 60


class _Sequence(NamedTuple):
    """One line of a `.fai` index (samtools, faidx(5))."""

    name: str
    length: int
    offset: int
    bases: int
    width: int


class Fasta:
    """A genome's sequence by position.

    Copies itself to another process by opening the file there again.

    Args:
        path: FASTA file, plain or bgzipped. Its index (`.fai`, and `.gzi` where bgzipped) is made where
            it is missing.

    Attributes:
        path: The file.
        sizes: Chromosomes of the genome in the order of the file, with their lengths in bp.
        note: What was done to the folder, for the user to know (an index was made), or None.

    Raises:
        InputError: If the file is not a FASTA, is gzipped but not bgzipped, has an index that does not
            fit, or has none and none can be written beside it.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        index = Path(f"{self.path}.fai")
        bgzipped = _check_kind(self.path)
        gzi = Path(f"{self.path}.gzi") if bgzipped else None
        self.note = _make_index(self.path, index, gzi)
        _check_age(self.path, index)
        sequences = _read_index(index)
        if not bgzipped:
            _check_end(self.path, sequences[-1])
        self.sizes = ChromSizes({sequence.name: sequence.length for sequence in sequences})
        self._file = _open(self.path)
        for sequence in (sequences[0], sequences[-1]):
            for position in (0, sequence.length - 1):
                self.codes(Interval(sequence.name, position, position + 1))

    def __reduce__(self) -> tuple[type["Fasta"], tuple[Path]]:
        return type(self), (self.path,)

    def __enter__(self) -> "Fasta":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; no sequence can be read afterwards."""
        self._file.close()

    def codes(self, interval: Interval) -> UInt8[np.ndarray, " length"]:
        """The bases of an interval as numbers: A 0, C 1, G 2, T 3, everything ambiguous 4.

        Lower case (soft-masked) letters count as upper case, IUPAC codes of several bases as N.

        Args:
            interval: An interval of the plus strand, inside its chromosome.

        Raises:
            InputError: If the file holds something else than bases there.
        """
        try:
            with _quiet():
                letters = self._file.fetch(interval.chrom, interval.start, interval.end).encode("ascii")
        except (OSError, KeyError, ValueError) as error:
            raise _damaged(self.path, f"{interval} cannot be read") from error
        codes = _CODES[np.frombuffer(letters, np.uint8)]
        if len(codes) != len(interval):
            raise _damaged(self.path, f"{interval} holds {len(codes):,} bases")
        if (codes == _NOT_A_BASE).any():
            position = int(np.argmax(codes == _NOT_A_BASE))
            where = f"{interval.chrom}:{interval.start + position + 1:,}"
            raise _damaged(self.path, f"{where} holds {chr(letters[position])!r}, which is no base")
        return codes


def _check_kind(path: Path) -> bool:
    """Tells whether a FASTA is bgzipped, from its first bytes; refuses what is not a FASTA."""
    try:
        with path.open("rb") as handle:
            head = handle.read(18)
        gzipped = head.startswith(b"\x1f\x8b")
        with gzip.open(path, "rb") if gzipped else path.open("rb") as text:
            first = text.read(1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: the genome's FASTA cannot be read: {reason}") from error
    if first != b">":
        raise InputError(f"{path}: not a FASTA file: it does not begin with '>'")
    # A bgzip block is a gzip member whose extra field begins with "BC" (SAM specification, section 4.1).
    bgzipped = gzipped and head[12:14] == b"BC"
    if gzipped and not bgzipped:
        raise InputError(
            f"{path}: compressed with gzip, which cannot be read by position; use bgzip: "
            f"`gunzip -c {path.name} | bgzip > genome.fa.gz`"
        )
    return bgzipped


def _make_index(path: Path, index: Path, gzi: Path | None) -> str | None:
    """Writes the index where it is missing, whole or not at all; says what was written."""
    if index.exists() and (gzi is None or gzi.exists()):
        return None
    made = [index] + ([gzi] if gzi else [])
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".index-") as folder:
            parts = [Path(folder, final.name) for final in made]
            options = [f"--{final.suffix[1:]}-idx={part}" for final, part in zip(made, parts, strict=True)]
            with _quiet():
                pysam.samtools.faidx(*options, str(path))
            for part, final in zip(parts, made, strict=True):
                part.replace(final)
    except SamtoolsError as error:
        raise InputError(
            f"{path}: samtools cannot index it: is it a FASTA with lines of one length?"
        ) from error
    except OSError as error:
        raise InputError(
            f"{path}: it has no index ({index.name}) and none can be written beside it: run "
            f"`samtools faidx {path.name}` where the folder can be written, or link the FASTA into one"
        ) from error
    return f"indexed {path.name}: wrote {' and '.join(final.name for final in made)}"


def _check_age(path: Path, index: Path) -> None:
    if index.stat().st_mtime < path.stat().st_mtime - _COPYING_SECONDS:
        raise InputError(
            f"{index}: older than {path.name}, so it may not fit: make it again with "
            f"`samtools faidx {path.name}`, or `touch {index.name}` if the sequence has not changed"
        )


def _read_index(index: Path) -> list[_Sequence]:
    """The sequences that hold a base, in the order of the file."""
    sequences = []
    for number, line in enumerate(index.read_text().splitlines(), start=1):
        name, *numbers = line.split("\t")
        if len(numbers) < 4 or not all(field.isdigit() for field in numbers[:4]):
            raise InputError(f"{index}:{number}: not the index of a FASTA: {line[:60]!r}; delete it")
        length, offset, bases, width = (int(field) for field in numbers[:4])
        if length > 0:
            sequences.append(_Sequence(name, length, offset, bases, width))
    if not sequences:
        raise InputError(f"{index}: no sequence in it: is the FASTA empty?")
    return sequences


def _check_end(path: Path, last: _Sequence) -> None:
    """Looks for the last base of a plain file where the index says that it is."""
    row, column = divmod(last.length - 1, last.bases)
    with path.open("rb") as handle:
        handle.seek(last.offset + row * last.width + column)
        base, rest = handle.read(1), handle.read(64).lstrip()
    if not base.strip() or rest[:1] not in (b"", b">"):
        raise _damaged(path, f"the last sequence, {last.name}, does not end where the index says")


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences the C library's own messages on stderr: ours say it in one line."""
    loudness = pysam.set_verbosity(0)
    try:
        yield
    finally:
        pysam.set_verbosity(loudness)


def _open(path: Path) -> pysam.FastaFile:
    try:
        with _quiet():
            return pysam.FastaFile(str(path))
    except (OSError, ValueError) as error:
        raise _damaged(path, "it cannot be opened") from error


def _damaged(path: Path, problem: str) -> InputError:
    return InputError(
        f"{path}: {problem}: the file is damaged or its index belongs to another; "
        f"delete {path.name}.fai and run `samtools faidx {path.name}`"
    )
