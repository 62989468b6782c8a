"""Names of genes do not run into each other, and the gene in focus always has one."""

from hypothesis import given
from hypothesis import strategies as st

from seq2exp_tracks.exports.gene_labels import ARROW, LETTER, ROWS, place_names
from seq2exp_tracks.exports.picture import GenePanel
from seq2exp_tracks.genome import Gene, Strand

WIDTH = 10_000


@given(
    st.lists(
        st.tuples(st.integers(0, WIDTH), st.sampled_from(Strand), st.integers(1, 12)), min_size=1, max_size=30
    )
)
def test_no_two_names_of_a_row_overlap_and_the_focus_stands_in_the_first(
    drawn: list[tuple[int, Strand, int]],
) -> None:
    genes = tuple(
        Gene(f"g{number}", "X" * length, "chr1", tss, strand)
        for number, (tss, strand, length) in enumerate(drawn)
    )
    rows = place_names(GenePanel("", "", genes, "g0"), (0, WIDTH))
    assert rows["g0"] == 0
    assert set(rows.values()) <= set(range(ROWS))

    def covers(gene: Gene) -> tuple[float, float]:
        length = (ARROW + LETTER * len(gene.name)) * WIDTH
        return (gene.tss, gene.tss + length) if gene.strand is Strand.PLUS else (gene.tss - length, gene.tss)

    placed = [(rows[gene.id], *covers(gene)) for gene in genes if gene.id in rows]
    for index, (row, low, high) in enumerate(placed):
        for other, start, end in placed[index + 1 :]:
            assert row != other or high < start or low > end
