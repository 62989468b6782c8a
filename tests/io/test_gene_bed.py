import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Strand
from seq2exp_tracks.io.gene_bed import read_bed_genes
from seq2exp_tracks.io.gene_rows import GeneRow

PLACES = st.tuples(st.integers(0, 10**6), st.integers(1, 10**5), st.sampled_from("+-"))


def write(folder, text):
    path = folder / "genes.bed"
    path.write_text(text)
    return path


def transcript(name, start, end, strand):
    """A row of BED12 with one exon."""
    return f"chr1\t{start}\t{end}\t{name}\t0\t{strand}\t{start}\t{start}\t0\t1\t{end - start},\t0,\n"


@given(places=st.lists(PLACES, min_size=1, max_size=8))
def test_the_tss_is_the_first_transcribed_base_or_the_middle_of_each_row(tmp_path_factory, places):
    text = "".join(
        f"chr1\t{start}\t{start + length}\tg{place}\t0\t{strand}\n"
        for place, (start, length, strand) in enumerate(places)
    )
    path = write(tmp_path_factory.mktemp("bed"), text)
    by_strand, by_middle = read_bed_genes(path, "strand"), read_bed_genes(path, "middle")
    assert [row.tss for row in by_strand] == [
        start if strand == "+" else start + length - 1 for start, length, strand in places
    ]
    assert [row.tss for row in by_middle] == [start + length // 2 for start, length, _ in places]
    assert [row.strand for row in by_strand] == [Strand(strand) for _, _, strand in places]


def test_a_header_names_further_columns(tmp_path):
    path = write(
        tmp_path,
        "#chr\tstart\tend\tname\tscore\tstrand\tEnsembl_ID\tgene_type\n"
        "chr1\t10\t20\tA\t0\t-\tENSG00000000001\tlincRNA\n",
    )
    assert read_bed_genes(path, "strand") == [
        GeneRow("ENSG00000000001", "A", "chr1", 19, Strand.MINUS, "lincRNA")
    ]


def test_columns_that_no_header_names_are_not_guessed_at(tmp_path):
    path = write(tmp_path, "# made by hand\nchr1\t10\t20\tA\t0\t+\tENSG00000000001\tlincRNA\n")
    assert read_bed_genes(path, "strand") == [GeneRow("A", "A", "chr1", 10, Strand.PLUS, None)]


def test_transcripts_of_one_name_are_one_gene_at_the_5_prime_most_start(tmp_path):
    path = write(
        tmp_path,
        transcript("A", 500, 900, "+")
        + transcript("B", 10, 80, "-")
        + transcript("A", 400, 700, "+")
        + transcript("B", 5, 95, "-")
        + transcript("A", 30, 60, "-"),
    )
    assert read_bed_genes(path, "strand") == [
        GeneRow("A", "A", "chr1", 400, Strand.PLUS, None),
        GeneRow("B", "B", "chr1", 94, Strand.MINUS, None),
        GeneRow("A", "A", "chr1", 59, Strand.MINUS, None),
    ]


def test_rows_of_one_name_in_bed6_stay_apart(tmp_path):
    path = write(tmp_path, "chr1\t10\t20\tA\t0\t+\nchr1\t30\t40\tA\t0\t+\n")
    assert [row.tss for row in read_bed_genes(path, "strand")] == [10, 30]


def test_windows_without_name_or_strand_have_their_tss_in_the_middle_when_asked(tmp_path):
    path = write(tmp_path, "chr1\t10\t20\nchr1\t30\t50\t.\t0\t.\nchr1\t70\t72\t\t0\t-\n")
    assert read_bed_genes(path, "middle") == [
        GeneRow("chr1_10_20", "chr1_10_20", "chr1", 15, Strand.PLUS, None),
        GeneRow("chr1_30_50", "chr1_30_50", "chr1", 40, Strand.PLUS, None),
        GeneRow("chr1_70_72", "chr1_70_72", "chr1", 71, Strand.MINUS, None),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("chr1\t10\t20\tA", "no strand in column 6, so its TSS is not known; use --bed-tss middle"),
        ("chr1\t10\t20\tA\t0\t.", "no strand in column 6"),
        ("chr1\t10\t20\tA\t0\tplus", "not a strand: 'plus'"),
        ("chr1\t20\t10\tA\t0\t+", "not an interval: chr1 20 10"),
        ("chr1\t20", "2 columns, BED needs at least 3"),
    ],
)
def test_a_malformed_line_is_named_with_its_number(tmp_path, line, problem):
    with pytest.raises(InputError) as caught:
        read_bed_genes(write(tmp_path, f"track name=x\n{line}\n"), "strand")
    assert f"genes.bed:2: {problem}" in str(caught.value)
    assert "\n" not in str(caught.value)
