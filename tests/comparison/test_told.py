"""Progress over all trainings: where it is, how long it takes, and no note twice."""

from pathlib import Path

import pytest
from small_comparison import small_comparison

from seq2exp_tracks.comparison import in_turn
from seq2exp_tracks.comparison.cases import Case, cases_of
from seq2exp_tracks.comparison.methods import Method
from seq2exp_tracks.comparison.told import Pace, Sent, Sum, Told, place
from seq2exp_tracks.progress import Progress


class Heard:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def stage(self, label: str, total: int) -> None:
        self.lines.append(f"{label}: {total}")

    def advance(self) -> None:
        self.lines.append(".")

    def note(self, message: str) -> None:
        self.lines.append(message)


def test_stages_stand_under_the_place_and_notes_are_said_once() -> None:
    heard, said = Heard(), set[str]()
    for number in (1, 2):
        told = Told(heard, f"{number} of 2", said)
        told.note("no features")
        told.stage("Training", 9)
        told.note("update 1: loss 0.5")
        told.advance()
        told.stage("Evaluating", 3)
        told.note("no labels")
    assert heard.lines == [
        *("no features", "1 of 2 · Training: 9", ".", "1 of 2 · Evaluating: 3", "no labels"),
        *("2 of 2 · Training: 9", ".", "2 of 2 · Evaluating: 3"),
    ]


def test_trainings_side_by_side_are_one_stage_and_a_note_is_said_once() -> None:
    heard, sent = Heard(), list[tuple[int, str | None]]()
    total = Sum(heard, 2, [3, 2])
    for number in (0, 1):
        told = Sent(lambda note, number=number: sent.append((number, note)))
        told.note("no features")
        told.stage("Training", 2)
        told.advance()
        told.note("update 1: loss 0.5")
        told.advance()
        told.stage("Evaluating", 3)
        told.advance()
    for number, note in sent:
        total.hear(number, note)
    assert heard.lines == [
        *("Starting 2 trainings: 2", "no features", "Training, 2 at a time: 5", ".", ".", ".", "."),
    ]
    for number in (0, 1):
        total.end(number)
    assert heard.lines[7:] == ["."]  # an update of the first that was done before


def test_the_time_to_go_is_that_of_all_that_is_done_with_a_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, done = [0.0], set[Path]()

    def work(case: Case, method: Method, request: object, progress: Progress) -> None:
        progress.stage("Training", 1)
        clock[0] += 100
        progress.stage("Scoring", 1)
        clock[0] += 20
        done.add(case.folder)

    monkeypatch.setattr(in_turn, "prepare", lambda *_: None)
    monkeypatch.setattr(in_turn, "work", work)
    monkeypatch.setattr(in_turn, "is_trained", lambda case, _: case.folder in done)
    monkeypatch.setattr(in_turn.time, "perf_counter", lambda: clock[0])
    heard, request = Heard(), small_comparison(tmp_path, "soft", seeds=(1, 2, 3))
    in_turn.go_through(request, cases_of(request), heard)
    assert heard.lines[::2] == [
        "1 of 3: default, seed 1, soft · Training: 1",
        "2 of 3: default, seed 2, soft (about 4 min to go in all) · Training: 1",
        "3 of 3: default, seed 3, soft (about 2 min to go in all) · Training: 1",
    ]


def test_the_time_to_go_follows_from_trainings_of_the_same_method() -> None:
    pace = Pace()
    assert pace.to_go(["soft"]) is None
    pace.add("soft", None)
    assert pace.to_go(["soft"]) is None
    for method, seconds in (("soft", 10.0), ("soft", 20.0), ("mamba", 5.0)):
        pace.add(method, seconds)
    assert pace.to_go(["soft", "mamba", "macs3"]) == 15 + 5 + 10


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "3 of 20: sim, seed 1, soft"),
        (0.2, "3 of 20: sim, seed 1, soft (about 1 s to go in all)"),
        (29, "3 of 20: sim, seed 1, soft (about 29 s to go in all)"),
        (600, "3 of 20: sim, seed 1, soft (about 10 min to go in all)"),
        (3900, "3 of 20: sim, seed 1, soft (about 1 h 05 min to go in all)"),
    ],
)
def test_the_place_tells_the_time_where_it_is_known(seconds: float | None, told: str) -> None:
    assert place(3, 20, "sim, seed 1, soft", seconds) == told
