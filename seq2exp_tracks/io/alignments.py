"""Aligned reads of BAM and CRAM files, by chromosome: places, not bases.

Only the fields that say where a read lies are decoded, so a CRAM needs no reference sequence, neither here
nor from the network.
"""

import warnings
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pysam
from jaxtyping import Int32
from pysam.utils import SamtoolsError

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.whole_file import whole_file

# SAM flags (SAM specification, section 1.4).
PAIRED, PROPER, UNMAPPED, REVERSE, FIRST = 0x1, 0x2, 0x4, 0x10, 0x40
_SECONDARY, _FAILED, _DUPLICATE, _SUPPLEMENTARY = 0x100, 0x200, 0x400, 0x800
_LEFT_OUT = UNMAPPED | _SECONDARY | _FAILED | _DUPLICATE | _SUPPLEMENTARY

# QNAME to TLEN without the bases, their qualities and the tags (htslib, `required_fields`).
_PLACES_ALONE = ["required_fields=0x1ff"]

_INDEX = {".bam": (".bai", ".csi"), ".cram": (".crai",)}

# Copying a folder may write an index before its reads; a gap of more than this was not copying.
_COPYING_SECONDS = 60


@dataclass(frozen=True, slots=True, eq=False)
class AlignedReads:
    """The reads of one chromosome that were kept, by first base.

    Attributes:
        starts: First aligned base, 0-based.
        ends: One past the last aligned base; gaps of the alignment lie between.
        flags: SAM flags.
        lengths: Length of the whole fragment in bp, as the aligner has it (TLEN without its sign); 0 where
            it is not known.
        left_out: Number of reads that were not kept, by reason.
    """

    starts: Int32[np.ndarray, " reads"]
    ends: Int32[np.ndarray, " reads"]
    flags: Int32[np.ndarray, " reads"]
    lengths: Int32[np.ndarray, " reads"]
    left_out: Counter[str]


class Alignments:
    """Reads of a coordinate-sorted BAM or CRAM file.

    Copies itself to another process by opening the file there again.

    Args:
        path: The file. Its index is made beside it where it has none.
        sizes: Chromosomes of the genome; `chr1` and `1` are the same chromosome.

    Attributes:
        path: The file.
        chroms: Chromosomes of the genome that the file has.
        note: What was done to the folder, for the user to know (an index was made), or None.

    Raises:
        InputError: If the file is missing, damaged, truncated, not sorted or of another assembly, or its
            index is older than it.
    """

    def __init__(self, path: str | Path, sizes: ChromSizes) -> None:
        self.path = Path(path)
        self._sizes = sizes
        with _open(self.path) as header:
            lengths = dict(zip(header.references, header.lengths, strict=True))
            order = header.header.to_dict().get("HD", {}).get("SO")
        if not lengths:
            raise InputError(
                f"{self.path}: names no chromosomes; "
                "give a BAM or CRAM of reads that were aligned to the genome"
            )
        self._names = sizes.reconcile(lengths, self.path)
        self.chroms = tuple(chrom for chrom in sizes if chrom in self._names)
        if order in ("queryname", "unsorted"):
            raise _unsorted(self.path)
        self.note = _make_index(self.path)
        self._file = _open(self.path)

    def __reduce__(self) -> tuple[type["Alignments"], tuple[Path, ChromSizes]]:
        return type(self), (self.path, self._sizes)

    def __enter__(self) -> "Alignments":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; no read can be read afterwards."""
        self._file.close()

    def elsewhere(self) -> float:
        """Share of the mapped reads on chromosomes that the genome lacks; 0 for CRAM: its index is silent."""
        if not self._file.is_bam:
            return 0.0
        ours = set(self._names.values())
        mapped = {row.contig: row.mapped for row in self._file.get_index_statistics()}
        total = sum(mapped.values())
        return sum(count for name, count in mapped.items() if name not in ours) / total if total else 0.0

    def read(self, chrom: str, min_mapq: int) -> AlignedReads:
        """The reads of a chromosome that are worth counting.

        Left out are duplicates, secondary and supplementary alignments, reads that failed the sequencer's
        quality check, and those of which the aligner is not sure of the place.

        Args:
            chrom: A chromosome of the genome.
            min_mapq: Least mapping quality.

        Raises:
            InputError: If the file is damaged.
        """
        columns = tuple(array("i") for _ in range(4))
        left_out: Counter[str] = Counter()
        if chrom in self._names:
            with _readable(self.path):
                _collect(self._file.fetch(self._names[chrom]), min_mapq, columns, left_out)
        starts, ends, flags, lengths = (np.frombuffer(column, np.int32) for column in columns)
        return AlignedReads(starts, ends, flags, np.abs(lengths), left_out)


def _collect(reads: Any, min_mapq: int, columns: tuple["array[int]", ...], left_out: Counter[str]) -> None:
    """Appends start, end, flag and template length of each read that is kept."""
    start, end, flag, length = (column.append for column in columns)
    # The loop that all of the time goes into: one look at each field.
    for read in reads:
        bits = read.flag
        if bits & _LEFT_OUT:
            left_out[_reason(bits)] += 1
        elif read.mapping_quality < min_mapq:
            left_out[f"mapping quality below {min_mapq}"] += 1
        else:
            first = read.reference_start
            start(first)
            end(read.reference_end or first + 1)
            flag(bits)
            length(read.template_length)


def _reason(flag: int) -> str:
    """Why a read is left out by its flag."""
    if flag & UNMAPPED:
        return "unmapped"
    if flag & _FAILED:
        return "failed the quality check"
    return "duplicate" if flag & _DUPLICATE else "secondary or supplementary"


def _open(path: Path) -> pysam.AlignmentFile:
    with _readable(path):
        # `check_sq`: a file without chromosomes is refused below, in our words.
        return pysam.AlignmentFile(str(path), format_options=_PLACES_ALONE, check_sq=False)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turns pysam's errors into one line of ours, and silences what the C library prints."""
    loudness = pysam.set_verbosity(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (OSError, ValueError) as error:
        problem = " ".join(str(error).split())[:150]
        raise InputError(
            f"{path}: not a whole BAM or CRAM file ({problem}); get or make the file again"
        ) from error
    finally:
        pysam.set_verbosity(loudness)


def _make_index(path: Path) -> str | None:
    """Makes the index beside the file where it is missing; says what was written."""
    with _open(path) as file:
        suffixes = _INDEX[".bam" if file.is_bam else ".cram"]
    places = [place for suffix in suffixes for place in (Path(f"{path}{suffix}"), path.with_suffix(suffix))]
    found = next((place for place in places if place.exists()), None)
    if found is not None:
        if found.stat().st_mtime < path.stat().st_mtime - _COPYING_SECONDS:
            raise InputError(
                f"{found}: older than {path.name}, so it may not fit: make it again with "
                f"`samtools index {path.name}`, or `touch {found.name}` if the reads have not changed"
            )
        return None
    loudness = pysam.set_verbosity(0)
    try:
        with whole_file(places[0]) as partial:
            pysam.index(str(path), str(partial))
    except SamtoolsError as error:
        raise _unsorted(path) from error
    except OutputError as error:
        raise InputError(
            f"{path}: it has no index and none can be written beside it: run `samtools index {path.name}` "
            "where the folder can be written, or link the file into one"
        ) from error
    finally:
        pysam.set_verbosity(loudness)
    return f"indexed {path.name}: wrote {places[0].name}"


def _unsorted(path: Path) -> InputError:
    return InputError(
        f"{path}: its reads are not sorted by position, or it is damaged; sort them with "
        f"`samtools sort -o sorted{path.suffix} {path.name}` and name the sorted file"
    )
