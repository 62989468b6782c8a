"""Gene features for a run that has none: the eight of the mRNA, from sequence and annotation."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from seq2exp_tracks.checkpoints import read_config, read_scales
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.io.gene_bed import BedTss
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.io.transcripts import NotTranslatedError, Transcript, read_transcripts
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.preparation.annotation import AnnotateTask, annotate, half_life_table
from seq2exp_tracks.preparation.table import write_features
from seq2exp_tracks.preparation.workers import Workers
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.asked import NO_FEATURES, Chosen
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.resources.store import Store

DERIVED = (
    "features: derived (the eight half-life features, from sequence and annotation; promoter activity 0, as "
    "it is made of reads: predicted expression is not the paper's)"
)

# Another number where the same files give other features than before.
_DEFINITION = 1


@dataclass(frozen=True, slots=True)
class Derivation:
    """What features are derived of.

    Attributes:
        genome: Its sequence and its genes.
        gene_types: Biotypes to take; None for the default of the annotation's format.
        bed_tss: Where the TSS of a BED row is.
    """

    genome: GenomeEntry
    gene_types: tuple[str, ...] | None
    bed_tss: BedTss

    def made_from(self, store: Store) -> dict[str, Json]:
        """What decides the table: the same gives the same."""
        return {
            "fasta": store.digest(self.genome.fasta),
            "genes": store.digest(self.genome.genes),
            "gene_types": None if self.gene_types is None else list(self.gene_types),
            "bed_tss": self.bed_tss,
            "definition": _DEFINITION,
        }


def with_features(
    chosen: Chosen,
    store: Store,
    progress: Progress,
    *,
    gene_types: tuple[str, ...] = (),
    bed_tss: BedTss = "strand",
    workers: int = 1,
) -> Chosen:
    """What `score` reads, with features derived where there are none and the model was trained on some.

    Args:
        chosen: What was chosen.
        store: Keeps the table; the next run on the same files finds it.
        progress: Who is told.
        gene_types: Biotypes to take; empty for the default of the annotation's format.
        bed_tss: Where the TSS of a BED row is.
        workers: Processes.

    Raises:
        TracksError: As `derive_features`, or if the checkpoint is damaged.
    """
    wanted = chosen.genome.features is None and read_config(chosen.checkpoint).gene_features
    if not wanted or not (chosen.derive_features or _trained_on_features(chosen.checkpoint)):
        return chosen
    genome = derive_features(
        chosen.genome, store, progress, gene_types=gene_types, bed_tss=bed_tss, workers=workers
    )
    if genome.features is None:
        return chosen
    remarks = tuple(DERIVED if remark == NO_FEATURES else remark for remark in chosen.remarks)
    return replace(chosen, genome=genome, remarks=tuple(dict.fromkeys((*remarks, DERIVED))))


def derive_features(
    genome: GenomeEntry,
    store: Store,
    progress: Progress,
    *,
    gene_types: tuple[str, ...] = (),
    bed_tss: BedTss = "strand",
    workers: int = 1,
) -> GenomeEntry:
    """A genome that has no features with those of its sequence and annotation.

    Promoter activity is 0: by its definition it is made of reads about the TSS, which a run has not.

    Args:
        genome: The genome.
        store: Keeps the table; the next run on the same files finds it.
        progress: Who is told, also where nothing can be derived.
        gene_types: Biotypes to take; empty for the default of the annotation's format.
        bed_tss: Where the TSS of a BED row is.
        workers: Processes.

    Returns:
        The genome with a table of features; as it was where the annotation tells of no translation.

    Raises:
        InputError: If sequence or annotation are damaged, or do not belong together.
        OutputError: If the store cannot be written.
    """
    derivation = Derivation(genome, gene_types or None, bed_tss)
    progress.stage("Looking for derived features", 1)
    made_from = derivation.made_from(store)
    progress.advance()
    table = _place(store, genome.name, made_from)
    if not _is_whole(table, made_from):
        with store.locked(progress):
            # Another process may have derived them meanwhile.
            if not _is_whole(table, made_from):
                _derive(derivation, table, made_from, progress, workers)
    return genome.with_files(features=table) if table.exists() else genome


def _trained_on_features(checkpoint: Path) -> bool:
    """Whether weights that were trained here had gene features: what they had is told with their scales."""
    return PROMOTER_ACTIVITY in (read_scales(checkpoint) or {})


def _derive(
    derivation: Derivation, to: Path, made_from: Mapping[str, Json], progress: Progress, workers: int
) -> None:
    """Writes the table of features, then its record; not where the annotation tells of no translation."""
    to.unlink(missing_ok=True)
    fasta = Fasta(derivation.genome.fasta)
    annotation = derivation.genome.genes
    try:
        transcripts = read_transcripts(annotation, fasta.sizes)
    except NotTranslatedError as error:
        progress.note(f"features are not derived: {error}; or give --features FILE")
        return
    genes = read_genes(annotation, fasta.sizes, gene_types=derivation.gene_types, bed_tss=derivation.bed_tss)
    by_chrom: dict[str, list[Transcript]] = {}
    for transcript in transcripts:
        by_chrom.setdefault(transcript.chrom, []).append(transcript)
    order = sorted(by_chrom, key=lambda chrom: -fasta.sizes[chrom])
    tasks = [AnnotateTask(fasta, chrom, tuple(by_chrom[chrom])) for chrom in order]
    with writing(to):
        to.parent.mkdir(parents=True, exist_ok=True)
    label = "Deriving features, a chromosome each"
    with TemporaryDirectory() as scratch, Workers(workers, Path(scratch), progress) as processes:
        annotated = processes.each(label, annotate, tasks)
    found = {key: values for chromosome in annotated for key, values in chromosome.features.items()}
    half_life = half_life_table(genes.genes, genes.renamed, found, transcripts)
    if np.isnan(half_life).all():
        progress.note(f"features are not derived: {annotation} has no translated transcript of its genes")
        return
    rpm, activity = np.full((len(half_life), 2), np.nan), np.zeros(len(half_life))
    with whole_file(to) as partial:
        write_features(partial, genes.genes, half_life, rpm, activity)
    record = {
        "made_from": dict(made_from),
        "files": {role: str(derivation.genome.files[role].resolve()) for role in ("fasta", "genes")},
        "genes": len(half_life),
        "without_half_life": int(np.isnan(half_life).all(axis=1).sum()),
        "sha256": sha256_of(to),
        "version": version("seq2exp-tracks"),
    }
    with whole_file(_record(to)) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _place(store: Store, genome: str, made_from: Mapping[str, Json]) -> Path:
    """Where the table lies: by what it is made from."""
    digest = hashlib.sha256(json.dumps(dict(made_from), sort_keys=True).encode()).hexdigest()
    name = re.sub(r"[^\w.+-]", "_", genome)
    return store.folder / "derived" / f"{name}.features.{digest[:16]}.tsv"


def _is_whole(table: Path, made_from: Mapping[str, Json]) -> bool:
    """Whether a table lies there as it was written, from the same files."""
    try:
        record = json.loads(_record(table).read_bytes())
        return bool(record["made_from"] == made_from and record["sha256"] == sha256_of(table))
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _record(table: Path) -> Path:
    """Where it stands what a table was made from; written after it."""
    return table.with_suffix(".json")
