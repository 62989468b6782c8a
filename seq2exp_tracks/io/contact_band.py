"""Hi-C contacts near the diagonal of one chromosome, read once and normalised: a row is a slice.

The band lies in a file of the run's scratch folder, which all processes map into memory, so that nobody
normalises a chromosome twice. It answers as `Contacts` does, which is its definition.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float64

from seq2exp_tracks.genome import Interval
from seq2exp_tracks.io.contacts import Contacts
from seq2exp_tracks.io.decoded import filling


class ContactBand:
    """The contacts of every bin of a chromosome with the bins around it.

    Copies itself to another process by mapping the file there; it is mapped when it is first read.

    Args:
        path: A file that `decode_band` wrote.
        chrom: The chromosome.
        length: Its length in bp.
        resolution: Width of a bin in bp.
        reach: Bins on either side of a bin that the band holds.
    """

    def __init__(self, path: Path, chrom: str, length: int, resolution: int, reach: int) -> None:
        self.path = path
        self.resolution = resolution
        self._chrom = chrom
        self._length = length
        self._reach = reach
        self._band: Float64[np.ndarray, "bins width"] | None = None

    def __reduce__(self) -> tuple[type["ContactBand"], tuple[Path, str, int, int, int]]:
        return type(self), (self.path, self._chrom, self._length, self.resolution, self._reach)

    def own_contact(self, chrom: str, position: int) -> float:
        """Contact of a base's bin with itself; 0 off the chromosome."""
        if not 0 <= position < self._length:
            return 0.0
        return float(self.contact_with(chrom, position, Interval(chrom, position, position + 1))[0])

    def contact_with(self, chrom: str, position: int, interval: Interval) -> Float64[np.ndarray, " bins"]:
        """Contact of one base's bin with each bin that an interval touches; see `Contacts.contact_with`.

        Raises:
            ValueError: If that is on another chromosome or outside of the band.
        """
        first, last = interval.start // self.resolution, (interval.end - 1) // self.resolution
        if not 0 <= position < self._length:
            return np.zeros(last - first + 1)
        anchor = position // self.resolution
        begin = first - anchor + self._reach
        if chrom != self._chrom or begin < 0 or last - anchor > self._reach:
            raise ValueError(f"{self.path}: {interval} from {chrom}:{position} is not in the band")
        if self._band is None:
            self._band = _mapped(self.path, 2 * self._reach + 1)
        row: Float64[np.ndarray, " bins"] = self._band[anchor, begin : begin + last - first + 1]
        return row


def decode_band(path: Path, contacts: Contacts, chrom: str, distance: int) -> ContactBand:
    """Writes the band of a chromosome.

    Args:
        path: The file to write, in the run's scratch folder.
        contacts: Where it is read.
        chrom: The chromosome.
        distance: Longest distance in bp from a base to one whose contact with it is wanted.

    Raises:
        InputError: If the contacts are damaged.
        OutputError: If the disk is full.
    """
    length = contacts.sizes[chrom]
    bins, reach = (-(-bases // contacts.resolution) for bases in (length, distance))
    band = np.zeros((bins, 2 * reach + 1))
    first, second, contact = contacts.near_pairs(chrom, reach)
    band[first, reach + second - first] = contact
    band[second, reach + first - second] = contact
    with filling(path):
        path.write_bytes(band.data)
    return ContactBand(path, chrom, length, contacts.resolution, reach)


def _mapped(path: Path, width: int) -> Float64[np.ndarray, "bins width"]:
    return np.memmap(path, np.float64, mode="r").view(np.ndarray).reshape(-1, width)
