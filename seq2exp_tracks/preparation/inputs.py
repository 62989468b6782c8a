"""The files of a request, opened and checked against the genome before hours are spent on them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.alignments import Alignments
from seq2exp_tracks.io.bed import IntervalArray, IntervalSet
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.contact_vectors import ContactVectors, is_vectors
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import GeneTable, read_genes
from seq2exp_tracks.io.transcripts import NotTranslatedError, Transcript, read_transcripts
from seq2exp_tracks.opening import left_out, off_genome
from seq2exp_tracks.preparation.given_half_life import read_half_life
from seq2exp_tracks.preparation.request import PrepareRequest
from seq2exp_tracks.progress import Progress

# A share of reads on chromosomes that the genome lacks which is worth a word.
_ELSEWHERE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """The user's files, open.

    Attributes:
        fasta: The genome's sequence.
        genes: Genes that will be scored.
        transcripts: Translated transcripts of all genes; none where the features are given.
        half_life: Given half-life features of each gene, or None.
        alignments: Reads by signal.
        bigwigs: Ready signals by name.
        excluded: Regions whose reads do not count, by chromosome.
    """

    fasta: Fasta
    genes: GeneTable
    transcripts: tuple[Transcript, ...]
    half_life: Float64[np.ndarray, "genes 8"] | None
    alignments: Mapping[str, Alignments]
    bigwigs: Mapping[str, BigWig]
    excluded: Mapping[str, IntervalArray]


def open_inputs(request: PrepareRequest, progress: Progress) -> Opened:
    """Opens every file.

    Raises:
        InputError: If one of them is damaged, of another assembly, or not what it is given as.
    """
    files = {**request.bam, **request.atac}
    progress.stage("Opening files", len(files) + len(request.signals) + 2)
    fasta = Fasta(request.fasta)
    _note(progress, fasta.note)
    bigwigs = {}
    for name, path in request.signals.items():
        bigwigs[name] = BigWig(path, fasta.sizes)
        progress.advance()
    if request.contacts is not None and is_vectors(request.contacts):
        ContactVectors.open(request.contacts, fasta.sizes)
    elif request.contacts is not None:
        with Contacts(request.contacts, fasta.sizes, request.contacts_norm) as contacts:
            _note(progress, contacts.warning)
    excluded = IntervalSet.from_bed(request.exclude, fasta.sizes) if request.exclude else IntervalSet({})
    for line in off_genome(request.exclude, excluded):
        progress.note(line)
    progress.advance()
    genes = read_genes(request.genes, fasta.sizes, gene_types=request.gene_types, bed_tss=request.bed_tss)
    for line in left_out(request.genes, genes):
        progress.note(line)
    transcripts: tuple[Transcript, ...] = ()
    half_life = None
    if request.half_life is None:
        transcripts = _translated(request, fasta.sizes)
    else:
        half_life = read_half_life(request.half_life, genes.genes)
    progress.advance()
    # At the end, as an index is made beside each that has none.
    alignments = {}
    for name, path in files.items():
        alignments[name] = Alignments(path, fasta.sizes)
        _note(progress, alignments[name].note)
        _note(progress, _told_elsewhere(name, alignments[name]))
        progress.advance()
    return Opened(fasta, genes, transcripts, half_life, alignments, bigwigs, excluded.intervals)


def _translated(request: PrepareRequest, sizes: ChromSizes) -> tuple[Transcript, ...]:
    try:
        return tuple(read_transcripts(request.genes, sizes))
    except NotTranslatedError as error:
        raise InputError(f"{error} by --gtf, or give the features by --half-life TABLE") from error


def excluded_on(opened: Opened, chrom: str) -> IntervalArray | None:
    """The excluded regions of a chromosome, or None."""
    found = opened.excluded.get(chrom)
    return None if found is None else np.asarray(found, np.int64)


def _told_elsewhere(name: str, alignments: Alignments) -> str | None:
    share = alignments.elsewhere()
    if share < _ELSEWHERE:
        return None
    return (
        f"{name}: {share:.0%} of the mapped reads are on chromosomes that the FASTA lacks and do not count; "
        "reads per million are per million of the others"
    )


def _note(progress: Progress, message: str | None) -> None:
    if message:
        progress.note(message)
