"""Pieces of work that are shared out among processes: one that hangs is noticed."""

import time
from pathlib import Path

import pytest
import torch
from genome_reader import GenomeReader

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model import Seq2Exp
from seq2exp_tracks.scoring.executors.units import work_in_order
from seq2exp_tracks.worker_processes import WorkerDiedError

READER = GenomeReader(ChromSizes({"chrA": 300}), 100)


def no_model() -> Seq2Exp:
    return None  # type: ignore[return-value] # nothing is scored


def sleep_long(model: Seq2Exp, reader: InputReader, unit: Path, device: torch.device) -> None:
    """Works at a unit for a minute, unless it is a file."""
    if not unit.exists():
        time.sleep(60)


@pytest.mark.slow
def test_a_process_that_is_too_long_at_a_unit_is_ended(tmp_path: Path) -> None:
    units = [Path(__file__), tmp_path / "missing"]
    done = work_in_order(sleep_long, units, no_model, READER, torch.device("cpu"), 2, patience=1)
    began = time.monotonic()
    with pytest.raises(WorkerDiedError, match=r"for more than 1 s \(--patience\) and was ended"):
        list(done)
    assert time.monotonic() - began < 50
