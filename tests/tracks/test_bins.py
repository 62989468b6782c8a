from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.tracks.bins import Binner, BinRule, Bins
from seq2exp_tracks.tracks.merge import Stretch

Bases = dict[tuple[str, int], tuple[float, float]]

# Few different values, so that ties are common.
_levels = st.integers(0, 4).map(lambda quarters: quarters / 4)


@st.composite
def drawn_stretches(draw: st.DrawFn) -> list[Stretch]:
    """Stretches in the order of the genome, with gaps or none between them."""
    stretches = []
    for chrom in ("chr2", "chr10"):
        cuts = sorted(draw(st.lists(st.integers(0, 60), max_size=6, unique=True)))
        for start, end in pairwise(cuts):
            if draw(st.booleans()):
                values = st.lists(_levels, min_size=end - start, max_size=end - start)
                learned, sd = (np.array(draw(values), np.float32) for _ in range(2))
                stretches.append(Stretch(chrom, start, {"mask": learned, "mask.sd": sd}))
    return stretches


def bases_of(stretches: list[Stretch]) -> Bases:
    """Learned score and standard deviation of every base that has them."""
    return {
        (stretch.chrom, stretch.start + index): (float(learned), float(sd))
        for stretch in stretches
        for index, (learned, sd) in enumerate(
            zip(stretch.values["mask"], stretch.values["mask.sd"], strict=True)
        )
    }


def by_definition(bases: Bases, size: int, rule: BinRule) -> Bases:
    """Each bin that has a base, by its first position: one base after another."""
    bins: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for (chrom, position), told in bases.items():
        bins.setdefault((chrom, position // size * size), []).append(told)
    if rule is BinRule.MAX:
        return {place: max(told, key=lambda base: base[0]) for place, told in bins.items()}
    return {
        place: (
            sum(learned for learned, _ in told) / len(told),
            sqrt(sum(sd * sd for _, sd in told) / len(told)),
        )
        for place, told in bins.items()
    }


def binned(stretches: list[Stretch], bins: Bins) -> Bases:
    binner = Binner(bins)
    made = [done for stretch in stretches for done in binner.add(stretch)] + binner.finish()
    return {
        (done.chrom, done.start + index * bins.size): (float(learned), float(sd))
        for done in made
        for index, (learned, sd) in enumerate(zip(done.values["mask"], done.values["mask.sd"], strict=True))
    }


@given(stretches=drawn_stretches(), size=st.integers(1, 25), rule=st.sampled_from(list(BinRule)))
def test_bins_are_those_of_the_definition(stretches: list[Stretch], size: int, rule: BinRule) -> None:
    expected = by_definition(bases_of(stretches), size, rule)
    found = binned(stretches, Bins(size, rule))
    assert list(found) == list(expected)
    np.testing.assert_allclose(
        np.array(list(found.values())).reshape(-1, 2),
        np.array(list(expected.values())).reshape(-1, 2),
        rtol=1e-6,
    )


@given(
    stretches=drawn_stretches(),
    size=st.integers(2, 25),
    rule=st.sampled_from(list(BinRule)),
    cut=st.integers(1, 12),
)
def test_bins_do_not_depend_on_how_stretches_are_cut(
    stretches: list[Stretch], size: int, rule: BinRule, cut: int
) -> None:
    pieces = [
        Stretch(
            stretch.chrom,
            stretch.start + at,
            {name: values[at : at + cut] for name, values in stretch.values.items()},
        )
        for stretch in stretches
        for at in range(0, len(stretch), cut)
    ]
    assert binned(pieces, Bins(size, rule)) == binned(stretches, Bins(size, rule))


def test_a_bin_takes_the_bases_that_have_a_value_on_both_sides_of_a_gap() -> None:
    left = Stretch("chr2", 8, {"mask": np.array([0.5, 1], np.float32), "mask.sd": np.ones(2, np.float32)})
    right = Stretch("chr2", 15, {"mask": np.array([0.25], np.float32), "mask.sd": np.ones(1, np.float32)})
    assert binned([left, right], Bins(20)) == {("chr2", 0): (pytest.approx(1.75 / 3), 1.0)}


def test_bins_of_no_base_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 bp"):
        Bins(0)
