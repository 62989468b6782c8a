"""Sizes: the two that have names, and others at the same density of genes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.simulation.layout import DEMO, SIZES, SMALL, Layout


def test_the_small_size_has_chromosomes_to_train_to_validate_and_to_test_on() -> None:
    assert SIZES == {"demo": DEMO, "small": SMALL}
    assert SMALL.window == 10_000
    assert DEMO.window == 20_000
    assert SMALL.genes_by_chromosome() == {"chrA": 120, "chrB": 80, "chrC": 52, "chrD": 48}


@given(st.sampled_from([DEMO, SMALL]), st.integers(1, 2_000))
def test_another_number_of_genes_keeps_their_density_where_chromosomes_are_not_too_short(
    layout: Layout, genes: int
) -> None:
    scaled = layout.with_genes(genes)
    assert scaled.genes == sum(scaled.genes_by_chromosome().values()) == genes
    assert scaled.reach == layout.reach
    for chrom, length in scaled.chromosomes.items():
        exact = layout.chromosomes[chrom] * genes / layout.genes
        assert length == 40_000 if exact <= 40_000 else exact <= length < exact + 5_000


def test_other_chromosomes_keep_the_density_of_genes() -> None:
    assert SMALL.with_chromosomes({"one": 125_000, "two": 125_000}) == Layout(
        {"one": 125_000, "two": 125_000}, genes=20, reach=5_000
    )
    assert SMALL.with_genes(300) == SMALL


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (lambda: Layout(genes=100), "100 genes in 650,000 bp: a simulated genome of this size takes 1 to 54"),
        (lambda: DEMO.with_genes(0), "0 genes: a simulated genome takes 1 or more"),
        (
            lambda: Layout(chromosomes={"one": 39_999}, genes=1),
            "one of 39,999 bp is too short to simulate; give it 40,000 or more",
        ),
        (
            lambda: Layout(chromosomes={"one": 50_000_001}, genes=1),
            "one of 50,000,001 bp is too long to simulate, as its contact map is drawn whole; "
            "give it 50,000,000 or less",
        ),
        (
            lambda: Layout(chromosomes={"chr1": 50_000, "1": 50_000}, genes=1),
            "chromosomes chr1 and 1 are one but for chr; name one of them otherwise",
        ),
        *(
            (
                lambda name=name: Layout(chromosomes={name: 50_000}, genes=1),
                f"chromosome {name!r}: a name begins with a letter or digit and has letters, digits and "
                ". _ - only",
            )
            for name in ("", "a b", "a\tb", "-a", "*", "a:1", "ä", "a/b", ">a")
        ),
        (
            lambda: Layout(reach=2_999),
            "a window of 5,998 bp is too short for distal elements; give it 6,000 or more",
        ),
    ],
)
def test_a_size_without_room_is_refused(made, problem: str) -> None:
    with pytest.raises(InputError, match=re.escape(problem)):
        made()
