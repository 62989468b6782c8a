"""What the views show, where they open, and that HiGlass' own schema takes them."""

from dataclasses import replace
from typing import Any

import higlass as hg
import pytest
from example_run import ExampleRun

from higlass_views.column import Column
from higlass_views.page import Page, open_page
from higlass_views.tracks import lighter
from higlass_views.views import Views
from seq2exp_tracks import palette
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Interval

REGION = Interval("chrB", 20_000, 90_000)


def column(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The tracks of the only HiGlass view of a config."""
    (view,) = config["views"]
    assert list(view["tracks"]) == ["top"]
    tracks: list[dict[str, Any]] = view["tracks"]["top"]
    return tracks


def drawn(config: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Kind and tilesets of each track; combined ones show several."""
    return [
        (track["type"], [part["tilesetUid"] for part in track.get("contents", [track])])
        for track in column(config)
    ]


def name_of(track: dict[str, Any]) -> str:
    """The title that is drawn on a track: of a combined one, that of its labelled part."""
    named = [part["options"].get("name") for part in track.get("contents", [track])]
    return next((name for name in reversed(named) if name), "")


@pytest.fixture(scope="module")
def views(page: Page) -> Views:
    return Views(page.catalog)


def test_the_gene_view_shows_what_was_read_learned_and_called_of_one_gene(views: Views) -> None:
    view = views.gene("A10")
    rank = views.catalog.runs[0].ranks["SIMG00010"]
    own = f"r0-g{rank}"
    assert drawn(view.config()) == [
        ("horizontal-chromosome-labels", ["chromosomes"]),
        ("horizontal-gene-annotations", ["genes"]),
        ("bar", ["r0-signal0"]),
        ("bar", ["r0-signal1"]),
        ("bar", [f"{own}-contact"]),
        ("horizontal-heatmap", ["r0-map"]),
        ("combined", [f"{own}-upper", f"{own}-lower", f"{own}-mask"]),
        ("combined", [f"{own}-promoters", f"{own}-distal"]),
        ("1d-arcs", [f"{own}-links"]),
        ("point", ["r0-predicted"]),
        ("point", ["r0-measured"]),
    ]
    assert [name_of(track) for track in column(view.config())][2:] == [
        "DNase [signal of the bigWig]",
        "H3K27ac [signal of the bigWig]",
        "Hi-C contact with the TSS of A10 [log10(1 + contact)]",
        "Hi-C map, VC [contacts of two bins]",
        "Learned mask in the window of A10 [0 to 1]",
        "Elements of A10",
        "Links of A10",
        "Predicted expression [log10(1 + CAGE)]",
        "Measured expression [expression]",
    ]


def test_the_gene_view_opens_at_the_window_that_the_model_read(views: Views) -> None:
    view = views.gene("SIMG00023")
    gene = views.catalog.runs[0].run.genes["SIMG00023"].gene
    assert gene.chrom == "chrB"
    inside = views.catalog.runs[0].window(gene).inside
    assert view.region == inside
    (shown,) = view.config()["views"]
    # chrA has 400,000 bp and comes before.
    assert shown["initialXDomain"] == (400_000 + inside.start, 400_000 + inside.end)
    assert view.title == gene.name
    assert view.subtitle.startswith("predicted 1.25 log10(1 + CAGE) · measured ")
    assert view.subtitle.endswith(f" · SIMG00023 · TSS chrB:{gene.tss + 1:,} · \N{MINUS SIGN} strand")


def test_the_promoter_is_marked_through_all_tracks_and_stays_on_its_chromosome(views: Views) -> None:
    gene = views.catalog.runs[0].run.find("A10").gene
    config = views.gene("A10").config()
    (overlay,) = config["views"][0]["overlays"]
    assert overlay["includes"] == [track["uid"] for track in column(config)]
    assert overlay["options"]["extent"] == [[gene.tss - 1_000, gene.tss + 1_000]]
    # chrA ends at 400,000, where chrB begins.
    for chrom, tss, extent in (("chrA", 399_990, [398_990, 400_000]), ("chrB", 10, [400_000, 401_010])):
        edge = replace(gene, chrom=chrom, tss=tss)
        shown = Column(views.catalog.axis, True).view("x", [], title="", subtitle="", gene=edge)
        assert shown.config()["views"][0]["overlays"][0]["options"]["extent"] == [extent]


def test_a_gene_without_files_of_its_own_shows_the_merged_mask_and_says_so(other_example: ExampleRun) -> None:
    views = Views(open_page([other_example.folder]).catalog)
    config = views.gene("A10").config()
    (mask,) = (track for track in column(config) if "r0-mask" in str(track))
    assert name_of(mask) == "Learned mask, merged over genes by max [0 to 1]"
    assert [part["tilesetUid"] for part in mask["contents"]] == ["r0-upper", "r0-lower", "r0-mask"]
    assert not any("contact" in uid or "map" in uid for _, uids in drawn(config) for uid in uids)


def test_a_gene_that_only_the_second_run_has_is_shown_from_there(
    example: ExampleRun, other_example: ExampleRun
) -> None:
    opened = open_page([other_example.folder, example.folder])
    del opened.catalog.runs[0].run.genes["SIMG00010"]
    uids = {uid for _, uids in drawn(Views(opened.catalog).gene("A10").config()) for uid in uids}
    assert "r1-g9-mask" in uids
    assert not any(uid.startswith("r0-") for uid in uids)


def test_masks_have_a_fixed_scale_and_show_the_largest_value_of_a_bin(views: Views) -> None:
    for view in (views.gene("A10"), views.region(REGION), views.genome()):
        for track in column(view.config()):
            for part in track.get("contents", [track]):
                if part["tilesetUid"].split("-")[-1] in {"mask", "upper", "lower", "applied"}:
                    options = part["options"]
                    limits = (options["valueScaleMin"], options["valueScaleMax"])
                    if part["type"] == "bar" and "contents" in track:
                        # 15 pixels are the title's; the line has 6 above and below it, bars have none: 91 are
                        # left for 0 to 1.
                        assert track["height"] == 118
                        assert limits == pytest.approx((-6 / 91, 1 + 6 / 91))
                    else:
                        assert limits == (0, 1)
                    assert options["aggregationMode"] == "max"


def test_the_region_view_shows_all_genes(views: Views) -> None:
    view = views.region(REGION)
    assert [uid for _, uids in drawn(view.config()) for uid in uids] == [
        *("chromosomes", "genes", "r0-signal0", "r0-signal1", "r0-map", "r0-upper", "r0-lower", "r0-mask"),
        *("r0-applied", "r0-promoters", "r0-distal", "r0-links", "r0-predicted", "r0-measured"),
    ]
    inside = views.catalog.runs[0].run.genes_in(REGION)
    assert view.subtitle == f"{len(inside)} scored genes have their TSS in chrB:20,001-90,000"


def test_the_genome_view_shows_all_chromosomes_and_no_axis_of_absolute_positions(views: Views) -> None:
    view = views.genome()
    (shown,) = view.config()["views"]
    assert shown["initialXDomain"] == (0, 650_000)
    assert view.region is None
    assert "top-axis" not in {kind for kind, _ in drawn(view.config())}
    assert ("combined", ["r0-upper", "r0-lower", "r0-mask"]) in drawn(view.config())


def test_the_comparison_puts_the_same_track_of_both_runs_below_each_other(compared: Page) -> None:
    view = Views(compared.catalog).compare(gene="A10")
    uids = [uids[-1] for _, uids in drawn(view.config())]
    rank = compared.catalog.runs[0].ranks["SIMG00010"]
    assert uids == [
        *("chromosomes", "genes", "r0-signal0", "r1-signal0", "r0-signal1", "r1-signal1"),
        *(f"r0-g{rank}-contact", f"r0-g{rank}-mask", "r1-mask", "difference"),
        *(f"r0-g{rank}-distal", f"r1-g{rank}-distal"),
        *("r0-predicted", "r1-predicted", "r0-measured", "r1-measured"),
    ]
    assert view.title == "run against other"
    titles = [name_of(track) for track in column(view.config())]
    assert titles[8:10] == [
        "other: Learned mask, merged over genes by max [0 to 1]",
        "Learned mask of run less other, merged over genes [-1 to 1]",
    ]


def test_signals_of_one_name_share_their_scale_in_the_comparison(compared: Page) -> None:
    config = Views(compared.catalog).compare(region=REGION).config()
    locks = config["valueScaleLocks"]
    groups: dict[str, set[str]] = {}
    for member, lock in locks["locksByViewUid"].items():
        groups.setdefault(lock, set()).add(member)
    assert sorted(map(sorted, groups.values())) == [
        ["compare.r0-signal0", "compare.r1-signal0"],
        ["compare.r0-signal1", "compare.r1-signal1"],
    ]
    assert locks["locksDict"]["scale0"]["compare.r1-signal0"] == {"view": "compare", "track": "r1-signal0"}


def test_predicted_expression_has_one_scale_for_all_runs(compared: Page) -> None:
    config = Views(compared.catalog).compare().config()
    scales = [
        (track["options"]["valueScaleMin"], track["options"]["valueScaleMax"])
        for track in column(config)
        if track["uid"].endswith("-predicted")
    ]
    # Every gene of the example has 1.25: a tenth of room on both sides.
    assert scales == [(-0.125, 1.375)] * 2


def test_one_run_alone_is_not_compared(views: Views) -> None:
    with pytest.raises(InputError, match="a comparison needs two runs"):
        views.compare()


@pytest.mark.parametrize("place", [Interval("chrB", 240_000, 250_001), Interval("chrC", 1, 2)])
def test_a_region_off_the_genome_is_refused(views: Views, place: Interval) -> None:
    with pytest.raises(InputError, match=f"^{place}: not on the genome"):
        views.region(place)


def every_view(page: Page) -> list[hg.Viewconf]:
    views = Views(page.catalog)
    made = [views.gene("A10"), views.region(REGION), views.genome()]
    made += [views.compare(gene="A10")] if len(page.catalog.runs) > 1 else []
    return [view.viewconf for view in made]


def test_configs_fit_the_schema_are_relative_and_the_same_each_time(page: Page, compared: Page) -> None:
    for shown in (page, compared):
        for one, again in zip(every_view(shown), every_view(shown), strict=True):
            config = one.model_dump(exclude_none=True)
            assert config == again.model_dump(exclude_none=True)
            assert hg.Viewconf.model_validate(config).model_dump(exclude_none=True)["views"]
            tracks = column(config)
            parts = [part for track in tracks for part in track.get("contents", [track])]
            assert {part["server"] for part in parts} == {"api/v1"}
            for part in parts:
                shown.catalog.tileset(part["tilesetUid"])


def test_uids_of_tracks_are_unique_in_a_view(page: Page, compared: Page) -> None:
    for shown in (page, compared):
        for viewconf in every_view(shown):
            tracks = column(viewconf.model_dump(exclude_none=True))
            combined = [track["uid"] for track in tracks if "contents" in track]
            parts = [part["uid"] for track in tracks for part in track.get("contents", [track])]
            assert len({*combined, *parts}) == len(combined) + len(parts)


def test_a_gene_view_fits_on_a_screen_and_its_labels_can_be_read(views: Views) -> None:
    tracks = column(views.gene("A10").config())
    assert sum(track["height"] for track in tracks) <= 800
    named = [
        part for track in tracks for part in track.get("contents", [track]) if part["options"].get("name")
    ]
    assert {part["options"]["labelTextOpacity"] for part in named} == {1.0}


def test_colours_are_those_of_the_palette_and_the_same_in_every_view(page: Page, compared: Page) -> None:
    known = {value for value in vars(palette).values() if isinstance(value, str) and value.startswith("#")}
    known |= set(palette.TRACKS.values()) | {lighter(palette.TRACKS["mask"])}
    colours: dict[str, str] = {}
    for shown in (page, compared):
        views = Views(shown.catalog)
        for view in (views.gene("A10"), views.region(REGION), views.genome()):
            for caption in view.captions:
                assert caption.color in known
                title = caption.title.split(": ")[-1]
                assert colours.setdefault(title, caption.color) == caption.color
    assert colours["DNase"] == palette.TRACKS["DNase"]


def test_a_tint_is_three_parts_of_ten_of_the_colour_and_white() -> None:
    assert lighter("#000000") == "#B2B2B2"
    assert lighter("#D55E00") == "#F2CFB2"
