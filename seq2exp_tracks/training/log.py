"""The log of a run: a row for each evaluation, as CSV, and for TensorBoard where it is installed."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.whole_file import whole_file
from seq2exp_tracks.training.gradients import Found

Values = Float[np.ndarray, " genes"]


class Measured(NamedTuple):
    """Agreement of predicted with measured expression.

    Attributes:
        mse: Mean squared difference.
        mae: Mean absolute difference.
        pearson: Pearson's correlation; NaN where either is constant.
    """

    mse: float
    mae: float
    pearson: float


def measure(predicted: Values, measured: Values) -> Measured:
    """Compares predictions with labels."""
    difference = predicted.astype(np.float64) - measured
    with np.errstate(invalid="ignore"):  # of infinite values: the caller sees what comes of them
        p, m = predicted - predicted.mean(dtype=np.float64), measured - measured.mean(dtype=np.float64)
        scale = float(np.sqrt((p**2).sum() * (m**2).sum()))
        correlation = float((p * m).sum()) / scale if scale > 0 else float("nan")
    return Measured(float((difference**2).mean()), float(np.abs(difference).mean()), correlation)


class Row(NamedTuple):
    """An evaluation.

    Attributes:
        step: Updates that were done.
        rate: Learning rate of the last of them.
        train: Means over the updates since the evaluation before.
        valid: On the validation part.
    """

    step: int
    rate: float
    train: Found
    valid: Measured

    @property
    def cells(self) -> dict[str, float]:
        """The figures by the names of their columns."""
        train = {f"train_{name}": value for name, value in self.train._asdict().items()}
        valid = {f"valid_{name}": value for name, value in self.valid._asdict().items()}
        return {"step": self.step, "rate": self.rate} | train | valid

    @classmethod
    def read(cls, cells: dict[str, str]) -> "Row":
        """The evaluation of a line of the log."""
        train = Found(*(float(cells[f"train_{name}"]) for name in Found._fields))
        valid = Measured(*(float(cells[f"valid_{name}"]) for name in Measured._fields))
        return cls(int(cells["step"]), float(cells["rate"]), train, valid)


@dataclass(slots=True)
class Log:
    """The evaluations of a run so far, on the disk after each.

    Attributes:
        path: The CSV.
        board: Folder for TensorBoard.
        rows: Evaluations.
    """

    path: Path
    board: Path
    rows: list[Row] = field(default_factory=list)
    _board: Any = None

    def go_on(self, step: int) -> None:
        """Begins after some updates: evaluations up to there are kept, later ones will be made again.

        Raises:
            InputError: If an older log cannot be read.
        """
        if step and self.path.exists():
            try:
                with self.path.open(newline="") as file:
                    rows = [Row.read(cells) for cells in csv.DictReader(file)]
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"{self.path}: not the log of a run ({error}); train with --overwrite"
                ) from error
            self.rows = [row for row in rows if row.step <= step]
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:  # TensorBoard is not installed: the CSV has the same
            return
        # What a broken run wrote after its last state is not shown any more.
        self._board = SummaryWriter(str(self.board), purge_step=step + 1)

    def append(self, row: Row) -> None:
        """Adds an evaluation.

        Raises:
            OutputError: If the file cannot be written.
        """
        self.rows.append(row)
        with whole_file(self.path) as partial, partial.open("w", newline="") as file:
            table = csv.DictWriter(file, list(row.cells), lineterminator="\n")
            table.writeheader()
            table.writerows(each.cells for each in self.rows)
        if self._board is not None:
            for name, value in row.cells.items():
                if name != "step":
                    # What comes before a slash is a section of the page.
                    self._board.add_scalar(name.replace("_", "/", 1), value, row.step)
            self._board.flush()

    def close(self) -> None:
        """Ends what TensorBoard reads; the CSV is whole after every row."""
        if self._board is not None:
            self._board.close()
            self._board = None
