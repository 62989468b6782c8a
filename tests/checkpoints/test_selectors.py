"""Checkpoints that name another model, which picks their mask."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from small_models import assert_same_model, change_published

from seq2exp_tracks.checkpoints import (
    convert_checkpoint,
    load_checkpoint,
    read_config,
)
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model.mask_rules import SelectorMask


@pytest.fixture
def folder(golden: Path, tmp_path: Path) -> Path:
    for name in ("checkpoint.ckpt", "mask_model.ckpt"):
        shutil.copyfile(golden / "var_mask_model" / name, tmp_path / name)
    return tmp_path


def test_it_is_looked_up_beside_the_checkpoint(folder: Path) -> None:
    model = load_checkpoint(folder / "checkpoint.ckpt")
    assert model.config.mask == SelectorMask("mask_model.ckpt", 0.2)
    assert model.selector is not None
    assert_same_model(model.selector, load_checkpoint(folder / "mask_model.ckpt"))


def test_only_its_file_name_counts(folder: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["hyper_parameters"]["model"]["config"]["mask_model"] = "/home/someone/mask_model.ckpt"

    path = change_published(folder / "checkpoint.ckpt", folder / "moved.ckpt", change)
    assert load_checkpoint(path).selector is not None


def test_a_missing_one_is_named(folder: Path) -> None:
    (folder / "mask_model.ckpt").unlink()
    assert read_config(folder / "checkpoint.ckpt").selector == "mask_model.ckpt"
    with pytest.raises(CheckpointError, match=r"picked by mask_model\.ckpt: put that file beside it"):
        load_checkpoint(folder / "checkpoint.ckpt")


def test_one_with_other_weights_is_refused(folder: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["state_dict"]["model.mask_output.bias"] += 1

    change_published(folder / "mask_model.ckpt", folder / "mask_model.ckpt", change)
    with pytest.raises(CheckpointError, match=r"mask_output\.bias is not the one of mask_model\.ckpt"):
        load_checkpoint(folder / "checkpoint.ckpt")


def test_one_that_learns_no_mask_is_refused(folder: Path, golden: Path) -> None:
    shutil.copyfile(golden / "var_bio_mask" / "checkpoint.ckpt", folder / "mask_model.ckpt")
    with pytest.raises(CheckpointError, match="learns no mask itself"):
        load_checkpoint(folder / "checkpoint.ckpt")


def test_conversion_puts_both_into_one_file(folder: Path) -> None:
    convert_checkpoint(folder / "checkpoint.ckpt", folder / "both.safetensors")
    expected = load_checkpoint(folder / "checkpoint.ckpt")
    (folder / "mask_model.ckpt").unlink()
    assert_same_model(load_checkpoint(folder / "both.safetensors"), expected)
