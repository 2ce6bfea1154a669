"""The slide in depth, in a real browser: tiles as they are needed, the scale bar, keys, marks, and no script at all."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from lims.demo.load_images import WHOLE_SLIDE as SLIDE
from scoring.models import Mark, ReadingCase
from specimens import jobs
from specimens.imaging import attach_image
from specimens.tiling import CUT_TILES
from specimens.vocabulary import Stain
from specimens.whole_slides import attach_upload
from tests.cast import AT, Cast
from tests.lims.web.pictures import a_picture
from tests.scoring.desk import a_case
from tests.stories import House
from tests.windows import window_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house, Stain.CAIX)


@pytest.fixture
def scanned(cast: Cast, case: ReadingCase) -> ReadingCase:
    attach_upload(by=cast.bench, at=AT, slide=case.slide, name="slide.svs", path=SLIDE, demonstration=True)
    jobs.work_off()
    return case


@pytest.fixture
def ines(browser: Browser, live_server: object, cast: Cast) -> Iterator[Page]:
    page = window_of(browser, live_server, cast.reader).new_page()
    page.errors = []
    page.on(
        "console", lambda said: page.errors.append(f"{said.text} {said.location}") if said.type == "error" else None
    )
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.wait_for_load_state("networkidle")  # a request still under way would hold the database
    page.context.close()


def looks(page: Page, case: ReadingCase) -> list[str]:
    """Open the desk and wait for the slide; gives the addresses of tiles as they are asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/tiles/" in request.url else None)
    page.goto(f"/read/{case.code}/")
    expect(page.locator("[data-ready=yes]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    return asked


def test_zooming_and_moving_ask_for_tiles_and_the_scale_bar_follows(ines: Page, scanned: ReadingCase) -> None:
    asked = looks(ines, scanned)
    first, bar = set(asked), ines.locator(".scalebar")
    assert first
    scale = bar.inner_text()
    assert re.fullmatch(r"\d+ µm|\d+ mm", scale)
    ines.keyboard.press("o")
    expect(ines.locator(".deep")).to_be_focused()
    ines.keyboard.press("4")
    expect(ines.locator(".now")).to_have_text("20x")
    expect(ines.locator("[data-mag='20']")).to_have_attribute("aria-pressed", "true")
    expect(bar).not_to_have_text(scale)
    ines.wait_for_load_state("networkidle")
    zoomed = set(asked) - first
    assert [url for url in zoomed if "/tiles/12/" in url]
    for _ in range(4):
        ines.keyboard.press("ArrowDown")
    ines.wait_for_timeout(900)
    ines.wait_for_load_state("networkidle")
    assert set(asked) - first - zoomed
    # 0.499 µm a pixel at 20x: the bar is as long as it says
    length, width = int(bar.inner_text().split()[0]), bar.evaluate("bar => bar.style.width")
    assert float(width.removesuffix("px")) == pytest.approx(length / 0.499, abs=1)
    assert ines.errors == []


def test_the_whole_slide_is_in_view_until_somebody_moves_it(ines: Page, scanned: ReadingCase) -> None:
    """Also when the tools below it grow, and at another size of the window."""
    looks(ines, scanned)
    for width, height in ((1440, 900), (1440, 700), (800, 900)):
        ines.set_viewport_size({"width": width, "height": height})
        ines.wait_for_timeout(700)
        times = float(ines.locator(".now").inner_text().removesuffix("x")) / 20
        box = ines.locator(".deep").bounding_box()
        assert times * 2967 <= box["height"] + 1 + 0.05 / 20 * 2967
        assert times * 2220 <= box["width"] + 1 + 0.05 / 20 * 2220


def test_keys_of_the_slide_and_of_the_form_keep_out_of_each_others_way(ines: Page, scanned: ReadingCase) -> None:
    looks(ines, scanned)
    field = ines.locator("[name=pct_0]")
    field.focus()
    ines.keyboard.press("o")
    ines.keyboard.press("r")
    ines.keyboard.press("m")
    expect(ines.locator("[name=pattern][value=membranous_complete]")).to_be_checked()
    ines.locator(".deep").focus()
    ines.keyboard.press("h")
    ines.keyboard.press("Escape")
    assert ines.evaluate("document.activeElement.closest('[data-desk]') !== null")
    ines.keyboard.press("1")
    expect(ines.locator(".now")).not_to_have_text("1x")
    assert ines.errors == []


def test_marks_are_set_by_keys_and_by_mouse_and_taken_away(ines: Page, cast: Cast, scanned: ReadingCase) -> None:
    looks(ines, scanned)
    ines.keyboard.press("o")
    for key in ("t", " "):
        ines.keyboard.press(key)
    expect(ines.locator("#mark-note")).to_be_focused()
    ines.keyboard.type("a focus of necrosis")
    ines.keyboard.press("Enter")
    expect(ines.locator("[data-list] li")).to_have_count(1)
    expect(ines.locator("[data-list]")).to_contain_text("point: a focus of necrosis")
    expect(ines.locator(".deep")).to_be_focused()
    ines.keyboard.press("e")
    box = ines.locator(".deep").bounding_box()
    for x, y in ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6)):
        ines.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        ines.wait_for_timeout(350)
    ines.keyboard.press("Enter")
    ines.keyboard.press("Enter")
    expect(ines.locator("[data-list] li")).to_have_count(2)
    expect(ines.locator("svg.layer polygon.own")).to_have_count(1)
    point, region = Mark.objects.order_by("id")
    assert (point.reader, point.note, len(region.shape)) == (cast.reader, "a focus of necrosis", 3)
    ines.locator("[data-list] button").first.click()
    expect(ines.locator("[data-list] li")).to_have_count(1)
    ines.reload()
    expect(ines.locator("[data-list] li")).to_have_count(1)
    assert ines.errors == []


def test_a_plain_picture_is_looked_at_in_the_same_way(ines: Page, cast: Cast, case: ReadingCase) -> None:
    attach_image(by=cast.bench, at=AT, slide=case.slide, name="a.png", content=a_picture())
    ines.goto(f"/read/{case.code}/")
    expect(ines.locator("[data-ready=yes]")).to_be_visible()
    expect(ines.locator(".scalebar")).to_have_text("scale unknown")
    expect(ines.locator("[data-mag='20']")).to_be_disabled()
    assert ines.errors == []


def test_while_tiles_are_cut_the_page_says_how_many_and_then_opens_them(
    ines: Page, cast: Cast, case: ReadingCase
) -> None:
    attach_upload(by=cast.bench, at=AT, slide=case.slide, name="slide.svs", path=SLIDE)
    ines.goto(f"/read/{case.code}/")
    expect(ines.locator(".waiting")).to_contain_text("Cutting tiles, 0 of 53.")
    jobs.perform(f"{CUT_TILES}:{case.slide.images.get().pk}")
    expect(ines.locator("[data-ready=yes]")).to_be_visible(timeout=15_000)


def test_without_a_script_the_small_picture_is_there(
    browser: Browser, live_server: object, cast: Cast, scanned: ReadingCase
) -> None:
    page = window_of(browser, live_server, cast.reader, java_script_enabled=False).new_page()
    page.goto(f"/read/{scanned.code}/")
    expect(page.locator("img.view")).to_be_visible()
    expect(page.locator(".deep")).to_be_hidden()
    assert page.locator("img.view").evaluate("image => image.naturalWidth") > 100
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_the_viewer_stays_within_the_page(ines: Page, scanned: ReadingCase, width: int, scheme: str) -> None:
    ines.emulate_media(color_scheme=scheme)
    ines.set_viewport_size({"width": width, "height": 850})
    looks(ines, scanned)
    assert ines.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(ines, context=".slide").response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
