"""A run at an address is computed and copied by one process at a time, and none takes it from another.

fsspec's file system in memory stands in for s3 and gs, which were never used.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from playground import Playground, Run

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.pipeline import remote_run
from seq2exp_tracks.pipeline.remote_run import RemoteRun
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources import address
from seq2exp_tracks.resources.address import Address
from seq2exp_tracks.resources.cloud import Cloud

OUT = "memory://bucket/runs/k562"


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[fsspec.AbstractFileSystem]:
    """What lies at the address; its file system is allowed for the test in place of s3."""
    monkeypatch.setenv("SEQ2EXP_TRACKS_CACHE", str(tmp_path / "cache"))
    for module in (address, remote_run):
        monkeypatch.setattr(module, "CLOUD", ("s3", "gs", "memory"))
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()


def run_to(out: str, *, overwrite: bool = False) -> RemoteRun:
    parsed = Address.parse(out)
    assert parsed is not None
    return RemoteRun(parsed, overwrite=overwrite)


def write_here(run: RemoteRun, *names: str) -> None:
    """What computing leaves on this machine."""
    for name in names:
        (run.local / name).parent.mkdir(parents=True, exist_ok=True)
        (run.local / name).write_text("scores")
    listed = [{"path": name} for name in names]
    (run.local / "manifest.json").write_text(json.dumps({"files": listed}))


def found(there: fsspec.AbstractFileSystem) -> set[str]:
    return {path.removeprefix("/bucket/runs/k562/") for path in there.find("/bucket/runs/k562")}


def test_a_second_process_is_refused_until_the_first_has_copied(there: fsspec.AbstractFileSystem) -> None:
    first, second = run_to(OUT), run_to(OUT)
    second.check()  # nothing was there when it was given
    with first.alone():
        write_here(first, "mask.bw")
        told = f"^{OUT}: another run is being written to it by process {os.getpid()} on "
        with pytest.raises(OutputError, match=told), second.alone():
            pytest.fail("two are at it")
        first.upload(Silent())
    first.forget()
    with pytest.raises(OutputError, match=f"^{OUT}: holds a run already"), second.alone():
        pytest.fail("it would take the first one's place")
    assert found(there) == {"mask.bw", "manifest.json"}


def test_what_another_process_copies_by_now_is_not_removed_under_it(there: fsspec.AbstractFileSystem) -> None:
    first, second = run_to(OUT), run_to(OUT, overwrite=True)
    with first.alone():
        write_here(first, "mask.bw")
        first.upload(Silent())
    with second.alone():
        first.forget()
        second.upload(Silent())
    assert found(there) == {"mask.bw", "manifest.json"}
    second.forget()
    assert not second.local.parent.exists()
    second.forget()  # there is nothing to remove any more


def test_files_with_dots_in_their_names_are_copied_and_none_from_elsewhere(
    there: fsspec.AbstractFileSystem,
) -> None:
    run = run_to(OUT)
    with run.alone():
        write_here(run, "genes/A..B.mask.bw", "mask.bw")
        manifest = json.loads((run.local / "manifest.json").read_text())
        manifest["files"].append({"path": "../request.json"})
        (run.local / "manifest.json").write_text(json.dumps(manifest))
        run.upload(Silent())
    assert found(there) == {"genes/A..B.mask.bw", "mask.bw", "manifest.json"}


def test_a_command_that_is_given_while_another_copies_changes_nothing(
    there: fsspec.AbstractFileSystem,
    playground: Playground,
    inside: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put, refused = Cloud.put, list[subprocess.CompletedProcess[str]]()
    words = ["score", *playground.inputs, "--gene", "A05", "--window", "2000", "--workers", "1", "--out", OUT]

    def disturbed(self: Cloud, file: Path, name: str) -> None:
        if not refused:
            refused.append(inside(*words, "--resolution", "10"))
        put(self, file, name)

    monkeypatch.setattr(Cloud, "put", disturbed)
    done = inside(*words)
    assert done.returncode == 0, done.stderr
    assert refused[0].returncode == 1
    assert f"Error: {OUT}: another run is being written to it by process" in refused[0].stderr
    manifest = json.loads(there.cat_file("/bucket/runs/k562/manifest.json"))
    assert manifest["settings"]["resolution"] == 1
    assert {file["path"] for file in manifest["files"]} | {"manifest.json"} == found(there)
