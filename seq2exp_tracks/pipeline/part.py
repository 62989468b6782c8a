"""One part of a run's shards, computed while others compute theirs into the same folder.

Parts share the lock of the folder, which keeps out who would write all of the run, and each holds one of its
own. Whoever joins does so alone, by a third: the first writes the plan, the others compare theirs with it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.lock_file import held, refuse_held
from seq2exp_tracks.io.run_folder import LOCK, RunFolder
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.pipeline.computing import compute
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.pipeline.request_json import to_json
from seq2exp_tracks.pipeline.resuming import begin, finished, plan_of, store_of
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.shards.part import LOCKS, Part
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.store import ShardStore
from seq2exp_tracks.tracks.listing import RUN_FILES

JOINING = "joining.lock"
"""File that a part holds while it compares its plan with that of the others."""

MERGING = (
    *(
        "merge",
        "top_share",
        "threshold",
        "gap",
        "min_length",
        "per_gene",
        "resolution",
        "bin_by",
        "precision",
    ),
    *("labels", "label_column"),
)
"""Fields of a request that decide how shards are merged, and nothing of what they hold."""


@dataclass(frozen=True, slots=True)
class PartDone:
    """A part that is whole.

    Attributes:
        shards: How many shards it has.
        genes: How many genes.
        computed: How many of its shards were computed now; the others were there.
    """

    shards: int
    genes: int
    computed: int


def compute_part(request: ScoreRequest, part: Part, progress: Progress | None = None) -> PartDone:
    """Computes a part of a run's shards into the folder of the run; `merge_run` makes the tracks of them.

    Args:
        request: What to score and how: the same for every part.
        part: Which part.
        progress: Who is told how far it is.

    Raises:
        TracksError: If an input cannot be used, the folder holds a finished run or shards made otherwise, or
            somebody else computes this part, another division into parts or the whole run.
    """
    progress = progress or Silent()
    _refuse_finished(request)
    hardware = Hardware.choose(
        request.device, request.workers, request.precision_compute, request.windows_in_flight
    )
    job = Job.prepared(request, hardware, progress)
    store = store_of(job)
    own = replace(job, shards=tuple(part.shards(job.shards)))
    with _joined(job, store, part, progress):
        done = finished(own, store, progress)
        missing = [shard for shard in own.shards if shard.number not in done]
        with closing(compute(missing, store, partial(job.score, progress=progress), progress)) as computed:
            for _ in computed:
                pass
    return PartDone(len(own.shards), sum(len(shard.genes) for shard in own.shards), len(missing))


@contextmanager
def _joined(job: Job, store: ShardStore, part: Part, progress: Progress) -> Iterator[None]:
    """Belongs to those who compute while the body runs.

    Raises:
        OutputError: See `compute_part`.
        KeyboardInterrupt: If the body raises it; it then says what is kept.
    """
    out = job.request.out
    with writing(store.folder):
        store.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as locks:
        with held(store.folder / JOINING, f"{out}: another part is joining", wait=True):
            _refuse_finished(job.request)  # others may have merged meanwhile
            _agree(job, store, progress)
            _refuse_other_divisions(job, store, part)
            taken = f"{out}: another run is being written to it"
            locks.enter_context(held(store.folder / LOCK, taken, shared=True))
            locks.enter_context(held(store.folder / part.lock, f"{out}: part {part} is being computed"))
        try:
            yield
        except KeyboardInterrupt as error:
            raise KeyboardInterrupt("what is done is kept, and the same command goes on with it") from error


def _refuse_finished(request: ScoreRequest) -> None:
    """Refuses a folder that holds a run already, unless that may be replaced."""
    RunFolder(request.out, overwrite=request.overwrite, names=RUN_FILES).check()


def _agree(job: Job, store: ShardStore, progress: Progress) -> None:
    """Sees to it that the plan in the folder is that of the job.

    Raises:
        OutputError: If it is another one, and others compute by it or the user has not said what to do.
    """
    plan = plan_of(job, store)
    try:
        older = Plan.read(store.folder)
    except InputError:
        older = None
    if older is None or plan.differences(older):
        with held(store.folder / LOCK, f"{job.request.out}: a run made otherwise is being written to it"):
            begin(job, store, progress)
        return
    own = to_json(job.request)
    if others := [name for name in MERGING if older.request.get(name) != own[name]]:
        progress.note(
            f"{', '.join(others)} not as the run was begun, which decides: give them to `merge` instead"
        )


def _refuse_other_divisions(job: Job, store: ShardStore, part: Part) -> None:
    """Two divisions have shards in common: they are computed one after the other.

    Raises:
        OutputError: If a part of another division is being computed.
    """
    for lock in sorted(store.folder.glob(LOCKS)):
        other = Part.of_lock(lock.name)
        if other.of != part.of:
            refusal = f"{job.request.out}: part {other}, of another division, is being computed"
            refuse_held(lock, refusal)
