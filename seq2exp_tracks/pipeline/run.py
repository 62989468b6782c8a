"""make_tracks: a request becomes a run folder. Files to numpy, numpy to scores, scores to files."""

from collections.abc import Iterable
from contextlib import ExitStack, closing

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.io.run_folder import SHARDS, RunFolder
from seq2exp_tracks.manifest import FILE_NAME
from seq2exp_tracks.pipeline.computing import shards_in_order
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.opening import Opened
from seq2exp_tracks.pipeline.provenance import describe_run
from seq2exp_tracks.pipeline.request import PER_GENE_LIMIT, ScoreRequest
from seq2exp_tracks.pipeline.resuming import begun_run, shards_held, store_of
from seq2exp_tracks.pipeline.run_id import origin_of
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.store import ShardStore
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
    folder = RunFolder(request.out, overwrite=request.overwrite, names=RUN_FILES)
    # The shards are held until the folder is left: its files take their names, and then the shards go.
    with ExitStack() as holding, folder:
        job = Job.prepared(request, hardware, progress)
        store = store_of(job)
        holding.enter_context(shards_held(store))
        with begun_run(job, store, progress), closing(shards_in_order(job, store, progress)) as shards:
            summary = write_run(job, folder, store, shards, progress)
        if not request.keep_shards:
            folder.remove_when_whole(SHARDS)
    return summary


def write_run(
    job: Job, folder: RunFolder, store: ShardStore, shards: Iterable[Shard], progress: Progress
) -> RunSummary:
    """Merges shards, each when it is done, writes the run's files, and says what looks like a mistake."""
    request, opened = job.request, job.opened
    elements = element_settings(request, hard=opened.config.is_hard)
    per_gene = _per_gene(request, opened.genes)
    origin = origin_of(job, elements, per_gene=per_gene)
    with RunWriter(
        folder,
        opened.reader.sizes,
        merge=MergeRule(request.merge),
        elements=elements,
        per_gene=per_gene,
        labels=opened.labels is not None,
        bins=Bins(request.resolution, BinRule(request.bin_by)),
        precision=request.precision,
        writers=_writers(request, job.hardware),
        origin=origin,
    ) as writer:
        for shard in shards:
            for scores in store.read(shard):
                gene = scores.window.gene
                measured = None if opened.labels is None else opened.labels.of(gene)
                writer.add(scores, measured, _flags(opened, scores))
        files, summary = writer.finish()
    describe_run(job, elements, files, summary, origin, store).write(folder.path(FILE_NAME))
    for warning in summary.warnings():
        progress.note(warning)
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


def _flags(opened: Opened, scores: WindowScores) -> list[str]:
    """What there is to remark on a gene that its scores do not tell."""
    flags = []
    if len(scores.imputed) and len(scores.imputed) == opened.config.gene_features:
        flags.append("no_features")
    if CONTACT_SIGNAL in opened.config.signals and scores.contact is None:  # the TSS was not seen
        flags.append("no_contacts")
    return flags
