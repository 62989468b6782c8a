"""The thread that feeds a device; the CPU stands in for one, so that nothing is pinned."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from random_windows import READER, gene

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.scoring.engine import as_tensors
from seq2exp_tracks.scoring.prefetch import prefetched

CPU = torch.device("cpu")


def windows(count: int) -> list[WindowInputs]:
    return [READER.read(gene(100 * place)) for place in range(count)]


def prefetching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_all_windows_arrive_in_order_in_memory_of_their_own(count: int) -> None:
    given = windows(count)
    with prefetched(iter(given), CPU) as arriving:
        loaded = list(arriving)
    assert [one.inputs for one in loaded] == given
    for one in loaded:
        for found, expected in zip(one.tensors, as_tensors(one.inputs), strict=True):
            assert torch.equal(found, expected)
            assert found.dtype == expected.dtype
            assert found.data_ptr() != expected.data_ptr()
    assert prefetching() == []


def test_few_windows_are_read_before_they_are_asked_for() -> None:
    read = threading.Semaphore(0)

    def reading() -> Iterator[WindowInputs]:
        for one in windows(50):
            read.release()
            yield one

    with prefetched(reading(), CPU) as arriving:
        next(arriving)
        for _ in range(4):
            assert read.acquire(timeout=10)  # one taken, two that wait, one that is read
        assert not read.acquire(timeout=0.2)


def test_an_error_of_the_thread_is_raised_where_its_window_is_asked_for() -> None:
    mistake = InputError("signal.bw: damaged")

    def reading() -> Iterator[WindowInputs]:
        yield from windows(2)
        raise mistake

    with prefetched(reading(), CPU) as arriving:
        assert len([next(arriving), next(arriving)]) == 2
        with pytest.raises(InputError) as caught:
            next(arriving)
    assert caught.value is mistake
    assert prefetching() == []


def test_the_thread_ends_when_nobody_wants_its_windows_any_more() -> None:
    def reading() -> Iterator[WindowInputs]:
        while True:
            yield from windows(1)

    with prefetched(reading(), CPU) as arriving:
        next(arriving)
        assert len(prefetching()) == 1
    assert prefetching() == []


class FakeCuda:
    """What torch.cuda does with streams and events, written down and not done."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.log: list[str] = []
        self.events = 0
        fake = self

        class Event:
            def __init__(self) -> None:
                fake.events += 1
                self.number = fake.events

            def record(self, stream: object) -> None:
                fake.log.append(f"record {self.number}")

            def synchronize(self) -> None:
                fake.log.append(f"synchronize {self.number}")

        class Stream:
            def __init__(self, device: object = None) -> None:
                pass

            def __enter__(self) -> None:
                fake.log.append("copy")

            def __exit__(self, *_: object) -> None:
                pass

            def wait_event(self, event: Event) -> None:
                fake.log.append(f"wait {event.number}")

        patch.setattr(torch.cuda, "Event", Event)
        patch.setattr(torch.cuda, "Stream", Stream)
        patch.setattr(torch.cuda, "stream", lambda stream: stream)
        patch.setattr(torch.cuda, "current_stream", lambda device: Stream())
        patch.setattr(torch, "empty_like", lambda values, pin_memory: self.pinned(values, pin_memory))
        patch.setattr(
            torch.Tensor, "to", lambda values, device, non_blocking: self.copied(values, non_blocking)
        )
        patch.setattr(torch.Tensor, "record_stream", lambda values, stream: fake.log.append("keep"))

    def pinned(self, values: torch.Tensor, pin_memory: bool) -> torch.Tensor:
        assert pin_memory
        self.log.append("pin")
        return torch.zeros(values.shape, dtype=values.dtype)

    def copied(self, values: torch.Tensor, non_blocking: bool) -> torch.Tensor:
        assert non_blocking
        return values.clone()


def test_a_pinned_buffer_is_filled_again_when_what_was_in_it_is_on_the_gpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = windows(5)
    cuda = FakeCuda(monkeypatch)
    with prefetched(iter(given), torch.device("cuda")) as arriving:
        loaded = list(arriving)
    for one, expected in zip(loaded, given, strict=True):
        np.testing.assert_array_equal(one.tensors.signals[0].numpy(), expected.signals)
    by_thread = [step for step in cuda.log if step != "keep" and not step.startswith("wait")]
    assert by_thread == [
        *(["pin"] * 4 + ["copy", "record 1"]),
        *(["pin"] * 4 + ["copy", "record 2"]),
        *("synchronize 1", "copy", "record 3"),
        *("synchronize 2", "copy", "record 4"),
        *("synchronize 3", "copy", "record 5"),
    ]
    awaited = [step for step in cuda.log if step.startswith("wait")]
    assert awaited == [f"wait {number}" for number in range(1, 6)]
    assert cuda.log.count("keep") == 5 * 4
