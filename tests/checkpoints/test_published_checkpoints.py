"""Lightning checkpoints of the published code."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from small_models import assert_same_model, change_published

from seq2exp_tracks.checkpoints import (
    describe_checkpoint,
    load_checkpoint,
    read_config,
)
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model import HARD, SOFT

REFUSED = {
    "var_kuma": "post_dist='kuma'",
    "var_kuma_nodecouple": "decouple_x=False",
    "var_nodecouple": "decouple_x=False",
    "var_include_dist": "mask_region_hard=False",
    "var_pool_mask": "pool_mask=31",
    "var_merge_peak_mask": "merge_peak_mask=True",
    "var_layernorm_unfused": "rms_norm=False",
    "var_odd_hard": "seq_range=1025",
}


@pytest.mark.parametrize("name", ["soft_tiny", "hard_tiny", "real_lightning_soft", "real_lightning_hard"])
def test_a_loaded_model_is_ready_to_score(golden: Path, name: str) -> None:
    for path in (golden / name / "checkpoint.ckpt", str(golden / name / "checkpoint.ckpt")):
        model = load_checkpoint(path)
        assert not model.training
        assert not any(weight.requires_grad for weight in model.parameters())
        assert {weight.dtype for weight in model.parameters()} == {torch.float32}
        assert read_config(path) == model.config


def test_the_configuration_says_what_the_options_say(golden: Path) -> None:
    tiny = {"window": 4096, "d_model": 16, "generator_layers": 2, "encoder_layers": 2}
    assert read_config(golden / "soft_tiny" / "checkpoint.ckpt") == replace(SOFT, **tiny)
    assert read_config(golden / "hard_tiny" / "checkpoint.ckpt") == replace(HARD, **tiny)


def test_the_number_of_parameters_is_the_published_one(golden: Path) -> None:
    for meta_file in golden.glob("*/meta.json"):
        meta = json.loads(meta_file.read_text())
        path = meta_file.parent / "checkpoint.ckpt"
        if meta.get("model") != "BiMambaMIRNP" or not path.exists() or "n_parameters" not in meta:
            continue
        if meta["case"] in REFUSED or meta["case"] == "var_mask_model":  # its number has the selector in it
            continue
        assert describe_checkpoint(path).parameters == meta["n_parameters"], meta["case"]


@pytest.mark.parametrize(("name", "option"), REFUSED.items())
def test_switches_of_abandoned_experiments_are_refused_by_name(golden: Path, name: str, option: str) -> None:
    path = golden / name / "checkpoint.ckpt"
    for read in (load_checkpoint, read_config, describe_checkpoint):
        with pytest.raises(CheckpointError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: option {option} is not supported: ")
        assert "\n" not in str(caught.value)


def test_weights_that_do_not_fit_are_listed(golden: Path, tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        weights = content["state_dict"]
        del weights["model.mask_output.bias"]
        weights["model.extra.weight"] = torch.zeros(2)
        weights["model.pToExpr.4.bias"] = torch.zeros(3)

    path = change_published(golden / "soft_tiny" / "checkpoint.ckpt", tmp_path / "a.ckpt", change)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    assert str(caught.value) == (
        f"{path}: its weights do not fit: missing mask_output.bias; unexpected extra.weight; "
        "pToExpr.4.bias has the shape (3,) instead of (1,)"
    )


def test_a_long_list_of_problems_is_cut(golden: Path, tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["hyper_parameters"]["model"]["config"]["d_model"] = 32

    path = change_published(golden / "soft_tiny" / "checkpoint.ckpt", tmp_path / "a.ckpt", change)
    with pytest.raises(CheckpointError, match=r"has the shape .* and \d+ more$"):
        load_checkpoint(path)


def test_one_weight_under_two_names_must_be_one_weight(golden: Path, tmp_path: Path) -> None:
    name = "model.encoder.backbone.layers.0.mixer.mamba_{}.in_proj.weight"

    def change(content: dict[str, Any]) -> None:
        content["state_dict"][name.format("rev")] = content["state_dict"][name.format("rev")] + 1

    path = change_published(golden / "soft_tiny" / "checkpoint.ckpt", tmp_path / "a.ckpt", change)
    with pytest.raises(CheckpointError, match=r"mamba_fwd.in_proj.weight and .* one weight, but differ"):
        load_checkpoint(path)


def test_weights_that_are_not_numbers_are_refused(golden: Path, tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["state_dict"]["model.mask_output.bias"][0] = torch.nan

    path = change_published(golden / "soft_tiny" / "checkpoint.ckpt", tmp_path / "a.ckpt", change)
    with pytest.raises(CheckpointError, match=r"mask_output\.bias holds NaN or infinity"):
        load_checkpoint(path)


def test_what_means_nothing_to_us_is_ignored_and_reported(golden: Path, tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["state_dict"]["metrics.mse.total"] = torch.zeros(1)
        content["hyper_parameters"]["model"]["config"]["new_switch"] = 3

    source = golden / "soft_tiny" / "checkpoint.ckpt"
    path = change_published(source, tmp_path / "a.ckpt", change)
    assert describe_checkpoint(source).ignored == ()
    assert describe_checkpoint(path).ignored == ("metrics.mse.total", "option new_switch")
    assert_same_model(load_checkpoint(path), load_checkpoint(source))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_other_precision_become_float32(golden: Path, tmp_path: Path, dtype: torch.dtype) -> None:
    def change(content: dict[str, Any]) -> None:
        content["state_dict"] = {name: w.to(dtype) for name, w in content["state_dict"].items()}

    source = golden / "soft_tiny" / "checkpoint.ckpt"
    model = load_checkpoint(change_published(source, tmp_path / "a.ckpt", change))
    expected = load_checkpoint(source).head[0].weight.to(dtype).float()
    assert torch.equal(model.head[0].weight, expected)


def test_tensors_that_are_views_are_read_as_they_are(golden: Path, tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        weights = content["state_dict"]
        for name, weight in weights.items():
            wide = torch.zeros(*weight.shape, 3)
            wide[..., 1] = weight
            weights[name] = torch.nn.Parameter(wide)[..., 1].detach()

    source = golden / "soft_tiny" / "checkpoint.ckpt"
    path = change_published(source, tmp_path / "a.ckpt", change)
    assert_same_model(load_checkpoint(path), load_checkpoint(source))


def test_another_model_is_named(golden: Path) -> None:
    with pytest.raises(CheckpointError, match="holds the model 'GeneExpBiMamba', not Seq2Exp"):
        load_checkpoint(golden / "base_caduceus_signals" / "checkpoint.ckpt")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "holds no configuration"),
        ([1, 2], "holds no configuration"),
        ({"hyper_parameters": {"model": 3}}, "holds no configuration"),
        (
            {"hyper_parameters": {"model": {"_name_": "BiMambaMIRNP", "config": []}}},
            "its configuration is",
        ),
        ({"hyper_parameters": {"model": {"_name_": "BiMambaMIRNP", "config": {}}}}, "is missing"),
    ],
)
def test_a_file_of_pytorch_that_is_no_checkpoint_is_refused(
    tmp_path: Path, content: Any, message: str
) -> None:
    path = tmp_path / "a.ckpt"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(path)


def test_for_the_state_of_a_training_its_checkpoint_is_named(tmp_path: Path) -> None:
    best = tmp_path / "best.safetensors"
    best.touch()
    torch.save({"step": 3}, tmp_path / "last.pt")
    with pytest.raises(CheckpointError, match=rf"last\.pt: holds no configuration .*; give {best}$"):
        load_checkpoint(tmp_path / "last.pt")
