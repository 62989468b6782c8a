"""From the published format to ours, and what a checkpoint says of itself."""

from pathlib import Path

import pytest
import torch
from small_models import assert_same_model, random_inputs

from seq2exp_tracks.checkpoints import (
    convert_checkpoint,
    describe_checkpoint,
    load_checkpoint,
)
from seq2exp_tracks.errors import OutputError


@pytest.mark.parametrize("name", ["real_lightning_soft", "real_lightning_hard", "var_untied", "var_no_rna"])
def test_predictions_stay_the_same_to_the_last_bit(golden: Path, tmp_path: Path, name: str) -> None:
    source, target = golden / name / "checkpoint.ckpt", tmp_path / "a.safetensors"
    convert_checkpoint(source, target)
    published, own = load_checkpoint(source), load_checkpoint(target)
    assert_same_model(own, published)
    inputs = random_inputs(own.config)
    for before, after in zip(published(*inputs), own(*inputs), strict=True):
        assert torch.equal(before, after)


def test_an_existing_file_is_left_alone(golden: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.safetensors"
    target.write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"a\.safetensors: exists already; name a new file"):
        convert_checkpoint(golden / "soft_tiny" / "checkpoint.ckpt", target)
    assert target.read_bytes() == b"mine"


def test_a_description_names_what_a_user_asks_for(golden: Path) -> None:
    assert str(describe_checkpoint(golden / "real_lightning_hard" / "checkpoint.ckpt")) == "\n".join(
        [
            "format        published, PyTorch Lightning 1.8.6",
            "mask          hard: 1 where the mean is at least 0.5",
            "window        400 bp only",
            "promoter      100 bp",
            "signals       H3K27ac, DNase, HiC",
            "gene features 9",
            "layers        1 + 1 (one stack for both)",
            "channels      8",
            "parameters    5,745",
            "ignored       nothing",
        ]
    )
