"""make_tracks: a request becomes a run folder. Files to numpy, numpy to scores, scores to files."""

from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial

from seq2exp_tracks.checkpoints import load_checkpoint
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.contact_vectors import CONTACTS_ROLE, ContactVectors
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import FILE_NAME, InputEntry, sha256_of
from seq2exp_tracks.model.seq2exp import Seq2Exp
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.pipeline.opening import Opened, open_inputs
from seq2exp_tracks.pipeline.provenance import describe_run
from seq2exp_tracks.pipeline.request import PER_GENE_LIMIT, ScoreRequest
from seq2exp_tracks.pipeline.sharing import Sharing, share_generator
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.scoring import score_genes, score_regions
from seq2exp_tracks.signals import CONTACT_SIGNAL
from seq2exp_tracks.tracks.bins import BinRule, Bins
from seq2exp_tracks.tracks.elements import ElementSettings
from seq2exp_tracks.tracks.listing import RUN_FILES
from seq2exp_tracks.tracks.merge import MergeRule
from seq2exp_tracks.tracks.summary import RunSummary
from seq2exp_tracks.tracks.writer import RunWriter

# One writes a chromosome while the other ends the one before.
GPU_WRITERS = 2


def make_tracks(request: ScoreRequest, progress: Progress | None = None) -> RunSummary:
    """Scores genes and writes the tracks, the tables and the manifest of a run.

    Args:
        request: What to score and how.
        progress: Who is told how far it is.

    Returns:
        What was found, in a few numbers.

    Raises:
        TracksError: If an input cannot be used or the folder not be written; it is then as it was before.
    """
    progress = progress or Silent()
    hardware = Hardware.choose(
        request.device, request.workers, request.precision_compute, request.windows_in_flight
    )
    with RunFolder(request.out, overwrite=request.overwrite, names=RUN_FILES) as folder:
        opened = open_inputs(request, progress)
        for note in (*hardware.notes(opened.config), *opened.notes):
            progress.note(note)
        elements = element_settings(request, hard=opened.config.is_hard)
        inputs = _checksums(request, opened, progress)
        load_model = hardware.loader(partial(load_checkpoint, request.checkpoint))
        sharing = None
        if request.shared_generator:
            sharing = share_generator(request, opened, load_model, hardware, progress)
        with RunWriter(
            folder,
            opened.reader.sizes,
            merge=MergeRule(request.merge),
            elements=elements,
            per_gene=_per_gene(request, opened.genes),
            labels=opened.labels is not None,
            bins=Bins(request.resolution, BinRule(request.bin_by)),
            precision=request.precision,
            writers=_writers(request, hardware),
        ) as writer:
            progress.stage("Scoring genes", len(opened.genes))
            # Closed at once when the run is interrupted: no worker outlives it.
            with closing(_scored(opened, sharing, load_model, hardware, progress)) as scored:
                for scores in scored:
                    gene = scores.window.gene
                    measured = None if opened.labels is None else opened.labels.of(gene)
                    writer.add(scores, measured, _flags(opened, scores))
                    progress.advance()
            files, summary = writer.finish()
        manifest = describe_run(request, opened, hardware, elements, files, inputs, summary, sharing)
        manifest.write(folder.path(FILE_NAME))
    return summary


def element_settings(request: ScoreRequest, hard: bool) -> ElementSettings:
    """How elements are called: as asked for, else the default of the kind of model."""
    default = ElementSettings.default(hard)
    asked = request.top_share is not None or request.threshold is not None
    return ElementSettings(
        top_share=request.top_share if asked else default.top_share,
        threshold=request.threshold if asked else default.threshold,
        gap=request.gap,
        min_length=request.min_length,
    )


def _scored(
    opened: Opened,
    sharing: Sharing | None,
    load_model: Callable[[], Seq2Exp],
    hardware: Hardware,
    progress: Progress,
) -> Generator[WindowScores, None, None]:
    """Scores of all genes, in their order."""
    if sharing is None:
        return score_genes(
            load_model,
            opened.reader,
            opened.genes,
            hardware.devices,
            hardware.workers,
            in_flight=hardware.in_flight,
            tell=progress.note,
        )
    return score_regions(load_model, opened.reader, sharing.regions, hardware.devices[0], hardware.workers)


def _per_gene(request: ScoreRequest, genes: list[Gene]) -> bool:
    return len(genes) <= PER_GENE_LIMIT if request.per_gene is None else request.per_gene


def _writers(request: ScoreRequest, hardware: Hardware) -> int:
    """How many processes write beside this one.

    A window takes about 10 ms to write and seconds to score on a core: there this process, which has nothing
    else to do, keeps up with some dozens of cores. A GPU it would keep waiting.
    """
    if request.writers is not None:
        return request.writers
    return GPU_WRITERS if hardware.on_gpu else 0


def _checksums(request: ScoreRequest, opened: Opened, progress: Progress) -> tuple[InputEntry, ...]:
    """What the run reads, with the checksum of each file."""
    inputs = request.inputs
    if isinstance(opened.contacts, ContactVectors):
        # They are large: of chromosomes without a gene that is scored nothing is read.
        chroms, files = {gene.chrom for gene in opened.genes}, opened.contacts.files
        inputs = {role: path for role, path in inputs.items() if path not in files.values()}
        inputs |= {f"{CONTACTS_ROLE}:{chrom}": files[chrom] for chrom in files if chrom in chroms}
    progress.stage("Checksums of the inputs", len(inputs))
    entries = []
    for role, path in inputs.items():
        entries.append(InputEntry(role, str(path.resolve()), path.stat().st_size, sha256_of(path)))
        progress.advance()
    return tuple(entries)


def _flags(opened: Opened, scores: WindowScores) -> list[str]:
    """What there is to remark on a gene that its scores do not tell."""
    flags = []
    if len(scores.imputed) and len(scores.imputed) == opened.config.gene_features:
        flags.append("no_features")
    if CONTACT_SIGNAL in opened.config.signals and scores.contact is None:  # the TSS was not seen
        flags.append("no_contacts")
    return flags
