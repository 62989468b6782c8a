"""The folder of an evaluation that scores first: the run stays inside, whatever becomes of the evaluation."""

import json
from pathlib import Path
from types import TracebackType
from typing import Self

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.exports.destination import FORMAT, RECORD, ExportedFile
from seq2exp_tracks.io.whole_folder import PARTIAL, WholeFolder
from seq2exp_tracks.io.writing import writing

RUN = "run"
"""Name of the run's folder inside."""


class EvaluatedFolder:
    """A folder for a run in its folder `run`, and for the files of its evaluation beside that.

    A context manager: leaving it without an error puts the evaluation's files in place, leaving it by any
    exception leaves an older evaluation as it was. The run is not its business, so that one that is whole
    can be used again.

    Args:
        out: The folder.
        overwrite: Whether an older evaluation may be replaced.

    Raises:
        OutputError: If the folder holds an evaluation, or anything else but a run in `run`.
    """

    def __init__(self, out: Path, *, overwrite: bool) -> None:
        self._out = out
        self._folder = WholeFolder(out, RECORD, "measured run", overwrite=overwrite, names=())
        self._descriptions: dict[str, str] = {}

    @property
    def run(self) -> Path:
        """Where the run goes."""
        return self._out / RUN

    @property
    def files(self) -> tuple[ExportedFile, ...]:
        """What stands beside the run, once it is in place."""
        return tuple(
            ExportedFile(name, (self._out / name).stat().st_size, description)
            for name, description in self._descriptions.items()
        )

    def path(self, name: str, description: str) -> Path:
        """Where to write a file, given its name in the folder."""
        self._descriptions[name] = description
        return self._folder.path(name)

    def __enter__(self) -> Self:
        self._refuse_foreign()
        self._folder.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            record = self.path(RECORD, "What this evaluation holds")
            content = {"format": FORMAT, "kind": "evaluation", "files": sorted(self._descriptions)}
            with writing(record):
                record.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        self._folder.__exit__(kind, error, trace)

    def _refuse_foreign(self) -> None:
        """Refuses a folder that holds what no evaluation wrote."""
        if not self._out.is_dir():
            return
        try:
            listed = json.loads((self._out / RECORD).read_bytes())["files"]
        except (OSError, ValueError, LookupError, TypeError):
            listed = []
        with writing(self._out):
            foreign = sorted({path.name for path in self._out.iterdir()} - {RUN, PARTIAL, RECORD, *listed})
        if foreign:
            raise OutputError(
                f"{self._out}: holds {foreign[0]}, which no evaluation wrote; choose another folder"
            )
