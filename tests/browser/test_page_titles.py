"""What is written beside the data and not over it: titles, numbers of axes, and how a map is read."""

from collections.abc import Callable
from itertools import combinations

import pytest
from chromium import Visit
from playwright.sync_api import Page, Route
from shown_page import Picture, of_colour, wait_until_drawn

from seq2exp_tracks.palette import INK

Open = Callable[..., Visit]

# Rows of the viewer that a title covers, and those of its track's data.
TITLES = """() => {
    const titled = seq2exp.viewer.tracks.filter((track) => track.options.labelPosition === "topLeft");
    return titled.map(({ labelText, options, position: [, top], dimensions: [, high] }) => {
        const { x, y, width, height } = labelText.getBounds();
        return { name: options.name, x, y, width, height, dataFrom: top, dataTo: top + high };
    });
}"""

# Every number of an axis that is shown, with the rows that it covers.
NUMBERS = """() => seq2exp.viewer.tracks.flatMap((track) => {
    const shown = (track.axis?.axisTexts ?? []).filter((text) => text.visible);
    return shown.map((text) => {
        const { y, height } = text.getBounds();
        return { track: track.id, text: text.text, from: y, to: y + height };
    });
})"""

# What the exported picture says above the map, and where it has which colour.
STRIP = """() => {
    const map = seq2exp.viewer.tracks.find((track) => track.id === "r0-map");
    const strip = map.exportSVG()[0].querySelector(".map-strip");
    const corner = (one) => ["x", "y"].map((name) => Number(one.getAttribute(name)));
    return {
        texts: [...strip.querySelectorAll("text")].map((text) => text.textContent),
        bar: [...strip.querySelectorAll("rect")].map(corner),
        values: map.valueScale.domain(),
        data: map.position[1],
        clipped: strip.closest("[style*=clip-path]") !== null,
    };
}"""


@pytest.fixture
def page(example_page: str, visit: Open) -> Page:
    shown = visit(f"{example_page}#view=gene&gene=A10").page
    wait_until_drawn(shown, "gene")
    return shown


def test_every_title_stands_above_the_data_of_its_track_and_below_the_track_before(page: Page) -> None:
    titles = page.evaluate(TITLES)
    assert [title["name"].partition(" [")[0] for title in titles] == [
        "Scored genes (no annotation)",
        "DNase",
        "H3K27ac",
        "Hi-C contact with the TSS of A10",
        "Hi-C map, VC",
        "Learned mask in the window of A10",
        "Elements of A10",
        "Links of A10",
        "Predicted expression",
        "Measured expression",
    ]
    picture = Picture.of(page)
    end = 0.0
    for title in titles:
        assert end <= title["y"] + 1, title["name"]
        assert title["y"] + title["height"] <= title["dataFrom"] + 1, title["name"]
        end = title["dataTo"]
        rows = [round(picture.top + title["y"] + side) for side in (0, title["height"])]
        columns = [round(picture.left + title["x"] + side) for side in (0, title["width"])]
        assert of_colour(picture.colours[slice(*rows), slice(*columns)], INK, 60).sum() > 20, title["name"]


@pytest.mark.parametrize(
    "view", ["#view=gene&gene=A10", "#view=region&at=chrA:60,001-160,000", "#view=genome"]
)
def test_no_number_of_an_axis_lies_on_another(example_page: str, visit: Open, view: str) -> None:
    page = visit(example_page + view).page
    wait_until_drawn(page)
    numbers = page.evaluate(NUMBERS)
    assert len({number["track"] for number in numbers}) >= 4
    for one, other in combinations(numbers, 2):
        assert one["to"] <= other["from"] or other["to"] <= one["from"], (one, other)


def test_a_map_of_contacts_tells_its_bins_and_which_colour_is_how_many_contacts(page: Page) -> None:
    strip = page.evaluate(STRIP)
    *ends, bins = strip["texts"]
    assert [float(text) for text in ends] == [float(f"{value:.2g}") for value in reversed(strip["values"])]
    assert bins == "bins of 5 kb, 4 in view: zoom out to read it"
    assert not strip["clipped"]
    picture = Picture.of(page)
    for (x, y), colour in zip((strip["bar"][0], strip["bar"][-1]), ("#FFFFFF", "#4A1F37"), strict=True):
        assert y < strip["data"]
        row, column = round(picture.top + y + 4), round(picture.left + x)
        assert of_colour(picture.colours[row : row + 1, column : column + 1], colour, 6).all()


def test_the_heading_names_the_cells_and_lines_break_between_facts_only(
    example_page: str, visit: Open
) -> None:
    def named(route: Route) -> None:
        about = route.fetch().json()
        about["runs"][0]["heading"] = "K562, my lab (run)"
        route.fulfill(json=about)

    page = visit("about:blank").page
    page.route("**/api/page.json", named)
    page.goto(f"{example_page}#view=gene&gene=A10")
    wait_until_drawn(page, "gene")
    assert page.locator("#run-names").text_content() == "K562, my lab (run)"
    assert page.title() == "K562, my lab (run) \N{EN DASH} seq2exp-tracks"
    facts = (page.locator("#view-subtitle").text_content() or "").split(" · ")
    assert facts[-1].replace("\N{NO-BREAK SPACE}", " ") in ("+ strand", "\N{MINUS SIGN} strand")
    assert not any(" " in fact for fact in facts)


def test_that_too_few_bins_are_in_view_is_said_until_there_are_enough(page: Page) -> None:
    told = {}
    for width in (50_000, 40_000):
        page.evaluate("(width) => seq2exp.viewer.goTo([150_000, 150_000 + width])", width)
        page.wait_for_function(
            "(width) => Math.abs(seq2exp.viewer.region[1] - seq2exp.viewer.region[0] - width) < 1", arg=width
        )
        wait_until_drawn(page)
        told[width] = page.evaluate(STRIP)["texts"][2]
    assert told == {50_000: "bins of 5 kb", 40_000: "bins of 5 kb, 8 in view: zoom out to read it"}
