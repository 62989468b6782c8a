"""The published Hi-C: a stored vector for each TSS, one HDF5 file a chromosome."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float32, Float64

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.signals import CONTACT_SIGNAL, Alignment, shift_as_published
from seq2exp_tracks.windows import Window


@dataclass(frozen=True, slots=True)
class StoredContacts:
    """Contact of every base with the gene's own TSS, as log10(1 + contact); 0 where it is not known.

    Attributes:
        folder: Where the files are, one a chromosome.
        alignment: `published` for the shift of the published dataset in windows that reach over a
            chromosome's end, or `correct`.
    """

    name: ClassVar[str] = CONTACT_SIGNAL
    folder: Path
    alignment: Alignment

    def read(self, window: Window) -> Float32[np.ndarray, " inside"]:
        """The signal of the bases of `window.inside`.

        Raises:
            InputError: If the vector is missing, damaged, or shorter than the window.
            TracksError: If h5py is not installed.
        """
        contact = torch.from_numpy(self._stored(window).astype(np.float32))
        # By torch, as published: other logarithms differ in the last bit.
        signal: Float32[np.ndarray, " inside"] = torch.log10(contact.nan_to_num(nan=0.0) + 1).numpy()
        return shift_as_published(signal, window) if self.alignment == "published" else signal

    def _stored(self, window: Window) -> Float64[np.ndarray, " inside"]:
        """The stored vector's part inside the chromosome. The vectors have the TSS in their middle."""
        gene, inside = window.gene, window.inside
        path = self.folder / f"hic_feat_{gene.chrom}.h5"
        key = f"{gene.chrom}_{gene.tss}"
        h5py = _library()
        try:
            with h5py.File(path, "r") as file:
                if key not in file:
                    raise InputError(f"{path}: no vector {key} of the gene {gene.id}; is the folder whole?")
                vector = file[key]
                if len(vector.shape) != 1:
                    raise InputError(f"{path}: {key} has the shape {vector.shape}, which is no vector")
                held = vector.shape[0]
                start = inside.start - gene.tss + held // 2
                if start < 0 or start + len(inside) > held:
                    raise InputError(f"{path}: {key} holds {held:,} bases, use a window of no more")
                values: Float64[np.ndarray, " inside"] = vector[start : start + len(inside)]
        except OSError as error:
            raise InputError(
                f"{path}: cannot be read as HDF5 ({error}); is the data folder whole?"
            ) from error
        return values


def _library() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise TracksError(
            "the published data folder needs a package that is not installed: "
            "pip install 'seq2exp-tracks[published-data]'"
        ) from error
    return h5py
