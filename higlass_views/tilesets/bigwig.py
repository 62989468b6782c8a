"""The signal of a bigWig."""

from pathlib import Path

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.dense import Aggregation, Bins, DenseTileset
from higlass_views.tilesets.signal import signal_bins
from seq2exp_tracks.io.bigwig_bins import BigWigBins


class BigWigTiles(DenseTileset):
    """A bigWig, by mean or by maximum.

    Bins of up to 128 bases are made of the single bases, and so equal what numpy makes of the file's values.
    Larger ones are made of the file's zoom levels: their maximum is never less than the true one, and
    `io.bigwig_bins.BigWigBins` says what else is guaranteed.

    Args:
        path: bigWig file; chromosomes that it lacks have no value.
        axis: The axis of the run.
        name: Title shown to people.

    Raises:
        InputError: If the file is no bigWig, is damaged, or belongs to another assembly.
    """

    def __init__(self, path: str | Path, axis: GenomeAxis, name: str) -> None:
        super().__init__(axis, name)
        self._file = BigWigBins(path, axis.sizes)

    def bins(self, start: int, size: int, aggregation: Aggregation) -> Bins:
        """Values of the 1,024 bins of `size` bp that begin at an absolute position, NaN where none is."""
        return signal_bins(self._file, self.axis, start, size, aggregation)
