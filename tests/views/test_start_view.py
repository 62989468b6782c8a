"""Where a page opens: at what was asked for, or a line that says why not."""

from typing import Any

import pytest
from example_run import ExampleRun

from higlass_views.page import Page, open_page, start_view
from higlass_views.page_data import Start
from higlass_views.views import Views
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import Interval


@pytest.fixture(scope="module")
def views(page: Page) -> Views:
    return Views(page.catalog)


@pytest.mark.parametrize(
    ("asked", "start"),
    [
        ({}, Start("gene", gene="SIMG00001")),
        ({"gene": "A10"}, Start("gene", gene="SIMG00010")),
        ({"gene": "SIMG00023"}, Start("gene", gene="SIMG00023")),
        ({"region": "B:1-20,000"}, Start("region", region="chrB:1-20,000")),
        ({"genome": True}, Start("genome")),
    ],
)
def test_a_page_opens_at_what_was_asked_for(example: ExampleRun, asked: dict[str, Any], start: Start) -> None:
    opened = open_page([example.folder], **asked)
    assert opened.start == start
    assert start_view(Views(opened.catalog), opened.start).viewconf.views[0].uid == start.view


def test_two_runs_are_compared_where_the_page_opens(example: ExampleRun, other_example: ExampleRun) -> None:
    folders = [example.folder, other_example.folder]
    assert open_page(folders, gene="B03").start.view == "compare"
    assert open_page(folders, region="chrB:1-20,000").start == Start("compare", region="chrB:1-20,000")
    assert open_page(folders, genome=True).start == Start("genome")


def test_a_page_opens_at_one_thing_only(example: ExampleRun) -> None:
    with pytest.raises(InputError, match="ask for one of them"):
        open_page([example.folder], gene="A10", genome=True)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (Start("gene"), "a gene view needs a gene"),
        (Start("region"), "a region view needs a region"),
        (Start("gene", gene="nobody"), "unknown gene 'nobody'"),
        (Start("region", region="chrB:1-250,001"), "not on chrB"),
        (Start("region", region="nonsense"), "is no chromosome of the genome"),
    ],
)
def test_a_view_that_cannot_be_made_says_why(views: Views, start: Start, message: str) -> None:
    with pytest.raises(InputError, match=message):
        start_view(views, start)


def test_a_place_that_goes_on_to_another_chromosome_opens_on_its_first(views: Views) -> None:
    view = start_view(views, Start("region", region="chrA:390,001-chrB:5,000"))
    assert view.region == Interval("chrA", 390_000, 400_000)
