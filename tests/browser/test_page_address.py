"""Links to a view, a gene and a place; the way back; the position box."""

from collections.abc import Callable

import pytest
from chromium import Visit
from playwright.sync_api import expect
from shown_page import region, wait_until_drawn

Open = Callable[..., Visit]


@pytest.mark.parametrize(
    ("link", "view", "place"),
    [
        ("#view=gene&gene=A10&at=chrA:165,001-170,000", "gene", (165_000, 170_000)),
        ("#view=region&at=chrB:10001-30000", "region", (410_000, 430_000)),
        ("#view=genome&at=chrA:390,001-chrB:20,000", "genome", (390_000, 420_000)),
        ("#at=chrA:1-50,000", "region", (0, 50_000)),
    ],
)
def test_a_link_restores_view_and_place(
    example_page: str, visit: Open, link: str, view: str, place: tuple[int, int]
) -> None:
    page = visit(example_page + link).page
    wait_until_drawn(page, view)
    assert region(page) == pytest.approx(place, abs=0.5)


def test_the_address_follows_the_view_and_leads_another_visitor_there(example_page: str, visit: Open) -> None:
    page = visit(f"{example_page}#view=gene&gene=A10").page
    wait_until_drawn(page, "gene")
    page.locator("#place").fill("chrA:150,001-156,000")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#view=gene&gene=A10&at=chrA:150,001-156,000")
    other = visit(page.url).page
    wait_until_drawn(other, "gene")
    assert region(other) == pytest.approx((150_000, 156_000), abs=0.5)
    expect(other.locator("#place")).to_have_value("chrA:150,001-156,000")


def test_back_leads_to_the_view_and_place_before(example_page: str, visit: Open) -> None:
    page = visit(f"{example_page}#view=gene&gene=A10&at=chrA:165,001-170,000").page
    wait_until_drawn(page, "gene")
    page.get_by_role("button", name="Whole genome").click()
    wait_until_drawn(page, "genome")
    page.go_back()
    wait_until_drawn(page, "gene")
    expect(page.locator("#view-title")).to_have_text("A10")
    assert region(page) == pytest.approx((165_000, 170_000), abs=0.5)


def test_the_position_box_takes_genes_and_places_and_says_what_it_cannot_take(
    example_page: str, visit: Open
) -> None:
    page = visit(f"{example_page}#view=genome").page
    wait_until_drawn(page, "genome")
    box, problem = page.locator("#place"), page.locator("#problem")
    for wrong, said in (
        ("chrQ:1-20", "The genome has no chromosome “chrQ”"),
        ("chrA:20-10", "“chrA:20-10” ends before it starts"),
        ("nothing", "“nothing” is neither a gene nor a place such as chrA:1-100,000"),
    ):
        box.fill(wrong)
        page.get_by_role("button", name="Go", exact=True).click()
        expect(problem).to_have_text(said)
    box.fill("chrB")
    box.press("Enter")
    expect(problem).to_be_hidden()
    page.wait_for_url("**at=chrB:1-250,000")
    box.fill("a12")
    box.press("Enter")
    expect(page.locator("#view-title")).to_have_text("A12")
