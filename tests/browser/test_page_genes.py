"""The gene table: search, order, keys, and what is told of the selected gene."""

import re
from collections.abc import Callable

import pyarrow.parquet as pq
import pytest
from chromium import Visit
from example_run import ExampleRun
from playwright.sync_api import Page, Route, expect
from shown_page import region, wait_until_drawn

Open = Callable[..., Visit]


def shown_names(page: Page) -> list[str]:
    """Names in the rows that are in the document, from the top."""
    return page.locator("#genes tbody tr:not(.gap) td:first-child").all_text_contents()


def test_slash_searches_and_enter_takes_the_first_gene_found(
    example_page: str, example: ExampleRun, visit: Open
) -> None:
    page = visit(example_page).page
    wait_until_drawn(page)
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("b03")
    expect(page.locator("#gene-count")).to_have_text("1 of 36 genes")
    assert shown_names(page) == ["B03"]
    page.keyboard.press("Enter")
    expect(page.locator("#view-title")).to_have_text("B03")
    wait_until_drawn(page, "gene")
    (row,) = (row for row in genes_of(example) if row["gene_name"] == "B03")
    start, end = region(page)
    assert start < 400_000 + row["tss"] < end
    assert end - start == pytest.approx(20_000)
    panel = page.locator("#gene")
    expect(panel).to_contain_text(row["gene_id"])
    expect(panel).to_contain_text(f"Predicted\n{row['expression']:.2f}", use_inner_text=True)
    expect(panel).to_contain_text(f"Measured\n{row['measured']:.2f}", use_inner_text=True)
    expect(panel).to_contain_text(f"Elements\n{row['n_elements']}", use_inner_text=True)


def test_arrows_choose_among_the_genes_found_and_escape_leaves(example_page: str, visit: Open) -> None:
    page = visit(example_page).page
    wait_until_drawn(page)
    page.keyboard.press("/")
    page.keyboard.type("A1")
    names = shown_names(page)
    assert names == [f"A1{digit}" for digit in range(10)]
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    active = page.locator("#search").get_attribute("aria-activedescendant")
    assert page.locator(f"#{active} td").first.text_content() == "A12"
    page.keyboard.press("Enter")
    expect(page.locator("#view-title")).to_have_text("A12")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).not_to_be_focused()


def test_a_click_on_a_row_opens_the_gene(example_page: str, visit: Open) -> None:
    page = visit(f"{example_page}#view=genome").page
    wait_until_drawn(page, "genome")
    page.locator("#genes tbody td", has_text=re.compile("^A05$")).click()
    expect(page.locator("#view-title")).to_have_text("A05")
    wait_until_drawn(page, "gene")
    expect(page.locator("#genes tr[aria-selected=true] td").first).to_have_text("A05")
    expect(page.locator("#views [data-view=gene]")).to_have_attribute("aria-pressed", "true")


def test_columns_sort_up_down_and_back(example_page: str, example: ExampleRun, visit: Open) -> None:
    page = visit(example_page, height=1500).page
    wait_until_drawn(page)
    header = page.locator("th[data-column=measured]")
    in_order = [row["gene_name"] for row in genes_of(example)]
    expect(header).to_have_attribute("aria-sort", "none")
    assert shown_names(page) == in_order
    for order in ("ascending", "descending"):
        header.get_by_role("button").click()
        expect(header).to_have_attribute("aria-sort", order)
        rows = sorted(genes_of(example), key=lambda row: row["measured"], reverse=order == "descending")
        assert shown_names(page) == [row["gene_name"] for row in rows]
    header.get_by_role("button").click()
    assert shown_names(page) == in_order


@pytest.mark.parametrize("width", [1280, 1500])
def test_no_flag_lies_beside_the_table_and_the_mouse_tells_what_it_means(
    example_page: str, visit: Open, width: int
) -> None:
    def flagged(route: Route) -> None:
        table = route.fetch().json()
        at = [column["id"] for column in table["columns"]].index("flags")
        for row, flags in zip(
            table["rows"], (["features_imputed", "implausible"], ["of_later"], []), strict=False
        ):
            row[at] = flags
        route.fulfill(json=table)

    opened = visit("about:blank", width=width)
    opened.page.route("**/api/genes.json", flagged)
    opened.page.goto(example_page)
    wait_until_drawn(opened.page)
    rows = opened.page.locator("#genes tbody tr:not(.gap)")
    shown = rows.locator("td:last-child .flags")
    assert shown.all_text_contents()[:3] == ["imputed, implausible", "of_later", ""]
    assert [one.get_attribute("title") for one in shown.all()[:2]] == [
        "features_imputed: some features were not known and filled in\n"
        "implausible: no expression is as high: something is on another scale than in the training",
        "of_later",
    ]
    assert {row.bounding_box()["height"] for row in rows.all()[:3]} == {26}  # type: ignore[index] # in sight
    hidden = "(one) => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]"
    assert opened.page.locator("#gene-rows").evaluate(hidden)[0] == 0
    assert shown.first.evaluate(hidden) == [0, 0]


def test_the_numbers_of_a_column_are_all_whole_or_all_have_decimals(example_page: str, visit: Open) -> None:
    def rounded(route: Route) -> None:
        table = route.fetch().json()
        at = [column["id"] for column in table["columns"]].index("measured")
        for row, value in zip(table["rows"], (0, 138.947, None), strict=False):
            row[at] = value
        route.fulfill(json=table)

    opened = visit("about:blank")
    opened.page.route("**/api/genes.json", rounded)
    opened.page.goto(example_page)
    wait_until_drawn(opened.page)
    rows = opened.page.locator("#genes tbody tr:not(.gap)")
    cells = [rows.nth(rank).locator("td.number").all_text_contents() for rank in range(3)]
    assert [measured for _, measured, _ in cells] == ["0.00", "138.95", "\N{EN DASH}"]
    assert all(elements.isdecimal() for _, _, elements in cells)


def test_a_table_of_a_whole_genome_keeps_few_rows_in_the_document(example_page: str, visit: Open) -> None:
    def whole_genome(route: Route) -> None:
        table = route.fetch().json()
        first = table["rows"][0]
        table["rows"] = [[f"ENSG{number:011}", f"GENE{number}", *first[2:]] for number in range(18_377)]
        route.fulfill(json=table)

    opened = visit("about:blank")
    page = opened.page
    page.route("**/api/genes.json", whole_genome)
    page.goto(f"{example_page}#view=genome")
    wait_until_drawn(page)
    expect(page.locator("#gene-count")).to_have_text("18,377 genes")
    assert page.locator("#genes").get_attribute("aria-rowcount") == "18378"
    assert page.locator("#genes tr").count() < 80
    page.locator("#gene-rows").evaluate("(box) => { box.scrollTop = box.scrollHeight }")
    expect(page.get_by_text("GENE18376", exact=True)).to_be_visible()
    assert page.locator("#genes tr").count() < 80
    # What a key press costs: all genes are searched and the rows drawn anew.
    spent = page.evaluate("""() => {
        const box = document.getElementById("search");
        box.value = "gene1837";
        const start = performance.now();
        box.dispatchEvent(new Event("input"));
        return performance.now() - start;
    }""")
    assert shown_names(page) == ["GENE1837", *(f"GENE1837{digit}" for digit in range(7))]
    assert spent < 500


def genes_of(example: ExampleRun) -> list[dict[str, object]]:
    return pq.read_table(example.folder / "genes.parquet").to_pylist()
