"""TensorBoard shows what the log holds, also of a run that was broken off and went on."""

import csv
import sys
from pathlib import Path
from typing import Any

import pytest
from small_training import SmallRun
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary.writer import event_file_writer

from seq2exp_tracks.training import loop
from seq2exp_tracks.training.state import Position, save_state


class BrokenOffError(Exception):
    pass


def shown(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The curves of the page: steps and values by name."""
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    return {
        name: [(each.step, each.value) for each in events.Scalars(name)] for name in events.Tags()["scalars"]
    }


def logged(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The columns of the log, by the names that they have on the page."""
    with (folder / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {
        name.replace("_", "/", 1): [(int(row["step"]), float(row[name])) for row in rows]
        for name in rows[0]
        if name != "step"
    }


def check(folder: Path) -> None:
    curves, columns = shown(folder), logged(folder)
    assert sorted(curves) == sorted(columns)
    assert "valid/mse" in curves
    for name, curve in curves.items():
        assert [step for step, _ in curve] == [3, 6, 7]
        assert [value for _, value in curve] == pytest.approx([value for _, value in columns[name]], rel=1e-6)


def test_the_page_shows_the_columns_of_the_log(tmp_path: Path) -> None:
    SmallRun(tmp_path).go()
    check(tmp_path)


def test_a_run_that_went_on_shows_every_evaluation_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_first_only(path: Path, position: Position, *rest: Any) -> None:
        if position.step > 3:  # the second evaluation is in the log already
            raise BrokenOffError
        save_state(path, position, *rest)

    # Files are read in the order of their names: second, process, and number in the process. A run that goes
    # on is another process, later; in this one the tenth file of a second would be read before the ninth.
    monkeypatch.setattr(event_file_writer, "_global_uid", event_file_writer.AtomicCounter(0))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "save_state", save_first_only)
        with pytest.raises(BrokenOffError):
            SmallRun(tmp_path).go()
    SmallRun(tmp_path).go()
    assert len(list((tmp_path / "tensorboard").iterdir())) == 2
    check(tmp_path)


def test_without_tensorboard_the_log_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
    SmallRun(tmp_path / "with").go()
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    SmallRun(tmp_path / "without").go()
    assert not (tmp_path / "without" / "tensorboard").exists()
    assert (tmp_path / "without" / "log.csv").read_bytes() == (tmp_path / "with" / "log.csv").read_bytes()
