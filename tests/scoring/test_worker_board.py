"""What workers are doing, and how long they may."""

import os
import threading
import time
from concurrent.futures import Future

import pytest

from seq2exp_tracks.scoring.executors import board as board_module
from seq2exp_tracks.scoring.executors.board import EVERY, Board, Entry, NotReadyError, Watch, result_within


class Clock:
    """Stands in for the machine's clock."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(board_module, "time", found)
    return found


def test_a_board_tells_what_is_being_done_and_by_whom() -> None:
    board = Board(3)
    assert board.entries() == []
    board.join()
    assert board.entries() == []
    before = time.monotonic()
    board.begin(7)
    (entry,) = board.entries()
    assert (entry.process, entry.task) == (os.getpid(), 7)
    assert before <= entry.since <= time.monotonic()
    board.end()
    assert board.entries() == []


def test_each_worker_has_a_line_of_its_own() -> None:
    board = Board(2)
    board.join()
    board.begin(1)
    board.join()
    board.begin(2)
    assert [entry.task for entry in board.entries()] == [1, 2]


def test_late_is_what_was_seen_at_it_for_longer_than_the_patience(clock: Clock) -> None:
    watch = Watch(patience=3 * EVERY)
    slow, quick = Entry(1, 0, 5.0), Entry(2, 1, 5.0)
    found = []
    for turn in range(5):
        clock.now += EVERY
        # The quick one has done its task and begun another.
        found.append(watch.late([slow, quick._replace(task=turn, since=clock.now)]))
    assert found == [[False, False]] * 4 + [[True, False]]


def test_time_in_which_nobody_looked_does_not_count(clock: Clock) -> None:
    """As when a run is stopped by Ctrl-Z, or a queue suspends it."""
    watch = Watch(patience=10 * EVERY)
    for _ in range(3):
        clock.now += 100 * EVERY
        assert watch.late(["window"]) == [False]


def test_a_result_is_waited_for_and_not_longer_than_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "EVERY", 0.01)
    done: Future[int] = Future()
    done.set_result(5)
    assert result_within(done, 1.0) == 5
    with pytest.raises(TimeoutError):
        result_within(Future(), 0.05)


def test_where_nobody_does_anything_all_workers_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs while it asks for work keeps the others from it."""
    monkeypatch.setattr(board_module, "EVERY", 0.01)
    killed: list[int] = []
    monkeypatch.setattr(board_module.os, "kill", lambda process, _: killed.append(process))
    board, future, told = Board(2, patience=0.05), Future[str](), list[Entry | None]()
    board.join()
    board.join()

    def hung(entry: Entry | None) -> None:
        told.append(entry)
        future.set_result("the pool is broken")

    assert board.result(future, hung) == "the pool is broken"
    assert (told, killed) == ([None], [os.getpid(), os.getpid()])


def test_workers_that_never_get_ready_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the storage that they load the model from hangs."""
    monkeypatch.setattr(board_module, "EVERY", 0.01)
    monkeypatch.setattr(board_module, "STARTING", 0.1)
    board = Board(2, patience=0.01)
    board.join()
    with pytest.raises(NotReadyError, match=r"^no worker was ready within 0\.1 s; .* with --patience$"):
        board.result(Future(), lambda _: pytest.fail("nobody hangs"))


def test_workers_may_take_the_patience_to_get_ready_if_that_is_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board_module, "EVERY", 0.01)
    monkeypatch.setattr(board_module, "STARTING", 0.1)
    with pytest.raises(NotReadyError, match=r"^no worker was ready within 0\.3 s;"):
        Board(2, patience=0.3).result(Future(), lambda _: pytest.fail("nobody hangs"))


def test_while_one_works_others_may_take_longer_to_get_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "EVERY", 0.01)
    monkeypatch.setattr(board_module, "STARTING", 0.05)
    board, future = Board(2, patience=0.05), Future[str]()
    board.join()
    numbers = iter(range(1000))

    def works(_: object) -> list[Entry]:
        number = next(numbers)
        if number == 30:
            future.set_result("done")
        return [Entry(os.getpid(), number, float(number))]

    monkeypatch.setattr(Board, "entries", works)
    assert board.result(future, lambda _: pytest.fail("nobody hangs")) == "done"


def test_workers_that_are_not_ready_yet_do_not_count_as_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "EVERY", 0.01)
    board, future = Board(2, patience=0.05), Future[str]()
    board.join()
    timer = threading.Timer(0.3, future.set_result, ["done"])
    timer.start()
    assert board.result(future, lambda _: pytest.fail("nobody hangs")) == "done"
    timer.join()
