"""What may be asked of a training, and what is refused in one line before a file is opened."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from seq2exp_tracks_cli.main import main

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.settings import Setting

GENOME = GenomeEntry("toy", Path("toy.fa"), Path("toy.gtf"))
TABLE, TRACK = (Path("labels.tsv"),), (Path("plus.bw"), Path("minus.bw"))


def settings_of(on_cuda: bool = False, **options: Any) -> None:
    asked = {"genome": GENOME, "out": Path("out"), "labels": TABLE, "size": "small"} | options
    TrainRequest(**asked).settings(on_cuda)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"labels": TRACK, "label_column": "CAGE"},
            "--label-column is for a table of labels; plus.bw is a bigWig: leave it out",
        ),
        (
            {"labels": TRACK, "label_counts": True},
            "--label-counts is for a table of labels; plus.bw is a bigWig: leave it out",
        ),
        ({"rate": float("nan")}, "--rate nan: give a finite number"),
        ({"divergence": float("inf")}, "--divergence inf: give a finite number"),
        ({"seed": 1 << 63}, "--seed 9223372036854775808: a seed is a whole number from 0 and below 2^63"),
        ({"seed": -1}, "--seed -1: a seed is a whole number from 0 and below 2^63"),
        (
            {"setting": Setting.EPINFORMER, "at_once": 1},
            "--at-once 1: epinformer takes norms over the whole batch; leave it out",
        ),
        (
            {"setting": Setting.EPINFORMER, "devices": 2, "on_cuda": True},
            "--devices 2: epinformer takes norms over the whole batch; use one",
        ),
        (
            {"devices": 3, "on_cuda": True},
            "--batch-size 4: cannot be shared out evenly among 3 devices",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refused:
        settings_of(**options)
    assert str(refused.value) == message


def test_the_cell_type_is_that_of_the_published_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["train", "--genome", "hg38", "--cell-type", "K562", "--out", str(out)])
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == (
        "Error: --cell-type belongs to --published; leave it out, or give that folder"
    )


@pytest.mark.parametrize(
    "options",
    [
        {"labels": TRACK},
        {"label_column": "CAGE", "label_counts": True},
        {"seed": (1 << 63) - 1},
        {"setting": Setting.MAMBA, "at_once": 1},
        {"devices": 2, "on_cuda": True},
    ],
)
def test_what_fits_together_is_taken(options: dict[str, Any]) -> None:
    settings_of(**options)
