"""Results through shared memory are what was put in, whoever puts and takes."""

import multiprocessing
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seq2exp_tracks.scoring.executors.slots import Parcel, Slots


@dataclass(frozen=True, eq=False)
class Result:
    name: str
    values: tuple[np.ndarray, ...]


ARRAYS = st.lists(
    st.one_of(
        arrays(np.float32, st.integers(0, 40), elements=st.floats(width=32, allow_nan=False)),
        arrays(np.bool_, st.integers(0, 40)),
    ),
    max_size=5,
).map(tuple)
SLOTS = Slots(3, 5 * 160)


def assert_same(found: Result, expected: Result) -> None:
    assert found.name == expected.name
    assert len(found.values) == len(expected.values)
    for ours, theirs in zip(found.values, expected.values, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
        assert ours.flags.writeable


@given(first=ARRAYS, second=ARRAYS)
def test_a_result_comes_out_of_its_slot_as_it_was_put_in(
    first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...]
) -> None:
    one, other = Result("one", first), Result("other", second)
    parcels = SLOTS.put(1, one), SLOTS.put(2, other)
    assert_same(SLOTS.take(2, parcels[1]), other)
    found = SLOTS.take(1, parcels[0])
    SLOTS.put(1, Result("later", tuple(np.zeros(40, np.float32) for _ in range(5))))
    assert_same(found, one)


def test_only_what_is_no_array_goes_through_the_pipe() -> None:
    slots = Slots(1, 400_000)
    parcel = slots.put(0, Result("large", (np.ones(100_000, np.float32),)))
    assert parcel.lengths == [400_000]
    assert len(parcel.rest) < 1_000


def test_a_result_that_does_not_fit_is_refused_and_its_neighbour_spared() -> None:
    slots = Slots(2, 100)
    neighbour = Result("neighbour", (np.arange(25, dtype=np.float32),))
    parcel = slots.put(1, neighbour)
    with pytest.raises(ValueError, match=r"a result of more than [\d,]+ bytes in slot 0"):
        slots.put(0, Result("large", (np.ones(5_000, np.float32),)))
    assert_same(slots.take(1, parcel), neighbour)


def test_another_process_puts_where_this_one_takes() -> None:
    context = multiprocessing.get_context("spawn")
    slots, queue = Slots(2, 400), context.SimpleQueue()
    process = context.Process(target=put_ones, args=(slots, queue))
    process.start()
    parcel = queue.get()
    process.join()
    assert_same(slots.take(1, parcel), Result("ones", (np.ones(100, np.float32),)))


def put_ones(slots: Slots, queue: "multiprocessing.SimpleQueue[Parcel]") -> None:
    queue.put(slots.put(1, Result("ones", (np.ones(100, np.float32),))))
