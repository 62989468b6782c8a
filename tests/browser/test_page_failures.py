"""What fails is said on the page in one line, and the page goes on."""

from collections.abc import Callable

import pytest
from chromium import Visit
from example_run import ExampleRun
from playwright.sync_api import Route, expect
from shown_page import serving, wait_until_drawn

Open = Callable[..., Visit]


def test_a_link_to_a_gene_that_is_not_there_names_it_above_the_view_of_the_start(
    example_page: str, visit: Open
) -> None:
    opened = visit(f"{example_page}#view=gene&gene=NOPE")
    page = opened.page
    wait_until_drawn(page, "gene")
    expect(page.locator("#problem")).to_contain_text("NOPE")
    expect(page.locator("#view-title")).not_to_be_empty()
    assert "\n" not in page.locator("#problem").inner_text()
    expect(page.locator("#state")).to_be_hidden()
    page.locator("#genes tbody tr:not(.gap)").last.click()
    expect(page.locator("#problem")).to_be_hidden()
    wait_until_drawn(page, "gene")
    complained_of_status(opened, 400)


@pytest.mark.parametrize("file", ["page", "genes"])
def test_a_server_that_cannot_tell_of_its_run_is_no_grey_box(
    example_page: str, visit: Open, file: str
) -> None:
    opened = visit("about:blank")
    opened.page.route(
        f"**/api/{file}.json", lambda route: route.fulfill(status=500, json={"error": "the table is damaged"})
    )
    opened.page.goto(example_page)
    expect(opened.page.locator("#problem")).to_have_text("the table is damaged")
    complained_of_status(opened, 500)


def test_a_track_whose_tiles_fail_is_told(example_page: str, visit: Open) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=400, json={"error": "no tileset of that name"})

    opened = visit("about:blank")
    opened.page.route("**/api/v1/tiles/**", refuse)
    opened.page.goto(f"{example_page}#view=genome")
    expect(opened.page.locator("#problem")).to_have_text("no tileset of that name")
    opened.page.wait_for_function("document.documentElement.dataset.ready === 'genome'")
    complained_of_status(opened, 400)
    # HiGlass' point track and the arcs draw nothing then, but not without a word.
    opened.complaints[:] = [line for line in opened.complaints if "of undefined (reading" not in line]


def test_a_server_that_is_gone_is_told_and_so_is_the_way_out(example: ExampleRun, visit: Open) -> None:
    with serving(example.folder) as address:
        opened = visit(f"{address}#view=genome")
        wait_until_drawn(opened.page, "genome")
    opened.page.locator("#genes tbody tr:not(.gap)").first.click()
    expect(opened.page.locator("#problem")).to_have_text(
        "The server does not answer. Is `seq2exp-tracks view` still running?"
    )
    opened.complaints[:] = [line for line in opened.complaints if "ERR_CONNECTION_REFUSED" not in line]


def complained_of_status(opened: Visit, status: int) -> None:
    """Takes out what the browser itself writes of an answer that is an error; whatever else it says stays."""
    ours = [line for line in opened.complaints if f"status of {status}" in line or "Could not fetch" in line]
    assert ours
    for line in ours:
        opened.complaints.remove(line)
