"""Interrupts wait for the end of what they would harm, and are not lost."""

import signal
import threading
from collections.abc import Iterator

import pytest

from seq2exp_tracks.io.interrupts import interrupts_held


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The test may change what signals do."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_ctrl_c_takes_effect_after_the_body_and_says_what_is_told() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    done = []

    def work() -> None:
        with interrupts_held("all is done"):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            done.append("the body")

    with pytest.raises(KeyboardInterrupt, match=r"^all is done$"):
        work()
    assert done == ["the body"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_somebody_else_is_called_after_the_body() -> None:
    told: list[str] = []
    signal.signal(signal.SIGTERM, lambda number, frame: told.append("handled"))
    with interrupts_held(""):
        signal.raise_signal(signal.SIGTERM)
        told.append("the body ends")
    assert told == ["the body ends", "handled"]


def test_what_is_ignored_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as `nohup` has it
    with interrupts_held(""):
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        signal.raise_signal(signal.SIGINT)


def test_an_error_of_the_body_is_what_is_told() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def work() -> None:
        with interrupts_held(""):
            signal.raise_signal(signal.SIGINT)
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        work()


def test_in_another_thread_there_is_nothing_to_hold_back() -> None:
    handlers = []

    def work() -> None:
        with interrupts_held(""):
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]
