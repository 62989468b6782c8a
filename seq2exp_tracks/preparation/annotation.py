"""What the sequence and the annotation say of each gene, a chromosome at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.genome import Gene, Interval, Strand
from seq2exp_tracks.io.fasta import UNKNOWN_BASE, Fasta
from seq2exp_tracks.io.feature_columns import HALF_LIFE_FEATURES
from seq2exp_tracks.io.transcripts import Transcript
from seq2exp_tracks.preparation.half_life import features_by_gene

GeneKey = tuple[str, str, Strand]


@dataclass(frozen=True, slots=True, eq=False)
class AnnotateTask:
    """Read one chromosome's sequence.

    Attributes:
        fasta: The genome.
        chrom: The chromosome.
        transcripts: Its translated transcripts.
    """

    fasta: Fasta
    chrom: str
    transcripts: tuple[Transcript, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Annotated:
    """What a chromosome holds.

    Attributes:
        chrom: The chromosome.
        known_bases: Bases that are not N.
        features: The eight half-life features of its genes, by chromosome, id and strand.
    """

    chrom: str
    known_bases: int
    features: Mapping[GeneKey, Float64[np.ndarray, " 8"]]


def annotate(task: AnnotateTask) -> Annotated:
    """Reads a chromosome and derives the features of its genes."""
    codes = task.fasta.codes(Interval(task.chrom, 0, task.fasta.sizes[task.chrom]))
    known = int(np.count_nonzero(codes != UNKNOWN_BASE))
    return Annotated(task.chrom, known, features_by_gene(task.transcripts, {task.chrom: codes}))


def half_life_table(
    genes: Sequence[Gene],
    renamed: Iterable[str],
    features: Mapping[GeneKey, Float64[np.ndarray, " 8"]],
    transcripts: Iterable[Transcript],
) -> Float64[np.ndarray, "genes 8"]:
    """The features of each gene that is scored; NaN for one without a translated transcript.

    Args:
        genes: Genes as `read_genes` gives them: made fit to name files, and told apart by suffixes.
        renamed: Ids that got a suffix.
        features: By chromosome, the annotation's id and strand.
        transcripts: Those that the features were derived from.
    """
    suffixed = set(renamed)
    by_name = {
        (transcript.chrom, transcript.gene_name, transcript.strand): transcript.gene_id
        for transcript in transcripts
    }
    table = np.full((len(genes), len(HALF_LIFE_FEATURES)), np.nan)
    for row, gene in enumerate(genes):
        stem, _, number = gene.id.rpartition("_")
        own = stem if number.isdecimal() and stem in suffixed else gene.id
        named = by_name.get((gene.chrom, gene.name, gene.strand), "")
        for gene_id in (gene.id, own, named):
            if (gene.chrom, gene_id, gene.strand) in features:
                table[row] = features[gene.chrom, gene_id, gene.strand]
                break
    return table
