"""The command `train` with the baselines of convolutions and attention, on the simulated genome."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from playground import Playground
from seq2exp_tracks_cli.main import main
from seq2exp_tracks_cli.train import SETTINGS

from seq2exp_tracks.checkpoints.baselines import load_baseline
from seq2exp_tracks.training.settings import Setting

SMALL = ["--split", "position", "--window", "2600", "--layers", "1", "--batch-size", "4", "--steps", "4"]
CHANNELS = {"epinformer": "32", "enformer": "48"}

Train = Callable[..., Result]


@pytest.fixture(scope="module")
def train(playground: Playground) -> Train:
    genome = playground.genome
    inputs = [
        *("train", "--genome", "sim", "--labels", str(genome.labels), "--label-column", "expression"),
        *("--signal", f"H3K27ac={genome.h3k27ac}", "--signal", f"DNase={genome.dnase}"),
        *("--contacts", str(genome.contacts), "--device", "cpu", *SMALL),
    ]
    environment = {"SEQ2EXP_TRACKS_CONFIG": str(playground.config)}

    def call(setting: str, *options: str | Path) -> Result:
        asked = [*inputs, "--setting", setting, "--d-model", CHANNELS[setting], *map(str, options)]
        return CliRunner().invoke(main, asked, env=environment)

    return call


def test_the_command_offers_every_setting() -> None:
    assert list(SETTINGS) == [str(setting) for setting in Setting]


@pytest.mark.slow
@pytest.mark.parametrize("setting", CHANNELS)
def test_a_baseline_is_trained_and_goes_on_to_the_same_numbers(
    train: Train, tmp_path: Path, setting: str
) -> None:
    if setting == "enformer":
        pytest.importorskip("enformer_pytorch")
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    done = train(setting, "--evaluate-every", "2", "--out", whole)
    assert done.exit_code == 0, done.output
    summary = json.loads((whole / "training.json").read_text())
    assert summary["recipe"]["setting"] == setting
    assert summary["recipe"]["training"]["at_once"] == 4  # norms are taken over the batch
    assert load_baseline(whole / "best.safetensors").config.to_json() == summary["recipe"]["model"]

    broken.mkdir()
    for name in ("recipe.json",):  # as a run leaves it that was killed before its first evaluation
        (broken / name).write_bytes((whole / name).read_bytes())
    assert train(setting, "--evaluate-every", "2", "--resume", "--out", broken).exit_code == 0
    for began, went_on in zip(predicted(whole), predicted(broken), strict=True):
        assert went_on == pytest.approx(began, rel=1e-3)  # torch's kernels may round otherwise each time


def predicted(folder: Path) -> list[float]:
    with (folder / "predictions.tsv").open() as table:
        rows = csv.DictReader(table, delimiter="\t")
        return [float(row["predicted"]) for row in rows if row["split"] != "train"]


def test_epinformer_reads_elements_that_are_given(
    train: Train, playground: Playground, tmp_path: Path
) -> None:
    done = train(
        "epinformer", "--fixed-mask", playground.genome.blacklist, "--steps", "1", "--out", tmp_path / "out"
    )
    assert done.exit_code == 0, done.output
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert recipe["model"]["calls_elements"] is False
    assert recipe["inputs"]["fixed_mask"]["path"] == str(playground.genome.blacklist)


def test_what_cannot_be_trained_is_told_in_one_line(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(setting: str, *options: str | Path) -> str:
        done = train(setting, *options, "--out", tmp_path / "out")
        assert done.exit_code == 1, done.output
        return str(done.stderr.splitlines()[-1])

    assert "--at-once 1: epinformer takes norms over the whole batch; leave it out" in refusal(
        "epinformer", "--at-once", "1"
    )
    assert "100 channels, but those of Enformer are a multiple of 48" in refusal(
        "enformer", "--d-model", "100"
    )
    assert "--fixed-mask FILE is for --setting fixed, or epinformer" in refusal(
        "enformer", "--fixed-mask", tmp_path / "peaks.bed"
    )
    monkeypatch.setitem(sys.modules, "enformer_pytorch", None)
    # Before anything is read: the labels are not even there.
    assert refusal("enformer", "--labels", tmp_path / "none.tsv").endswith(
        "needs a package that is not installed: pip install 'seq2exp-tracks[enformer]'"
    )
    assert not (tmp_path / "out").exists()
