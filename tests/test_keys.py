"""Keys and scanners in a real browser: no letter of a label is taken for a key of the page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from specimens.models import Patient
from tests.cast import Cast
from tests.stories import House, a_received_block, an_announced_parcel, an_item
from tests.windows import window_of

pytestmark = pytest.mark.django_db(transaction=True)


# Keys as a scanner sends them, with nothing between them: a busy machine would let a remote hand falter.
SCANNER = """scan => [...scan, "Enter"].forEach(key => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key: key, bubbles: true, cancelable: true })))"""


@pytest.fixture
def page_of_bench(browser: Browser, live_server: object, cast: Cast, house: House) -> Iterator[Page]:
    window = window_of(browser, live_server, cast.bench)
    page = window.new_page()
    page.goto("/")
    expect(page.locator(".who")).to_contain_text("Rose Achebe")
    yield page
    page.wait_for_load_state("networkidle")  # a request still under way would hold the database
    window.close()


def test_a_scan_goes_to_the_thing_without_a_field(
    page_of_bench: Page, cast: Cast, house: House, patient: Patient
) -> None:
    """Typed as fast as a scanner does, capitals or not; no letter of it is taken for a key of the page."""
    block = a_received_block(cast, house, patient)
    for scan in (str(block), f"]d1{block}", str(block).lower().replace("-", "")):
        page_of_bench.goto("/runs/")
        page_of_bench.evaluate(SCANNER, scan)
        expect(page_of_bench.locator("h1")).to_have_text(f"Block {block}")


def test_single_keys_still_work(page_of_bench: Page, cast: Cast, house: House, patient: Patient) -> None:
    page_of_bench.keyboard.press("g")
    page_of_bench.keyboard.press("c")
    expect(page_of_bench).to_have_title("Cutting list · Paraffin")
    page_of_bench.keyboard.press("/")
    expect(page_of_bench.locator("main [data-scan]").first).to_be_focused()


def test_rows_are_walked_with_j_and_k(page_of_bench: Page, cast: Cast, house: House, patient: Patient) -> None:
    an_announced_parcel(cast, house, an_item(patient, label="B1"))
    a_received_block(cast, house, patient)
    page_of_bench.reload()
    actions = page_of_bench.locator(".worklist tbody .act a")
    expect(actions).to_have_count(3)
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1), ("k", 0)):
        page_of_bench.keyboard.press(key)
        expect(actions.nth(place)).to_be_focused()
    address = actions.nth(0).get_attribute("href")
    page_of_bench.keyboard.press("Enter")
    expect(page_of_bench).to_have_url(re.compile(f"{address}$"))


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_header_never_runs_over(page_of_bench: Page, width: int) -> None:
    page_of_bench.set_viewport_size({"width": width, "height": 800})
    assert page_of_bench.evaluate("document.documentElement.scrollWidth") <= width
