"""The demo's model is small, and comes with the record of how it was made and what it is worth."""

import json
from pathlib import Path

import torch

from seq2exp_tracks.checkpoints import load_checkpoint, read_scales
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.simulation.checkpoint import (
    RECORD,
    WEIGHTS,
    best_untrained,
    demo_caveat,
    demo_checkpoint,
)
from seq2exp_tracks.simulation.layout import DEMO


def test_the_checkpoint_is_small_and_reads_all_that_acts_on_a_gene_of_the_demo(tmp_path: Path) -> None:
    path = tmp_path / "demo.safetensors"
    demo_checkpoint(path)

    model = load_checkpoint(path)
    assert path.read_bytes() == WEIGHTS.read_bytes()
    assert path.stat().st_size < 2_000_000
    assert model.config.window == DEMO.window


def test_signals_open_its_mask() -> None:
    model = load_checkpoint(WEIGHTS)
    silent, open_ = torch.zeros(1, 4_000, 3), torch.zeros(1, 4_000, 3)
    open_[:, 500:800] = 8.0
    bases = torch.eye(4)[torch.randint(4, (1, 4_000), generator=torch.Generator().manual_seed(1))]

    masks = [model(bases, signals, torch.zeros(1, 9)) for signals in (silent, open_)]

    means = [(mask.alpha / (mask.alpha + mask.beta))[0, 500:800].mean() for mask in masks]
    assert means[1] > 2 * means[0]


def test_it_tells_the_scales_of_its_training() -> None:
    scales = read_scales(WEIGHTS)
    assert scales is not None
    assert {name: scale.quantile(0.5) for name, scale in scales.items()} == {
        "H3K27ac": 0.46,
        "DNase": 0.15,
        "HiC": 1.527977,
        PROMOTER_ACTIVITY: 2.652373,
    }


def test_the_record_is_that_of_the_weights() -> None:
    assert json.loads(RECORD.read_text())["sha256"] == sha256_of(WEIGHTS)


def test_the_caveat_names_the_best_of_what_needs_no_training() -> None:
    areas = json.loads(RECORD.read_text())["auprc_of_distal_pairs_on_chrC"]
    untrained = ("DNase", "H3K27ac", "prior", "abc", "distance", "MACS3", "random order")
    assert set(areas) == {"soft mask", "soft mask.max", *untrained}
    best = best_untrained(areas)
    assert areas[best] == max(areas[name] for name in untrained)
    assert f"the best of what needs no training, {best}, has {areas[best]:.2f}." in demo_caveat()


def test_the_caveat_tells_the_figures_of_the_record() -> None:
    record = json.loads(RECORD.read_text())
    areas = record["auprc_of_distal_pairs_on_chrC"]

    told = demo_caveat()

    for figure in (
        areas["soft mask"],
        areas["MACS3"],
        areas["prior"],
        record["expression_of_chrC"]["pearson"],
    ):
        assert f"{figure:.2f}" in told
    assert areas["soft mask"] > areas["MACS3"] > areas["random order"]
