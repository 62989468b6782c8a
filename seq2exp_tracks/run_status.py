"""How a run stands: seen from its folder, also while other processes write to it, without taking a lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.lock_holder import Holder
from seq2exp_tracks.io.run_folder import LOCK, MANIFEST, SHARDS
from seq2exp_tracks.io.whole_folder import PARTIAL
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.shards.failures import failures
from seq2exp_tracks.shards.part import LOCKS, Part
from seq2exp_tracks.shards.plan import shard_name
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.receipt import Receipt

LAST_WHILE = timedelta(minutes=15)
"""The rate is that of the shards of so long before the last one, and of `FEWEST` shards at least."""

FEWEST = 5

QUIET = timedelta(minutes=10)
"""Whoever computes on another machine is taken for gone when nothing was written for so long, and for three
times what the slowest shard took."""


class State(StrEnum):
    """How a run stands.

    Attributes:
        FINISHED: It is whole.
        RUNNING: It is not, and somebody is at it.
        STOPPED: It is not, and nobody is.
    """

    FINISHED = "finished"
    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is whole.

    Attributes:
        created: When it ended.
        genes: How many genes it has.
        bytes: Size of its files.
    """

    created: str
    genes: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run whose shards are computed or merged.

    Attributes:
        begun: When its plan was written.
        shards: How many shards it has.
        genes: How many genes.
        shards_done: Shards with a receipt that fits the plan and of its size; their bytes are not looked at.
        genes_done: The genes of those.
        genes_a_second: How fast it went in the last while; None where no shard is done.
        seconds_left: How long it will take at this rate; None if nobody is at it or there is no rate.
        holders: Who computes, merges, or did so last.
        failed: Why shards were set aside, by their number.
        bytes: What its shards and half-written files take of the disk.
    """

    begun: str
    shards: int
    genes: int
    shards_done: int
    genes_done: int
    genes_a_second: float | None
    seconds_left: float | None
    holders: tuple[Holder, ...]
    failed: dict[int, str]
    bytes: int


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How a run stands.

    Attributes:
        state: In one word; of an unfinished run beside a whole one that of the unfinished.
        finished: The whole run in the folder, or None.
        unfinished: The one that is being made, or None. Shards that were kept of the whole run are none.
    """

    state: State
    finished: Finished | None
    unfinished: Unfinished | None


def status_of(run: Path, now: datetime | None = None) -> RunStatus:
    """How the run in a folder stands.

    Args:
        run: The folder.
        now: The time; None for the clock's.

    Raises:
        InputError: If the folder holds no run of any kind, or what it holds cannot be read.
    """
    now = datetime.now(UTC) if now is None else now
    finished = _finished(run)
    plan = Plan.read(run / SHARDS)
    if plan is None and finished is None:
        raise InputError(f"{run}: holds no run, neither a whole one nor shards; give the OUT of `score`")
    if plan is None:
        return RunStatus(State.FINISHED, finished, None)
    receipts, holders = _receipts(run / SHARDS, plan), _holders(run / SHARDS)
    at_work = any(_works(run, holder, receipts, now) for holder in holders)
    # Files of a whole run are renamed after its last shard; of an older one, before its plan.
    if finished is not None and not at_work and _time(finished.created) >= _time(plan.created):
        return RunStatus(State.FINISHED, finished, None)
    return RunStatus(
        State.RUNNING if at_work else State.STOPPED,
        finished,
        _unfinished(run, plan, receipts, holders, at_work=at_work),
    )


def parts_at_work(run: Path) -> list[Part]:
    """The parts of a run that are being computed, as far as that is seen from this machine."""
    locks = sorted((run / SHARDS).glob(LOCKS))
    working = [lock for lock in locks if (holder := Holder.of(lock)) is not None and holder.alive]
    return sorted(Part.of_lock(lock.name) for lock in working)


def _finished(run: Path) -> Finished | None:
    if not (run / MANIFEST).exists():
        return None
    manifest = Manifest.read(run)
    return Finished(manifest.created, manifest.n_genes, sum(entry.bytes for entry in manifest.files))


def _unfinished(
    run: Path, plan: Plan, receipts: Sequence[Receipt], holders: Sequence[Holder], *, at_work: bool
) -> Unfinished:
    genes, done = sum(plan.shards), sum(receipt.genes for receipt in receipts)
    rate = _rate(receipts)
    files = [path for folder in (SHARDS, PARTIAL) for path in (run / folder).rglob("*")]
    return Unfinished(
        begun=plan.created,
        shards=len(plan.shards),
        genes=genes,
        shards_done=len(receipts),
        genes_done=done,
        genes_a_second=rate,
        seconds_left=(genes - done) / rate if rate and at_work else None,
        holders=tuple(holders),
        failed=failures(run / SHARDS),
        bytes=sum(_size(path) for path in files),
    )


def _receipts(folder: Path, plan: Plan) -> list[Receipt]:
    """The receipts of shards that are done, the last one at the end."""
    told = (Receipt.fitting(folder, shard_name(number), key) for number, key in enumerate(plan.keys))
    found = [receipt for receipt in told if receipt is not None]
    return sorted(found, key=lambda receipt: _time(receipt.finished))


def _rate(receipts: Sequence[Receipt]) -> float | None:
    """Genes a second in the last while."""
    if not receipts:
        return None
    last = _time(receipts[-1].finished)
    late = [receipt for receipt in receipts if last - _time(receipt.finished) <= LAST_WHILE]
    recent = late if len(late) >= FEWEST else receipts[-FEWEST:]
    begins = [_time(receipt.finished) - timedelta(seconds=receipt.seconds) for receipt in recent]
    # Receipts tell the time in whole seconds.
    span = max((last - min(begins)).total_seconds(), 0.001)
    return sum(receipt.genes for receipt in recent) / span


def _holders(folder: Path) -> list[Holder]:
    """Who holds the locks of a folder, or held them last; those who work first."""
    found = [Holder.of(path) for path in (folder / LOCK, *sorted(folder.glob(LOCKS)))]
    return sorted((holder for holder in found if holder is not None), key=lambda holder: not holder.alive)


def _works(run: Path, holder: Holder, receipts: Sequence[Receipt], now: datetime) -> bool:
    """Whether a holder is at work: seen where it is on this machine, else guessed from what was written."""
    if holder.alive is not None:
        return holder.alive
    slowest = max((receipt.seconds for receipt in receipts), default=0)
    written = max(_written(run / SHARDS), _written(run / PARTIAL))
    return now - written <= max(QUIET, timedelta(seconds=3 * slowest))


def _written(folder: Path) -> datetime:
    """When something was last written into a folder; the earliest time there is if it is gone."""
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except OSError:
        return datetime.min.replace(tzinfo=UTC)


def _size(path: Path) -> int:
    """Size of a file; 0 if it is gone, as files go while one looks."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _time(told: str) -> datetime:
    """A time as files tell it; the earliest there is where they do not."""
    try:
        time = datetime.fromisoformat(told)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
