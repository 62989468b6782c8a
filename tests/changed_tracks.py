"""Tracks that somebody has tampered with."""

from pathlib import Path

import numpy as np
import pyBigWig

from seq2exp_tracks.genome import ChromSizes


def rewrite(path: Path, sizes: ChromSizes, chrom: str, base: int, value: float) -> None:
    """Gives one base of a bigWig another value."""
    with pyBigWig.open(str(path)) as file:
        values = {name: file.values(name, 0, length, numpy=True) for name, length in sizes.items()}
    values[chrom][base] = value
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(sizes.items()))
        for name, own in values.items():
            starts = np.flatnonzero(~np.isnan(own))
            if len(starts):
                file.addEntries(
                    [name] * len(starts), starts, ends=starts + 1, values=own[starts].astype(float)
                )
