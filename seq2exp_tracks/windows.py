"""Window: the bases around a transcription start site that the model reads.

Padding is made here and removed where scores are made (`scoring`); nowhere else.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Shaped

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Gene, Interval


@dataclass(frozen=True, slots=True)
class Window:
    """The bases around a gene's TSS: those inside the chromosome, and the padding beyond its ends.

    A window of length L covers bases tss - L // 2 to tss - L // 2 + L (0-based, half-open), so that
    the TSS stands at index L // 2. The strand is ignored, as in the published model.

    Attributes:
        gene: The gene whose TSS is in the middle.
        inside: The part of the window that lies on the chromosome.
        pad_left: Bases missing before the chromosome's start.
        pad_right: Bases missing after the chromosome's end.
    """

    gene: Gene
    inside: Interval
    pad_left: int
    pad_right: int

    @classmethod
    def around(cls, gene: Gene, length: int, chrom_length: int) -> Self:
        """Cuts the window of a gene.

        Args:
            gene: The gene.
            length: Length of the window in bp, padding included.
            chrom_length: Length of the gene's chromosome in bp.

        Raises:
            InputError: If no base of the window lies on the chromosome.
        """
        start = gene.tss - length // 2
        end = start + length
        inside_start, inside_end = max(start, 0), min(end, chrom_length)
        if inside_end <= inside_start:
            raise InputError(
                f"gene {gene.name} ({gene.id}): its TSS at {gene.chrom}:{gene.tss + 1:,} lies more than half "
                f"a window off the chromosome ({chrom_length:,} bp); are the genes of another assembly?"
            )
        inside = Interval(gene.chrom, inside_start, inside_end)
        return cls(gene, inside, inside_start - start, end - inside_end)

    def __len__(self) -> int:
        return self.pad_left + len(self.inside) + self.pad_right

    @property
    def start(self) -> int:
        """First base of the window, padding included: negative where it is padded on the left."""
        return self.inside.start - self.pad_left

    def pad(
        self, values: Shaped[np.ndarray, " inside *rest"], fill: float
    ) -> Shaped[np.ndarray, " window *rest"]:
        """Extends values of the inside by the padding, filled with one value; as they are without any."""
        if not (self.pad_left or self.pad_right):
            return values
        widths = [(self.pad_left, self.pad_right)] + [(0, 0)] * (values.ndim - 1)
        return np.pad(values, widths, constant_values=fill)

    def crop(self, values: Shaped[np.ndarray, " window *rest"]) -> Shaped[np.ndarray, " inside *rest"]:
        """Removes the padding: the values of the inside."""
        return values[self.pad_left : len(self) - self.pad_right]
