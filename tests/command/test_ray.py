"""Shards on a Ray cluster: the files of a run on this machine, whoever computed and whatever was lost."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playground import Playground, Run

pytest.importorskip("ray", reason="needs Ray: pip install 'seq2exp-tracks[ray]'")

NODES = Path(__file__).with_name("ray_nodes.py")


@contextmanager
def two_nodes() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A cluster of two nodes, and its address."""
    nodes = subprocess.Popen(
        [sys.executable, NODES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert nodes.stdin is not None
    assert nodes.stdout is not None
    try:
        yield nodes, nodes.stdout.readline().strip()
    finally:
        nodes.stdin.close()
        nodes.wait(timeout=60)
        nodes.stdout.close()


def files(run: Path) -> dict[str, bytes]:
    """What a run holds but for the manifest, which tells of its time and command."""
    found = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    assert found.pop("manifest.json")
    return found


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, playground: Playground, run: Run) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("local") / "run"
    done = run("score", *playground.inputs, "--no-per-gene", "--workers", 1, "--out", out)
    assert done.returncode == 0, done.stderr
    return files(out)


@pytest.mark.slow
def test_a_cluster_of_this_machine_alone_writes_the_same_bytes(
    playground: Playground, run: Run, local: dict[str, bytes], tmp_path: Path
) -> None:
    ray = ("--executor", "ray", "--workers", 2)
    done = run("score", *playground.inputs, "--no-per-gene", *ray, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "fork" not in done.stderr
    assert files(tmp_path / "run") == local
    assert not (tmp_path / "run" / ".shards").exists()


@pytest.mark.slow
def test_a_node_that_is_lost_in_mid_run_changes_no_byte(
    playground: Playground, local: dict[str, bytes], run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with two_nodes() as (nodes, address):
        assert nodes.stdin is not None
        assert nodes.stdout is not None
        nodes.stdin.write(f"kill {out}\n")
        nodes.stdin.flush()
        ray = ("--executor", "ray", "--address", address, "--keep-shards")
        done = run("score", *playground.inputs, "--no-per-gene", *ray, "--out", out)
        assert done.returncode == 0, done.stderr
        done_before = int(nodes.stdout.readline())
    assert 3 <= done_before < len(list((out / ".shards").glob("0*.json")))
    assert files(out) == local


@pytest.mark.slow
def test_no_cluster_at_an_address_is_one_line(playground: Playground, run: Run, tmp_path: Path) -> None:
    ray = ("--executor", "ray", "--address", "127.0.0.1:1")
    done = run("score", *playground.inputs, *ray, "--out", tmp_path / "run")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: --executor ray: no cluster at 127.0.0.1:1 (")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--address", "auto"), "--address: belongs to --executor ray; give both or none"),
        (
            ("--executor", "ray", "--shared-generator"),
            "--shared-generator: computed on this machine only; leave out --executor ray",
        ),
    ],
)
def test_options_that_do_not_go_together_are_one_line(
    playground: Playground, inside: Run, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    done = inside("score", *playground.inputs, *options, "--out", tmp_path / "run")
    assert (done.returncode, done.stderr) == (1, f"Error: {told}\n")


def test_without_ray_it_says_what_to_install(
    playground: Playground, inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seq2exp_tracks.pipeline.ray_cluster.find_spec", lambda _: None)
    done = inside("score", *playground.inputs, "--executor", "ray", "--out", tmp_path / "run")
    told = "Error: --executor ray: needs Ray: pip install 'seq2exp-tracks[ray]'\n"
    assert (done.returncode, done.stderr) == (1, told)
