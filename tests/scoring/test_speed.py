"""Measuring how fast windows are scored: what is derived from the measurements, and that they are made."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from limited_memory import limited

from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.scoring.bench.peaks import Peaks
from seq2exp_tracks.scoring.bench.speed import Speed, _timed_batch, measure_speed, share_of_time
from seq2exp_tracks.scoring.bench.work import Work, least_work

TINY = replace(SOFT, window=3000, d_model=8, generator_layers=1, encoder_layers=1, promoter=100)


class Stages:
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self.done = 0

    def stage(self, label: str, total: int) -> None:
        self.seen.append((label, total))

    def advance(self) -> None:
        self.done += 1

    def note(self, message: str) -> None:
        raise AssertionError(message)


def test_a_speed_is_compared_with_what_the_peaks_of_all_cores_allow() -> None:
    speed = Speed(
        config=SOFT,
        window=200_000,
        measured=200_000,
        work=Work(products=400, scan_exps=90, other_exps=10),
        alone=Peaks(400, 100),
        together=(Peaks(200, 50), Peaks(400, 100)),  # 4 s and 2 s a window
        seconds=(8.0, 4.0),
        busy=1.0,
        memory=10**9,
        kernels="avx2",
    )
    assert speed.highest_rate == 1 / 4 + 1 / 2
    assert speed.rate == 1 / 8 + 1 / 4
    assert speed.fraction == 0.5


@pytest.mark.parametrize(
    ("expected", "share"),
    [
        (1e-3, (200_000, 100)),
        (4.0, (200_000, 5)),  # five whole ones
        (20.0, (200_000, 1)),
        (39.0, (200_000, 1)),  # somewhat longer than asked for, but nothing has to be scaled
        (400.0, (10_000, 1)),
        (40_000.0, (8_192, 1)),  # not so short that it says nothing
    ],
)
def test_windows_are_as_many_or_as_short_as_the_time_allows(expected: float, share: tuple[int, int]) -> None:
    assert share_of_time(200_000, 8_192, expected, seconds=20) == share


def test_every_process_scores_windows_and_measures_its_core() -> None:
    stages = Stages()
    load_model = partial(Seq2Exp.initialised, TINY, 0)
    speed = measure_speed(load_model, TINY, 3000, (torch.device("cpu"),) * 2, seconds=0.1, progress=stages)
    assert (speed.config, speed.window, speed.measured) == (TINY, 3000, 3000)
    assert speed.work == least_work(TINY, 3000)
    assert len(speed.seconds) == len(speed.together) == 2
    assert all(0 < seconds < 10 for seconds in speed.seconds)
    assert 5e7 < speed.memory < 5e9
    assert 0 < speed.busy < 1.05  # clocks differ in the last digits
    labels = [label for label, _ in stages.seen]
    assert labels[0] == "Starting 2 process(es)"
    assert labels[-1] == "Scoring windows of 3,000 bp"
    assert stages.done == sum(total for _, total in stages.seen)


def test_of_two_batches_that_follow_each_other_the_second_is_timed() -> None:
    model = limited(TINY, holds=3)
    timing = _timed_batch(3, 600, model, torch.device("cpu"))
    assert model.seen == [3, 3]
    assert timing.seconds > 0
    assert 100 <= timing.kept <= 600  # at least the promoter, of one window
