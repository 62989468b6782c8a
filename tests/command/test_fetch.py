"""`fetch` and `resources` as a user runs them, against a server on loopback."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from file_server import Fault, FileServer, serving
from playground import COMMAND
from seq2exp_tracks_cli.main import main

FASTA = "/genomes.example.org/tiny.fa"
LARGE = "/genomes.example.org/genes.gtf"
BODY = random.Random(3).randbytes(1_000_000)
RESOURCES = """
[genomes.tiny.fasta]
address = "https://genomes.example.org/tiny.fa"
[genomes.large.genes]
address = "https://genomes.example.org/genes.gtf"
verified = false
"""

Call = Callable[..., Result]


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as served:
        served.files = {FASTA: b">chr1\nACGTACGT\n", LARGE: BODY}
        yield served


@pytest.fixture
def environment(tmp_path: Path, server: FileServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A working folder with resources of its own; store, mirror and configuration by the environment."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seq2exp-tracks.toml").write_text(RESOURCES)
    return {
        "SEQ2EXP_TRACKS_CONFIG": str(tmp_path / "config"),
        "SEQ2EXP_TRACKS_DATA": str(tmp_path / "store"),
        "SEQ2EXP_TRACKS_MIRROR": server.url,
    }


@pytest.fixture
def call(environment: dict[str, str]) -> Call:
    """Runs the command in this process."""
    return lambda *words: CliRunner().invoke(main, words, env=environment, catch_exceptions=False)


def test_what_is_fetched_is_listed_found_and_verified(call: Call, tmp_path: Path) -> None:
    fasta = tmp_path / "store" / "genomes.example.org" / "tiny.fa"
    done = call("fetch", "tiny")
    assert (done.exit_code, done.stdout) == (0, f"tiny fasta\t{fasta}\n")
    assert done.stderr.strip() == f"Note: fetching 1 file (0.0 kB) into {tmp_path / 'store'}"
    lines = call("resources", "list").stdout.splitlines()
    assert "tiny\tfasta\there\t\thttps://genomes.example.org/tiny.fa" in lines
    assert "large\tgenes\tabsent\tunverified\thttps://genomes.example.org/genes.gtf" in lines
    assert call("resources", "path").stdout == f"{tmp_path / 'store'}\n"
    assert call("resources", "path", "tiny").stdout == f"tiny fasta\t{fasta}\there\n"
    assert (call("resources", "verify").exit_code, call("resources", "verify").stderr) == (
        0,
        "1 same, 0 changed, 0 gone\n",
    )
    fasta.write_bytes(b"x" * fasta.stat().st_size)
    changed = call("resources", "verify")
    assert changed.exit_code == 1
    assert changed.stdout.startswith(f"{fasta}\tchanged since 20")


def test_unverified_addresses_are_told(call: Call) -> None:
    assert "1 from unverified addresses" in call("fetch", "large").stderr
    assert "unverified: the makers of this package had no connection" in call("resources", "list").stderr


def test_an_unknown_name_is_told_in_one_line(call: Call) -> None:
    done = call("fetch", "hg99")
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: 'hg99' is not known; known: hg38, mm10, mm39, tiny, large, K562, GM12878, H1, soft, hard\n"
    )


def test_offline_fetches_nothing(call: Call, server: FileServer) -> None:
    done = call("fetch", "tiny", "--offline")
    assert done.exit_code == 1
    assert "  tiny fasta: https://genomes.example.org/tiny.fa\n    to " in done.stderr
    assert server.requests == []


def test_a_mirror_that_is_none(call: Call) -> None:
    done = call("fetch", "tiny", "--mirror", "nowhere")
    assert done.stderr == "Error: --mirror nowhere: neither an address http(s)://… nor a folder\n"


def test_more_than_a_gigabyte_needs_a_yes(call: Call, server: FileServer, tmp_path: Path) -> None:
    server.sizes[LARGE] = 1_000_000_001
    refused = call("fetch", "large")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1] == (
        "Error: 1.0 GB in 1 file to fetch; add --yes to fetch more than 1 GB without being asked"
    )
    assert server.gets(LARGE) == []
    assert call("fetch", "large", "--yes").exit_code == 0
    assert (tmp_path / "store" / LARGE[1:]).read_bytes() == BODY


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--contacts", "a.hic", "--no-contacts"), "--contacts and --no-contacts exclude each other"),
        (("--labels", "a.tsv"), "--labels and --label-column belong together"),
        (("--cell-type", "H1", "--cells", "a.toml"), "--cell-type and --cells exclude each other"),
    ],
)
def test_score_tells_mistakes_before_it_fetches(
    call: Call, server: FileServer, words: tuple[str, ...], told: str
) -> None:
    done = call("score", "--genome", "hg38", *words, "--out", "run")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {told}")
    assert server.requests == []


def test_score_tells_a_taken_folder_before_it_fetches(call: Call, server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").touch()
    done = call("score", "--genome", "hg38", "--out", "run")
    assert (done.exit_code, done.stderr) == (
        1,
        "Error: run: holds a run already; choose another folder or replace it with --overwrite\n",
    )
    assert server.requests == []
    done = call("score", "--genome", "hg38", "--overwrite", "--out", "run")
    assert "no such repository" in done.stderr  # asked for after that


def test_score_that_is_interrupted_while_it_fetches_says_what_is_kept(
    environment: dict[str, str], server: FileServer, tmp_path: Path
) -> None:
    server.faults[LARGE] = [Fault(pace=0.2)]
    mine = tmp_path / "seq2exp-tracks.toml"
    mine.write_text(RESOURCES + '[genomes.tiny.genes]\naddress = "https://genomes.example.org/genes.gtf"\n')
    arriving = (tmp_path / "store" / LARGE[1:]).with_name(".download-genes.gtf")
    words = ["score", "--genome", "tiny", "--checkpoint", "mine.safetensors", "--out", "run"]
    process = subprocess.Popen(
        [COMMAND, *words], env=os.environ | environment, stderr=subprocess.PIPE, text=True
    )
    while not (arriving.exists() and arriving.stat().st_size > 200_000):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    size = arriving.stat().st_size
    assert size < len(BODY)
    assert stderr.splitlines()[-1] == (
        f"Error: interrupted: no track was written; 1 file that arrived and {size / 1e3:.1f} kB of 1 "
        f"unfinished file kept in {tmp_path / 'store'}; the same command goes on where it was"
    )
    assert not (tmp_path / "run").exists()


def test_a_killed_download_goes_on_where_it_was(
    environment: dict[str, str], server: FileServer, tmp_path: Path
) -> None:
    server.faults[LARGE] = [Fault(pace=0.1)]
    final = tmp_path / "store" / LARGE[1:]
    arriving = final.with_name(".download-genes.gtf")
    words = [COMMAND, "fetch", "large"]
    process = subprocess.Popen(words, env=os.environ | environment, stderr=subprocess.DEVNULL)
    while not (arriving.exists() and arriving.stat().st_size > 200_000):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    held = arriving.stat().st_size
    assert 200_000 < held < len(BODY)
    assert not final.exists()
    done = subprocess.run(words, env=os.environ | environment, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"large genes\t{final}\n")
    assert final.read_bytes() == BODY
    last = server.gets(LARGE)[-1]
    assert (last.range, last.sent) == (f"bytes={held}-", len(BODY) - held)
    assert sorted(path.name for path in final.parent.iterdir()) == [".record-genes.gtf.json", "genes.gtf"]
