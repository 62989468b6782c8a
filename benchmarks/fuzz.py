"""Feeds every parser of users' files damaged and valid ones: `python benchmarks/fuzz.py --inputs 100000`.

Of any input a parser makes a value, or it refuses it with a `TracksError` of one line. Everything else is a
failure: another exception, a warning, more than 10 seconds, more than 300 MB, or a value that is another one
when it is written and read again. The inputs that fail are kept. Valid files, drawn by Hypothesis, have to be
accepted and to be read as what was drawn (`fuzz_valid`). The same seed draws the same inputs.
"""

import argparse
import faulthandler
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from fuzz_mutations import mutated
from fuzz_parsers import PARSERS, Parser
from fuzz_readings import REFUSED
from fuzz_valid import VALID, Valid, check_valid

from seq2exp_tracks.errors import TracksError

LONGEST = 10
"""Seconds that an input may take."""

MOST_MEMORY = 300
"""MB that a parser may need beside what the program has before."""

VALID_SHARE = 0.1
"""Share of the inputs that are valid files."""


class HungError(Exception):
    """An input took too long."""


@dataclass
class Outcome:
    """What became of the inputs of a parser.

    Attributes:
        name: The parser.
        inputs: How many there were.
        accepted: How many of them it read.
        failures: What went wrong, with the input, each kind once.
        failed: How many inputs failed.
        seconds: How long it took.
        memory: MB that it took at most.
    """

    name: str
    inputs: int = 0
    accepted: int = 0
    failures: dict[str, bytes] = field(default_factory=dict)
    failed: int = 0
    seconds: float = 0.0
    memory: int = 0

    @property
    def refused(self) -> int:
        """How many inputs were refused in one line."""
        return self.inputs - self.accepted - self.failed


def fuzzed(parser: Parser, inputs: int, seed: int, folder: Path) -> Outcome:
    """Feeds a parser damaged files.

    Args:
        parser: The parser.
        inputs: How many.
        seed: Decides which.
        folder: Where the files are written; it is empty.
    """
    outcome, rng = Outcome(parser.name), random.Random(f"{seed} {parser.name}")
    path = folder / parser.file
    with _measured(outcome):
        for number in range(inputs):
            whole = number < len(parser.seeds)
            data = parser.seeds[number] if whole else mutated(parser.kind, parser.seeds, rng)
            path.write_bytes(data)
            outcome.inputs += 1
            try:
                with _watched():
                    accepted = _is_accepted(parser, path)
                if whole and not accepted:
                    raise AssertionError("a valid file was refused")
                outcome.accepted += accepted
            except Exception as error:
                _blame(outcome, error, data)
    return outcome


def valid_read(name: str, inputs: int, seed: int, folder: Path) -> Outcome:
    """Gives a parser valid files drawn by Hypothesis."""
    outcome, valid = Outcome(f"valid {name}", inputs=inputs), VALID[name]

    def check(drawn: Any, folder: Path) -> None:
        with _watched():
            valid.check(drawn, folder)

    with _measured(outcome):
        try:
            outcome.inputs = outcome.accepted = check_valid(Valid(valid.drawn, check), inputs, seed, folder)
        except Exception as error:
            _blame(outcome, error, str(error).encode())
            outcome.failed = outcome.inputs
    return outcome


def _is_accepted(parser: Parser, path: Path) -> bool:
    """Whether a file is read; what is read has to be the same when it is written and read again."""
    try:
        value = parser.read(path)
    except (TracksError, click.BadParameter) as error:
        if len(str(error).splitlines()) != 1:
            raise AssertionError(f"the message is not one line: {str(error)[:200]!r}") from error
        return False
    if value is REFUSED:
        return False
    if parser.again is not None:
        again = parser.again(value, path)
        if repr(again) != repr(value):  # as text, in which NaN is itself
            raise AssertionError(f"read again as {repr(again)[:300]}, and not {repr(value)[:300]}")
    return True


def _blame(outcome: Outcome, error: Exception, data: bytes) -> None:
    outcome.failed += 1
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "seq2exp_tracks" in frame.filename
    ]
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    outcome.failures.setdefault(
        f"{type(error).__name__}{place}: {' '.join(str(error).split())[:300]}"[:400], data
    )


@contextmanager
def _measured(outcome: Outcome) -> Iterator[None]:
    """Notes how long all inputs take and what memory they need; more than a parser may is a failure."""
    began, before = time.monotonic(), _peak()
    yield
    outcome.seconds, outcome.memory = time.monotonic() - began, _peak() - before
    if outcome.memory > MOST_MEMORY:
        outcome.failures[f"needed {outcome.memory} MB"] = b""


@contextmanager
def _watched() -> Iterator[None]:
    """Raises what warns, and ends what takes too long; what does not listen ends the program, with where."""

    def hung(*_: object) -> None:
        raise HungError(f"more than {LONGEST} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    faulthandler.dump_traceback_later(6 * LONGEST, exit=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)


def _peak() -> int:
    """MB that this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _one(task: tuple[bool, str, int, int]) -> Outcome:
    """One line of the table, in a process of its own."""
    valid, name, inputs, seed = task
    with tempfile.TemporaryDirectory() as folder:
        if valid:
            return valid_read(name, inputs, seed, Path(folder))
        return fuzzed(next(parser for parser in PARSERS if parser.name == name), inputs, seed, Path(folder))


def table(outcomes: list[Outcome]) -> str:
    """What became of all inputs, as Markdown."""
    lines = [
        "| parser | inputs | accepted | refused | failures | seconds | MB |",
        "|---|---|---|---|---|---|---|",
    ]
    total = Outcome("all", seconds=sum(one.seconds for one in outcomes))
    for one in outcomes:
        total.inputs, total.accepted, total.failed = (
            total.inputs + one.inputs,
            total.accepted + one.accepted,
            total.failed + one.failed,
        )
        total.memory = max(total.memory, one.memory)
    for one in (*outcomes, total):
        cells = f"{one.inputs:,} | {one.accepted:,} | {one.refused:,} | {one.failed:,}"
        lines.append(f"| {one.name} | {cells} | {one.seconds:.0f} | {one.memory} |")
    return "\n".join(lines)


def main() -> int:
    """The command."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--inputs", type=int, default=102_000, help="how many files in total")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--workers", type=int, default=os.cpu_count())
    asked.add_argument("--only", default="", help="parsers that have this in their name")
    asked.add_argument("--keep", type=Path, default=Path("fuzz_failures"), help="folder of inputs that fail")
    options = asked.parse_args()
    damaged, valid = (
        [n for n in names if options.only in n] for names in ([p.name for p in PARSERS], list(VALID))
    )
    each = -(-int(options.inputs * (1 - VALID_SHARE)) // max(1, len(damaged)))
    each_valid = -(-int(options.inputs * VALID_SHARE) // max(1, len(valid)))
    tasks = [(False, name, each, options.seed) for name in damaged] + [
        (True, name, each_valid, options.seed) for name in valid
    ]
    with ProcessPoolExecutor(options.workers, max_tasks_per_child=1) as pool:
        outcomes = list(pool.map(_one, tasks))
    print(table(outcomes))
    for outcome in outcomes:
        for number, (failure, data) in enumerate(outcome.failures.items()):
            options.keep.mkdir(exist_ok=True)
            kept = options.keep / f"{''.join(c if c.isalnum() else '_' for c in outcome.name)}.{number}"
            kept.write_bytes(data)
            print(f"{outcome.name}: {failure} ({kept})", file=sys.stderr)
    return 1 if any(outcome.failures for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
