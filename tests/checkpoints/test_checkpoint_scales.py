"""A checkpoint may tell how the signals that it was trained on were distributed."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from small_models import SMALL_SOFT, assert_same_model

from seq2exp_tracks.checkpoints import (
    convert_checkpoint,
    load_checkpoint,
    read_config,
    read_scales,
    save_checkpoint,
)
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model import Seq2Exp
from seq2exp_tracks.scales import Distribution

SCALES = {
    "H3K27ac": Distribution.of(np.array([0, 1.5, 2, 3], np.float32)),
    "HiC": Distribution(1.0, ()),
}


def test_distributions_come_back_and_the_model_is_the_same(tmp_path: Path) -> None:
    model = Seq2Exp.initialised(SMALL_SOFT, seed=1)
    save_checkpoint(model, tmp_path / "a.safetensors", SCALES)
    assert read_scales(tmp_path / "a.safetensors") == SCALES
    assert read_config(tmp_path / "a.safetensors") == SMALL_SOFT
    assert_same_model(load_checkpoint(tmp_path / "a.safetensors"), model)


def test_a_converted_checkpoint_keeps_them(tmp_path: Path) -> None:
    save_checkpoint(Seq2Exp.initialised(SMALL_SOFT, seed=1), tmp_path / "a.safetensors", SCALES)
    convert_checkpoint(tmp_path / "a.safetensors", tmp_path / "b.safetensors")
    assert (tmp_path / "b.safetensors").read_bytes() == (tmp_path / "a.safetensors").read_bytes()


def test_a_checkpoint_that_does_not_tell_them_is_as_it_was(tmp_path: Path, golden: Path) -> None:
    save_checkpoint(Seq2Exp.initialised(SMALL_SOFT, seed=1), tmp_path / "a.safetensors")
    assert read_scales(tmp_path / "a.safetensors") is None
    assert read_scales(golden / "soft_tiny" / "checkpoint.ckpt") is None


@pytest.mark.parametrize("bad", [3, [], {"HiC": 3}, {"HiC": {"zeros": 0, "quantiles": [1]}}])
def test_damaged_distributions_are_an_error_of_one_line(tmp_path: Path, bad: object) -> None:
    path = tmp_path / "a.safetensors"
    header = {"format": 1, "config": SMALL_SOFT.to_json(), "selector": None, "scales": bad}
    save_file({"a": torch.zeros(1)}, path, {"seq2exp_tracks": json.dumps(header)})
    with pytest.raises(CheckpointError, match=r"a\.safetensors: its distributions of signals cannot be read"):
        read_scales(path)
