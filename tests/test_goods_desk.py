"""The receiving desk in a real browser: keyboard and scanner alone, faster than the server, and two people."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from lims.models import User
from specimens.models import ItemReceipt, Patient, Shipment
from specimens.receipts import seen, standing
from tests.by_keys import scan
from tests.cast import Cast
from tests.stories import House, an_announced_parcel, an_item
from tests.windows import window_of

SOON = 60_000  # milliseconds: a busy machine answers late, and late is not wrong
pytestmark = pytest.mark.django_db(transaction=True)
Sit = Callable[[User], Page]


@pytest.fixture
def sit(browser: Browser, live_server: object) -> Iterator[Sit]:
    """Somebody is signed in on a phone at the goods desk."""
    windows = []

    def down(person: User) -> Page:
        windows.append(window_of(browser, live_server, person, viewport={"width": 390, "height": 844}))
        page = windows[-1].new_page()
        page.goto("/")
        expect(page.locator(".who")).to_contain_text(person.get_full_name(), timeout=SOON)
        return page

    yield down
    for window in windows:
        window.close()


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in range(1, 9)])


def looks() -> dict[str, str]:
    return {receipt.item.label: receipt.now_condition for receipt in seen().select_related("item")}


def test_scans_stand_in_line(sit: Sit, cast: Cast, parcel: Shipment) -> None:
    """A condition, an item twice, a stray label: each means what it would mean one by one."""
    page = sit(cast.bench)
    page.keyboard.press("/")
    scan(page, parcel.accession)
    expect(page).to_have_url(re.compile(f"/parcels/{parcel}/"))
    page.goto(f"/parcels/{parcel}/receive/")
    expect(page.locator("#item")).to_be_focused()
    scan(page, "A1", "*DAMAGED*", "A2", "A3", "A1", "nothing", "*WET*", parcel.items.get(line=4).block)
    expect(page.locator(".progress")).to_contain_text("4 of 8 scanned", timeout=SOON)
    assert looks() == {"A1": "intact", "A2": "broken", "A3": "intact", "A4": "wet"}
    expect(page.locator("[data-not-done]")).to_contain_text("was received already, by Rose Achebe", timeout=SOON)
    expect(page.locator("[data-not-done]")).to_contain_text("“nothing” is not in parcel", timeout=SOON)
    expect(page.locator("#item")).to_be_focused()
    expect(page.locator("#item")).to_have_value("")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    scan(page, "*UNDO*", "A4")
    anew = re.compile(rf"{parcel.items.get(line=4).block}\s+here, as announced")
    expect(page.locator(".last")).to_contain_text(anew, timeout=SOON)
    assert looks()["A4"] == "intact"


def test_keys_beside_the_box(sit: Sit, cast: Cast, parcel: Shipment) -> None:
    page = sit(cast.bench)
    page.goto(f"/parcels/{parcel}/receive/")
    scan(page, "A1")
    expect(page.locator(".progress")).to_contain_text("1 of 8 scanned", timeout=SOON)
    expect(page.locator(".htmx-settling")).to_have_count(0, timeout=SOON)
    page.locator("#item").blur()
    page.keyboard.press("u")
    expect(page.locator(".progress")).to_contain_text("0 of 8 scanned", timeout=SOON)
    expect(page.locator(".last")).to_contain_text("was taken back", timeout=SOON)
    scan(page, "A1")
    expect(page.locator(".progress")).to_contain_text("1 of 8 scanned", timeout=SOON)
    scan(page, "x")
    expect(page).to_have_url(re.compile(r"/items/1/$"))
    page.locator("#id_look-note").fill("chipped")
    page.locator("#id_look-condition").select_option("broken")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#item")).to_be_focused()
    assert looks() == {"A1": "broken"}


def test_a_window_closed_in_the_middle_and_somebody_else_goes_on(sit: Sit, cast: Cast, parcel: Shipment) -> None:
    first = sit(cast.bench)
    first.goto(f"/parcels/{parcel}/receive/")
    scan(first, "A1", "A2")
    expect(first.locator(".progress")).to_contain_text("2 of 8 scanned", timeout=SOON)
    first.context.close()
    second = sit(cast.coordinator)
    second.goto(f"/parcels/{parcel}/receive/")
    expect(second.locator(".field .saved")).to_contain_text("by Rose Achebe", timeout=SOON)
    scan(second, "A2", *[f"A{n}" for n in range(3, 9)])
    expect(second.locator(".progress")).to_contain_text("8 of 8 scanned", timeout=SOON)
    assert (ItemReceipt.objects.count(), standing().count()) == (8, 8)
    second.get_by_text("Close the parcel…").last.click()
    second.get_by_role("button", name="Close the parcel").click()
    expect(second.locator(".strip")).to_contain_text("closed", timeout=SOON)
