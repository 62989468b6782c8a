import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.io.gene_selection import parse_region, select_genes

SIZES = ChromSizes({"chr22": 50_000, "chr1": 90_000, "HLA:1-2": 100})
GENES = [
    Gene("ENSG00000100345", "MYH9", "chr22", 3_000, Strand.MINUS),
    Gene("ENSG00000100292", "HMOX1", "chr22", 2_000, Strand.PLUS),
    Gene("ENSG00000000001", "TWIN", "chr1", 10, Strand.PLUS),
    Gene("ENSG00000000002", "TWIN", "chr1", 10, Strand.MINUS),
]


def symbols(**asked):
    return [(gene.name, gene.strand.value) for gene in select_genes(GENES, SIZES, **asked)]


def test_everything_is_chosen_in_genome_order_if_nothing_is_asked_for():
    assert symbols() == [("HMOX1", "+"), ("MYH9", "-"), ("TWIN", "+"), ("TWIN", "-")]


@pytest.mark.parametrize("name", ["HMOX1", "ENSG00000100292", "ENSG00000100292.18"])
def test_a_gene_is_named_by_symbol_or_id_with_or_without_version(name):
    assert symbols(names=(name,)) == [("HMOX1", "+")]


def test_a_symbol_of_several_genes_chooses_them_all():
    assert symbols(names=("TWIN", "HMOX1")) == [("HMOX1", "+"), ("TWIN", "+"), ("TWIN", "-")]


def test_chromosomes_names_and_regions_must_all_fit():
    assert symbols(chroms=("1",)) == [("TWIN", "+"), ("TWIN", "-")]
    assert symbols(chroms=("22", "chr1"), names=("MYH9", "TWIN"), region=Interval("chr22", 0, 9_000)) == [
        ("MYH9", "-")
    ]
    with pytest.raises(
        InputError, match=r"no gene fits all that was asked for \(MYH9; chr1; TSS in chr1:1-5\)"
    ):
        symbols(chroms=("chr1",), names=("MYH9",), region=Interval("chr1", 0, 5))


def test_a_region_takes_the_genes_whose_tss_lies_in_it():
    assert symbols(region=Interval("chr22", 2_000, 3_000)) == [("HMOX1", "+")]
    assert symbols(region=Interval("chr22", 1_999, 3_001)) == [("HMOX1", "+"), ("MYH9", "-")]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hmox1", "did you mean HMOX1?"),
        ("HMOX", "did you mean HMOX1?"),
        ("ENSG0000010034", "did you mean ENSG00000100345 or"),
        ("zzz", "genes are named by symbol or id, as in the annotation"),
    ],
)
def test_an_unknown_gene_is_named_with_those_like_it(name, hint):
    with pytest.raises(InputError, match=rf"^unknown gene '{name}'; ") as caught:
        symbols(names=("MYH9", name))
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("hmox1", "unknown gene 'hmox1'; did you mean HMOX1? All names: genes.gtf"),
        ("zzz", "unknown gene 'zzz'; genes are named by symbol or id, as in genes.gtf"),
    ],
)
def test_an_unknown_gene_is_told_with_the_place_where_all_names_stand(name, told):
    with pytest.raises(InputError) as caught:
        symbols(names=(name,), listed_in="genes.gtf")
    assert str(caught.value) == told


def test_an_unknown_chromosome_is_named_with_some_that_there_are():
    with pytest.raises(InputError, match=r"'chr7' is no chromosome .*; it has chr22, chr1, HLA:1-2$"):
        symbols(chroms=("chr22", "chr7"))


@given(start=st.integers(0, 49_999), length=st.integers(1, 50_000), commas=st.booleans())
def test_a_region_reads_back_as_the_interval_that_wrote_it(start, length, commas):
    interval = Interval("chr22", start, min(start + length, 50_000))
    text = str(interval) if commas else str(interval).replace(",", "")
    assert parse_region(text, SIZES) == interval
    assert parse_region(text.removeprefix("chr"), SIZES) == interval


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("chr22", Interval("chr22", 0, 50_000)),
        ("22", Interval("chr22", 0, 50_000)),
        ("chr22:1-1", Interval("chr22", 0, 1)),
        (" chr22:1-50,000 ", Interval("chr22", 0, 50_000)),
        ("HLA:1-2", Interval("HLA:1-2", 0, 100)),
        ("HLA:1-2:3-4", Interval("HLA:1-2", 2, 4)),
    ],
)
def test_regions_are_1_based_and_inclusive(text, interval):
    assert parse_region(text, SIZES) == interval


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("chr22:0-5", "not on chr22, whose bases are 1 to 50,000"),
        ("chr22:6-5", "not on chr22, whose bases are 1 to 50,000"),
        ("chr22:1-50,001", "not on chr22, whose bases are 1 to 50,000"),
        ("chr22:,-5", "not on chr22, whose bases are 1 to 50,000"),
        ("chr22:5", "is no region; write it as chr22:36,000,000-36,500,000"),
        ("chr22:a-b", "is no region"),
        ("chr7:1-5", "'chr7' is no chromosome of the genome"),
        ("chr7", "'chr7' is no chromosome of the genome"),
        ("", "'' is no chromosome of the genome"),
    ],
)
def test_what_is_no_region_of_the_genome_is_refused(text, problem):
    with pytest.raises(InputError) as caught:
        parse_region(text, SIZES)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
