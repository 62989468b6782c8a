"""Checksums of large inputs are remembered, and never told of a file that has changed."""

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.pipeline import checksums
from seq2exp_tracks.pipeline.checksums import cached_sha256

OLD = time.time() - 1000


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQ2EXP_TRACKS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(checksums, "SMALLEST", 3)
    monkeypatch.setattr(checksums, "SETTLED", -1.0)
    return tmp_path / "cache" / "checksums"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read to be hashed."""
    read: list[Path] = []

    def sha256_of(path: Path) -> str:
        read.append(path)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr(checksums, "sha256_of", sha256_of)
    return read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "genome.fa"
    path.write_text("ACGT")
    os.utime(path, (OLD, OLD))
    return path


def digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def test_a_large_file_is_hashed_once(file: Path, hashed: list[Path], cache: Path) -> None:
    assert [cached_sha256(file) for _ in range(3)] == [digest("ACGT")] * 3
    assert hashed == [file]
    assert len(list(cache.iterdir())) == 1


def test_a_small_file_is_hashed_each_time(file: Path, hashed: list[Path], cache: Path) -> None:
    file.write_text("AC")
    assert [cached_sha256(file) for _ in range(2)] == [digest("AC")] * 2
    assert hashed == [file, file]
    assert not cache.exists()


def test_a_file_that_changed_is_hashed_again_also_with_its_old_size_and_time(
    file: Path, hashed: list[Path]
) -> None:
    cached_sha256(file)
    file.write_text("TTTT")
    os.utime(file, (OLD, OLD))
    assert cached_sha256(file) == digest("TTTT")
    other = file.with_name("other")
    other.write_text("GGGG")
    os.utime(other, (OLD, OLD))
    other.replace(file)
    assert cached_sha256(file) == digest("GGGG")
    assert len(hashed) == 3


def test_a_file_that_was_written_a_moment_ago_is_not_remembered(
    file: Path, hashed: list[Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "SETTLED", 60.0)
    assert [cached_sha256(file) for _ in range(2)] == [digest("ACGT")] * 2
    assert hashed == [file, file]
    assert not cache.exists()


def test_a_file_that_changes_while_it_is_hashed_is_not_remembered(
    file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sha256_of(path: Path) -> str:
        path.write_text("TTTT")
        return digest("ACGT")

    monkeypatch.setattr(checksums, "sha256_of", sha256_of)
    assert cached_sha256(file) == digest("ACGT")
    assert not cache.exists()


def test_a_damaged_entry_does_not_count(file: Path, hashed: list[Path], cache: Path) -> None:
    cached_sha256(file)
    entry = next(cache.iterdir())
    content = entry.read_bytes()
    damaged = [
        content[:-5],
        b"",
        b"[]",
        b"\xff",
        content.replace(digest("ACGT").encode(), digest("T").encode()),
    ]
    for wrong in damaged:
        entry.write_bytes(wrong)
        assert cached_sha256(file) == digest("ACGT")
        assert entry.read_bytes() == content
    assert len(hashed) == 1 + len(damaged)


def test_a_cache_that_cannot_be_written_does_not_matter(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SEQ2EXP_TRACKS_CACHE", str(tmp_path / "file"))
    assert cached_sha256(file) == digest("ACGT")


def test_a_file_that_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.bw: cannot be read"):
        cached_sha256(tmp_path / "missing.bw")


def test_many_at_once_leave_one_whole_entry_a_file(file: Path, cache: Path) -> None:
    files = [file.with_name(f"{number}.bw") for number in range(8)]
    for number, path in enumerate(files):
        path.write_text(f"signal {number}")
    found: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: found.append([cached_sha256(path) for path in files]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[digest(f"signal {number}") for number in range(8)]] * 4
    assert {path.suffix for path in cache.iterdir()} == {".json"}
    assert len(list(cache.iterdir())) == len(files)
