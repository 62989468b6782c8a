"""Random genomes with a track, as a bigWig and as plain arrays, and tiles as the client decodes them."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.bigwig_writer import BigWigWriter

# Lengths at which tiles, bins and zoom levels begin and end, and any other.
LENGTHS = st.one_of(
    st.sampled_from([1, 63, 64, 65, 1_023, 1_024, 1_025, 65_536, 262_144]), st.integers(1, 200_000)
)


@dataclass(frozen=True)
class DrawnTrack:
    """A track of a genome.

    Attributes:
        sizes: The chromosomes.
        values: Value of each base by chromosome, NaN where there is none.
    """

    sizes: ChromSizes
    values: dict[str, np.ndarray]

    @property
    def whole(self) -> np.ndarray:
        """The chromosomes laid end to end."""
        return np.concatenate(list(self.values.values()))

    def write(self, path: Path) -> Path:
        """Writes the bigWig, stretch after stretch of bases that have a value."""
        path.unlink(missing_ok=True)
        with BigWigWriter(path, self.sizes, 3) as file:
            for chrom, values in self.values.items():
                known = np.concatenate([[False], ~np.isnan(values), [False]])
                edges = np.flatnonzero(known[1:] != known[:-1])
                for start, end in edges.reshape(-1, 2).tolist():
                    file.write(chrom, start, values[start:end])
        return path


@st.composite
def drawn_tracks(draw: st.DrawFn) -> DrawnTrack:
    lengths = draw(st.lists(LENGTHS, min_size=1, max_size=4))
    sizes = ChromSizes({f"chr{number}": length for number, length in enumerate(lengths)})
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    stretch = draw(st.sampled_from([3, 100, 5_000, 100_000]))
    # Some hundred stretches a chromosome at most: each is a call of the writer.
    values = {chrom: _values(random, length, max(stretch, length // 300)) for chrom, length in sizes.items()}
    return DrawnTrack(sizes, values)


def _values(random: np.random.Generator, length: int, stretch: int) -> np.ndarray:
    """Peaks on a low ground, three decimals, with gaps; stretches are about so many bases long."""
    values = np.round(random.random(length) ** 8, 3).astype(np.float32)
    edges = np.cumsum(random.integers(1, 2 * stretch, size=2 * (length // stretch + 1)))
    for start, end in edges[random.integers(0, 2) :][: len(edges) // 2 * 2 - 2].reshape(-1, 2).tolist():
        values[start:end] = np.nan
    return values


def dense(tile: dict[str, Any]) -> np.ndarray:
    """The values of a dense tile, as the client decodes them."""
    return np.frombuffer(base64.b64decode(tile["dense"]), np.dtype(tile["dtype"]).newbyteorder("<"))


def largest(values: np.ndarray) -> np.ndarray:
    """Maximum along the last axis, NaN where there is nothing."""
    return np.fmax.reduce(values, axis=-1)


def mean(values: np.ndarray) -> np.ndarray:
    """Mean along the last axis, NaN where there is nothing."""
    known = ~np.isnan(values)
    counts = known.sum(-1)
    totals = np.where(known, values, 0).sum(-1, dtype=np.float64)
    return np.divide(totals, counts, out=np.full(counts.shape, np.nan), where=counts > 0)
