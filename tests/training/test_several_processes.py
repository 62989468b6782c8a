"""A run in two processes ends with the numbers of one: on the CPU, as no second GPU is at hand."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from seq2exp_tracks.checkpoints import load_checkpoint

# Fabric begins the script anew in the second process.
SCRIPT = """
import json, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, {tests!r})
import torch
from small_training import CONFIGS, SETTINGS, examples, new_model
from seq2exp_tracks.checkpoints import save_checkpoint
from seq2exp_tracks.errors import OutputError, TracksError
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.training.gradients import Aim
from seq2exp_tracks.training.loop import Fitting
from seq2exp_tracks.training_files import TrainingFiles
from seq2exp_tracks.training.run import launch
from seq2exp_tracks.training.several import on_first

torch.set_num_threads(1)
devices, count, folder, trouble = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
settings = replace(SETTINGS, devices=devices)
fabric = launch(torch.device("cpu"), settings)
model = new_model(CONFIGS["hard"])

def refuse():
    raise OutputError("the folder is taken")

def fail():
    raise ValueError("a mistake of ours")

train = examples(count)
if trouble == "nan" and fabric.global_rank == 0:  # the other process has no such label
    train = [each._replace(label=torch.tensor(torch.nan)) for each in train]
fitting = Fitting(
    model=model,
    aim=Aim(model.config.beta, settings.weights),
    settings=settings,
    files=TrainingFiles(folder),
    fabric=fabric,
    write=lambda path: save_checkpoint(model, path),
    progress=Silent(),
)
try:
    if trouble == "refused":
        on_first(fabric, refuse)
    if trouble == "failed":
        on_first(fabric, fail)
    fitting.run(train, examples(3, seed=1))
except (TracksError, ValueError) as error:
    (folder / f"error{{fabric.global_rank}}").write_text(str(error))
"""


def run(folder: Path, devices: int, count: int, trouble: str = "") -> None:
    """Trains on some windows in some processes."""
    folder.mkdir()
    script = folder / "script.py"
    script.write_text(SCRIPT.format(tests=str(Path(__file__).parent)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, str(script), str(devices), str(count), str(folder), trouble]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr


def errors(folder: Path) -> dict[str, str]:
    """What each process ended with."""
    return {path.name: path.read_text() for path in folder.glob("error*")}


@pytest.mark.slow
@pytest.mark.parametrize("windows", [9, 3, 1])  # whole batches; two and one; one process has none
def test_two_processes_end_with_the_numbers_of_one(tmp_path: Path, windows: int) -> None:
    run(tmp_path / "one", 1, windows)
    run(tmp_path / "two", 2, windows)
    one, two = (load_checkpoint(tmp_path / name / "best.safetensors").state_dict() for name in ("one", "two"))
    for name, weight in one.items():
        torch.testing.assert_close(two[name], weight, rtol=1e-3, atol=1e-5, msg=name)
    logs = [(tmp_path / name / "log.csv").read_text().splitlines() for name in ("one", "two")]
    assert logs[0][0] == logs[1][0]
    for mine, theirs in zip(logs[0][1:], logs[1][1:], strict=True):
        assert [float(cell) for cell in theirs.split(",")] == pytest.approx(
            [float(cell) for cell in mine.split(",")], rel=1e-3, abs=1e-6, nan_ok=True
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trouble", "message"),
    [("nan", "the loss is nan at update 1: use a lower --rate"), ("refused", "the folder is taken")],
)
def test_what_ends_one_process_ends_both(tmp_path: Path, trouble: str, message: str) -> None:
    run(tmp_path / "two", 2, 9, trouble)
    assert errors(tmp_path / "two") == {"error0": message, "error1": message}


@pytest.mark.slow
def test_a_mistake_of_ours_in_the_first_process_is_told_by_the_others(tmp_path: Path) -> None:
    run(tmp_path / "two", 2, 9, "failed")
    assert errors(tmp_path / "two") == {
        "error0": "a mistake of ours",
        "error1": "the first process failed: ValueError: a mistake of ours",
    }
