"""What a run says while it works, in a log file; a terminal gets a bar instead."""

import pytest
from seq2exp_tracks_cli import progress as module
from seq2exp_tracks_cli.progress import progress_bar


class Clock:
    """A clock that goes on when it is told to."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_a_long_stage_says_how_far_it_is_now_and_then(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_bar() as progress:
        progress.stage("Scoring genes", 400)
        for _ in range(400):
            clock.now += 0.5
            progress.advance()
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "Scoring genes: 4/400  2.0/s, 3:18 min to go",
        "Scoring genes: 64/400  2.0/s, 2:48 min to go",
        "Scoring genes: 124/400  2.0/s, 2:18 min to go",
        "Scoring genes: 184/400  2.0/s, 1:48 min to go",
        "Scoring genes: 244/400  2.0/s, 1:18 min to go",
        "Scoring genes: 304/400  2.0/s, 0:48 min to go",
        "Scoring genes: 364/400  2.0/s, 0:18 min to go",
        "Scoring genes: 400/400  2.0/s, 0:00 min to go",
    ]


def test_hours_are_said_as_hours(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as progress:
        progress.stage("Scoring genes", 18_378)
        for _ in range(2):
            clock.now += 20
            progress.advance()
    assert capsys.readouterr().err.splitlines()[-1] == (
        "Scoring genes: 2/18378  20.0 s each, 102 h 05 min to go"
    )


def test_the_start_of_a_stage_does_not_count_for_its_rate(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight workers start for 60 seconds; from then on each does a gene in 4 seconds."""
    with progress_bar() as progress:
        progress.stage("Scoring genes", 17)
        clock.now += 60
        for _ in range(2):
            for _ in range(8):
                progress.advance()
            clock.now += 4
        progress.advance()
    assert capsys.readouterr().err.splitlines() == [
        "Scoring genes: 1/17",
        "Scoring genes: 9/17  2.0/s, 0:04 min to go",
        "Scoring genes: 17/17  2.0/s, 0:00 min to go",
    ]


def test_a_short_stage_says_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as progress:
        progress.stage("Opening the inputs", 3)
        for _ in range(3):
            clock.now += 0.1
            progress.advance()
    assert capsys.readouterr().err == ""
