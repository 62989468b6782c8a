"""Regions: windows that overlap and may share one pass of a generator. A plan from places alone, no tensors.

A region reaches from the first base of its first window to the last base of its last one and not further,
so that a window by itself is a region that differs from it in nothing, and the outer edges of all others
stay the edges that the model knows.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.windows import Window

LONGEST = 400_000
"""Bases of a region: memory grows with them, by 2.5 GB a million, and human genes gain little from more."""

MOST_WINDOWS = 8
"""Windows of a region: all of them go to one process and wait there for each other."""

LEAST_OVERLAP = 0.25
"""Share of a window that it has to have in common with the one before it.

Less saves nearly nothing and costs both windows an edge. On 18,413 human promoters a quarter saves as much as
any overlap and leaves a third more windows exactly as they are.
"""


@dataclass(frozen=True, slots=True)
class Region:
    """Windows of one chromosome, in the order in which they are merged.

    Attributes:
        windows: At least one; each starts at or after the one before it and reaches as far or further.
    """

    windows: tuple[Window, ...]

    @property
    def start(self) -> int:
        """First base, padding included: negative where the first window is padded on the left."""
        return self.windows[0].start

    @property
    def genes(self) -> tuple[Gene, ...]:
        """The genes of the windows."""
        return tuple(window.gene for window in self.windows)

    def __len__(self) -> int:
        """Length in bp, padding included."""
        return _end(self.windows[-1]) - self.start

    def rows_of(self, window: Window) -> slice:
        """Where a window lies in the region."""
        first = window.start - self.start
        return slice(first, first + len(window))


def plan_regions(
    windows: Iterable[Window], longest: int = LONGEST, most_windows: int = MOST_WINDOWS
) -> list[Region]:
    """Groups windows, each with its neighbours, so that every window lies in one region as a whole.

    The plan depends on the windows alone, so scores do not depend on who computes them.

    Args:
        windows: Windows of one length, in the order in which they are merged.
        longest: Bases of a region, padding included; a single window may be longer.
        most_windows: Windows of a region.

    Returns:
        Regions whose windows are the given ones, in the same order.
    """
    groups: list[list[Window]] = []
    for window in windows:
        group = groups[-1] if groups else []
        joins = (
            group
            and window.inside.chrom == group[0].inside.chrom
            and _end(group[-1]) - window.start >= LEAST_OVERLAP * len(window)
            and _end(window) - group[0].start <= longest
            and len(group) < most_windows
        )
        if joins:
            group.append(window)
        else:
            groups.append([window])
    return [Region(tuple(group)) for group in groups]


def _end(window: Window) -> int:
    """One past the last base, padding included."""
    return window.start + len(window)
