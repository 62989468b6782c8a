"""Where `score` writes: a run in a folder, a part of one, or a run at an address."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from .next_steps import next_steps
from .progress import ProgressBar
from .report import report_part, report_run

if TYPE_CHECKING:
    from seq2exp_tracks.pipeline.request import ScoreRequest
    from seq2exp_tracks.resources.address import Address
    from seq2exp_tracks.shards.part import Part


class Destination(Protocol):
    """Where a run goes."""

    folder: Path
    """Where it is written on this machine."""

    def check(self, request: "ScoreRequest") -> None:
        """Refuses what could not be written, before anything is fetched or computed."""

    def write(self, request: "ScoreRequest", progress: ProgressBar) -> None:
        """Computes and writes."""

    def report(self) -> None:
        """Prints what was written."""


def destination(
    out: "Path | Address", part: "Part | None", *, keep_shards: bool, overwrite: bool
) -> Destination:
    """Where the user wants it.

    Args:
        out: Folder or address.
        part: The part that is asked for; None for all of the run.
        keep_shards: Whether shards are to stay beside the run.
        overwrite: Whether a run that is there may be replaced.

    Raises:
        UsageError: If an address is to hold shards.
        TracksError: If nothing can be written to such an address.
    """
    if isinstance(out, Path):
        return _WholeRun(out) if part is None else _PartOfRun(out, part)
    if part is not None or keep_shards:
        raise click.UsageError(
            f"--out {out.shown}: --shard and --keep-shards need a folder, as shards are not copied"
        )
    return _RunAtAddress(out, overwrite)


class _WholeRun:
    """A run in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def check(self, request: "ScoreRequest") -> None:
        _refuse_taken(request)

    def write(self, request: "ScoreRequest", progress: ProgressBar) -> None:
        from seq2exp_tracks.pipeline import make_tracks

        self._found, self._names = make_tracks(request, progress), request.names

    def report(self) -> None:
        report_run(self.folder, self._found)
        click.echo(next_steps(self.folder, self._names))


class _PartOfRun:
    """Some shards of a run in a folder, which others fill too."""

    def __init__(self, folder: Path, part: "Part") -> None:
        self.folder, self._part = folder, part

    def check(self, request: "ScoreRequest") -> None:
        if request.executor == "ray":
            raise click.UsageError("--shard and --executor ray exclude each other: Ray shares out all shards")
        _refuse_taken(request)

    def write(self, request: "ScoreRequest", progress: ProgressBar) -> None:
        from seq2exp_tracks.pipeline.part import compute_part

        self._done = compute_part(request, self._part, progress)

    def report(self) -> None:
        report_part(self.folder, self._part, self._done)


class _RunAtAddress:
    """A run that is written in the cache and then copied to s3:// or gs://."""

    def __init__(self, address: "Address", overwrite: bool) -> None:
        from seq2exp_tracks.pipeline.remote_run import RemoteRun

        self._run = RemoteRun(address, overwrite=overwrite)
        self.folder = self._run.local

    def check(self, request: "ScoreRequest") -> None:
        self._run.check()
        if not self._run.is_whole_here:
            _refuse_taken(request)

    def write(self, request: "ScoreRequest", progress: ProgressBar) -> None:
        from seq2exp_tracks.pipeline import make_tracks

        self._found = None
        with self._run.alone():
            if self._run.is_computed(request):
                progress.note(f"computed already; what is left is to copy it to {self._run.shown}")
            else:
                self._found = make_tracks(request, progress)
            self._run.upload(progress)

    def report(self) -> None:
        if self._found is not None:
            report_run(self.folder, self._found, self._run.shown)
        self._run.forget()
        click.echo(f"copied to {self._run.shown}")


def _refuse_taken(request: "ScoreRequest") -> None:
    """Refuses a folder that holds what may not be replaced."""
    from seq2exp_tracks.io.run_folder import RunFolder
    from seq2exp_tracks.tracks.listing import RUN_FILES

    RunFolder(request.out, overwrite=request.overwrite, names=RUN_FILES).check()
