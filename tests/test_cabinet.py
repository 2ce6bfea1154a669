"""The desk at the cabinet and the map of a drawer in a real browser: a scanner never waits, arrows walk the map."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from specimens.models import Patient, Slide, Standing, StoragePlace
from tests.by_keys import scan
from tests.cast import Cast
from tests.drawers import a_drawer, put_away, some_slides
from tests.stories import House
from tests.windows import window_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_the_freezer(browser: Browser, live_server: object, cast: Cast, house: House) -> Iterator[Page]:
    window = window_of(browser, live_server, cast.bench, viewport={"width": 390, "height": 844})
    yield window.new_page()
    window.close()


@pytest.fixture
def slides(cast: Cast, house: House, patient: Patient) -> list[Slide]:
    return some_slides(cast, house, patient, 8)


def positions(drawer: StoragePlace) -> dict[int, str]:
    return dict(Standing.objects.filter(place=drawer).values_list("position", "slide__accession"))


def test_scans_stand_in_line(at_the_freezer: Page, cast: Cast, slides: list[Slide]) -> None:
    """Faster than the server answers, a misread one among them: nothing is lost, doubled or out of order."""
    page, drawer = at_the_freezer, a_drawer(cast)
    page.goto("/store/desk/")
    scan(page, drawer.accession, *slides[:5], "SL-1", *slides[5:])
    expect(page.locator(".goes-to")).to_contain_text("position 8")
    expect(page.locator("[data-not-done]")).to_contain_text("“SL-1” is not an accession number")
    assert positions(drawer) == {n: str(slide) for n, slide in enumerate(slides, start=1)}
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    scan(page, "*UNDO*", "*OUT*", *slides[:2])
    expect(page.locator(".last")).to_contain_text(str(slides[1]))
    expect(page.locator("#why")).to_have_value("to the bench")
    assert positions(drawer) == {n: str(slide) for n, slide in enumerate(slides, start=1) if n in range(3, 8)}


def test_a_refused_scan_stays_to_be_looked_at(at_the_freezer: Page, cast: Cast, slides: list[Slide]) -> None:
    page = at_the_freezer
    page.goto("/store/desk/")
    scan(page, slides[0])
    expect(page.locator("#scan-said")).to_have_text(f"Scan the drawer first, then {slides[0]}.")
    expect(page.locator("#scan-it")).to_have_value(str(slides[0]))
    expect(page.locator("#scan-it")).to_be_focused()
    scan(page, a_drawer(cast).accession)
    expect(page.locator(".tally")).to_contain_text("Drawer 1")
    expect(page.locator("#scan-it")).to_have_value("")


def test_arrows_walk_the_map(at_the_freezer: Page, cast: Cast, slides: list[Slide]) -> None:
    page, drawer = at_the_freezer, a_drawer(cast)
    put_away(cast, drawer, slides[:6])
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"/store/?q={slides[2]}")
    expect(page).to_have_url(re.compile(f"{drawer.accession}/#p-3$"))
    expect(page.locator("#p-3 a")).to_be_focused()
    for key, position in (("ArrowDown", 8), ("ArrowLeft", 7), ("Home", 6), ("ArrowUp", 1), ("End", 5), ("ArrowUp", 5)):
        page.keyboard.press(key)
        expect(page.locator(f"#p-{position} a")).to_be_focused()
    page.locator("#p-7 a").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tally")).to_contain_text("to position 7")
