"""A process of a cluster goes by the plan that it finds, and compares all that decides scores."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playground import Playground

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.pipeline.computing import compute
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.pipeline.job import Job
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.pipeline.resuming import begun_run, shards_held, store_of
from seq2exp_tracks.pipeline.shard_worker import ShardWorker
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.registry import Registry
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.store import ShardStore


@pytest.fixture
def begun(playground: Playground, tmp_path: Path) -> Iterator[tuple[Job, ShardStore]]:
    """A run of one chromosome that has a plan, and no shard yet."""
    genome = Registry(playground.config).get("sim")
    signals = {"H3K27ac": playground.genome.h3k27ac, "DNase": playground.genome.dnase}
    request = ScoreRequest(
        genome=genome,
        checkpoint=playground.checkpoint,
        signals=signals,
        contacts=playground.genome.contacts,
        device="cpu",
        workers=1,
        out=tmp_path / "run",
    )
    request.out.mkdir()
    job = Job.prepared(request, Hardware.choose("cpu", 1), Silent())
    store = store_of(job)
    with shards_held(store), begun_run(job, store, Silent()):
        yield job, store


def scores(store: ShardStore, job: Job, number: int) -> bytes:
    shard = job.shards[number]
    assert store.is_whole(shard)
    return (store.folder / f"{shard.name}.parquet").read_bytes()


def test_a_worker_writes_the_shard_that_this_process_would_write(begun: tuple[Job, ShardStore]) -> None:
    job, store = begun
    worker = ShardWorker(job.request.out, "cpu")
    assert [worker.work(number).error for number in (1, 0)] == [None, None]
    found = [scores(store, job, number) for number in (0, 1)]
    here = compute(job.shards[:2], store, lambda shards: job.score(shards, Silent()), Silent())
    assert list(here) == list(job.shards[:2])
    assert [scores(store, job, number) for number in (0, 1)] == found


def said(begun: tuple[Job, ShardStore]) -> str:
    """What a worker says that cannot begin."""
    job, store = begun
    error = ShardWorker(job.request.out, "cpu").work(0).error
    assert isinstance(error, InputError)
    assert not store.is_whole(job.shards[0])
    assert "\n" not in str(error)
    return str(error).partition(": ")[2]


def test_a_machine_that_does_not_see_the_run_says_so(tmp_path: Path) -> None:
    error = ShardWorker(tmp_path / "elsewhere", "cpu").work(0).error
    assert "OUT has to lie on storage that all machines share, under one path" in str(error)


def test_another_file_under_the_same_path_is_noticed(begun: tuple[Job, ShardStore]) -> None:
    _, store = begun
    plan = Plan.read(store.folder)
    assert plan is not None
    identity = replace(plan.identity, inputs=plan.identity.inputs | {"checkpoint": "0" * 64})
    replace(plan, identity=identity).write(store.folder)
    assert said(begun).startswith(
        "is not set up as the machine that leads the run (the file of checkpoint: 000000000000, now "
    )


def test_another_version_of_a_package_is_noticed(begun: tuple[Job, ShardStore]) -> None:
    _, store = begun
    plan = Plan.read(store.folder)
    assert plan is not None
    identity = replace(plan.identity, versions=plan.identity.versions | {"torch": "1.0"})
    replace(plan, identity=identity).write(store.folder)
    assert said(begun).startswith(
        "is not set up as the machine that leads the run (version of torch: 1.0, now"
    )


def test_other_kernels_are_refused_unless_they_may_be_mixed(begun: tuple[Job, ShardStore]) -> None:
    job, store = begun
    plan = Plan.read(store.folder)
    assert plan is not None
    other = replace(plan.identity, path=plan.identity.path | {"kernels": "others"})
    replace(plan, identity=other).write(store.folder)
    assert said(begun).startswith(
        "computes otherwise than the machine that leads the run (kernels: others, here"
    )
    replace(plan, identity=other, request=plan.request | {"allow_mixed": True}).write(store.folder)
    assert ShardWorker(job.request.out, "cpu").work(0).error is None


def test_a_file_that_is_not_there_on_this_machine_is_one_line(begun: tuple[Job, ShardStore]) -> None:
    _, store = begun
    plan = Plan.read(store.folder)
    assert plan is not None
    replace(plan, request=plan.request | {"checkpoint": "/nowhere/soft.safetensors"}).write(store.folder)
    assert said(begun).endswith("(inputs have to lie under one path on all machines)")


@pytest.mark.slow
def test_a_window_that_takes_too_long_ends_its_process_and_slow_listeners_do_not() -> None:
    program = (
        "import time\n"
        "from seq2exp_tracks.pipeline.shard_worker import _watched\n"
        "def hanging():\n"
        "    yield 'first'\n"
        "    time.sleep(30)\n"
        "scores = _watched(hanging(), 0.5)\n"
        "print(next(scores), flush=True)\n"
        "time.sleep(1)\n"
        "print('still here', flush=True)\n"
        "next(scores)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["first", "still here"]
    assert done.returncode == -signal.SIGALRM
