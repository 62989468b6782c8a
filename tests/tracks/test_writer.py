"""Tables and listing of a run, and runs that cannot be written."""

import random
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from drawn_windows import scores_of
from full_disk import no_file_larger_than
from written_runs import SETTINGS, SIZES, Run, all_scores, read_bed, read_bigwig, write_run

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import Gene, Strand
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.tracks.elements import call_elements
from seq2exp_tracks.tracks.listing import RUN_FILES
from seq2exp_tracks.tracks.merge import merge_order


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("run") / "out", all_scores())


def test_elements_are_those_of_every_gene_in_the_order_of_the_genome(run: Run) -> None:
    out, _, summary = run
    columns, rows = read_bed(out / "elements.bed")
    expected = []
    for scores in all_scores():
        gene = scores.window.gene
        for number, element in enumerate(call_elements(scores, SETTINGS), start=1):
            start, end = element.interval.start, element.interval.end
            expected.append(
                {
                    "chrom": gene.chrom,
                    "start": str(start),
                    "end": str(end),
                    "name": f"GENE_{gene.id[2:]}.{number}",
                    "score": str(round(1000 * element.score)),
                    "strand": str(gene.strand),
                    "gene_id": gene.id,
                    "gene_name": f"GENE_{gene.id[2:]}",
                    "mean_score": f"{element.score:.3f}",
                    "sd": f"{element.sd:.4f}",
                    "distance": str(element.distance),
                    "class": "promoter",
                    "contact": "." if element.contact is None else f"{element.contact:.4f}",
                }
            )
    expected.sort(
        key=lambda row: (SIZES.rank(row["chrom"]), int(row["start"]), int(row["end"]), row["gene_id"])
    )
    assert [dict(zip(columns, row, strict=True)) for row in rows] == expected
    assert len(rows) == summary.elements > 20


def test_genes_stand_in_the_order_of_the_genome_and_one_off_the_chromosome_only_in_parquet(run: Run) -> None:
    out, _, summary = run
    columns, rows = read_bed(out / "genes.bed")
    places = [(row[0], int(row[1]), row[columns.index("gene_id")]) for row in rows]
    genes = [scores.window.gene for scores in all_scores()]
    ordered = sorted(
        ((gene.chrom, gene.tss, gene.id) for gene in genes), key=lambda p: (SIZES.rank(p[0]), *p[1:])
    )
    assert places == [place for place in ordered if place[1] < SIZES[place[0]]]
    table = pq.read_table(out / "genes.parquet").to_pylist()
    assert [(row["chrom"], row["tss"], row["gene_id"]) for row in table] == ordered
    assert (summary.genes, summary.off_chromosome) == (14, 1)
    assert summary.notes()[0].startswith("1 genes have their TSS off the chromosome")


def test_measured_expression_flags_and_imputed_features_are_written(run: Run) -> None:
    table = {row["gene_id"]: row for row in pq.read_table(run[0] / "genes.parquet").to_pylist()}
    assert (table["id1"]["measured"], table["id5"]["measured"]) == (None, 0.625)
    assert table["id2"]["flags"] == ["no_contacts"]
    assert table["id0"]["flags"] == ["padded", "features_imputed"]
    assert table["id3"]["imputed"] == ["utr5"]


def test_without_labels_there_is_no_column_of_measured_expression(tmp_path: Path) -> None:
    out, _, _ = write_run(tmp_path / "out", all_scores()[:2], labels=False)
    assert "measured" not in pq.read_table(out / "genes.parquet").column_names
    assert "measured" not in read_bed(out / "genes.bed")[0]


def test_every_file_is_listed_with_its_size_and_checksum(run: Run) -> None:
    out, entries, _ = run
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} - {
        "manifest.json"
    }
    assert {entry.path for entry in entries} == found
    assert [entry.path for entry in entries[: len(RUN_FILES)]] == [
        *("mask.bw", "mask.sd.bw", "mask.applied.bw", "expression.plus.bw", "expression.minus.bw"),
        *("genes.bed", "elements.bed", "links.bedpe", "genes.parquet"),
    ]
    assert set(RUN_FILES) == {entry.path for entry in entries[: len(RUN_FILES)]}
    for entry in entries:
        assert (entry.bytes, entry.sha256) == ((out / entry.path).stat().st_size, sha256_of(out / entry.path))
        assert (entry.kind == "bigwig") == (entry.track is not None) == (entry.unit is not None)


def test_bytes_do_not_depend_on_the_order_in_which_genes_were_scored(run: Run, tmp_path: Path) -> None:
    scores = all_scores()
    random.Random(1).shuffle(scores)
    scores.sort(key=lambda one: merge_order(one.window, SIZES))
    assert write_run(tmp_path / "out", scores)[1] == run[1]


def test_a_run_without_any_gene_has_all_files(tmp_path: Path) -> None:
    out, entries, summary = write_run(tmp_path / "out", [])
    assert tuple(sorted(entry.path for entry in entries)) == tuple(sorted(RUN_FILES))
    assert read_bigwig(out / "mask.bw") == {}
    assert (summary.genes, summary.elements_per_gene, summary.element_length) == (0, 0.0, None)


def test_predictions_that_cannot_be_are_counted_and_told(tmp_path: Path) -> None:
    scores = all_scores()
    some = [replace(one, expression=400.0) if number in (2, 9) else one for number, one in enumerate(scores)]
    out, _, summary = write_run(tmp_path / "out", some)
    table = pq.read_table(out / "genes.parquet").to_pylist()
    assert sum("implausible" in row["flags"] for row in table) == summary.implausible == 2
    (warning,) = summary.warnings()
    assert warning == (
        "predicted expression is above 20 in 2 of 14 genes: no log10(1 + CAGE) is; features or signals are "
        "on another scale than in training (seq2exp-tracks doctor finds which)"
    )
    assert summary.notes()[0] == warning


def test_a_gene_that_comes_twice_is_refused(tmp_path: Path) -> None:
    scores = all_scores()
    with pytest.raises(ValueError, match="gene id0 was written before"):
        write_run(tmp_path / "out", [scores[0], *scores])
    assert list(tmp_path.iterdir()) == []


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    gene = Gene("id0", "g", "chr1", 50, Strand.PLUS)
    with pytest.raises(ValueError, match="not a finite number"):
        write_run(tmp_path / "out", [scores_of(gene, 4, float("nan"), sizes=SIZES)])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with no_file_larger_than(2000), pytest.raises(OutputError, match=r"cannot be written \(File too large\)"):
        write_run(tmp_path / "out", all_scores())
    assert list(tmp_path.iterdir()) == []
