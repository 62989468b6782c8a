"""Whether the files of a run, and those it was made from, are the ones that its manifest lists."""

from collections.abc import Iterator
from pathlib import Path

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.progress import Progress
from seq2exp_tracks.verification.finding import Finding


def check_files(folder: Path, manifest: Manifest, *, full: bool, progress: Progress) -> Iterator[Finding]:
    """Looks at every file of a run.

    Args:
        folder: The run's folder.
        manifest: Its manifest.
        full: Whether every byte is read, and that of the inputs and of the weights too; else the sizes of the
            run's own files are compared.
        progress: Who is told of each file.
    """
    inputs = [(entry.path, entry.bytes, entry.sha256) for entry in manifest.inputs] if full else []
    weights = [(manifest.model.checkpoint, None, manifest.model.sha256)] if full else []
    progress.stage("Checking the files", len(manifest.files) + len(inputs) + len(weights))
    for entry in manifest.files:
        yield from _check(entry.path, folder / entry.path, entry.bytes, entry.sha256 if full else None)
        progress.advance()
    for path, size, sha256 in (*inputs, *weights):
        yield from _check(path, Path(path), size, sha256)
        progress.advance()


def _check(name: str, path: Path, size: int | None, sha256: str | None) -> Iterator[Finding]:
    """What is wrong with a file: at most one finding."""
    if not path.is_file():
        yield Finding(name, "is missing")
        return
    found = path.stat().st_size
    if size is not None and found != size:
        yield Finding(name, f"has {found:,} bytes, and not {size:,}")
    elif sha256 is not None:
        try:
            digest = sha256_of(path)
        except InputError as error:
            yield Finding(name, str(error))
            return
        if digest != sha256:
            yield Finding(name, f"has other content: sha256 {digest[:12]}…, and not {sha256[:12]}…")
