from dataclasses import fields

import pyarrow as pa
import pytest
from drawn_windows import SIZES, scores_of

from seq2exp_tracks.genome import Gene, Interval, Strand
from seq2exp_tracks.tracks.elements import Element
from seq2exp_tracks.tracks.genes import FLAGS, GeneRow, bed_columns, gene_row, parquet_schema

GENE = Gene("g1", "MYH9", "chr10", 1, Strand.MINUS)
SCORES = scores_of(
    GENE, 6, [0.5, 0.75, 0.25, 1.0], applied=[1, 1, 0, 0], excluded=[3], expression=1.23456, imputed=("utr5",)
)
ELEMENTS = [
    Element(Interval("chr10", 0, 3), GENE, 0.5, 0.1, None),
    Element(Interval("chr10", 3, 4), GENE, 0.5, 0.1, None),
]


def test_a_row_says_everything_of_a_gene() -> None:
    assert gene_row(SCORES, ELEMENTS, SIZES["chr10"], 1.5, ["no_contacts"]) == GeneRow(
        gene_id="g1",
        gene_name="MYH9",
        chrom="chr10",
        tss=1,
        strand="-",
        expression=1.2346,
        measured=1.5,
        window_start=0,
        window_end=4,
        pad_left=2,
        pad_right=0,
        scored_bases=3,
        blacklisted_bases=1,
        mean_mask=0.5,
        kept_share=0.5,
        n_elements=2,
        median_element_length=2.0,
        flags=("padded", "features_imputed", "no_contacts"),
        imputed=("utr5",),
    )


def test_what_is_not_there_is_none_not_zero() -> None:
    scores = scores_of(GENE, 4, 0.5, excluded=[0, 1, 2])
    row = gene_row(scores, [], SIZES["chr10"], None, [])
    assert (row.scored_bases, row.mean_mask, row.median_element_length, row.measured) == (0, None, None, None)


def test_a_tss_off_the_chromosome_is_flagged() -> None:
    scores = scores_of(Gene("g", "g", "chr10", SIZES["chr10"], Strand.PLUS), 6, 0.5)
    row = gene_row(scores, [], SIZES["chr10"], None, [])
    assert row.flags == ("padded", "tss_off_chromosome")
    assert not row.on_chromosome


@pytest.mark.parametrize(
    ("expression", "flags"), [(20.0, ()), (20.5, ("implausible",)), (715.0, ("implausible",))]
)
def test_a_prediction_that_no_gene_can_have_is_flagged(expression: float, flags: tuple[str, ...]) -> None:
    scores = scores_of(Gene("g", "g", "chr10", 5, Strand.PLUS), 6, 0.5, expression=expression)
    assert gene_row(scores, [], SIZES["chr10"], None, []).flags == flags


def test_unknown_flags_are_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown flags of gene g1: \['odd'\]"):
        gene_row(SCORES, [], SIZES["chr10"], None, ["odd"])


@pytest.mark.parametrize(
    ("expression", "score"), [(-0.2, 0), (0.0, 0), (1.0, 250), (1.2346, 309), (4.0, 1000), (5.5, 1000)]
)
def test_bed_scores_grow_with_expression_up_to_1000(expression: float, score: int) -> None:
    row = gene_row(scores_of(GENE, 6, 0.5, expression=expression), [], SIZES["chr10"], None, [])
    assert row.bed(labels=False)[4] == score


def test_the_bed_row_stands_at_the_tss_and_has_the_columns() -> None:
    row = gene_row(SCORES, ELEMENTS, SIZES["chr10"], 1.5, [])
    assert dict(zip(bed_columns(labels=True), row.bed(labels=True), strict=True)) == {
        "chrom": "chr10",
        "start": 1,
        "end": 2,
        "name": "MYH9",
        "score": 309,
        "strand": "-",
        "gene_id": "g1",
        "expression": "1.2346",
        "measured": 1.5,
        "window_start": 0,
        "window_end": 4,
        "pad_left": 2,
        "pad_right": 0,
        "n_elements": 2,
        "flags": "padded,features_imputed",
    }
    assert len(row.bed(labels=False)) == len(bed_columns(labels=False)) == 14


def test_the_parquet_columns_are_the_attributes_measured_only_with_labels() -> None:
    columns = [column.name for column in fields(GeneRow)]
    assert list(parquet_schema(labels=True)) == columns
    assert list(parquet_schema(labels=False)) == [name for name in columns if name != "measured"]
    assert parquet_schema(labels=False)["flags"] == pa.list_(pa.string())


def test_every_flag_is_explained() -> None:
    assert all(FLAGS.values())
