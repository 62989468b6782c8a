"""A genome without features: `train` derives them as `score` does, and `score` again for what was trained."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from playground import Playground
from seq2exp_tracks_cli.main import main

from seq2exp_tracks.comparison.run import Compared
from seq2exp_tracks.derived_features import DERIVED
from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.resources.registry import GenomeEntry, Registry

SMALL = (
    *("--split", "position", "--gap", "0", "--window", "3000", "--promoter", "400", "--d-model", "4"),
    *("--layers", "1", "--batch-size", "2", "--steps", "1", "--size", "small", "--device", "cpu"),
)
Command = Callable[..., Result]


class ReadToTheEndError(TracksError):
    """Ends a command where the library begins."""


def with_coding_sequences(annotation: Path, to: Path) -> Path:
    """The same genes, each translated in the midst of one exon."""
    lines = []
    for line in annotation.read_text().splitlines():
        lines.append(line)
        chrom, source, kind, start, end, *rest = line.split("\t")
        if kind == "transcript":
            lines.append("\t".join((chrom, source, "exon", start, end, *rest)))
            lines.append("\t".join((chrom, source, "CDS", str(int(start) + 300), str(int(end) - 300), *rest)))
    to.write_text("\n".join(lines) + "\n")
    return to


@pytest.fixture
def command(playground: Playground, tmp_path: Path) -> Command:
    """Runs a command on `coding`, a genome that features can be derived of, or `plain`, of which not."""
    genome = playground.genome
    coding = with_coding_sequences(genome.genes, tmp_path / "coding.gtf")
    for name, genes in (("coding", coding), ("plain", genome.genes)):
        Registry(tmp_path / "config").add(GenomeEntry(name, genome.fasta, genes, genome.blacklist))
    signals = ["--signal", f"H3K27ac={genome.h3k27ac}", "--signal", f"DNase={genome.dnase}", "--no-contacts"]

    def call(name: str, *more: str | Path) -> Result:
        words = [name, *signals, "--data-folder", str(tmp_path / "store"), *map(str, more)]
        return CliRunner().invoke(main, words, env={"SEQ2EXP_TRACKS_CONFIG": str(tmp_path / "config")})

    return call


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What `train` and `compare` ask of the library."""
    seen: list[dict[str, Any]] = []

    def train_model(request: Any, _: object) -> None:
        seen.append({"genome": request.genome, "remarks": request.remarks})
        raise ReadToTheEndError("read to the end")

    def compare(request: Any, _: object) -> Compared:
        seen.append(dict(request.data.inputs))
        return Compared("read to the end", ())

    monkeypatch.setattr("seq2exp_tracks.training.run.train_model", train_model)
    monkeypatch.setattr("seq2exp_tracks.comparison.run.compare", compare)
    # Processes of their own take a second to start.
    monkeypatch.setattr("seq2exp_tracks.processes.usable_cores", lambda: 1)
    return seen


@pytest.mark.parametrize("name", ["train", "compare"])
def test_features_are_derived_and_told_in_one_line(
    command: Command, asked: list[dict[str, Any]], tmp_path: Path, name: str
) -> None:
    done = command(name, "--genome", "coding", "--labels", "labels.tsv", "--out", tmp_path / "out")
    (found,) = asked
    assert found["remarks"] == (DERIVED,)
    assert found["genome"].features.parent == tmp_path / "store" / "derived"
    assert sum(DERIVED in line for line in done.stderr.splitlines()) == 1


def test_what_is_given_comes_first_and_what_cannot_be_derived_is_told(
    command: Command, asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    given = ("--labels", "labels.tsv", "--out", tmp_path / "out")
    command("train", "--genome", "coding", "--features", "mine.tsv", *given)
    done = command("train", "--genome", "plain", *given)
    assert [(found["genome"].features, found["remarks"]) for found in asked] == [
        (Path("mine.tsv"), ()),
        (None, ()),
    ]
    assert "features are not derived" in done.stderr


@pytest.mark.slow
def test_what_was_trained_on_derived_features_is_scored_with_them(
    command: Command, playground: Playground, tmp_path: Path
) -> None:
    labels = ("--labels", playground.genome.labels, "--label-column", "expression")
    for genome in ("coding", "plain"):
        done = command("train", "--genome", genome, *labels, *SMALL, "--out", tmp_path / genome)
        assert done.exit_code == 0, done.output
    recipes = {
        name: json.loads((tmp_path / name / "recipe.json").read_text()) for name in ("coding", "plain")
    }
    table = Path(recipes["coding"]["inputs"]["features"]["path"])
    assert recipes["coding"]["data"]["remarks"] == [DERIVED]
    assert len(set(read_table(table).numbers("CDSGC"))) > 10
    assert "remarks" not in recipes["plain"]["data"]
    assert "features" not in recipes["plain"]["inputs"]
    for trained_on, remarks in (("coding", [DERIVED]), ("plain", [])):
        checkpoint, out = tmp_path / trained_on / "best.safetensors", tmp_path / f"run-{trained_on}"
        words = ("--genome", "coding", "--checkpoint", checkpoint, "--gene", "A10", "--workers", "1")
        done = command("score", *words, "--out", out)
        assert done.exit_code == 0, done.output
        manifest = json.loads((out / "manifest.json").read_text())
        assert manifest["settings"]["remarks"] == remarks
        features = [entry["sha256"] for entry in manifest["inputs"] if entry["role"] == "features"]
        assert features == [sha256_of(table)] * len(remarks)
