"""Pictures of genes and places: what their panels hold, and that they are drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from example_run import WINDOW, ExampleRun, write_run
from matplotlib.image import imread

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.exports.drawing import WIDTH_PIXELS
from seq2exp_tracks.exports.picture import BlockPanel, CurvePanel, GenePanel, Panel, Picture
from seq2exp_tracks.exports.plot import gene_picture, plot_gene, plot_region, region_picture
from seq2exp_tracks.genome import Interval
from seq2exp_tracks.palette import TRACKS
from seq2exp_tracks.run_reader import Run


def panel(picture: Picture, label: str) -> Panel:
    return next(panel for panel in picture.panels if panel.label == label)


def curve(picture: Picture, label: str) -> CurvePanel:
    found = panel(picture, label)
    assert isinstance(found, CurvePanel)
    return found


def picture_of(example: ExampleRun, gene: str, truth: bool = True) -> Picture:
    run = Run.open(example.folder)
    return gene_picture(run, run.find(gene), example.genome.truth if truth else None)


def has_colour(image: np.ndarray, colour: str) -> bool:
    wanted = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])
    return bool((abs(image[..., :3] * 255 - wanted).max(axis=-1) < 2).any())


def test_a_genes_panels_stand_in_the_order_of_reading_signals_mask_elements_truth(
    example: ExampleRun,
) -> None:
    assert [panel.label for panel in picture_of(example, "A10").panels] == [
        "Genes",
        "DNase",
        "H3K27ac",
        "Hi-C contact",
        "Learned mask",
        "Applied mask",
        "Called elements",
        "Planted truth",
    ]


def test_title_and_subtitle_name_gene_expression_place_genome_model_and_merge_rule(
    example: ExampleRun,
) -> None:
    run = Run.open(example.folder)
    scored = replace(run.find("A02"), measured=-0.5)
    picture = gene_picture(run, scored, None)
    tss = scored.gene.tss
    assert picture.title == "A02"
    assert [line.split("   ·   ") for line in picture.subtitle] == [
        ["predicted 1.25 log10(1 + CAGE)", "measured \N{MINUS SIGN}0.50 (expression)"],
        ["SIMG00002", "minus strand", f"chrA:{tss - 10_000 + 1:,}-{tss + 10_000:,}"],
        ["genome simulated", "Seq2Exp soft, window 20,000 bp", "overlapping windows merged by max"],
    ]
    without = gene_picture(run, replace(scored, measured=None), None)
    assert "measured" not in without.subtitle[0]
    of_cells = replace(run, manifest=replace(run.manifest, cells="K562, my lab"))
    assert gene_picture(of_cells, scored, None).subtitle[2] == f"K562, my lab   ·   {picture.subtitle[2]}"


def test_curves_are_nan_beyond_the_chromosome_and_have_the_runs_values_inside(example: ExampleRun) -> None:
    picture = picture_of(example, "A01")
    pad = WINDOW // 2 - 4_000
    assert (picture.start, picture.end) == (-pad, WINDOW - pad)
    assert picture.beyond == [(-pad, 0)]
    dnase, mask = curve(picture, "DNase").values, curve(picture, "Learned mask").values
    contact = curve(picture, "Hi-C contact").values
    assert dnase is not None
    assert mask is not None
    assert contact is not None
    for values in (dnase, mask, contact):
        assert len(values) == WINDOW
        assert np.isnan(values[:pad]).all()
        assert np.isfinite(values[pad:]).all()
    np.testing.assert_allclose(mask[pad:], (dnase[pad:] + 1) / (dnase[pad:] + 3), atol=6e-4)


def test_elements_are_the_genes_own_and_the_truth_of_other_genes_stands_back(example: ExampleRun) -> None:
    run = Run.open(example.folder)
    lines = [line.split("\t") for line in example.genome.truth.read_text().splitlines()[1:]]
    for scored in run.genes.values():
        gene = scored.gene
        picture = gene_picture(run, scored, example.genome.truth)
        called, truth = panel(picture, "Called elements"), panel(picture, "Planted truth")
        assert isinstance(called, BlockPanel)
        assert isinstance(truth, BlockPanel)
        assert len(called.blocks) == len(run.elements(Interval(gene.chrom, 0, 400_000), gene.id))
        own = {(int(line[1]), int(line[2])) for line in lines if line[7] == gene.id}
        active = [block for block in truth.blocks if block.kind in ("promoter", "distal element")]
        assert {(block.start, block.end) for block in active if not block.faint} == own
        assert len({(block.start, block.end) for block in truth.blocks}) == len(truth.blocks)


def test_the_merged_mask_is_shown_and_said_where_a_gene_has_no_file_of_its_own(
    example: ExampleRun, tmp_path: Path
) -> None:
    bare = write_run(tmp_path / "run", example.genome, per_gene=False)
    merged, own = picture_of(bare, "A10"), picture_of(example, "A10")
    assert curve(merged, "Learned mask").unit.endswith("merged by max")
    assert curve(own, "Learned mask").unit.endswith("this gene's own window")
    assert curve(merged, "Learned mask").spread is not None


def with_rule(run: Run, **rule: float | None) -> Run:
    """The run, its elements called by another rule."""
    settings = {**run.manifest.settings, "elements": dict(rule)}
    return replace(run, manifest=replace(run.manifest, settings=settings))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"top_share": 0.1, "threshold": None}, "of this gene,\ntop 10 % of bases"),
        ({"top_share": None, "threshold": 0.5}, "of this gene,\nscore 0.5 or more"),
        ({}, "of this gene"),
    ],
)
def test_which_bases_are_called_is_told_beside_them(
    example: ExampleRun, rule: dict[str, float | None], told: str
) -> None:
    run = with_rule(Run.open(example.folder), **rule)
    assert panel(gene_picture(run, run.find("A10"), None), "Called elements").unit == told


def test_the_axis_of_the_mask_ends_at_the_tenth_that_holds_mask_and_spread(example: ExampleRun) -> None:
    for name in ("A01", "A10"):
        shown = curve(picture_of(example, name), "Learned mask")
        assert shown.values is not None
        assert shown.spread is not None
        assert shown.ceiling is not None
        highest = min(float(np.nanmax(shown.values + shown.spread)), 1.0)
        assert highest <= shown.ceiling < highest + 0.1
        assert round(shown.ceiling * 10) == pytest.approx(shown.ceiling * 10)


def test_the_hatching_is_explained_where_something_is_hatched(example: ExampleRun) -> None:
    at_the_end, whole = picture_of(example, "A01"), picture_of(example, "A10")
    assert (at_the_end.hatched, whole.hatched) == (True, False)


def test_inputs_that_are_gone_or_changed_are_said_in_their_panels(
    example: ExampleRun, tmp_path: Path
) -> None:
    run = Run.open(example.folder)
    gone, changed = tmp_path / "gone.bw", tmp_path / "changed.cool"
    changed.write_text("changed")
    moved = {"signal:DNase": gone, "contacts": changed}
    inputs = tuple(
        replace(entry, path=str(moved.get(entry.role, entry.path))) for entry in run.manifest.inputs
    )
    run = replace(run, manifest=replace(run.manifest, inputs=inputs))
    picture = gene_picture(run, run.find("A10"), None)
    dnase, contact = curve(picture, "DNase"), curve(picture, "Hi-C contact")
    assert (dnase.values, dnase.message) == (None, f"file not found: {gone}")
    assert (contact.values, contact.message) == (None, f"file has changed since the run: {changed}")
    assert curve(picture, "H3K27ac").values is not None


def test_a_run_without_hi_c_says_so(example: ExampleRun, tmp_path: Path) -> None:
    without = write_run(tmp_path / "run", example.genome, contacts=False)
    assert curve(picture_of(without, "A10"), "Hi-C contact").message == "the run was made without Hi-C"
    plot_gene(without.folder, "A10", tmp_path / "gene.png")
    assert not has_colour(imread(tmp_path / "gene.png"), TRACKS["HiC"])


def test_a_gene_is_drawn_1600_pixels_wide_with_every_track_in_its_colour(
    example: ExampleRun, tmp_path: Path
) -> None:
    out = tmp_path / "new folder" / "gene.png"
    plot_gene(example.folder, "A10", out, truth=example.genome.truth)
    image = imread(out)
    assert image.shape[1] == WIDTH_PIXELS == 1600
    assert 1_000 < image.shape[0] < 1_500
    assert [name for name, colour in TRACKS.items() if not has_colour(image, colour)] == []


def test_the_same_run_gives_the_same_picture(example: ExampleRun, tmp_path: Path) -> None:
    plot_gene(example.folder, "A01", tmp_path / "one.png")
    plot_gene(example.folder, "A01", tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_a_region_shows_all_genes_and_their_elements_without_contact(
    example: ExampleRun, tmp_path: Path
) -> None:
    run, region = Run.open(example.folder), Interval("chrA", 150_000, 330_000)
    picture = region_picture(run, region, None)
    genes, called = panel(picture, "Genes"), panel(picture, "Called elements")
    assert isinstance(genes, GenePanel)
    assert isinstance(called, BlockPanel)
    assert [gene.name for gene in genes.genes] == [f"A{number:02d}" for number in range(9, 19)]
    assert len(called.blocks) == len(run.elements(region))
    assert "Hi-C contact" not in [panel.label for panel in picture.panels]
    mask = curve(picture, "Learned mask").values
    assert mask is not None
    assert np.isnan(mask).any()
    plot_region(example.folder, region, tmp_path / "region.png")
    assert imread(tmp_path / "region.png").shape[1] == 1600


def test_what_cannot_be_drawn_is_refused_in_one_line(example: ExampleRun, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown gene 'A5'; did you mean A15 or A05"):
        plot_gene(example.folder, "A5", tmp_path / "gene.png")
    with pytest.raises(
        InputError, match=r"chrB:1-300,000: not on the run's genome, whose chrB has 250,000 bp"
    ):
        plot_region(example.folder, Interval("chrB", 0, 300_000), tmp_path / "region.png")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"gene.png: cannot be written"):
        plot_gene(example.folder, "A05", tmp_path / "file" / "gene.png")
