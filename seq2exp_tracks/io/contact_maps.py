"""Hi-C contacts between any two places, at every resolution of a `.hic`, `.cool` or `.mcool` file.

For whoever draws maps; the contacts of one place, as the model reads them, are in `contacts`.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.contact_files import Pixels, found_pairs, readable, stored_name
from seq2exp_tracks.io.contacts import vanilla_coverage
from seq2exp_tracks.io.hictk import hictkpy

READING = threading.Lock()
"""Held while hictk reads: it lets other threads run meanwhile, and HDF5 is not made for several."""

# Rows read at a time while a chromosome's row sums are taken: bounds the memory on deep experiments.
_BAND = 200


@dataclass(frozen=True, slots=True)
class BinRange:
    """Consecutive bins of a chromosome of the genome: `first` to `last - 1`."""

    chrom: str
    first: int
    last: int


class ContactMap:
    """Normalised contacts between ranges of bins.

    Args:
        path: `.hic`, `.cool` or `.mcool` file.
        sizes: Chromosomes of the genome; `chr1` and `1` are the same chromosome.
        normalization: `VC`, which is computed where the file does not store it; `ICE` for the balancing
            weights of cooler; `NONE` for raw counts; or any other name that the file has.

    Attributes:
        path: The file.
        resolutions: Widths of a bin in bp, ascending.

    Raises:
        InputError: If the file is of none of these formats, belongs to another assembly, or lacks the
            normalisation.
    """

    def __init__(self, path: str | Path, sizes: ChromSizes, normalization: str) -> None:
        self.path = Path(path)
        self._sizes = sizes
        with READING, readable(self.path):
            self.resolutions = _resolutions(self.path)
            self._files = {width: hictkpy.File(self.path, width) for width in self.resolutions[:1]}
            self._stored = stored_name(self._files[self.resolutions[0]], self.path, normalization)
            self._names = sizes.reconcile(self._files[self.resolutions[0]].chromosomes(), self.path)
        self._divisors: dict[tuple[int, str], Float64[np.ndarray, " bins"]] = {}

    def has(self, chrom: str) -> bool:
        """Tells whether the file has a chromosome of the genome."""
        return chrom in self._names

    def bins(self, resolution: int, chrom: str) -> int:
        """Number of bins of a chromosome; the last may be shorter."""
        return -(-self._sizes[chrom] // resolution)

    def stored_pixels(self, resolution: int) -> int | None:
        """Pairs of bins with a contact that a resolution of the file holds, where the file says it."""
        with READING, readable(self.path):
            count = self._file(resolution).attributes().get("nnz")
        return int(count) if count is not None else None

    def pixels(self, resolution: int, rows: BinRange, columns: BinRange) -> Pixels:
        """The contacts between two ranges of bins, which are the same or have no bin in common.

        Returns:
            Bin of `rows` and of `columns`, counted on their chromosomes, and the contact of each pair that
            was seen; undefined pairs are left out. For a range with itself, both halves of the square.

        Raises:
            InputError: If the file is damaged.
        """
        stored = self._stored or "NONE"
        # hictk answers for the upper triangle of its file only.
        swapped = self._rank(resolution, rows) > self._rank(resolution, columns)
        if swapped:
            column, row, contact = self._fetch(resolution, columns, rows, stored, "full")
        else:
            row, column, contact = self._fetch(resolution, rows, columns, stored, "full")
        if self._stored is None:
            divisors = self._divisor(resolution, rows.chrom)[row]
            divisors *= self._divisor(resolution, columns.chrom)[column]
            contact = np.divide(contact, divisors, out=np.full(len(contact), np.nan), where=divisors > 0)
        seen = np.isfinite(contact)
        return row[seen], column[seen], contact[seen]

    def defined(self, resolution: int, chrom: str) -> Bool[np.ndarray, " bins"]:
        """Tells of each bin of a chromosome whether its contacts are defined, or were filtered out."""
        divisors = self._divisor(resolution, chrom)
        defined: Bool[np.ndarray, " bins"] = np.isfinite(divisors) & (divisors > 0)
        return defined

    def _divisor(self, resolution: int, chrom: str) -> Float64[np.ndarray, " bins"]:
        """What the counts of each bin are divided by; read or computed once."""
        key = resolution, chrom
        if key not in self._divisors:
            self._divisors[key] = self._coverage(resolution, chrom)
        return self._divisors[key]

    def _coverage(self, resolution: int, chrom: str) -> Float64[np.ndarray, " bins"]:
        bins = self.bins(resolution, chrom)
        if self._stored == "NONE":
            return np.ones(bins)
        if self._stored is None:
            return vanilla_coverage(lambda: self._counts(resolution, chrom), bins)
        offset = self._rank(resolution, BinRange(chrom, 0, bins))
        with READING, readable(self.path):
            divisors = self._file(resolution).weights(self._stored)
        if divisors is None:
            raise InputError(f"{self.path}: no {self._stored} in bins of {resolution:,} bp; use NONE")
        stored: Float64[np.ndarray, " bins"] = divisors[offset : offset + bins]
        return stored

    def _counts(self, resolution: int, chrom: str) -> Iterator[Pixels]:
        """The raw counts of a chromosome, each pair once, a band of rows at a time."""
        bins = self.bins(resolution, chrom)
        for start in range(0, bins, _BAND):
            rows = BinRange(chrom, start, min(start + _BAND, bins))
            # Square and rectangle instead of one band, which would cross the diagonal.
            for columns in (rows, BinRange(chrom, rows.last, bins)):
                if columns.first < columns.last:
                    yield self._fetch(resolution, rows, columns, "NONE", "upper_triangle")

    def _fetch(
        self, resolution: int, rows: BinRange, columns: BinRange, normalization: str, span: str
    ) -> Pixels:
        """Bins, counted on their chromosomes, and contacts of the pairs that the file has of two ranges."""
        first, second = (self._place(resolution, of) for of in (rows, columns))
        with READING, readable(self.path):
            selector = self._file(resolution).fetch(
                first, second, query_type="BED", normalization=normalization, count_type="float64"
            )
            row, column, contact = found_pairs(selector, span)
        first_row, first_column = (self._rank(resolution, BinRange(of.chrom, 0, 1)) for of in (rows, columns))
        return row - first_row, column - first_column, contact

    def _rank(self, resolution: int, bins: BinRange) -> int:
        """Number of a range's first bin in the file, which counts on from chromosome to chromosome."""
        with READING, readable(self.path):
            return int(self._file(resolution).bins().get_id(self._names[bins.chrom], 0)) + bins.first

    def _file(self, resolution: int) -> hictkpy.File:
        if resolution not in self._files:
            self._files[resolution] = hictkpy.File(self.path, resolution)
        return self._files[resolution]

    def _place(self, resolution: int, bins: BinRange) -> str:
        """A query in BED's coordinates, which leave no doubt about names that hold a colon."""
        end = min(bins.last * resolution, self._sizes[bins.chrom])
        return f"{self._names[bins.chrom]}\t{bins.first * resolution}\t{end}"


def _resolutions(path: Path) -> tuple[int, ...]:
    if not path.is_file():
        raise InputError(f"{path}: no such file of contacts")
    if hictkpy.is_hic(path) or hictkpy.is_mcool_file(path):
        return tuple(sorted(int(width) for width in hictkpy.MultiResFile(path).resolutions()))
    if hictkpy.is_cooler(path):
        width = int(hictkpy.File(path).resolution())
        if width == 0:
            raise InputError(f"{path}: its bins differ in width; maps are drawn of bins of one width")
        return (width,)
    raise InputError(f"{path}: not a .hic, .cool or .mcool file, or damaged")
