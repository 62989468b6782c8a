"""Readers that wait: used again, by one thread at a time, and never many."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from seq2exp_tracks.io.idle_readers import MOST_USES, IdleReaders


def test_a_reader_is_used_again_for_its_own_file_only():
    readers, made = IdleReaders(4), count()
    for file in ("a", "a", "b", "a", "b"):
        with readers.reader(file, lambda: next(made)) as reader:
            assert reader == {"a": 0, "b": 1}[file]
    assert len(readers) == 2


def test_of_too_many_those_that_waited_longest_are_let_go():
    readers, made = IdleReaders(2), count()
    for file in ("a", "b", "a", "c"):
        with readers.reader(file, lambda: next(made)):
            pass
    assert len(readers) == 2
    with readers.reader("a", lambda: next(made)) as reader:
        assert reader == 0
    with readers.reader("b", lambda: next(made)) as reader:
        assert reader == 3


def test_a_reader_that_met_an_error_does_not_come_back():
    readers, made = IdleReaders(2), count()
    with pytest.raises(OSError, match="damaged"), readers.reader("a", lambda: next(made)):
        raise OSError("damaged")
    with readers.reader("a", lambda: next(made)) as reader:
        assert reader == 1


def test_no_two_threads_have_a_reader_at_once():
    readers, made, used = IdleReaders(8), count(), set()

    def use(number):
        with readers.reader(number % 3, lambda: next(made)) as reader:
            assert reader not in used
            used.add(reader)
            sum(range(200))
            used.discard(reader)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(2_000)))
    assert len(readers) <= 8


def test_a_reader_is_let_go_when_it_is_used_up() -> None:
    readers, made = IdleReaders(4), count()
    lent = []
    for _ in range(2 * MOST_USES):
        with readers.reader("file", made.__next__) as reader:
            lent.append(reader)
    assert lent == [0] * MOST_USES + [1] * MOST_USES
    assert len(readers) == 0
