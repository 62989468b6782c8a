"""A click on an element or on its link shows what is known of it."""

from collections.abc import Callable

import pytest
from chromium import Visit
from example_run import ExampleRun
from playwright.sync_api import Page, expect
from shown_page import origin, region, tracks, wait_until_drawn

from seq2exp_tracks.run_reader import Run

Open = Callable[..., Visit]

GENE = "A10"

# Height of an element's middle, in pixels of the viewer.
ROW = """(name) => {
    for (const track of seq2exp.viewer.tracks.filter((one) => one.drawnRects)) {
        const found = Object.values(track.drawnRects).find(([, { value }]) => value.fields[3] === name);
        if (!found) continue;
        const ys = found[0].filter((_, index) => index % 2);
        return track.position[1] + (Math.min(...ys) + Math.max(...ys)) / 2;
    }
}"""


def elements_of(example: ExampleRun, kind: str) -> list[dict[str, object]]:
    rows = Run.open(example.folder).element_table().to_pylist()
    return [row for row in rows if row["gene_name"] == GENE and row["class"] == kind]


def x_of(page: Page, position: float) -> float:
    """Where a base of the first chromosome is in the window."""
    start, end = region(page)
    track = next(iter(tracks(page).values()))
    return origin(page)[0] + track.left + (position - start) / (end - start) * track.width


def y_of(page: Page, name: str, share: float) -> float:
    """A height in the window: a share of the track whose title begins so, from its top."""
    (track,) = (one for one in tracks(page).values() if one.options.get("name", "").startswith(name))
    return origin(page)[1] + track.top + share * track.height


@pytest.fixture
def page(example_page: str, visit: Open) -> Page:
    shown = visit(f"{example_page}#view=gene&gene={GENE}").page
    wait_until_drawn(shown, "gene")
    return shown


@pytest.mark.parametrize("kind", ["promoter", "distal"])
def test_a_click_on_an_element_shows_its_gene_score_and_distance(
    page: Page, example: ExampleRun, kind: str
) -> None:
    element = elements_of(example, kind)[0]
    middle = (element["start"] + element["end"]) / 2
    page.mouse.click(x_of(page, middle), y_of(page, "Elements of A10", 0.5))
    panel = page.locator("#element")
    expect(panel).to_be_visible()
    told = panel.inner_text()
    assert f"Element {element['name']}" in told
    assert f"Gene\n{GENE}" in told
    assert f"{element['chrom']}:{element['start'] + 1:,}-{element['end']:,}" in told
    assert f"Score\n{element['mean_score']:.3f}" in told
    assert f"Standard deviation\n{element['sd']:.3f}" in told
    assert f"Contact with TSS\n{element['contact']:.2f}" in told
    side = "upstream" if element["distance"] < 0 else "downstream" if element["distance"] else "holds the TSS"
    assert side in told
    assert f"Class\n{kind}" in told


def test_a_click_on_a_link_shows_its_element_and_a_click_beside_it_nothing(
    page: Page, example: ExampleRun
) -> None:
    # The farthest element has the highest arc, whose top is the top of the track.
    element = max(elements_of(example, "distal"), key=lambda row: abs(row["distance"]))
    (tss,) = (
        scored.gene.tss for scored in Run.open(example.folder).genes.values() if scored.gene.name == GENE
    )
    x = x_of(page, ((element["start"] + element["end"]) // 2 + tss) / 2)
    page.mouse.click(x, y_of(page, "Links of A10", 0.0) + 2)
    expect(page.locator("#element h2")).to_have_text(f"Element {element['name']}")
    page.mouse.click(x, y_of(page, "Links of A10", 0.0) + 14)
    expect(page.locator("#element")).to_be_hidden()


def test_the_gene_of_an_element_can_be_opened_from_where_all_genes_are_shown(
    example_page: str, example: ExampleRun, visit: Open
) -> None:
    element = elements_of(example, "distal")[0]
    at = f"{element['chrom']}:{element['start'] - 1000}-{element['end'] + 1000}"
    page = visit(f"{example_page}#view=region&at={at}").page
    wait_until_drawn(page, "region")
    middle = (element["start"] + element["end"]) / 2
    # Elements that overlap are stacked: where this one is only the viewer knows.
    row = page.evaluate(ROW, element["name"])
    page.mouse.click(x_of(page, middle), origin(page)[1] + row)
    page.locator("#element").get_by_role("button", name=str(element["gene_name"])).click()
    expect(page.locator("#view-title")).to_have_text(str(element["gene_name"]))
    expect(page.locator("#element")).to_be_hidden()
