"""Shards that are there become a run: those of parts, of a run that ended early, or kept by a whole one."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.io.lock_file import held
from seq2exp_tracks.io.run_folder import LOCK, SHARDS, RunFolder
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.model.config import ModelConfig
from seq2exp_tracks.pipeline.computing import shards_in_order
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.pipeline.request_json import from_json
from seq2exp_tracks.pipeline.resuming import plan_of, store_of
from seq2exp_tracks.pipeline.run import write_run
from seq2exp_tracks.progress import Progress, Silent
from seq2exp_tracks.run_status import State, parts_at_work, status_of
from seq2exp_tracks.shards.part import Part
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.store import ShardStore, other_paths
from seq2exp_tracks.tracks.listing import RUN_FILES
from seq2exp_tracks.tracks.summary import RunSummary

_EXCLUDING = ({"top_share", "threshold"},)


@dataclass(frozen=True, slots=True)
class Computed(Hardware):
    """What has computed shards, where they are merged only: this machine may lack it.

    Attributes:
        path: What the receipts of the shards say of it.
    """

    path: Mapping[str, Json] = field(default_factory=dict)

    def notes(self, config: ModelConfig) -> list[str]:
        """Nothing: nothing is computed."""
        return []

    def record(self, config: ModelConfig) -> dict[str, Json]:
        """What computed, for the manifest."""
        return {name: self.path.get(name) for name in Hardware.record(self, config)}


def merge_run(
    run: Path,
    changes: Mapping[str, Any] | None = None,
    *,
    compute_missing: bool = False,
    progress: Progress | None = None,
) -> RunSummary:
    """Merges the shards in a run's folder and writes its tracks, tables and manifest.

    Args:
        run: The folder.
        changes: Fields of the request that are other than when the run was begun: how windows are merged, how
            files are written, and what computes.
        compute_missing: Whether shards that are missing are computed here; else they are refused.
        progress: Who is told how far it is.

    Returns:
        What was found, in a few numbers.

    Raises:
        TracksError: If there is nothing to merge, inputs or versions are others than those of the shards,
            shards are missing or still being computed, or the folder cannot be written.
    """
    progress = progress or Silent()
    plan = _plan(run)
    given = {name: value for name, value in (changes or {}).items() if value is not None}
    if status_of(run).state is State.FINISHED:
        given = {"keep_shards": True} | given  # somebody wanted them
    request = _request(run, plan, given)
    # The shards are held until the folder is left: its files take their names, and then the shards go.
    with ExitStack() as holding, RunFolder(run, overwrite=request.overwrite, names=RUN_FILES) as folder:
        hardware = _hardware(request) if compute_missing else Computed.choose("cpu", 1)
        job = Job.prepared(request, hardware, progress)
        holding.enter_context(_alone(run))
        store = store_of(job)
        _refuse_others(job, store, plan)
        if compute_missing:
            shards = shards_in_order(job, store, progress)
        else:
            job, store = _as_computed(job, store, plan)
            shards = _there(job, store, plan, progress)
        with closing(shards):
            summary = write_run(job, folder, store, shards, progress)
        if not request.keep_shards:
            folder.remove_when_whole(SHARDS)
    return summary


def _plan(run: Path) -> Plan:
    plan = Plan.read(run / SHARDS)
    if plan is None:
        raise InputError(
            f"{run}: holds no shards (no {SHARDS}); give the OUT of a `score --shard I/N`, of a run "
            "that ended early, or of one with --keep-shards"
        )
    return plan


def _request(run: Path, plan: Plan, given: Mapping[str, Any]) -> ScoreRequest:
    """The request of the plan with what is given anew.

    Of two fields that exclude each other one takes the other's place.
    """
    dropped = {other: None for pair in _EXCLUDING if pair & given.keys() for other in pair}
    asked: dict[str, Any] = {**plan.request, "overwrite": False, "resume": False, **dropped, **given}
    return replace(from_json(asked), out=run)


def _hardware(request: ScoreRequest) -> Hardware:
    return Hardware.choose(
        request.device, request.workers, request.precision_compute, request.windows_in_flight
    )


@contextmanager
def _alone(run: Path) -> Iterator[None]:
    """Keeps others from the shards while the body runs.

    Raises:
        OutputError: If some are still being computed.
    """
    working = [str(part) for part in parts_at_work(run)]
    told = f" by part {', '.join(working)}" if working else ""
    with held(run / SHARDS / LOCK, f"{run}: its shards are still being computed{told}"):
        yield


def _refuse_others(job: Job, store: ShardStore, plan: Plan) -> None:
    """Refuses inputs, settings and versions that the shards were not made from.

    Raises:
        OutputError: If there are any.
    """
    if differences := plan_of(job, store).differences(plan):
        raise OutputError(
            f"{job.request.out}: its shards were made otherwise ({'; '.join(differences)}); put back what "
            "they were made from, or score again with --overwrite"
        )


def _as_computed(job: Job, store: ShardStore, plan: Plan) -> tuple[Job, ShardStore]:
    """The job and the store by what computed the shards, not by what merges them.

    Raises:
        OutputError: If they were computed by several ways that are not to be mixed.
    """
    store.identity = plan.identity
    receipts = [receipt for shard in job.shards if (receipt := store.receipt(shard)) is not None]
    path = receipts[0].path if receipts else dict(plan.identity.path)
    others = other_paths(receipts, path)
    if others and not job.request.allow_mixed:
        raise OutputError(
            f"{job.request.out}: its shards were computed in {len(others) + 1} ways, whose numbers differ in "
            f"the last digits ({'; '.join(_differing(other, path) for other in others)}); mix them with "
            "--allow-mixed"
        )
    store.identity = replace(plan.identity, path=path)
    hardware = Computed.choose("cpu", 1)
    return replace(job, hardware=replace(hardware, path=path)), store


def _differing(other: Mapping[str, Json], path: Mapping[str, Json]) -> str:
    """In what two paths differ; one may lack what the other has, such as Triton."""
    names = [name for name in dict.fromkeys((*other, *path)) if other.get(name) != path.get(name)]
    return ", ".join(f"{name} {other.get(name) or 'none'} and {path.get(name) or 'none'}" for name in names)


def _there(job: Job, store: ShardStore, plan: Plan, progress: Progress) -> Generator[Shard, None, None]:
    """All shards, each of which is there.

    Raises:
        OutputError: If some are missing or damaged; before anything is written.
    """
    progress.stage("Checking the shards", len(job.shards))
    missing = []
    for shard in job.shards:
        if not store.is_whole(shard):
            missing.append(shard)
        progress.advance()
    if missing:
        raise OutputError(_told(job, plan, missing))
    progress.stage("Merging shards", len(job.shards))
    for shard in job.shards:
        yield shard
        progress.advance()


def _told(job: Job, plan: Plan, missing: Sequence[Shard]) -> str:
    """How many shards are missing, and how to compute them."""
    genes = sum(len(shard.genes) for shard in missing)
    told = f"{job.request.out}: {len(missing):,} of {len(job.shards):,} shards ({genes:,} genes) are missing"
    command, more = plan.command, ""
    if (asked := re.search(r"--shard[= ](\d+/\d+)", plan.command)) is not None:
        lacking = _lacking(Part.parse(asked[1]).of, job.shards, missing)
        command = plan.command.replace(asked[0], f"--shard {lacking[0]}")
        more = " and so on" if len(lacking) > 1 else ""
        told += f", of part {', '.join(map(str, lacking))}"
    return f"{told}: compute them with `{command}`{more}, or here with --compute-missing"


def _lacking(parts: int, shards: Sequence[Shard], missing: Sequence[Shard]) -> list[Part]:
    """The parts that shards are missing of."""
    numbers = {shard.number for shard in missing}
    every = [Part(parts, number) for number in range(1, parts + 1)]
    return [part for part in every if not numbers.isdisjoint(shard.number for shard in part.shards(shards))]
