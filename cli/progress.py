"""Progress on stderr: a bar with rate and ETA on a terminal, a line now and then in a log file."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

# In a log file a stage that is over at once is not worth a line.
_SECONDS_TO_FIRST_LINE = 2.0
_SECONDS_BETWEEN_LINES = 30.0
# Workers end their first windows at about the same time: a rate of those alone would be far too high.
_SECONDS_TO_PACE = 1.0


class ProgressBar:
    """Shows one stage after another; see `seq2exp_tracks.pipeline.Progress`."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._live = bar.console.is_terminal
        self._task = None if not self._live else bar.add_task("", visible=False)
        self._label, self._total, self._done = "", 0, 0
        self._began = self._first_done = time.monotonic()
        self._next_line = 0.0

    def stage(self, label: str, total: int) -> None:
        """Begins a stage of `total` steps."""
        self._label, self._total, self._done = label, total, 0
        self._began = time.monotonic()
        self._next_line = self._began + _SECONDS_TO_FIRST_LINE
        if self._task is not None:
            self._bar.reset(self._task, description=label, total=total, visible=True, pace="")

    def advance(self) -> None:
        """Counts one step of the present stage."""
        now = time.monotonic()
        self._done += 1
        if self._done == 1:
            self._first_done = now
        pace = self._pace(now)
        if self._task is not None:
            self._bar.update(self._task, advance=1, pace=pace)
            return
        last_of_long = self._done == self._total and now - self._began >= _SECONDS_TO_FIRST_LINE
        if now >= self._next_line or last_of_long:
            # Where the time to go is not known yet, it is told soon.
            self._next_line = now + (_SECONDS_BETWEEN_LINES if pace else _SECONDS_TO_FIRST_LINE)
            click.echo(f"{self._label}: {self._done}/{self._total}  {pace}".rstrip(), err=True)

    def note(self, message: str) -> None:
        """Says what the user should know, without breaking the bar."""
        self._bar.console.print(Text(f"Note: {message}"), soft_wrap=True)

    def _pace(self, now: float) -> str:
        """Rate and time to go, from the mean since the first step was done; empty where it cannot be told.

        The first step takes longer than the others: workers start and kernels are compiled.
        """
        seconds = now - self._first_done
        if self._done < 2 or seconds < _SECONDS_TO_PACE:
            return ""
        each = seconds / (self._done - 1)
        rate = f"{1 / each:.1f}/s" if each < 1 else f"{each:.1f} s each"
        return f"{rate}, {_clock(each * (self._total - self._done))} to go"


@contextmanager
def progress_bar() -> Iterator[ProgressBar]:
    """A progress bar on stderr that goes away when the work is done."""
    console = Console(file=sys.stderr, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield ProgressBar(bar)


def _clock(seconds: float) -> str:
    """Seconds as people read them."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes}:{rest:02} min"
