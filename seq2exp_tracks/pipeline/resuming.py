"""Going on with a run that ended early: what decides its scores, and whether what is there still fits."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.io.lock_file import held
from seq2exp_tracks.io.run_folder import LOCK
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.manifest import Json
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.pipeline.request_json import to_json
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.resources.address import told_command
from seq2exp_tracks.shards.identity import Identity, checksum, places
from seq2exp_tracks.shards.plan import Shard
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.receipt import Receipt
from seq2exp_tracks.shards.store import ShardStore, other_paths
from seq2exp_tracks.windows import Window

# What shards are made of; measured expression is written beside what they hold.
_NOT_SCORED_WITH = ("labels",)


def identity_of(job: Job) -> Identity:
    """What decides the scores of a run."""
    request, opened = job.request, job.opened
    return Identity(
        inputs={entry.role: entry.sha256 for entry in job.inputs if entry.role not in _NOT_SCORED_WITH},
        settings={
            "window": opened.reader.window,
            "signals": list(opened.config.signals),
            "without": list(request.without),
            "contacts": "none" if opened.contacts is None else opened.contacts.normalization,
            "clip_negative": request.clip_negative,
            "match_scale": request.match_scale,
            # They are found among all genes of the annotation, not those that are scored alone.
            "scales": checksum([[found.name, found.record()] for found in opened.matched])
            if opened.matched
            else None,
            "shared_generator": request.shared_generator,
        },
        versions=job.versions(),
        path=job.path(),
    )


def store_of(job: Job) -> ShardStore:
    """Where the shards of a run go, and those that fit it are found."""
    request, reader = job.request, job.opened.reader
    return ShardStore(
        request.out,
        identity_of(job),
        lambda gene: Window.around(gene, reader.window, reader.sizes[gene.chrom]),
        job.unchanged,
    )


@contextmanager
def shards_held(store: ShardStore) -> Iterator[None]:
    """Keeps others from the shards of a run, until its files have their names too.

    Args:
        store: The shards; the folder of the run exists.

    Raises:
        OutputError: If another process holds them.
        KeyboardInterrupt: If the body raises it; it then says what is kept.
    """
    with writing(store.folder):
        store.folder.mkdir(exist_ok=True)
    with held(store.folder / LOCK, f"{store.folder.parent}: another run is being written to it"):
        try:
            yield
        except KeyboardInterrupt as error:
            if error.args or not store.holds_shards():
                raise
            raise KeyboardInterrupt("what is done is kept, and the same command goes on with it") from error


@contextmanager
def begun_run(job: Job, store: ShardStore, progress: Progress) -> Iterator[None]:
    """Judges what is there of a run and writes its plan; see `begin`. Shards stay when the body ends.

    Raises:
        OutputError: See `begin`.
    """
    try:
        begin(job, store, progress)
        yield
    finally:
        if not store.holds_shards() and not store.failures():
            shutil.rmtree(store.folder, ignore_errors=True)


def plan_of(job: Job, store: ShardStore) -> Plan:
    """The plan of a run that begins now."""
    return Plan(
        identity=store.identity,
        shards=tuple(len(shard.genes) for shard in job.shards),
        genes=checksum(places(gene for shard in job.shards for gene in shard.genes)),
        request=to_json(job.request),
        command=told_command(sys.argv),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        keys=tuple(store.identity.key(shard) for shard in job.shards),
    )


def begin(job: Job, store: ShardStore, progress: Progress) -> None:
    """Judges what is there and writes the plan; nobody else may be at work in the folder.

    Raises:
        OutputError: If there are shards that do not fit, and the user has not said what to do with them.
    """
    request, plan = job.request, plan_of(job, store)
    older = _older(request, store)
    if older is not None:
        for line in _judge(request, store, plan, older):
            progress.note(line)
    store.keep_only(job.shards)
    plan.write(store.folder)


def finished(job: Job, store: ShardStore, progress: Progress) -> dict[int, Receipt]:
    """The shards that are done, by their number, each checked byte by byte; tells of those that are damaged.

    Raises:
        OutputError: If some were computed by another path, mixing was not allowed, and they are not to be
            replaced.
    """
    progress.stage("Checking what is done", len(job.shards))
    receipts: dict[int, Receipt] = {}
    damaged: list[Shard] = []
    for shard in job.shards:
        receipt = store.receipt(shard)
        if receipt is not None and store.is_whole(shard):
            receipts[shard.number] = receipt
        elif store.is_damaged(shard):
            damaged.append(shard)
        progress.advance()
    if damaged:
        named = ", ".join(shard.name for shard in damaged[:4]) + (" …" if len(damaged) > 4 else "")
        progress.note(f"{len(damaged)} shard(s) are damaged and computed again: {named}")
    if not job.request.allow_mixed:
        receipts = _of_one_path(job.request, store, receipts)
    if receipts:
        genes = sum(receipt.genes for receipt in receipts.values())
        progress.note(f"goes on: {len(receipts):,} of {len(job.shards):,} shards ({genes:,} genes) are done")
    return receipts


def _of_one_path(
    request: ScoreRequest, store: ShardStore, receipts: dict[int, Receipt]
) -> dict[int, Receipt]:
    """The shards of this run's own path.

    Raises:
        OutputError: If there are others, and they are not to be replaced.
    """
    own = dict(store.identity.path)
    others = [_words(path) for path in other_paths(list(receipts.values()), own)]
    if others and not request.overwrite:
        raise OutputError(
            f"{request.out}: holds shards that were computed with {'; '.join(others)}, and here it would be "
            f"{_words(own)}: mix them with --allow-mixed, or compute them again with --overwrite"
        )
    return {number: receipt for number, receipt in receipts.items() if receipt.path == own}


def _older(request: ScoreRequest, store: ShardStore) -> Plan | None:
    """The plan of an earlier start; None if there is none, or it cannot be read and that is not to matter."""
    try:
        return Plan.read(store.folder)
    except InputError:
        if request.overwrite or not store.holds_shards():
            store.clear()
        elif not request.resume:  # then every shard is judged by its own receipt
            raise
        return None


def _judge(request: ScoreRequest, store: ShardStore, plan: Plan, older: Plan) -> list[str]:
    """What becomes of shards of an earlier start; what to tell the user of it. Where none is done, nothing.

    Raises:
        OutputError: If they do not fit, and the user has not said what to do with them.
    """
    differences = plan.differences(older)
    if not differences:
        return []
    if not store.holds_shards():
        store.clear()
        return []
    told = f"{request.out}: holds an unfinished run made otherwise ({'; '.join(differences)})"
    if request.resume:
        return [f"{told}; what still fits of it is kept"]
    if request.overwrite:
        store.clear()
        return [f"{told}; it is replaced"]
    raise OutputError(f"{told}; keep what still fits with --resume, or begin anew with --overwrite")


def _words(path: Mapping[str, Json]) -> str:
    return ", ".join(
        f"{name} {'+'.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in path.items()
    )
