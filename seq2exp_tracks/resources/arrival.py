"""A file that has arrived: checked, compressed for reading by position if it is a FASTA, and published."""

import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pysam

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.io.writing import writing
from seq2exp_tracks.resources.sources import Remote
from seq2exp_tracks.resources.store import Record, Store, record_path
from seq2exp_tracks.resources.unfinished import download_path, forget

_PIECE = 1 << 20


def publish_download(store: Store, remote: Remote, *, fasta: bool) -> Path:
    """Gives a file that has arrived its name.

    Args:
        store: The store.
        remote: Where it came from.
        fasta: Whether it is the sequence of a genome.

    Returns:
        The file.

    Raises:
        InputError: If it is not what it should be; it is thrown away then.
        OutputError: If it cannot be written.
    """
    path = store.path(remote)
    download = download_path(path)
    arrived = sha256_of(download)
    try:
        _check(store, remote, path, arrived, "try again")
        _drop_index(path)
        with whole_file(path) as partial:
            if fasta and not _is_bgzf(download):
                _compress(download, partial)
            else:
                download.replace(partial)
            _record(store, remote, path, partial, arrived)
    except InputError:
        forget(download)
        raise
    forget(download)
    if fasta:
        Fasta(path).close()
    return path


def adopt(store: Store, remote: Remote, *, fasta: bool) -> Path:
    """Takes a file that lies in the store: checked in short if it has a record, in full if it has none.

    Raises:
        InputError: If it is not what it should be.
        OutputError: If a sequence has to be compressed and cannot be written.
    """
    path = store.path(remote)
    record = store.record(path)
    if record is None or _is_uncompressed(path, record):
        _take(store, remote, path, fasta=fasta)
    else:
        if path.stat().st_size != record.bytes:
            raise InputError(
                f"{path}: {path.stat().st_size:,} bytes, but {record.bytes:,} when it arrived; delete it to "
                "fetch it again"
            )
        if remote.sha256 is not None and record.arrived_sha256 != remote.sha256:
            raise InputError(
                f"{path}: arrived as {record.arrived_sha256[:12]}… where {remote.sha256[:12]}… is expected "
                "(sha256); delete it to fetch it again, or correct its sha256 in resources.toml"
            )
    if fasta:
        Fasta(path).close()
    return path


def _take(store: Store, remote: Remote, path: Path, *, fasta: bool) -> None:
    """Checks a file that somebody put here in full, and gives it its record."""
    arrived = sha256_of(path)
    _check(store, remote, path, arrived, f"delete {path} to fetch it")
    _drop_index(path)
    if fasta and not _is_bgzf(path):
        with whole_file(path) as partial:
            _compress(path, partial)
            _record(store, remote, path, partial, arrived)
    else:
        _record(store, remote, path, path, arrived)


def _check(store: Store, remote: Remote, path: Path, arrived: str, way_out: str) -> None:
    """Compares a file with what is known of it: by the presets, else by what came before."""
    if remote.sha256 is not None:
        if arrived != remote.sha256:
            raise InputError(
                f"{remote.address}: holds {arrived[:12]}… where {remote.sha256[:12]}… is expected (sha256): "
                f"damaged on its way or another file; {way_out}, or correct its sha256 in resources.toml"
            )
        return
    record = store.record(path)
    if record is not None and record.arrived_sha256 != arrived:
        raise InputError(
            f"{remote.address}: holds {arrived[:12]}… where {record.arrived_sha256[:12]}… came before "
            f"(sha256); if that is right, delete {record_path(path)} and fetch again"
        )


def _is_uncompressed(path: Path, record: Record) -> bool:
    """Whether a file is still what arrived, where its record tells of what it was to become."""
    return path.stat().st_size != record.bytes and sha256_of(path) == record.arrived_sha256


def _record(store: Store, remote: Remote, path: Path, whole: Path, arrived: str) -> None:
    """Writes the record of a file, which is whole but may not have its name yet.

    A sequence that was compressed anew has it before its name: nothing else tells of it as what arrived.
    """
    store.write_record(path, Record.of(whole, remote.address, arrived))


def _drop_index(path: Path) -> None:
    """Removes the index of an older file of this name."""
    for suffix in (".fai", ".gzi"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _is_bgzf(path: Path) -> bool:
    with path.open("rb") as handle:
        head = handle.read(14)
    return head.startswith(b"\x1f\x8b") and head[12:14] == b"BC"


def _compress(source: Path, to: Path) -> None:
    """Writes a FASTA, plain or gzipped, as BGZF."""
    with source.open("rb") as handle:
        gzipped = handle.read(2) == b"\x1f\x8b"
    try:
        with (
            gzip.open(source, "rb") if gzipped else source.open("rb") as text,
            pysam.BGZFile(os.fspath(to), "wb", None) as blocks,
        ):
            while piece := text.read(_PIECE):
                blocks.write(piece)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{source}: damaged gzip ({error}); fetch it again") from error


def copy_of_mirror(
    source: Path, download: Path, tell: Callable[[int], None], stopped: Callable[[], bool]
) -> bool:
    """Copies a file of a mirror that is a folder.

    Args:
        source: The file.
        download: Where to.
        tell: Is told of bytes that have been copied.
        stopped: Tells whether to end.

    Returns:
        Whether it is whole; what was copied of one that is not is removed.

    Raises:
        InputError: If it cannot be read.
        OutputError: If it cannot be written.
    """
    try:
        original = source.open("rb")
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({error.strerror}); mend the mirror") from error
    forget(download)
    with original, writing(download), download.open("wb") as copy:
        while piece := original.read(_PIECE):
            if stopped():
                download.unlink()
                return False
            copy.write(piece)
            tell(len(piece))
    return True
