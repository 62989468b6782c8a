"""Who wants to end a process while it starts others is heard, and afterwards."""

import os
import signal
import threading
import time

import pytest

from seq2exp_tracks.processes import deaf_children


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_an_end_is_heard_afterwards(end: signal.Signals) -> None:
    done = []

    def start() -> None:
        with deaf_children():
            os.kill(os.getpid(), end)
            time.sleep(0.05)
            done.append("started")

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(end, signal.default_int_handler)
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)  # the system may hand it the signal
    other.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            start()
        assert done == ["started"]
        assert signal.getsignal(end) is signal.default_int_handler
    finally:
        stop.set()
        other.join()
        for number, handler in before.items():
            signal.signal(number, handler)


def test_another_thread_starts_processes_too() -> None:
    heard = []

    def start() -> None:
        with deaf_children():
            heard.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert heard == [{signal.SIGINT}]
