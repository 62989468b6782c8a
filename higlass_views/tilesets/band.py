"""The band of one standard deviation around the mask, of which HiGlass draws either edge as a line."""

from pathlib import Path
from typing import Literal

import numpy as np

from higlass_views.tilesets.axis import GenomeAxis
from higlass_views.tilesets.dense import Aggregation, Bins, DenseTileset
from higlass_views.tilesets.signal import signal_bins
from seq2exp_tracks.io.bigwig_bins import BigWigBins


class BandTiles(DenseTileset):
    """Mask plus or minus its standard deviation, between 0 and 1.

    A bin holds the mean or the maximum of its bases' mask, plus or minus the mean of their standard
    deviations: so the edges of the band lie around the line of the mask at every zoom.

    Args:
        mask: bigWig of the mask.
        sd: bigWig of its standard deviation.
        sign: 1 for the upper edge, -1 for the lower.
        axis: The axis of the run.
        name: Title shown to people.

    Raises:
        InputError: If a file is no bigWig, is damaged, or belongs to another assembly.
    """

    def __init__(
        self, mask: str | Path, sd: str | Path, sign: Literal[1, -1], axis: GenomeAxis, name: str
    ) -> None:
        super().__init__(axis, name)
        self._mask = BigWigBins(mask, axis.sizes)
        self._sd = BigWigBins(sd, axis.sizes)
        self._sign = sign

    def bins(self, start: int, size: int, aggregation: Aggregation) -> Bins:
        """Values of the 1,024 bins of `size` bp that begin at an absolute position, NaN where none is."""
        mask = signal_bins(self._mask, self.axis, start, size, aggregation)
        sd = signal_bins(self._sd, self.axis, start, size, Aggregation.MEAN)
        band: Bins = np.clip(mask + self._sign * sd, 0, 1)
        return band
