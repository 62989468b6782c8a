"""The checksum of a file."""

import hashlib
from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.checksum import sha256_of


def test_checksum_is_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    (tmp_path / "file").write_bytes(data)
    assert sha256_of(tmp_path / "file") == hashlib.sha256(data).hexdigest()
    with pytest.raises(InputError, match=r"missing: cannot be read \(No such file"):
        sha256_of(tmp_path / "missing")
