"""Labels of a training are no counts: their logarithm is not taken again, whatever is evaluated of it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from seq2exp_tracks_cli.main import main

from seq2exp_tracks.training_files import TrainingFiles

REFUSED = (
    "--linear-labels: the labels of a training are as its model learned them, and no counts; leave it out, "
    "or give counts with --labels and --label-column"
)


@pytest.fixture
def training(tmp_path: Path) -> TrainingFiles:
    """A training as far as an evaluation looks at it; the inputs of its recipe are gone."""
    files = TrainingFiles(tmp_path / "training")
    files.folder.mkdir()
    gone = {"path": str(tmp_path / "gone"), "sha256": "0" * 64}
    recipe = {"setting": "soft", "model": {"window": 3_000}, "inputs": {"fasta": gone}, "data": {}}
    files.recipe.write_text(json.dumps(recipe))
    files.summary.write_text(json.dumps({"recipe": recipe}))
    files.best.write_bytes(b"weights")
    header = "gene_id\tgene_name\tchrom\ttss\tsplit\tlabel\tpredicted"
    rows = [f"G{number}\tG{number}\tchr1\t{number}\ttest\t{number}\t{number}" for number in range(4)]
    files.predictions.write_text("\n".join([header, *rows]) + "\n")
    return files


def test_the_logarithm_is_refused_before_anything_is_scored(training: TrainingFiles, tmp_path: Path) -> None:
    labels = ["--labels", str(training.predictions), "--label-column", "label"]
    for subject, more in ((training.folder, []), (training.best, []), (training.folder, labels)):
        asked = ["evaluate", str(subject), *more, "--linear-labels", "--out", str(tmp_path / "out")]
        done = CliRunner().invoke(main, asked)
        assert (done.exit_code, done.stderr.splitlines()[-1]) == (1, f"Error: {REFUSED}"), done.stderr
    assert not (tmp_path / "out").exists()
