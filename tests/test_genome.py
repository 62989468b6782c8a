import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand

INTERVALS = st.builds(
    lambda chrom, start, length: Interval(chrom, start, start + length),
    st.sampled_from(("chr1", "chr2")),
    st.integers(0, 50),
    st.integers(1, 50),
)


def bases(interval):
    """The definition: an interval is the set of its bases."""
    return {(interval.chrom, base) for base in range(interval.start, interval.end)}


@given(INTERVALS, INTERVALS)
def test_the_overlap_holds_the_bases_that_both_share(first, second):
    overlap = first.overlap(second)
    assert (bases(overlap) if overlap else set()) == bases(first) & bases(second)
    assert overlap == second.overlap(first)


@given(INTERVALS, st.integers(-5, 110))
def test_an_interval_contains_its_bases_and_no_other(interval, base):
    assert interval.contains(base) == ((interval.chrom, base) in bases(interval))
    assert len(interval) == len(bases(interval))


def test_an_interval_shows_itself_1_based_and_inclusive():
    assert str(Interval("chr22", 35_999_999, 36_500_000)) == "chr22:36,000,000-36,500,000"


@pytest.mark.parametrize(
    ("chrom", "start", "end"), [("chr1", -1, 5), ("chr1", 5, 5), ("chr1", 6, 5), ("", 1, 5)]
)
def test_nonsense_is_no_interval(chrom, start, end):
    with pytest.raises(ValueError, match=r"not an interval: chr1:-?\d-5|needs the name"):
        Interval(chrom, start, end)


def test_a_gene_needs_an_id():
    with pytest.raises(ValueError, match="a gene needs an id: 'A' at chr1:5"):
        Gene("", "A", "chr1", 5, Strand.PLUS)


@given(
    st.lists(st.sampled_from(("1", "2", "X", "M", "Un_K1", "HLA-A*01:01")), min_size=1, unique=True),
    st.booleans(),
)
def test_names_with_and_without_chr_are_the_same_chromosome(bare, prefixed):
    names = [f"chr{name}" if prefixed else name for name in bare]
    sizes = ChromSizes({name: 10 + place for place, name in enumerate(names)})
    for name, ours in zip(bare, names, strict=True):
        assert sizes.resolve(name) == ours
        assert sizes.resolve(f"chr{name}") == ours
    theirs = {f"chr{name}": 10 + place for place, name in enumerate(bare)}
    assert sizes.reconcile(theirs, "signal.bw") == dict(zip(names, theirs, strict=True))


@pytest.mark.parametrize(("ours", "theirs"), [("chrM", "MT"), ("MT", "chrM"), ("MT", "M"), ("M", "chrMT")])
def test_the_mitochondrial_chromosome_has_two_names(ours, theirs):
    assert ChromSizes({ours: 5}).resolve(theirs) == ours


def test_nothing_else_is_guessed():
    sizes = ChromSizes({"chr1": 5, "chrM": 5})
    assert [sizes.resolve(name) for name in ("CHR1", "chr01", "1.1", "NC_000001.11", "chr", "")] == [None] * 6


def test_only_chromosomes_of_the_genome_are_matched():
    sizes = ChromSizes({"chr1": 5, "chr2": 6})
    assert sizes.reconcile({"2": 6, "chrUn": 9}, "signal.bw") == {"chr2": "2"}


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        ({"1": 7, "chr2": 6}, "signal.bw: 1 has 7 bp, but chr1 of the genome has 5: "),
        (
            {"chrX": 5},
            r"signal.bw: no chromosome in common with the genome \(file: chrX; genome: chr1, chr2\)",
        ),
        ({}, "signal.bw: no chromosome in common"),
    ],
)
def test_a_file_of_another_assembly_is_refused(theirs, message):
    with pytest.raises(InputError, match=message):
        ChromSizes({"chr1": 5, "chr2": 6}).reconcile(theirs, "signal.bw")


def test_chromosomes_keep_their_order_and_rank():
    sizes = ChromSizes({"chr2": 5, "chr10": 6, "chr1": 7})
    assert list(sizes.items()) == [("chr2", 5), ("chr10", 6), ("chr1", 7)]
    assert [sizes.rank(chrom) for chrom in ("chr1", "chr2", "chr10")] == [2, 0, 1]
    assert dict(pickle.loads(pickle.dumps(sizes))) == dict(sizes)


@pytest.mark.parametrize("sizes", [{}, {"chr1": 0}, {"chr1": 5, "chr2": -3}])
def test_a_genome_has_chromosomes_of_some_length(sizes):
    with pytest.raises(ValueError, match=r"at least one chromosome|has length"):
        ChromSizes(sizes)
