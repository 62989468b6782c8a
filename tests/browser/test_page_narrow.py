"""The page at 800 pixels, and for those who do not use a mouse."""

from collections.abc import Callable

import pytest
from chromium import Visit
from playwright.sync_api import expect
from shown_page import tracks, wait_until_drawn

Open = Callable[..., Visit]


@pytest.mark.parametrize("width", [800, 1280])
def test_nothing_lies_beside_the_window(example_page: str, visit: Open, width: int) -> None:
    page = visit(f"{example_page}#view=gene&gene=A10", width=width).page
    wait_until_drawn(page, "gene")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.get_by_role("button").all():
        if button.is_visible() and not button.evaluate("(one) => one.closest('#gene-rows') !== null"):
            box = button.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
    assert all(track.width > 600 for track in tracks(page).values())


def test_at_800_pixels_the_genes_are_below_and_can_be_searched(example_page: str, visit: Open) -> None:
    page = visit(f"{example_page}#view=gene&gene=A10", width=800).page
    wait_until_drawn(page, "gene")
    table, viewer = page.locator("#gene-rows").bounding_box(), page.locator("#viewer").bounding_box()
    assert table is not None
    assert viewer is not None
    assert table["y"] >= viewer["y"] + viewer["height"]
    assert table["width"] > 700
    page.locator("#gene-panel summary").click()
    expect(page.locator("#search")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_in_viewport()
    page.keyboard.type("A03")
    page.keyboard.press("Enter")
    expect(page.locator("#view-title")).to_have_text("A03")


def test_everything_that_can_be_used_has_a_name(example_page: str, visit: Open) -> None:
    page = visit(example_page).page
    wait_until_drawn(page)
    nameless = page.evaluate("""() =>
        [...document.querySelectorAll("header *, .bar *, .title *, aside *, footer *")]
            .filter((one) => one.matches("button, input, a, summary"))
            .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length))
            .map((one) => one.outerHTML)""")
    assert nameless == []
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_the_page_tells_model_genome_window_and_merge_rule(example_page: str, visit: Open) -> None:
    page = visit(example_page).page
    wait_until_drawn(page)
    told = page.locator("#run-facts").inner_text().replace("\n", " ")
    for fact in ("Model soft mask", "Window 20 kb", "Genome simulated", "Genes 36"):
        assert fact in told
    assert "Where windows overlap largest of the windows" in told
    page.locator("#files summary").click()
    links = page.locator("#files a")
    assert "mask.bw" in links.all_text_contents()
    with page.expect_download() as waiting:
        links.filter(has_text="elements.bed").click()
    assert waiting.value.path().read_text().startswith("#chrom\t")
