"""A reader of random inputs that windows of one genome agree about, for tests of what they share."""

from dataclasses import dataclass

import numpy as np

from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.inputs import WindowInputs
from seq2exp_tracks.windows import Window


@dataclass(frozen=True)
class GenomeReader:
    """Bases and two signals of each chromosome drawn from its name; contact from the gene."""

    sizes: ChromSizes
    window: int

    def read(self, gene: Gene) -> WindowInputs:
        length = self.sizes[gene.chrom]
        random = np.random.default_rng(list(gene.chrom.encode()))
        bases = random.integers(0, 5, length, dtype=np.uint8)
        signals = random.gamma(1, 2, (length, 2)).astype(np.float32)
        excluded = random.random(length) < 0.1
        own = np.random.default_rng(gene.tss)
        window = Window.around(gene, self.window, length)
        inside = slice(window.inside.start, window.inside.end)
        contact = own.gamma(1, 1, (len(window.inside), 1)).astype(np.float32)
        return WindowInputs(
            window=window,
            bases=window.pad(bases[inside], 4),
            signals=window.pad(np.concatenate((signals[inside], contact), axis=1), 0),
            excluded=window.pad(excluded[inside], False),
            features=own.normal(size=9).astype(np.float32),
            imputed=(),
        )


def gene(chrom: str, tss: int) -> Gene:
    return Gene(f"{chrom}.{tss}", f"{chrom}.{tss}", chrom, tss, Strand.PLUS)
