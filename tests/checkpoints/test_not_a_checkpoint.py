"""Files that are no checkpoint: one line that names the file."""

from pathlib import Path
from typing import Any

import pytest

from seq2exp_tracks.checkpoints import (
    convert_checkpoint,
    describe_checkpoint,
    load_checkpoint,
    read_config,
)
from seq2exp_tracks.errors import CheckpointError


@pytest.mark.parametrize("read", [load_checkpoint, read_config, describe_checkpoint])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"#chrom\tstart\tend\n", r"it starts with '#chr'"),
        (b"\x80\x02}q\x00.", "not a checkpoint"),
        (b"PK\x03\x04 and then nothing", "not a whole checkpoint"),
        (b"\x08\x00\x00\x00\x00\x00\x00\x00{", "not a whole checkpoint"),
    ],
)
def test_other_content(tmp_path: Path, read: Any, content: bytes, message: str) -> None:
    path = tmp_path / "a.ckpt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=message) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"a\.ckpt: no such file; score --checkpoint soft fetches"):
        load_checkpoint(tmp_path / "a.ckpt")
    with pytest.raises(CheckpointError, match="a folder; name the checkpoint file inside it"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_of_either_format(golden: Path, tmp_path: Path, share: float) -> None:
    published = golden / "soft_tiny" / "checkpoint.ckpt"
    own = tmp_path / "own.safetensors"
    convert_checkpoint(published, own)
    for whole in (published, own):
        content = whole.read_bytes()
        cut = tmp_path / "cut"
        cut.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(CheckpointError, match="not a whole checkpoint"):
            load_checkpoint(cut)


def test_a_flipped_byte_in_the_weights_is_noticed(golden: Path, tmp_path: Path) -> None:
    content = bytearray((golden / "soft_tiny" / "checkpoint.ckpt").read_bytes())
    weights = load_checkpoint(golden / "soft_tiny" / "checkpoint.ckpt").state_dict()
    start = content.index(weights["encoder.layers.1.norm.weight"].numpy().tobytes())
    content[start] ^= 1
    path = tmp_path / "a.ckpt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged in entry"):
        load_checkpoint(path)
