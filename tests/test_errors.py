"""Messages quote files, and stay one line that a terminal only shows."""

import pickle

import pytest

from seq2exp_tracks.errors import InputError, TracksError


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("a.bed:3: not an interval: chr1 5 4", "a.bed:3: not an interval: chr1 5 4"),
        ("é is no strand …", "é is no strand …"),
        ("two\nlines\r\nand\u2028more", r"two\nlines\r\nand\u2028more"),
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("bytes \udcff of a name", r"bytes \udcff of a name"),
    ],
)
def test_what_ends_a_line_or_steers_a_terminal_is_written_as_an_escape(message: str, told: str) -> None:
    assert str(TracksError(message)) == told


def test_of_a_very_long_message_the_beginning_and_the_end_are_told() -> None:
    told = str(InputError("a" * 5_000 + "b" * 5_000))
    assert told == "a" * 999 + "…" + "b" * 999


def test_an_error_is_the_same_when_it_has_come_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(InputError("a\nb" + "x" * 5_000)))
    assert type(error) is InputError
    assert str(error) == str(InputError("a\nb" + "x" * 5_000))
