"""The difference of two signals, such as the masks of two runs."""

from pathlib import Path

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.dense import Aggregation, Bins, DenseTileset
from higlass_views.tilesets.signal import signal_bins
from seq2exp_tracks.io.bigwig_bins import BigWigBins


class DifferenceTiles(DenseTileset):
    """One bigWig minus another, where both have a value.

    A bin holds the difference of the two means, or of the two maxima, of its bases: what the eye would take
    from one line above the other.

    Args:
        first: bigWig that is subtracted from.
        second: bigWig that is subtracted.
        axis: The axis of both runs.
        name: Title shown to people.

    Raises:
        InputError: If a file is no bigWig, is damaged, or belongs to another assembly.
    """

    def __init__(self, first: str | Path, second: str | Path, axis: GenomeAxis, name: str) -> None:
        super().__init__(axis, name)
        self._files = BigWigBins(first, axis.sizes), BigWigBins(second, axis.sizes)

    def bins(self, start: int, size: int, aggregation: Aggregation) -> Bins:
        """Values of the 1,024 bins of `size` bp that begin at an absolute position, NaN where none is."""
        first, second = (signal_bins(file, self.axis, start, size, aggregation) for file in self._files)
        difference: Bins = first - second
        return difference
