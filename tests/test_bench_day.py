"""A histotechnologist's day with a keyboard and a scanner, in a real browser: no mouse, not one click."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from specimens.models import CuttingOrder, Patient, Slide, StainRun
from specimens.vocabulary import Stain
from tests.by_keys import heading, press, sat_down, scan, tab_to
from tests.cast import Cast
from tests.stories import House, a_lot, a_received_block, a_stained_slide

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser: Browser, live_server: object, cast: Cast, house: House) -> Iterator[Page]:
    page = sat_down(browser, str(live_server), cast.bench)
    yield page
    page.context.close()


def cut(page: Page, block: object, stain: str) -> list[str]:
    """Scan the block: its order stands there; Ctrl+Enter cuts it, and the box waits for the next scan."""
    before = set(Slide.objects.values_list("accession", flat=True))
    expect(page.get_by_label("Scan a block to cut")).to_be_focused()
    scan(page, block)
    heading(page, f"Cut block {block}")
    expect(page.locator("form .notice")).to_contain_text(stain)
    press(page, "Control+Enter")
    expect(page.locator(".scanner .last")).to_contain_text("SL-")
    return sorted(set(Slide.objects.values_list("accession", flat=True)) - before)


def stain(page: Page, slides: list[str]) -> None:
    press(page, "Tab", "g", "r")
    heading(page, "Stain runs")
    press(page, "n")
    heading(page, "Stain a run")
    expect(page.get_by_label("Scan a slide")).to_be_focused()
    for slide in slides:
        scan(page, slide)
        expect(page.locator("#looked tbody tr").first).to_contain_text(slide)
        expect(page.locator("#looked tbody tr").first).to_contain_text("fresh enough")
    scan(page, slides[0])
    expect(page.locator("#scan-said")).to_have_text(f"{slides[0]} is in the list already.")
    expect(page.locator("#looked tbody tr")).to_have_count(len(slides))


def name_controls(page: Page) -> None:
    tab_to(page, "positive")
    page.keyboard.type("TC-7")
    page.keyboard.press("Tab")
    page.keyboard.type("no primary antibody")


def record(page: Page) -> None:
    """Both controls passed."""
    heading(page, "Run RUN-")
    press(page, "Space", "Tab", "Space", "Control+Enter")
    expect(page.locator(".strip")).to_contain_text("controls passed")


def test_a_day_without_a_mouse(page: Page, cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    a_lot(cast, Stain.HE)
    a_lot(cast, Stain.CAIX)
    page.goto("/")
    press(page, "g", "c")
    expect(page.locator("#unordered")).to_contain_text(str(block))
    press(page, "Control+Enter")
    expect(page.locator(".messages, [role=status]").first).to_contain_text("2 orders for 1 block")

    (he,), caix = cut(page, block, "H&E"), cut(page, block, "CA-IX")
    assert len(caix) == 2
    assert not CuttingOrder.objects.filter(end__isnull=True).exists()

    stain(page, caix)
    press(page, "Control+Enter")
    expect(page.locator("#id_positive_error")).to_contain_text("stands beside a positive control slide")
    expect(page.locator("#looked tbody tr")).to_have_count(2)
    name_controls(page)
    press(page, "Control+Enter")
    record(page)

    stain(page, [he])
    tab_to(page, "lot")
    page.keyboard.type("H&E")
    press(page, "Control+Enter")
    record(page)
    assert sorted(StainRun.objects.values_list("stain", flat=True)) == ["caix", "he"]


def test_a_scan_that_cannot_be_stained_says_why_at_once(page: Page, cast: Cast, house: House, patient: Patient) -> None:
    stained = a_stained_slide(cast, a_received_block(cast, house, patient))
    page.goto("/runs/stain/")
    expect(page.get_by_label("Scan a slide")).to_be_focused()
    scan(page, stained)
    row = page.locator("#looked tbody tr").first
    expect(row).to_contain_text("cannot be stained")
    expect(row).to_contain_text("is stained already; a restain takes a new section.")
    scan(page, "SL-000001-0")
    expect(page.locator("#looked tbody tr").first).to_contain_text(re.compile("check character", re.I))
    expect(page.get_by_label("Scan a slide")).to_be_focused()
