"""Our own format: weights in safetensors, the configuration in its header."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from small_models import SMALL_HARD, SMALL_SOFT, assert_same_model

from seq2exp_tracks.checkpoints import (
    load_checkpoint,
    read_config,
    save_checkpoint,
)
from seq2exp_tracks.errors import CheckpointError, OutputError
from seq2exp_tracks.model import ModelConfig, Seq2Exp
from seq2exp_tracks.model.mask_rules import SelectorMask


@pytest.mark.parametrize("config", [SMALL_SOFT, SMALL_HARD])
def test_a_saved_model_comes_back(tmp_path: Path, config: ModelConfig) -> None:
    model = Seq2Exp.initialised(config, seed=1)
    save_checkpoint(model, tmp_path / "a.safetensors")
    assert_same_model(load_checkpoint(str(tmp_path / "a.safetensors")), model)
    assert read_config(tmp_path / "a.safetensors") == config
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def test_the_file_is_plain_safetensors_with_one_json_object(tmp_path: Path) -> None:
    model = Seq2Exp.initialised(SMALL_SOFT, seed=1)
    save_checkpoint(model, tmp_path / "a.safetensors")
    with safe_open(tmp_path / "a.safetensors", framework="pt") as file:
        metadata = file.metadata()
    assert list(metadata) == ["seq2exp_tracks"]
    assert json.loads(metadata["seq2exp_tracks"]) == {
        "format": 1,
        "config": SMALL_SOFT.to_json(),
        "selector": None,
    }
    assert load_file(tmp_path / "a.safetensors").keys() == model.state_dict().keys()


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_checkpoint(Seq2Exp.initialised(SMALL_SOFT, seed=1), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_model_being_trained_can_be_saved(tmp_path: Path) -> None:
    model = Seq2Exp.initialised(SMALL_SOFT, seed=1).train().requires_grad_(True)
    save_checkpoint(model, tmp_path / "a.safetensors")
    assert not load_checkpoint(tmp_path / "a.safetensors").training


def rewrite(path: Path, header: dict[str, Any] | None, weights: dict[str, torch.Tensor]) -> None:
    metadata = {"seq2exp_tracks": json.dumps(header)} if header is not None else None
    save_file(weights, path, metadata)


def test_weights_that_do_not_fit_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    weights = Seq2Exp.initialised(SMALL_SOFT, seed=1).state_dict()
    del weights["mask_output.bias"]
    weights |= {"more": torch.zeros(1), "head.4.bias": torch.zeros(2)}
    rewrite(path, {"format": 1, "config": SMALL_SOFT.to_json(), "selector": None}, weights)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    assert str(caught.value) == (
        f"{path}: its weights do not fit: missing mask_output.bias; unexpected more; "
        "head.4.bias has the shape (2,) instead of (1,)"
    )


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, "a safetensors file, but not a checkpoint of seq2exp-tracks"),
        ({"format": 2}, "format 2, this version reads 1"),
        ({"format": 1}, "its configuration cannot be read"),
        ([], "its configuration cannot be read"),
        ({"format": 1, "selector": None, "config": {"window": 3}}, "missing settings of ModelConfig"),
    ],
)
def test_a_header_that_is_not_ours_is_refused(tmp_path: Path, header: Any, message: str) -> None:
    path = tmp_path / "a.safetensors"
    rewrite(path, header, {"a": torch.zeros(1)})
    for read in (load_checkpoint, read_config):
        with pytest.raises(CheckpointError, match=message):
            read(path)


def test_a_selector_and_its_configuration_come_together(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    header = {"format": 1, "config": SMALL_SOFT.to_json(), "selector": SMALL_SOFT.to_json()}
    rewrite(path, header, Seq2Exp.initialised(SMALL_SOFT, seed=1).state_dict())
    with pytest.raises(CheckpointError, match="its selector do not fit together"):
        load_checkpoint(path)


@pytest.mark.parametrize("sizes", [{"d_model": 2**62}, {"encoder_layers": 10**30}, {"gene_features": 3_000}])
def test_impossible_sizes_are_refused(tmp_path: Path, sizes: dict[str, int]) -> None:
    path = tmp_path / "a.safetensors"
    config = replace(SMALL_SOFT, **sizes).to_json()  # type: ignore[arg-type] # whole numbers all
    rewrite(path, {"format": 1, "config": config, "selector": None}, {"a": torch.zeros(1)})
    with pytest.raises(CheckpointError, match="asks for impossible sizes"):
        load_checkpoint(path)


def test_a_selector_of_a_selector_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    config = replace(SMALL_SOFT, generator_layers=0, mask=SelectorMask("b", 0.1)).to_json()
    rewrite(path, {"format": 1, "config": config, "selector": config}, {"a": torch.zeros(1)})
    with pytest.raises(CheckpointError, match="its selector do not fit together"):
        load_checkpoint(path)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"a.safetensors: cannot be written \(No space left on device\)"):
        save_checkpoint(Seq2Exp.initialised(SMALL_SOFT, seed=1), path)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.safetensors", b"old")]


def test_a_missing_folder_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        save_checkpoint(Seq2Exp.initialised(SMALL_SOFT, seed=1), tmp_path / "no" / "a.safetensors")
