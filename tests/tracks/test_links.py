"""The links that a run writes: which elements, in which order, with which contact."""

from pathlib import Path

import numpy as np
import pytest
from drawn_windows import scores_of

from seq2exp_tracks.genome import ChromSizes, Gene, Interval, Strand
from seq2exp_tracks.io.bedpe import write_links_bedpe
from seq2exp_tracks.io.element_rows import Link
from seq2exp_tracks.io.run_folder import RunFolder
from seq2exp_tracks.manifest import Chromosome, Manifest, ModelEntry
from seq2exp_tracks.run_reader import Run
from seq2exp_tracks.scores import WindowScores
from seq2exp_tracks.tracks.elements import Element, ElementSettings
from seq2exp_tracks.tracks.links import link_of
from seq2exp_tracks.tracks.merge import MergeRule, merge_order
from seq2exp_tracks.tracks.writer import RunWriter

SIZES = ChromSizes({"chr2": 9_000, "chr1": 20_000})
WINDOW = 8_000


def scores(name: str, chrom: str, tss: int, strand: Strand, contact: float | None) -> WindowScores:
    """A window with elements of 60 bp every 800 bp: some promoter, some distal."""
    gene = Gene(f"id of {name}", name, chrom, tss, strand)
    inside = min(tss + WINDOW // 2, SIZES[chrom]) - max(tss - WINDOW // 2, 0)
    bases = np.arange(inside)
    learned = np.where(bases % 800 < 60, 0.6 + bases / 100_000, 0.1)
    rising = None if contact is None else contact + bases / 1000
    return scores_of(gene, WINDOW, learned, contact=rising, sizes=SIZES)


SCORES = sorted(
    [
        scores("A", "chr1", 5_000, Strand.PLUS, 0.25),
        scores("B one", "chr1", 6_000, Strand.MINUS, None),
        scores("C", "chr2", 100, Strand.PLUS, 1.5),
        scores("OFF", "chr2", 9_500, Strand.PLUS, None),
    ],
    key=lambda one: merge_order(one.window, SIZES),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("links") / "run"
    settings = ElementSettings(top_share=None, threshold=0.5)
    with RunFolder(folder) as opened:
        options = {"merge": MergeRule.MAX, "elements": settings, "per_gene": False, "labels": False}
        with RunWriter(opened, SIZES, **options) as writer:  # type: ignore[arg-type]  # of mixed kinds
            for one in SCORES:
                writer.add(one)
            files, _ = writer.finish()
        chroms = tuple(Chromosome(name, length) for name, length in SIZES.items())
        model = ModelEntry("soft", WINDOW, {}, "none", "0" * 64)
        manifest = Manifest("toy", chroms, model, "max", len(SCORES), files, (), {}, {})
        manifest.write(opened.path("manifest.json"))
    return Run.open(folder)


def rows(run: Run, name: str) -> list[list[str]]:
    return [line.split("\t") for line in (run.folder / name).read_text().splitlines()]


def test_every_distal_element_is_linked_to_the_tss_of_its_gene_in_the_order_of_elements(run: Run) -> None:
    tss = {one.window.gene.id.replace(" ", "_"): one.window.gene.tss for one in SCORES}
    columns, *elements = rows(run, "elements.bed")
    expected = []
    for fields in elements:
        row = dict(zip(columns, fields, strict=True))
        place, site = [row["#chrom"], row["start"], row["end"]], tss[row["gene_id"]]
        if row["class"] == "distal" and row["gene_id"] != "id_of_OFF":
            expected.append(
                [
                    *(*place, row["#chrom"], str(site), str(site + 1), row["name"], row["score"], "."),
                    *(row[name] for name in ("strand", "gene_id", "gene_name", "sd", "distance", "contact")),
                ]
            )
    _, *links = rows(run, "links.bedpe")
    assert links == expected
    assert {link[10] for link in links} == {"id_of_A", "id_of_B_one", "id_of_C"}


def test_contact_is_the_mean_of_the_bases_and_a_dot_without_contacts(run: Run) -> None:
    columns, *elements = rows(run, "elements.bed")
    contact = columns.index("contact")
    assert contact == len(columns) - 1
    # The window of A begins at base 1000, where contact is 0.25, and rises by 0.001 a base.
    found = {row[3]: row[contact] for row in elements}
    assert (found["A.1"], found["A.2"]) == ("0.2795", "1.0795")
    assert {value for name, value in found.items() if name.startswith("B")} == {"."}


def test_the_table_of_links_is_the_file_of_links_byte_for_byte(run: Run, tmp_path: Path) -> None:
    write_links_bedpe(tmp_path / "again.bedpe", run.link_table())
    assert (tmp_path / "again.bedpe").read_bytes() == (run.folder / "links.bedpe").read_bytes()
    entry = next(entry for entry in run.manifest.files if entry.content == "links")
    assert (entry.path, entry.kind) == ("links.bedpe", "bedpe")


@pytest.mark.parametrize(
    ("start", "tss", "linked"),
    [(2_999, 1_999, True), (2_998, 1_999, False), (100, -901, False), (5, 9_500, False)],
)
def test_promoters_and_genes_off_the_chromosome_have_no_links(start: int, tss: int, linked: bool) -> None:
    gene = Gene("g", "G", "chr2", tss, Strand.PLUS)
    element = Element(Interval("chr2", start, start + 60), gene, 0.5, 0.1, None)
    link = link_of(element, 3, SIZES["chr2"])
    assert link == (Link(element.row(3), tss) if linked else None)
