"""Runs that end early leave nothing behind; whole ones are not replaced unasked."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from interrupted import begun, children_of, wait_until
from playground import Playground, Run
from process_table import still_running


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts small file systems in memory."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / f"tmpfs{len(mounted)}"
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True)
        if done.returncode:
            pytest.skip("mounting a file system needs the right to do so")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)


def test_a_fasta_without_index_in_a_read_only_folder(
    tmpfs: Callable[[str], Path], playground: Playground, run: Run
) -> None:
    folder = tmpfs("size=8m")
    shutil.copy(playground.genome.fasta, folder / "genome.fa")
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    done = run("genome", "add", "other", "--fasta", folder / "genome.fa", "--genes", playground.genome.genes)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "genome.fa" in done.stderr
    assert "samtools faidx" in done.stderr


@pytest.mark.slow
def test_a_run_is_replaced_only_where_that_is_asked_for(
    playground: Playground, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    score = ["score", *playground.inputs, "--gene", "A10", "--out", out]
    assert run(*score).returncode == 0
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}

    again = run(*score)
    assert again.returncode == 1
    assert again.stderr.startswith("Error: ")
    assert "--overwrite" in again.stderr
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before

    replaced = run(*score[:-4], "--gene", "A11", "--out", out, "--overwrite")
    assert replaced.returncode == 0, replaced.stderr
    assert sorted(path.name for path in (out / "genes").iterdir()) == ["SIMG00011.mask.bw", "SIMG00011.sd.bw"]


def test_a_full_disk(tmpfs: Callable[[str], Path], playground: Playground, inside: Run) -> None:
    """Whole shards are kept, and nothing else."""
    disk = tmpfs("size=1m")
    done = inside("score", *playground.inputs, "--out", disk / "out")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    line = done.stderr.splitlines()[-1]
    assert line.startswith("Error: ")
    assert "No space left on device" in line
    assert [path.name for path in (disk / "out").iterdir()] == [".shards"]
    shards = sorted(path.stem for path in (disk / "out" / ".shards").glob("*.parquet"))
    assert shards
    receipts = [path.stem for path in (disk / "out" / ".shards").glob("0*.json")]
    assert sorted(receipts) == shards


@pytest.mark.slow
def test_a_run_on_a_full_disk_goes_on_when_there_is_room(
    tmpfs: Callable[[str], Path], playground: Playground, run: Run, tmp_path: Path
) -> None:
    disk = tmpfs("size=1m")
    score = ["score", *playground.inputs, "--out", disk / "out"]
    assert run(*score).returncode == 1
    shards = list((disk / "out" / ".shards").glob("*.parquet"))
    subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
    again = run(*score)
    assert again.returncode == 0, again.stderr
    assert f"goes on: {len(shards)} of " in again.stderr
    assert run("score", *playground.inputs, "--out", tmp_path / "out").returncode == 0
    assert content(disk / "out") == content(tmp_path / "out")


def content(run: Path) -> dict[str, bytes]:
    """Every file of a run but its manifest, which tells the time."""
    files = [path for path in run.rglob("*") if path.is_file() and path.name != "manifest.json"]
    return {str(path.relative_to(run)): path.read_bytes() for path in files}


def test_a_full_scratch_folder(
    tmpfs: Callable[[str], Path],
    playground: Playground,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = tmpfs("size=64k")
    monkeypatch.setenv("TMPDIR", str(disk))
    done = run("score", *playground.inputs, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    line = done.stderr.splitlines()[-1]
    assert line.startswith(f"Error: {disk}/seq2exp-tracks-")
    assert "no room for the decoded inputs (No space left on device)" in line
    assert line.endswith("set TMPDIR to a folder on a larger disk")
    assert list(disk.iterdir()) == []
    assert not (tmp_path / "out").exists()


# Ctrl-C in a terminal reaches the command and its workers alike; a queue ends the command alone.
@pytest.mark.parametrize(("send", "number"), [(os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)])
def test_a_run_that_is_stopped_leaves_no_file_and_no_process(
    playground: Playground, tmp_path: Path, send: Callable[[int, int], None], number: int
) -> None:
    out = tmp_path / "out"
    process = begun(playground, out)
    wait_until(
        lambda: (out / ".partial" / ".mask.0").exists() and len(children_of(process.pid)) >= 2, process
    )
    children = children_of(process.pid)
    send(process.pid, number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    *notes, line = stderr.splitlines()
    assert all(note.startswith("Note: ") for note in notes), stderr
    assert line == "Error: interrupted: no file was written or changed"
    assert not out.exists()
    assert still_running(children, seconds=2) == []
