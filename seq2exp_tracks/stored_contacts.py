"""Contact with the TSS from stored vectors, the authors' own Hi-C, as a signal of the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.io.contact_vectors import ContactVectors
from seq2exp_tracks.signals import Alignment, shift_as_published
from seq2exp_tracks.windows import Window


@dataclass(frozen=True, slots=True)
class StoredContactSignal:
    """Contact of every base with the gene's own TSS, as log10(1 + contact); 0 where it is not known.

    Attributes:
        name: Name of the signal.
        vectors: The stored contacts.
        alignment: `published` for the shift of the published dataset in windows that reach over a
            chromosome's end, or `correct`. Whatever was trained on such vectors saw them shifted.
        whole: Whether a gene without a vector is refused; else its contact is 0.
    """

    name: str
    vectors: ContactVectors
    alignment: Alignment = "published"
    whole: bool = False

    def read(self, window: Window) -> Float32[np.ndarray, " inside"]:
        """The signal of the bases of `window.inside`.

        Raises:
            InputError: If the vector is damaged or shorter than the window, or missing where none may be.
            TracksError: If h5py is not installed.
        """
        gene, inside = window.gene, window.inside
        contact = self.vectors.read(gene.chrom, gene.tss, inside.start, inside.end)
        if contact is None:
            if self.whole:
                raise InputError(
                    f"{self.vectors.files.get(gene.chrom, self.vectors.path)}: no vector "
                    f"{gene.chrom}_{gene.tss} of the gene {gene.id}; is the folder whole?"
                )
            return np.zeros(len(inside), np.float32)
        more = np.nan_to_num(contact.astype(np.float32), nan=0.0) + np.float32(1)
        # In double precision and rounded once: the published numbers, which torch took, to the last bit.
        signal: Float32[np.ndarray, " inside"] = np.log10(more.astype(np.float64)).astype(np.float32)
        return shift_as_published(signal, window) if self.alignment == "published" else signal


def check_vectors(vectors: ContactVectors, windows: Sequence[Window]) -> list[str]:
    """Looks beforehand at the vectors of all genes, and says how many lack.

    Returns:
        What the user should know, one line each.

    Raises:
        InputError: If a vector is damaged or shorter than its window, or not one gene has a vector.
    """
    places = [
        (window.gene.chrom, window.gene.tss, window.inside.start, window.inside.end) for window in windows
    ]
    lacking = len(vectors.lacking(places))
    if not lacking:
        return []
    way_out = "the .hic as --contacts has contact for every TSS"
    if lacking == len(windows):
        raise InputError(
            f"{vectors.path}: no vector at the TSS of any of {len(windows):,} gene(s); {way_out}, or give "
            "--no-contacts"
        )
    return [
        f"{vectors.path}: no vector at the TSS of {lacking:,} of {len(windows):,} genes, whose contact is 0; "
        f"{way_out}"
    ]
