"""How well each method tells the bases of regulatory elements from others, and all at equal coverage.

Bases are those of the windows that were scored, each once, with tracks merged over genes. In a simulation all
of them count; with a screen only those of tested elements, as nothing is known of the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from seq2exp_tracks.evaluation.element_scores import ALL, DISTAL, Ranked
from seq2exp_tracks.evaluation.expression import Estimate
from seq2exp_tracks.evaluation.methods import MASK, Method
from seq2exp_tracks.evaluation.ranking import Ranking, precision_at, recall_at
from seq2exp_tracks.evaluation.run_inputs import stretches_of
from seq2exp_tracks.evaluation.truth import Truth, promoter
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.bed import IntervalSet
from seq2exp_tracks.windows import Window

MOST_BASES = 20_000_000
"""Where more bases were scored, every tenth is looked at."""

_STEP = 10
_PIECE = 1_000_000  # bases in memory at a time
_BLOCKS = 500  # most units of the bootstrap


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Bases of one chromosome that are looked at.

    Attributes:
        interval: Where they are.
        chosen: Which bases of it count, from its start.
        truth: Which of those that count regulate.
        distal: Which of those that count lie off every promoter.
        block: Number of the unit of the bootstrap that each belongs to.
    """

    interval: Interval
    chosen: Int64[np.ndarray, " bases"]
    truth: Bool[np.ndarray, " bases"]
    distal: Bool[np.ndarray, " bases"]
    block: Int64[np.ndarray, " bases"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A method when it may call a share of the bases.

    Attributes:
        method: Its name.
        places: `all` or `distal`.
        set_by: Whose calls the share is taken from.
        share: Share of the bases that is called: those of the highest score, ties at random.
        precision: Share of the called bases that regulate.
        recall: Share of the regulating bases that are called.
    """

    method: str
    places: str
    set_by: str
    share: float
    precision: Estimate
    recall: Estimate


def base_pieces(
    truth: Truth, windows: Sequence[Window], sizes: ChromSizes, blacklist: IntervalSet | None = None
) -> tuple[list[Piece], int]:
    """Which bases are looked at, and every how many-th.

    Left out are those of the blacklist, where the model's mask is 0 by rule, and those of elements that
    regulate no gene of the run in reach: calling them is neither right nor wrong here.

    Args:
        truth: What is known.
        windows: Windows of the genes of the run.
        sizes: Chromosomes of the genome.
        blacklist: Bases to leave out, for every method.
    """
    stretches = stretches_of(windows, sizes)
    scored = sum(int(np.diff(of_chrom.bounds).sum()) for of_chrom in stretches)
    step = 1 if scored <= MOST_BASES or not truth.complete else _STEP
    block = max(len(windows[0]), -(-scored // _BLOCKS))
    regions = _Regions.of(truth, windows, blacklist or IntervalSet({}))
    pieces, passed = [], 0
    for of_chrom in stretches:
        for interval in of_chrom.pieces(_PIECE):
            chosen = regions.chosen(interval, truth.complete, step)
            if len(chosen):
                positive = regions.positive.mask(interval)[chosen]
                distal = ~regions.promoters.mask(interval)[chosen]
                pieces.append(Piece(interval, chosen, positive, distal, (passed + chosen) // block))
            passed += len(interval)
    return pieces, step


def rank_bases(methods: Sequence[Method], pieces: Sequence[Piece], seed: int = 0) -> list[Ranked]:
    """Ranks bases by each method that scores bases; intervals by the bootstrap over blocks of the genome.

    There is nothing to rank, and nothing is, where no base is left.
    """
    if not pieces:
        return []
    truth = np.concatenate([piece.truth for piece in pieces])
    distal = np.concatenate([piece.distal for piece in pieces])
    blocks = np.concatenate([piece.block for piece in pieces])
    found = []
    for method in methods:
        if method.bases is None:
            continue
        scores = np.concatenate([method.bases(piece.interval)[piece.chosen] for piece in pieces])
        for places, chosen in ((ALL, np.ones_like(distal)), (DISTAL, distal)):
            _, own = np.unique(blocks[chosen], return_inverse=True)
            ranking = Ranking.of(scores[chosen], truth[chosen], own.astype(np.int64))
            found.append(Ranked.of(method.name, places, ranking, seed))
    return found


def equal_coverage(
    ranked: Sequence[Ranked], shares: Mapping[tuple[str, str], float], seed: int = 0
) -> list[Coverage]:
    """Precision and recall of the methods when they call as many bases.

    Args:
        ranked: The methods over bases.
        shares: Share of the bases that someone calls, by whose calls and by places. Every method is measured
            at each of them.
        seed: Seed of the bootstrap.
    """
    found = []
    for (set_by, places), share in shares.items():
        for one in ranked:
            if one.places == places and share > 0:
                at = precision_at(share), recall_at(share)
                precision, recall = one.ranking.estimates(*at, seed=seed)
                found.append(Coverage(one.method, places, set_by, share, precision, recall))
    return found


def called_shares(
    pieces: Sequence[Piece], calls: Sequence[Interval], methods: Sequence[Method]
) -> dict[tuple[str, str], float]:
    """Share of the bases that each caller calls: the run's own elements, and each file of intervals.

    None where no base is left.
    """
    if not pieces:
        return {}
    of_calls = IntervalSet.covering(calls)
    counted: dict[str, list[Bool[np.ndarray, " bases"]]] = {
        MASK: [of_calls.mask(piece.interval)[piece.chosen] for piece in pieces]
    }
    for method in methods:
        if method.given is not None:
            counted[method.name] = [method.given.covered(piece.interval)[piece.chosen] for piece in pieces]
    distal = np.concatenate([piece.distal for piece in pieces])
    shares = {}
    for name, parts in counted.items():
        called = np.concatenate(parts)
        shares[name, ALL] = float(called.mean())
        shares[name, DISTAL] = float(called[distal].mean()) if distal.any() else 0.0
    return shares


def called_precision(pieces: Sequence[Piece], calls: Sequence[Interval]) -> dict[str, tuple[float, float]]:
    """Precision and recall of the run's called elements as they are, by places; NaN where not defined."""
    if not pieces:
        return dict.fromkeys((ALL, DISTAL), (float("nan"), float("nan")))
    of_calls = IntervalSet.covering(calls)
    called = np.concatenate([of_calls.mask(piece.interval)[piece.chosen] for piece in pieces])
    truth = np.concatenate([piece.truth for piece in pieces])
    distal = np.concatenate([piece.distal for piece in pieces])
    found = {}
    for places, chosen in ((ALL, np.ones_like(distal)), (DISTAL, distal)):
        hit = int((called & truth & chosen).sum())
        of_called, of_truth = int((called & chosen).sum()), int((truth & chosen).sum())
        found[places] = (
            hit / of_called if of_called else float("nan"),
            hit / of_truth if of_truth else float("nan"),
        )
    return found


@dataclass(frozen=True, slots=True)
class _Regions:
    """Which bases of the genome are what.

    Attributes:
        positive: Bases of elements that regulate a gene of the run.
        tested: Bases of all elements in reach.
        elsewhere: Bases of elements that regulate other genes only.
        promoters: Bases of promoters of the genes of the run.
        blacklist: Bases that no method is measured on.
    """

    positive: IntervalSet
    tested: IntervalSet
    elsewhere: IntervalSet
    promoters: IntervalSet
    blacklist: IntervalSet

    @classmethod
    def of(cls, truth: Truth, windows: Sequence[Window], blacklist: IntervalSet) -> "_Regions":
        return cls(
            IntervalSet.covering(pair.element for pair in truth.pairs if pair.regulates),
            IntervalSet.covering(pair.element for pair in truth.pairs),
            IntervalSet.covering(truth.elsewhere),
            IntervalSet.covering(promoter(window.gene) for window in windows),
            blacklist,
        )

    def chosen(self, interval: Interval, complete: bool, step: int) -> Int64[np.ndarray, " bases"]:
        """Which bases of an interval are looked at, from its start."""
        if complete:
            counts = ~self.elsewhere.mask(interval) | self.positive.mask(interval)
        else:
            counts = self.tested.mask(interval)
        counts &= ~self.blacklist.mask(interval)
        return np.flatnonzero(counts & (np.arange(len(counts)) % step == 0))
