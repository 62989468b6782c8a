"""Hi-C contacts of a place with the bins around it, from `.hic`, `.cool` and `.mcool` files.

A few bins are read at a time, never a chromosome's matrix. Knows nothing of windows or of what the
model makes of a contact.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.contact_files import TRAINED_NORMALIZATION, Pixels, found_pairs, readable, stored_name
from seq2exp_tracks.io.hictk import hictkpy

# Bases a bin that the published model was trained on.
TRAINED_RESOLUTION = 5_000

# Rows read at a time while a chromosome's row sums are taken: bounds the memory on deep experiments.
_BAND = 100


class Contacts:
    """Normalised contacts of an experiment at one resolution.

    `VC` is taken from the file where it is stored, and computed from the raw counts elsewhere
    (`vanilla_coverage`). Copies itself to another process by opening the file there again.

    Args:
        path: `.hic`, `.cool` or `.mcool` file.
        sizes: Chromosomes of the genome; `chr1` and `1` are the same chromosome.
        normalization: `VC`; `ICE` for the balancing weights of cooler; `NONE` for raw counts; or any
            other name that the file has.
        resolution: Width of a bin in bp.

    Attributes:
        path: The file.
        sizes: Chromosomes of the genome.
        normalization: The normalisation in use.
        resolution: Width of a bin in bp.
        computed: Whether the normalisation is computed here, because the file does not store it.
        missing: Chromosomes of the genome that the file lacks; they have no contacts.
        warning: What the user should know of the chosen normalisation, or None.

    Raises:
        InputError: If the file is of none of these formats, belongs to another assembly, or lacks the
            resolution or the normalisation.
    """

    def __init__(
        self,
        path: str | Path,
        sizes: ChromSizes,
        normalization: str = TRAINED_NORMALIZATION,
        resolution: int = TRAINED_RESOLUTION,
    ) -> None:
        self.path = Path(path)
        self.sizes = sizes
        self.normalization = normalization
        self.resolution = resolution
        with readable(self.path):
            self._file = _open(self.path, resolution)
            self._stored = stored_name(self._file, self.path, normalization)
            self._names = sizes.reconcile(self._file.chromosomes(), self.path)
        self.computed = self._stored is None
        self.missing = tuple(chrom for chrom in sizes if chrom not in self._names)
        self.warning = _scale_warning(self.path, normalization)
        self._coverage: dict[str, Float64[np.ndarray, " bins"]] = {}

    def __reduce__(self) -> tuple[type["Contacts"], tuple[Path, ChromSizes, str, int]]:
        return type(self), (self.path, self.sizes, self.normalization, self.resolution)

    def __enter__(self) -> "Contacts":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; nothing can be read afterwards."""
        self._file.close()

    def own_contact(self, chrom: str, position: int) -> float:
        """Contact of a base's bin with itself; 0 off the chromosome."""
        if not 0 <= position < self.sizes[chrom]:
            return 0.0
        return float(self.contact_with(chrom, position, Interval(chrom, position, position + 1))[0])

    def contact_with(self, chrom: str, position: int, interval: Interval) -> Float64[np.ndarray, " bins"]:
        """Contact of one base's bin with each bin that an interval touches.

        Args:
            chrom: Chromosome of the base, and of the interval.
            position: The base, 0-based.
            interval: Bases to look at, inside the chromosome; its first bin is
                `interval.start // resolution`.

        Returns:
            One contact a bin; 0 where none was seen, where the normalisation is undefined, or where
            the base lies off the chromosome.

        Raises:
            InputError: If the file is damaged.
        """
        first, last = interval.start // self.resolution, (interval.end - 1) // self.resolution
        if chrom not in self._names or not 0 <= position < self.sizes[chrom]:
            return np.zeros(last - first + 1)
        anchor = position // self.resolution
        low, high = min(first, anchor), max(last, anchor)
        start, end = low * self.resolution, min((high + 1) * self.resolution, self.sizes[chrom])
        # The square is read, not the row: the file holds a triangle, and a row of bins crosses it.
        place = _place(self._names[chrom], start, end)
        with readable(self.path):
            square = self._select(place, None, self._stored or "NONE").to_numpy()
        row = square[anchor - low, first - low : last - low + 1]
        if self.computed:
            coverage = self._coverage_of(chrom)
            row = _divided(row, coverage[anchor] * coverage[first : last + 1])
        contact: Float64[np.ndarray, " bins"] = np.nan_to_num(row, nan=0.0, posinf=0.0)
        return contact

    def near_pairs(self, chrom: str, reach: int) -> Pixels:
        """The normalised contacts of a chromosome between bins that are near each other.

        Args:
            chrom: A chromosome of the genome.
            reach: Most bins between the two of a pair, counted from the one to the other.

        Returns:
            First bin, second bin (not before the first) and contact of each pair, counted on the chromosome,
            with the values of `contact_with`.

        Raises:
            InputError: If the file is damaged.
        """
        if chrom not in self._names:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        place, stored = _place(self._names[chrom], 0, self.sizes[chrom]), self._stored or "NONE"
        with readable(self.path):
            first, second, contact = found_pairs(self._select(place, None, stored, reach))
        offset = self._file.bins().get_id(self._names[chrom], 0)
        first, second = first - offset, second - offset
        if self.computed:
            coverage = self._coverage_of(chrom)
            contact = _divided(contact, coverage[first] * coverage[second])
        return first, second, np.nan_to_num(contact, nan=0.0, posinf=0.0)

    def _coverage_of(self, chrom: str) -> Float64[np.ndarray, " bins"]:
        """The divisors of a chromosome's bins, computed once."""
        if chrom not in self._coverage:
            bins = math.ceil(self.sizes[chrom] / self.resolution)
            self._coverage[chrom] = vanilla_coverage(lambda: self._pixels(chrom), bins)
        return self._coverage[chrom]

    def _pixels(self, chrom: str) -> Iterator[Pixels]:
        """The raw counts of a chromosome, each pair once, a band of rows at a time."""
        name, length = self._names[chrom], self.sizes[chrom]
        offset = self._file.bins().get_id(name, 0)  # ids count on from chromosome to chromosome
        for start in range(0, length, _BAND * self.resolution):
            end = min(start + _BAND * self.resolution, length)
            # Square and rectangle instead of one band, which would cross the diagonal.
            pairs: list[tuple[str, str | None]] = [(_place(name, start, end), None)]
            if end < length:
                pairs.append((_place(name, start, end), _place(name, end, length)))
            for rows, columns in pairs:
                with readable(self.path):
                    first, second, count = found_pairs(self._select(rows, columns, "NONE"))
                yield first - offset, second - offset, count

    def _select(
        self, rows: str, columns: str | None, normalization: str, reach: int | None = None
    ) -> hictkpy.PixelSelector:
        return self._file.fetch(
            rows,
            columns,
            query_type="BED",
            normalization=normalization,
            count_type="float64",
            diagonal_band_width=None if reach is None else reach + 1,
        )


def vanilla_coverage(pixels: Callable[[], Iterator[Pixels]], bins: int) -> Float64[np.ndarray, " bins"]:
    """The divisor of each bin by which Juicer's VC normalises: contact = count / (v_i v_j).

    It is the bin's row sum, times one factor for the chromosome that keeps the total of its matrix
    (Rao et al. 2014, supplement section II.b, "vanilla coverage"; the factor as in Juicer tools).

    Args:
        pixels: Gives the raw counts of a chromosome: first bin, second bin, count, each pair once.
            Asked twice, as the factor needs the row sums.
        bins: Number of bins of the chromosome.
    """
    sums = np.zeros(bins)
    for first, second, count in pixels():
        sums += np.bincount(first, count, bins)
        apart = first != second
        sums += np.bincount(second[apart], count[apart], bins)
    total = divided = 0.0
    for first, second, count in pixels():
        both_sides = np.where(first == second, count, 2 * count)
        total += float(both_sides.sum())
        scale = sums[first] * sums[second]
        divided += float(np.divide(both_sides, scale, out=np.zeros(len(scale)), where=scale > 0).sum())
    factor = math.sqrt(divided / total) if total > 0 else 1.0
    coverage: Float64[np.ndarray, " bins"] = sums * factor
    return coverage


def _divided(
    contact: Float64[np.ndarray, " pairs"], scale: Float64[np.ndarray, " pairs"]
) -> Float64[np.ndarray, " pairs"]:
    """Contact over scale; 0 where the scale is 0."""
    quotient: Float64[np.ndarray, " pairs"] = np.divide(
        contact, scale, out=np.zeros_like(contact), where=scale > 0
    )
    return quotient


def _open(path: Path, resolution: int) -> hictkpy.File:
    if not path.is_file():
        raise InputError(f"{path}: no such file of contacts")
    if hictkpy.is_hic(path) or hictkpy.is_mcool_file(path):
        widths = [int(width) for width in hictkpy.MultiResFile(path).resolutions()]
    elif hictkpy.is_cooler(path):
        widths = [hictkpy.File(path).resolution()]
    else:
        raise InputError(f"{path}: not a .hic, .cool or .mcool file, or damaged")
    if resolution not in widths:
        present = ", ".join(f"{width:,}" for width in sorted(widths))
        raise InputError(
            f"{path}: no contacts in bins of {resolution:,} bp, which the model was trained on; "
            f"present: {present} bp"
        )
    return hictkpy.File(path, resolution)


def _scale_warning(path: Path, normalization: str) -> str | None:
    if normalization == TRAINED_NORMALIZATION:
        return None
    return (
        f"{path}: contacts are normalised by {normalization}, but the model was trained on "
        f"{TRAINED_NORMALIZATION}, which is on another scale: scores are not comparable"
    )


def _place(name: str, start: int, end: int) -> str:
    """A query in BED's coordinates, which leave no doubt about names that hold a colon."""
    return f"{name}\t{start}\t{end}"
