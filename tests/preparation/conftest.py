"""A small genome with its reads, and the command on it."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from prepare_calls import Prepare
from seq2exp_tracks_cli.main import main
from small_genome import write_fasta, write_gtf, write_reads


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    return {"fasta": write_fasta(folder), "gtf": write_gtf(folder), **write_reads(folder)}


@pytest.fixture
def prepare(files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """Runs the command in this process; returns its status and the last line on stderr."""

    def call(*arguments: str | Path, genome: bool = True) -> tuple[int, str]:
        given = ["--fasta", files["fasta"], "--gtf", files["gtf"]] if genome else []
        words = ["prepare", "--name", "mine", "--workers", "1", *given, *arguments]
        # A line of progress comes where the machine is slow, which is not what is tested.
        monkeypatch.setattr("seq2exp_tracks_cli.progress._SECONDS_TO_FIRST_LINE", float("inf"))
        config = {"SEQ2EXP_TRACKS_CONFIG": str(tmp_path / "config")}
        done = CliRunner().invoke(main, [str(word) for word in words], env=config, catch_exceptions=False)
        return done.exit_code, (done.stderr.strip().splitlines() or [""])[-1]

    return call
