import random
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pybigtools
import pyBigWig
import pytest
from drawn_windows import scores_of
from full_disk import no_file_larger_than

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.bigwig_bins import BigWigBins
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import FileEntry, sha256_of
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.bins import BinRule, Bins
from seq2exp_tracks.tracks.elements import ElementSettings, call_elements
from seq2exp_tracks.tracks.listing import RUN_FILES
from seq2exp_tracks.tracks.merge import MergeRule, merge_definition, merge_order
from seq2exp_tracks.tracks.summary import RunSummary
from seq2exp_tracks.tracks.track import TRACKS
from seq2exp_tracks.tracks.writer import RunWriter

SIZES = ChromSizes({"chr1": 4000, "chr2": 900, "chr10": 700})
SETTINGS = ElementSettings(top_share=0.2, gap=3, min_length=5)
WINDOW = 400


def smooth(generator: np.random.Generator, length: int) -> np.ndarray:
    """Scores that rise and fall over tens of bases, so that elements are called."""
    waves = np.convolve(generator.normal(size=length + 40), np.ones(41) / 8, mode="valid")
    return (1 / (1 + np.exp(-waves))).astype(np.float32)


def gene_scores(number: int, chrom: str, tss: int, strand: Strand) -> WindowScores:
    generator = np.random.default_rng(number)
    gene = Gene(f"id{number}", f"GENE {number}", chrom, tss, strand)
    inside = min(tss + WINDOW // 2, SIZES[chrom]) - max(tss - WINDOW // 2, 0)
    return scores_of(
        gene,
        WINDOW,
        smooth(generator, inside),
        sd=smooth(generator, inside) / 4,
        applied=smooth(generator, inside),
        excluded=range(inside // 3, inside // 3 + 7),
        expression=float(generator.normal(1.5)),
        imputed=("utr5",) if number % 3 == 0 else (),
        contact=smooth(generator, inside) if number % 2 else None,
        sizes=SIZES,
    )


def all_scores() -> list[WindowScores]:
    """Fourteen genes: overlapping windows, both strands, padded ends, a shared TSS, one off the end."""
    places = [
        *(("chr1", tss, Strand.PLUS) for tss in (10, 300, 450, 2000, 2000, 3990, 4050)),
        *(("chr1", tss, Strand.MINUS) for tss in (300, 2100)),
        *(("chr10", tss, Strand.MINUS) for tss in (0, 350, 699)),
        *(("chr10", tss, Strand.PLUS) for tss in (351, 690)),
    ]
    scores = [gene_scores(number, *place) for number, place in enumerate(places)]
    return sorted(scores, key=lambda one: merge_order(one.window, SIZES))


Run = tuple[Path, tuple[FileEntry, ...], RunSummary]


def write_run(
    out: Path,
    scores: list[WindowScores],
    rule: MergeRule = MergeRule.MAX,
    *,
    labels: bool = True,
    **more: object,
) -> Run:
    with RunFolder(out) as folder:
        options = {"merge": rule, "elements": SETTINGS, "per_gene": True, "labels": labels} | more
        with RunWriter(folder, SIZES, **options) as writer:  # type: ignore[arg-type]  # of mixed kinds
            for one in scores:
                number = int(one.window.gene.id[2:])
                measured = None if number == 1 or not labels else number / 8
                writer.add(one, measured, ("no_contacts",) if number == 2 else ())
            entries, summary = writer.finish()
        folder.path("manifest.json").write_text("{}")
    return out, entries, summary


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("run") / "out", all_scores())


def read_bigwig(path: Path) -> dict[tuple[str, int], float]:
    """Value of every base that has one, by two readers that have to agree."""
    with pyBigWig.open(str(path)) as file:
        assert list(file.chroms().items()) == list(SIZES.items())
        first = {chrom: np.array(file.values(chrom, 0, length)) for chrom, length in SIZES.items()}
    other = pybigtools.open(str(path))
    for chrom, length in SIZES.items():
        np.testing.assert_array_equal(other.values(chrom, 0, length, fillna=None), first[chrom])
    return {
        (chrom, int(base)): float(values[base])
        for chrom, values in first.items()
        for base in np.flatnonzero(~np.isnan(values))
    }


def read_bed(path: Path) -> tuple[list[str], list[list[str]]]:
    header, *rows = path.read_text().splitlines()
    return header.removeprefix("#").split("\t"), [row.split("\t") for row in rows]


@pytest.mark.parametrize("rule", list(MergeRule))
def test_merged_tracks_hold_the_definition_to_the_stated_precision(tmp_path: Path, rule: MergeRule) -> None:
    out, _, summary = write_run(tmp_path / "out", all_scores(), rule)
    for spec in TRACKS:
        expected = merge_definition(rule, spec, all_scores())
        found = read_bigwig(out / f"{spec.name}.bw")
        assert found.keys() == expected.keys()
        assert summary.covered_bases == len(expected)
        for base, value in expected.items():
            assert found[base] == pytest.approx(float(value), abs=0.5 * 10**-spec.decimals + 1e-6)


@pytest.mark.parametrize("rule", list(BinRule))
def test_bins_of_a_run_are_those_of_its_bases(tmp_path: Path, rule: BinRule) -> None:
    out, entries, summary = write_run(tmp_path / "out", all_scores(), bins=Bins(10, rule), precision=5)
    plain, _, whole = write_run(tmp_path / "plain", all_scores(), precision=7)
    assert summary == whole
    assert (out / "elements.bed").read_bytes() == (plain / "elements.bed").read_bytes()
    for name in ("mask.bw", "mask.applied.bw", "genes/id4.mask.bw"):
        bases: dict[tuple[str, int], list[float]] = {}
        for (chrom, base), value in read_bigwig(plain / name).items():
            bases.setdefault((chrom, base // 10), []).append(value)
        expected = {
            (chrom, base): max(told) if rule is BinRule.MAX else sum(told) / len(told)
            for (chrom, index), told in bases.items()
            for base in range(index * 10, min(index * 10 + 10, SIZES[chrom]))
        }
        found = read_bigwig(out / name)
        assert found == {base: pytest.approx(value, abs=0.6e-5) for base, value in expected.items()}
    described = {entry.path: (entry.decimals, entry.description) for entry in entries}
    assert described["mask.bw"][0] == 5
    assert described["mask.bw"][1].endswith(f"; {rule} of 10 bp")
    assert described["expression.plus.bw"][0] == 4


def test_a_run_in_bins_is_shown_as_its_files_hold_it(tmp_path: Path) -> None:
    out, _, _ = write_run(tmp_path / "out", all_scores(), bins=Bins(10))
    values = np.full(SIZES["chr1"], np.nan)
    for (chrom, base), value in read_bigwig(out / "mask.bw").items():
        if chrom == "chr1":
            values[base] = value
    shown = BigWigBins(out / "mask.bw", SIZES)
    for size in (1, 16, 128):
        count = SIZES["chr1"] // size
        bins = values[: count * size].reshape(count, size)
        total, covered = shown.sums("chr1", 0, size, count)
        np.testing.assert_allclose(total, np.nansum(bins, axis=1), atol=1e-5)
        np.testing.assert_array_equal(covered, np.isfinite(bins).sum(axis=1))


def test_a_genes_own_files_hold_its_window_before_merging(run: Run) -> None:
    out, entries, _ = run
    for scores in all_scores():
        inside = scores.window.inside
        for suffix, values in (("mask", scores.learned), ("sd", scores.sd)):
            path = f"genes/{scores.window.gene.id}.{suffix}.bw"
            (entry,) = (one for one in entries if one.path == path)
            assert entry.gene_id == scores.window.gene.id
            assert entry.decimals is not None
            found = read_bigwig(out / path)
            assert list(found) == [(inside.chrom, base) for base in range(inside.start, inside.end)]
            np.testing.assert_allclose(list(found.values()), values, atol=0.51 * 10**-entry.decimals)


def test_expression_stands_at_the_tss_the_highest_where_genes_share_it(run: Run) -> None:
    out, _, summary = run
    for strand, name in ((Strand.PLUS, "expression.plus"), (Strand.MINUS, "expression.minus")):
        expected: dict[tuple[str, int], float] = {}
        for scores in all_scores():
            gene = scores.window.gene
            if gene.strand is strand and gene.tss < SIZES[gene.chrom]:
                place = (gene.chrom, gene.tss)
                expected[place] = max(scores.expression, expected.get(place, -9.0))
        found = read_bigwig(out / f"{name}.bw")
        assert found == {place: pytest.approx(value, abs=0.51e-4) for place, value in expected.items()}
    assert summary.shared_tss == 1


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
