"""Parsers of users' files meet damaged and valid ones; `benchmarks/fuzz.py` gives them 100,000."""

from pathlib import Path

import pytest
from fuzz import Outcome, fuzzed, table, valid_read
from fuzz_parsers import PARSERS, Parser
from fuzz_valid import VALID

from seq2exp_tracks.errors import InputError


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_damaged_file_is_read_or_refused_in_one_line(parser: Parser, tmp_path: Path) -> None:
    outcome = fuzzed(parser, 12, 0, tmp_path)
    assert outcome.failures == {}
    assert outcome.inputs == outcome.accepted + outcome.refused == 12
    assert outcome.accepted >= len(parser.seeds)


@pytest.mark.parametrize("name", VALID)
def test_a_valid_file_is_read_as_what_was_written(name: str, tmp_path: Path) -> None:
    outcome = valid_read(name, 4, 0, tmp_path)
    assert outcome.failures == {}
    assert outcome.accepted == outcome.inputs == 4


def refuses(path: Path) -> None:
    raise InputError("no such line")


def crashes(path: Path) -> None:
    raise KeyError("line")


def returns_another(path: Path) -> int:
    return 1


@pytest.mark.parametrize(
    ("parser", "failure"),
    [
        (Parser("refuses", "a", (b"x",), refuses), "AssertionError: a valid file was refused"),
        (Parser("crashes", "a", (b"x",), crashes), "KeyError"),
        (
            Parser("other", "a", (b"x",), returns_another, again=lambda value, path: value + 1),
            "read again as 2, and not 1",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Parser) else "",
)
def test_what_a_parser_must_not_do_is_a_failure(parser: Parser, failure: str, tmp_path: Path) -> None:
    outcome = fuzzed(parser, 1, 0, tmp_path)
    assert outcome.failed == 1
    assert [failure in told for told in outcome.failures] == [True]


def test_the_same_seed_draws_the_same_files(tmp_path: Path) -> None:
    seen: list[list[bytes]] = []
    for _ in range(2):
        seen.append([])
        drawn = Parser("drawn", "a", PARSERS[0].seeds, lambda path: seen[-1].append(path.read_bytes()))
        fuzzed(drawn, 20, 5, tmp_path)
    assert seen[0] == seen[1]
    assert len(set(seen[0])) > 10


def test_the_table_sums_up(tmp_path: Path) -> None:
    rows = table([Outcome("a", 5, 2, {}, 1, 1.2, 7), Outcome("b", 10, 10, {}, 0, 2.0, 3)]).splitlines()
    assert rows[2:] == [
        "| a | 5 | 2 | 2 | 1 | 1 | 7 |",
        "| b | 10 | 10 | 0 | 0 | 2 | 3 |",
        "| all | 15 | 12 | 2 | 1 | 3 | 7 |",
    ]
