"""`status`: how a run stands, by what lies in its folder."""

import json
import os
import platform
import shutil
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from example_run import ExampleRun
from seq2exp_tracks_cli.main import main

from seq2exp_tracks import run_status
from seq2exp_tracks.io.lock_file import held
from seq2exp_tracks.io.lock_holder import Holder
from seq2exp_tracks.run_status import State, status_of
from seq2exp_tracks.shards.identity import Identity
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.receipt import Receipt

BEGUN = datetime(2030, 1, 1, tzinfo=UTC)
GENES = (2, 2, 1)  # of each shard
KEYS = ("a", "b", "c")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that is planned, and of which nothing is done."""
    shards = tmp_path / "run" / ".shards"
    shards.mkdir(parents=True)
    plan = Plan(Identity({}, {}, {}, {}), GENES, "", {}, "seq2exp-tracks score", BEGUN.isoformat(), KEYS)
    plan.write(shards)
    return tmp_path / "run"


def add(run: Path, number: int, *, after: int, seconds: float = 10, key: str | None = None) -> None:
    """A shard that was done so many seconds after the beginning."""
    content = b"scores"
    (run / ".shards" / f"{number:06}.parquet").write_bytes(content)
    finished = (BEGUN + timedelta(seconds=after)).isoformat()
    key = KEYS[number] if key is None else key
    receipt = Receipt(number, GENES[number], key, {}, "", len(content), seconds, finished, "host")
    receipt.write(run / ".shards" / f"{number:06}.json")


def hold(run: Path, name: str, process: int, host: str) -> None:
    told = {"process": process, "host": host, "since": BEGUN.isoformat()}
    (run / ".shards" / name).write_text(json.dumps(told))


def status(run: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["status", str(run), *options], catch_exceptions=False)


def test_a_run_that_nobody_is_at(run: Path) -> None:
    add(run, 0, after=10)
    add(run, 2, after=20)
    (run / ".shards" / "000001.failed").write_text("a worker was killed\n")
    (run / ".partial").mkdir()
    (run / ".partial" / "mask").write_bytes(bytes(1_000_000))
    done = status(run)
    assert done.exit_code == 4
    assert done.stdout.splitlines()[:-1] == [
        f"{run}: unfinished, stopped",
        "  done    2 of 3 shards, 3 of 5 genes (60.0%)",
        "  rate    6.7 s a gene",
        "  failed  shard 000001: a worker was killed",
    ]
    assert done.stdout.splitlines()[-1] == "  disk    1.0 MB of shards and half-written files"


def test_a_run_that_somebody_is_at_also_while_the_lock_is_held(run: Path) -> None:
    add(run, 0, after=10, seconds=4)
    with held(run / ".shards" / "lock", "no"):
        done = status(run)
        since = Holder.of(run / ".shards" / "lock")
        assert since is not None
    assert done.exit_code == 3
    assert done.stdout.splitlines()[1:-1] == [
        "  done    1 of 3 shards, 2 of 5 genes (40.0%)",
        "  rate    2.0 s a gene; about 0:06 min to go",
        f"  held by process {os.getpid()} on {platform.node()}, since {since.since}",
    ]
    assert status(run).exit_code == 4  # the holder has let go


def test_shards_that_are_damaged_or_of_another_plan_do_not_count(run: Path) -> None:
    for number in range(3):
        add(run, number, after=number)
    (run / ".shards" / "000000.parquet").write_bytes(b"")
    receipt = run / ".shards" / "000001.json"
    receipt.write_text(receipt.read_text().replace('"seconds"', '"minutes"'))
    found = status_of(run).unfinished
    assert found is not None
    assert (found.shards_done, found.genes_done) == (1, 1)


def test_shards_that_were_made_from_other_things_do_not_count(run: Path) -> None:
    add(run, 0, after=1)
    add(run, 1, after=2, key="made from another input")
    found = status_of(run).unfinished
    assert found is not None
    assert (found.shards_done, found.genes_done) == (1, 2)


@pytest.mark.parametrize(("minutes", "state"), [(1, State.RUNNING), (60, State.STOPPED)])
def test_who_is_on_another_machine_is_judged_by_when_something_was_written(
    run: Path, minutes: int, state: State
) -> None:
    hold(run, "part-1-of-2.lock", 1, "another machine")
    written = datetime.fromtimestamp((run / ".shards").stat().st_mtime, UTC)
    found = status_of(run, written + timedelta(minutes=minutes))
    assert found.state is state
    assert found.unfinished is not None
    assert [holder.alive for holder in found.unfinished.holders] == [None]
    line = "  held by part-1-of-2: process 1 on another machine, which cannot be seen from here, since "
    assert line in status(run).stdout


def test_a_run_whose_folders_go_while_one_looks_is_one_that_nobody_is_at(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(run, "lock", 1, "another machine")
    (run / ".shards" / "000001.failed").write_text("a worker was killed\n")
    works = run_status._works

    def gone(*arguments: Any) -> bool:
        shutil.rmtree(run / ".shards")
        return works(*arguments)

    monkeypatch.setattr(run_status, "_works", gone)
    found = status_of(run)
    assert found.state is State.STOPPED
    assert found.unfinished is not None
    assert (found.unfinished.failed, found.unfinished.bytes) == ({}, 0)


def test_a_process_of_the_same_number_that_does_not_hold_the_lock_is_not_the_holder(run: Path) -> None:
    hold(run, "lock", os.getpid(), platform.node())
    holder = Holder.of(run / ".shards" / "lock")
    assert holder is not None
    assert holder.alive is False


def test_the_rate_is_that_of_the_last_while(tmp_path: Path) -> None:
    shards = tmp_path / ".shards"
    shards.mkdir()
    Plan(Identity({}, {}, {}, {}), (1,) * 20, "", {}, "", BEGUN.isoformat(), ("",) * 20).write(shards)
    # Ten slow shards, hours before six quick ones.
    for number in range(16):
        after = number * 100 if number < 10 else 10_000 + number * 2
        finished = (BEGUN + timedelta(seconds=after)).isoformat()
        (shards / f"{number:06}.parquet").write_bytes(b"")
        seconds = 100 if number < 10 else 2
        Receipt(number, 1, "", {}, "", 0, seconds, finished, "host").write(shards / f"{number:06}.json")
    found = status_of(tmp_path).unfinished
    assert found is not None
    assert found.genes_a_second == pytest.approx(0.5)


def test_a_whole_run(example: ExampleRun) -> None:
    done = status(example.folder)
    assert done.exit_code == 0
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith(f"{example.folder}: finished ")


def test_a_whole_run_beside_a_newer_one_that_is_not(run: Path, example: ExampleRun) -> None:
    (run / "manifest.json").write_bytes((example.folder / "manifest.json").read_bytes())
    done = status(run)
    assert done.exit_code == 4
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{run}: finished ")
    assert lines[1] == f"{run}: another run in it is unfinished, stopped"


def test_json_has_all_of_it(run: Path) -> None:
    add(run, 0, after=10)
    hold(run, "lock", 1, "another machine")
    done = status(run, "--json")
    assert json.loads(done.stdout) == json.loads(json.dumps(asdict(status_of(run))))


def test_a_folder_without_any_run(tmp_path: Path) -> None:
    done = status(tmp_path)
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: {tmp_path}: holds no run, neither a whole one nor shards; give the OUT of `score`\n"
    )
