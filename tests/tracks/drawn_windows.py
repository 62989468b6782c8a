"""Windows and scores that nobody chose, small enough for plain loops."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.merge import merge_order
from seq2exp_tracks.windows import Window

SIZES = ChromSizes({"chr2": 60, "chr10": 35, "chrM": 20})


def scores_of(
    gene: Gene,
    length: int,
    learned: Sequence[float],
    *,
    sd: Sequence[float] | float = 0.1,
    applied: Sequence[float] | float = 0.0,
    excluded: Sequence[int] = (),
    expression: float = 1.0,
    imputed: tuple[str, ...] = (),
    contact: Sequence[float] | float | None = None,
    sizes: ChromSizes = SIZES,
) -> WindowScores:
    """Scores of a window of `length` bp; one number stands for all bases, `excluded` lists indices."""
    window = Window.around(gene, length, sizes[gene.chrom])
    shape = len(window.inside)

    def spread_out(values: Sequence[float] | float) -> np.ndarray:
        return np.array(np.broadcast_to(np.asarray(values, np.float32), shape))

    blacklist = np.zeros(shape, bool)
    blacklist[list(excluded)] = True
    return WindowScores(
        window=window,
        learned=spread_out(learned),
        sd=spread_out(sd),
        applied=spread_out(applied),
        excluded=blacklist,
        expression=expression,
        imputed=imputed,
        contact=None if contact is None else spread_out(contact),
    )


@dataclass(frozen=True)
class Drawn:
    """A window that nobody chose, before it is built: values of all its bases, padding included."""

    chrom: str
    tss: int
    strand: Strand
    learned: list[float]
    sd: list[float]
    applied: list[float]
    excluded: list[int]

    def built(self, gene_id: str = "g") -> WindowScores:
        gene = Gene(gene_id, gene_id, self.chrom, self.tss, self.strand)
        inside = len(Window.around(gene, len(self.learned), SIZES[self.chrom]).inside)
        return scores_of(
            gene,
            len(self.learned),
            self.learned[:inside],
            sd=self.sd[:inside],
            applied=self.applied[:inside],
            excluded=[index for index in self.excluded if index < inside],
        )


def in_order(drawn: Sequence[Drawn]) -> list[WindowScores]:
    """The windows, built, in the order of the genome."""
    windows = [one.built(f"g{index}") for index, one in enumerate(drawn)]
    return sorted(windows, key=lambda scores: merge_order(scores.window, SIZES))


# Few different values, so that ties are common.
_levels = st.integers(0, 8).map(lambda eighths: eighths / 8)


@st.composite
def drawn_window(draw: st.DrawFn) -> Drawn:
    """A window anywhere on the small genome, reaching over an end or not."""
    chrom = draw(st.sampled_from(["chr2", "chr10", "chrM"]))
    length = draw(st.integers(1, 30))
    values = st.lists(_levels, min_size=length, max_size=length)
    return Drawn(
        chrom=chrom,
        tss=draw(st.integers(0, {"chr2": 59, "chr10": 34, "chrM": 19}[chrom])),
        strand=draw(st.sampled_from(list(Strand))),
        learned=draw(values),
        sd=draw(values),
        applied=draw(values),
        excluded=draw(st.lists(st.integers(0, length - 1), max_size=4)),
    )


drawn_windows = st.lists(drawn_window(), max_size=10)
