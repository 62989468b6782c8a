"""How well each method tells the elements of a gene that regulate it from those that do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from seq2exp_tracks.evaluation.expression import Estimate
from seq2exp_tracks.evaluation.methods import Method
from seq2exp_tracks.evaluation.ranking import Ranking, auprc, auroc
from seq2exp_tracks.evaluation.truth import Pair
from seq2exp_tracks.windows import Window

ALL, DISTAL = "all", "distal"
"""Everything, or what lies off promoters: distances of more than 1 kb from the TSS."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """How one method ranks.

    Attributes:
        method: Its name.
        places: `all` or `distal`.
        items: Pairs or bases.
        positive: How many of them regulate.
        auprc: Area under the precision-recall curve, as average precision.
        auroc: Area under the receiver operating characteristic.
        ranking: What both were computed from.
    """

    method: str
    places: str
    items: int
    positive: int
    auprc: Estimate
    auroc: Estimate
    ranking: Ranking

    @classmethod
    def of(cls, method: str, places: str, ranking: Ranking, seed: int = 0) -> "Ranked":
        """Measures a ranking; `seed` is that of the bootstrap."""
        positive, negative = int(ranking.positive.sum()), int(ranking.negative.sum())
        precision, characteristic = ranking.estimates(auprc, auroc, seed=seed)
        return cls(method, places, positive + negative, positive, precision, characteristic, ranking)


def rank_elements(
    methods: Sequence[Method], pairs: Sequence[Pair], windows: Mapping[str, Window], seed: int = 0
) -> list[Ranked]:
    """Ranks pairs of element and gene by each method; intervals by the bootstrap over genes.

    Args:
        methods: The methods.
        pairs: Pairs, those of a gene after each other.
        windows: Window of each gene, by its id.
        seed: Seed of the bootstrap.
    """
    truth = np.array([pair.regulates for pair in pairs])
    distal = np.array([pair.distal for pair in pairs])
    genes = [len(list(group)) for _, group in groupby(pairs, key=lambda pair: pair.gene.id)]
    units = np.repeat(np.arange(len(genes)), genes)
    found = []
    for method in methods:
        scores = method.of_pairs(pairs, windows)
        for places, chosen in ((ALL, np.ones_like(distal)), (DISTAL, distal)):
            _, own = np.unique(units[chosen], return_inverse=True)
            ranking = Ranking.of(scores[chosen], truth[chosen], own.astype(np.int64))
            found.append(Ranked.of(method.name, places, ranking, seed))
    return found
