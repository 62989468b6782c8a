"""Inputs and a run folder at addresses: the tracks of local files, whole there or without a manifest.

fsspec's file system in memory stands in for s3 and gs, which were never used.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest
from file_server import FileServer, serving
from playground import Playground, Run

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.pipeline import remote_run
from seq2exp_tracks.resources import address, remote
from seq2exp_tracks.resources.cloud import Cloud

OUT = "memory://bucket/runs/k562"
ONE_GENE = ("--gene", "A05", "--workers", "1", "--device", "cpu")

Score = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[fsspec.AbstractFileSystem]:
    """What lies at the address; its file system is allowed for the test in place of s3."""
    monkeypatch.setenv("SEQ2EXP_TRACKS_CACHE", str(tmp_path / "cache"))
    for module in (address, remote, remote_run):
        monkeypatch.setattr(module, "CLOUD", ("s3", "gs", "memory"))
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()


@pytest.fixture
def score(playground: Playground, inside: Run) -> Score:
    def call(*options: str) -> subprocess.CompletedProcess[str]:
        return inside("score", *playground.inputs, *ONE_GENE, *options)

    return call


def names(there: fsspec.AbstractFileSystem) -> set[str]:
    return {path.removeprefix("/bucket/runs/k562/") for path in there.find("/bucket/runs/k562")}


def test_a_run_at_an_address_holds_the_files_of_a_run_here(
    there: fsspec.AbstractFileSystem, score: Score, tmp_path: Path
) -> None:
    done = score("--out", OUT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{OUT}: 1 gene scored")
    assert done.stdout.endswith(f"copied to {OUT}\n")
    assert score("--out", str(tmp_path / "here")).returncode == 0
    here = {path.relative_to(tmp_path / "here").as_posix(): path for path in (tmp_path / "here").rglob("*.*")}
    here = {name: path for name, path in here.items() if path.is_file()}
    assert names(there) == set(here)
    for name in names(there) - {"manifest.json"}:
        assert there.cat_file(f"/bucket/runs/k562/{name}") == here[name].read_bytes()
    assert not list((tmp_path / "cache" / "runs").iterdir())


def test_copying_that_ends_early_leaves_no_manifest_and_the_same_command_goes_on_with_it(
    there: fsspec.AbstractFileSystem, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, copied = Cloud.put, []

    def broken(self: Cloud, file: Path, name: str) -> None:
        copied.append(name)
        if len(copied) == 3:
            raise OutputError(f"{OUT}/{name}: the connection is gone")
        put(self, file, name)

    monkeypatch.setattr(Cloud, "put", broken)
    done = score("--out", OUT)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        f"Error: {OUT}/{copied[-1]}: the connection is gone",
    )
    assert names(there) == set(copied[:2])
    other = score("--out", OUT, "--resolution", "10")
    assert other.returncode == 1
    assert "holds a run that was not copied to" in other.stderr.splitlines()[-1]
    again = score("--out", OUT)
    assert again.returncode == 0, again.stderr
    assert f"computed already; what is left is to copy it to {OUT}" in again.stderr
    manifest = json.loads(there.cat_file("/bucket/runs/k562/manifest.json"))
    assert {file["path"] for file in manifest["files"]} | {"manifest.json"} == names(there)
    assert copied[-1] == "manifest.json"


def test_a_run_that_is_there_is_replaced_only_if_that_is_asked_for(
    there: fsspec.AbstractFileSystem, score: Score
) -> None:
    older = {"files": [{"path": "old.bw"}, {"path": "../other/precious.bw"}]}
    there.pipe_file("/bucket/runs/k562/manifest.json", json.dumps(older).encode())
    there.pipe_file("/bucket/runs/k562/old.bw", b"old")
    there.pipe_file("/bucket/runs/other/precious.bw", b"precious")
    done = score("--out", OUT)
    told = f"Error: {OUT}: holds a run already; choose another folder or replace it with --overwrite\n"
    assert (done.returncode, done.stderr) == (1, told)
    assert score("--out", OUT, "--overwrite").returncode == 0
    assert "mask.bw" in names(there)
    assert "old.bw" not in names(there)
    assert there.cat_file("/bucket/runs/other/precious.bw") == b"precious"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as server:
        yield server


def test_signals_at_addresses_give_the_tracks_of_files_here_and_no_key_is_written(
    there: fsspec.AbstractFileSystem,
    score: Score,
    inside: Run,
    server: FileServer,
    playground: Playground,
    tmp_path: Path,
) -> None:
    server.files["/dnase.bw?key=c0ffee"] = playground.genome.dnase.read_bytes()
    there.pipe_file("/bucket/h3k27ac.bw", playground.genome.h3k27ac.read_bytes())
    there.pipe_file("/bucket/contacts.cool", playground.genome.contacts.read_bytes())
    out = tmp_path / "run"
    done = inside(
        *("score", "--genome", "sim", "--checkpoint", playground.checkpoint, *ONE_GENE),
        *("--signal", "H3K27ac=memory://bucket/h3k27ac.bw"),
        *("--signal", f"DNase={server.url}/dnase.bw?key=c0ffee"),
        *("--contacts", "memory://bucket/contacts.cool", "--out", out),
    )
    assert done.returncode == 0, done.stderr
    assert score("--out", str(tmp_path / "here")).returncode == 0
    assert (out / "mask.bw").read_bytes() == (tmp_path / "here" / "mask.bw").read_bytes()
    text = (out / "manifest.json").read_text()
    assert f"fetched: {server.url}/dnase.bw (sha256 " in text
    assert "c0ffee" not in text
    assert "c0ffee" not in done.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--out", "https://host/run"),
            "--out https://host/run: nothing can be written there; use s3:// or gs://, or a folder",
        ),
        (
            ("--out", "ftp://host/run"),
            "ftp://host/run: ftp:// cannot be used; use https://, s3:// or gs://, or a file of this machine",
        ),
        (
            ("--checkpoint", "file:///x.ckpt", "--out", "x"),
            "an address with :// is none that can be read; mend it, or name a file",
        ),
    ],
)
def test_addresses_that_are_of_no_use_are_one_line(inside: Run, options: tuple[str, ...], told: str) -> None:
    done = inside("score", "--genome", "sim", *options)
    assert (done.returncode, done.stderr) == (1, f"Error: {told}\n")


def test_commands_that_fetch_nothing_say_so(inside: Run) -> None:
    done = inside("train", "--signal", "DNase=https://host/x.bw")
    assert done.returncode == 2
    assert "https://host/x.bw: this command reads files of this machine; fetch it first" in done.stderr


def test_shards_are_not_copied(inside: Run) -> None:
    for option in (("--keep-shards",), ("--shard", "1/2")):
        done = inside("score", "--genome", "sim", *option, "--out", "s3://bucket/run")
        assert done.returncode == 2
        assert "s3://bucket/run: --shard and --keep-shards need a folder" in done.stderr
