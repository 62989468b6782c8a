"""Fragments as a BAM file: pairs of reads, sorted and indexed, as an aligner would have placed them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pysam

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.simulation.indices import write_index
from seq2exp_tracks.simulation.reads import READ_LENGTH, Fragments

MAPQ = 60  # of a read whose place is certain
# A read that lies in a repeat by half or more is placed with less certainty: evenly drawn from this range.
MAPQ_IN_REPEATS = (0, 30)
BASE_QUALITY = 37  # Phred scale, of every base

# SAM flags.
PAIRED, PROPER, REVERSE, MATE_REVERSE, FIRST, SECOND = 1, 2, 16, 32, 64, 128


def write_alignments(
    fragments: Mapping[str, Fragments],
    sequence: Mapping[str, bytes],
    chromosomes: ChromSizes,
    rng: np.random.Generator,
    path: Path,
) -> None:
    """Writes the reads of both ends of each fragment as a BAM file, and its index beside it (`.bai`).

    Reads have the bases of the genome, without errors; none is marked as a duplicate.

    Args:
        fragments: By chromosome.
        sequence: Letters of each chromosome; small ones are repeats.
        chromosomes: Lengths.
        rng: Source of random numbers, for the mapping qualities.
        path: File to write.
    """
    header = pysam.AlignmentHeader.from_dict(
        {
            "HD": {"VN": "1.6", "SO": "coordinate"},
            "SQ": [{"SN": chrom, "LN": length} for chrom, length in chromosomes.items()],
        }
    )
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number, (chrom, drawn) in enumerate(fragments.items()):
            for read in _reads(drawn, sequence[chrom], number, header, rng):
                file.write(read)
    write_index(pysam.index, path)


def _reads(
    fragments: Fragments,
    letters: bytes,
    chromosome: int,
    header: pysam.AlignmentHeader,
    rng: np.random.Generator,
) -> Iterator[pysam.AlignedSegment]:
    """The reads of one chromosome, by their first base."""
    count = len(fragments)
    places = np.concatenate([fragments.starts, fragments.ends - READ_LENGTH])
    qualities = _mapping_qualities(places, letters, rng)
    bases = letters.upper().decode()
    base_qualities = pysam.qualitystring_to_array(chr(BASE_QUALITY + 33) * READ_LENGTH)
    for index in np.argsort(places, kind="stable").tolist():
        fragment, is_right = index % count, index >= count
        start, mate = int(places[index]), int(places[(index + count) % (2 * count)])
        length = int(fragments.ends[fragment] - fragments.starts[fragment])
        is_first = bool(fragments.first_is_plus[fragment]) != is_right
        read = pysam.AlignedSegment(header)
        read.query_name = f"{header.references[chromosome]}:{fragment + 1}"
        read.flag = (
            PAIRED | PROPER | (FIRST if is_first else SECOND) | (REVERSE if is_right else MATE_REVERSE)
        )
        read.reference_id = read.next_reference_id = chromosome
        read.reference_start, read.next_reference_start = start, mate
        read.mapping_quality = int(qualities[index])
        read.cigartuples = [(0, READ_LENGTH)]
        read.template_length = -length if is_right else length
        read.query_sequence = bases[start : start + READ_LENGTH]
        read.query_qualities = base_qualities
        yield read


def _mapping_qualities(places: np.ndarray, letters: bytes, rng: np.random.Generator) -> np.ndarray:
    """Mapping quality of the read at each place: lower in repeats."""
    small = np.frombuffer(letters, np.uint8) >= ord("a")
    before = np.concatenate([[0], np.cumsum(small)])
    in_repeat = 2 * (before[places + READ_LENGTH] - before[places]) >= READ_LENGTH
    return np.where(in_repeat, rng.integers(*MAPQ_IN_REPEATS, size=len(places)), MAPQ)
