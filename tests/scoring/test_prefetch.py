"""The thread that reads for a device, and the copies to it; the CPU stands in, or a GPU is made up."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import torch
from random_windows import READER, gene

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.scoring.engine import WindowTensors, as_tensors
from seq2exp_tracks.scoring.prefetch import Batch, Prefetch, Upload, rows_of

CPU = torch.device("cpu")


def windows(count: int, first: int = 0) -> list[WindowInputs]:
    return [READER.read(gene(100 * place)) for place in range(first, first + count)]


def reading(given: Sequence[WindowInputs]) -> Callable[[], Sequence[WindowInputs]]:
    return lambda: given


def prefetching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert prefetching() == []


def assert_holds(tensors: WindowTensors, expected: Sequence[WindowInputs]) -> None:
    for place, window in enumerate(expected):
        for found, values in zip(rows_of(tensors, place, place + 1), as_tensors(window), strict=True):
            assert torch.equal(found, values)
            assert found.dtype == values.dtype
            assert found.data_ptr() != values.data_ptr()
    assert len(tensors.bases) == len(expected)


@pytest.mark.parametrize("sizes", [[], [1], [3, 3, 3, 3, 3], [1, 4, 2, 5]])
def test_batches_arrive_in_order_with_a_row_a_window(sizes: list[int]) -> None:
    given = [windows(size, first=10 * number) for number, size in enumerate(sizes)]
    with Prefetch(CPU) as prefetch:
        for batch in given:
            prefetch.feed(reading(batch))
        for expected in given:
            batch = prefetch.take()
            assert batch.inputs is expected
            assert_holds(batch.tensors, expected)
            prefetch.give_back(batch)


def test_a_batch_is_not_written_over_before_it_is_given_back() -> None:
    given = [windows(2, first=10 * number) for number in range(5)]
    with Prefetch(CPU) as prefetch:
        for one in given:
            prefetch.feed(reading(one))
        held = [prefetch.take() for _ in range(3)]
        for batch, expected in zip(held, given, strict=False):
            assert_holds(batch.tensors, expected)
        places = {batch.tensors.bases.data_ptr() for batch in held}
        assert len(places) == 3
        for batch in held:
            prefetch.give_back(batch)
        assert {prefetch.take().tensors.bases.data_ptr() for _ in range(2)} <= places


def test_few_batches_are_read_before_they_are_asked_for() -> None:
    read = threading.Semaphore(0)

    def one() -> Sequence[WindowInputs]:
        read.release()
        return windows(1)

    with Prefetch(CPU) as prefetch:
        for _ in range(50):
            prefetch.feed(one)
        for _ in range(4):
            assert read.acquire(timeout=10)  # one for each buffer, and one that waits for a buffer
        assert not read.acquire(timeout=0.2)


def test_an_error_of_the_thread_is_raised_where_its_batch_is_asked_for() -> None:
    mistake = InputError("signal.bw: damaged")

    def failing() -> Sequence[WindowInputs]:
        raise mistake

    with Prefetch(CPU) as prefetch:
        prefetch.feed(reading(windows(1)))
        prefetch.feed(failing)
        prefetch.take()
        with pytest.raises(InputError) as caught:
            prefetch.take()
    assert caught.value is mistake


def test_the_thread_ends_when_nobody_wants_its_batches_any_more() -> None:
    with Prefetch(CPU) as prefetch:
        for _ in range(50):
            prefetch.feed(reading(windows(1)))
        prefetch.take()
        assert len(prefetching()) == 1


def test_a_copy_on_the_device_outlives_the_buffer() -> None:
    given, upload = windows(3), Upload(CPU)
    with Prefetch(CPU) as prefetch:
        prefetch.feed(reading(given))
        batch = prefetch.take()
        copied = upload(rows_of(batch.tensors, 1, 3))
        batch.tensors.bases.zero_()
    assert_holds(copied, given[1:])


class FakeCuda:
    """What torch.cuda does with streams, written down and not done."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.log: list[str] = []
        fake, empty = self, torch.empty

        class Stream:
            def __init__(self, device: object = None, name: str = "copying") -> None:
                self.name = name

            def __enter__(self) -> None:
                fake.log.append(f"on the {self.name} stream")

            def __exit__(self, *_: object) -> None:
                fake.log.append("as before")

            def wait_stream(self, other: "Stream") -> None:
                fake.log.append(f"the {self.name} stream waits for the {other.name} stream")

        def record(_: torch.Tensor, stream: Stream) -> None:
            fake.log.append(f"keep for the {stream.name} stream")

        def pinned(shape: tuple[int, ...], pin_memory: bool, **more: Any) -> torch.Tensor:
            assert pin_memory
            fake.log.append("pin")
            return empty(shape, **more)

        def copied(values: torch.Tensor, device: torch.device, non_blocking: bool) -> torch.Tensor:
            assert non_blocking
            fake.log.append("copy")
            return values.clone()

        patch.setattr(torch.cuda, "Stream", Stream)
        patch.setattr(torch.cuda, "stream", lambda stream: stream)
        patch.setattr(torch.cuda, "current_stream", lambda device: Stream(device, "computing"))
        patch.setattr(torch.cuda, "set_device", lambda device: fake.log.append(f"{device} is current"))
        patch.setattr(torch, "empty", pinned)
        patch.setattr(torch.Tensor, "to", copied)
        patch.setattr(torch.Tensor, "record_stream", record)


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    # What the threads set up for good is tested elsewhere.
    monkeypatch.setattr(
        "seq2exp_tracks.scoring.prefetch.set_up", lambda device: torch.cuda.set_device(device)
    )
    return FakeCuda(monkeypatch)


def test_buffers_for_a_gpu_are_pinned_once_by_a_thread_of_the_same_gpu(cuda: FakeCuda) -> None:
    given = [windows(size) for size in (2, 2, 2, 1, 2, 2)]
    with Prefetch(torch.device("cuda:1")) as prefetch:
        for batch in given:
            prefetch.feed(reading(batch))
        for _ in given:
            prefetch.give_back(prefetch.take())
    assert cuda.log[0] == "cuda:1 is current"
    assert cuda.log[1:] == ["pin"] * 4 * 3  # four tensors in each of three buffers


def test_a_gpu_is_asked_for_no_memory_after_the_first_batch(cuda: FakeCuda) -> None:
    """While it is recorded what it is to do, no other thread may."""
    with Prefetch(torch.device("cuda:0")) as prefetch:
        for _ in range(5):
            prefetch.feed(reading(windows(2)))
        held = [prefetch.take()]
        asked = len(cuda.log)
        held.extend(prefetch.take() for _ in range(2))
        prefetch.give_back(held[0])
        prefetch.take()
    assert cuda.log[asked:] == []


def test_a_gpu_copies_beside_what_it_computes_and_computes_when_that_is_copied(cuda: FakeCuda) -> None:
    (window,) = windows(1)
    host = as_tensors(window)
    tensors = Upload(torch.device("cuda:0"))(host)
    assert cuda.log == [
        *("on the copying stream", "copy", "copy", "copy", "copy", "as before"),
        "the computing stream waits for the copying stream",
        *["keep for the computing stream"] * 4,
    ]
    assert torch.equal(tensors.signals, host.signals)


def test_rows_of_a_batch_lie_in_its_memory() -> None:
    given = windows(3)
    with Prefetch(CPU) as prefetch:
        prefetch.feed(reading(given))
        batch: Batch = prefetch.take()
    rows = rows_of(batch.tensors, 1, 3)
    assert_holds(rows, given[1:])
    assert rows.signals.data_ptr() == batch.tensors.signals[1].data_ptr()
