"""The reading desk in a real browser: read and signed by keyboard alone, nothing typed lost, two windows, axe."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Page, expect

from scoring.models import Draft, Read, ReadingCase
from specimens.vocabulary import Stain
from tests.cast import PASSWORD, Cast
from tests.scoring.desk import a_case, a_tumour
from tests.stories import CAIX, HISTOLOGY, House
from tests.windows import window_of

pytestmark = pytest.mark.django_db(transaction=True)
MOST_KEYS = 25
SIGHT = """hidden => { Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange")); }"""
GRAVE = {"serious", "critical"}


@dataclass
class Typist:
    """Hands on a keyboard. A chord is one stroke of `strokes`, and each of its keys one of `keys`."""

    page: Page
    strokes: int = 0
    keys: int = 0
    pressed: list[str] = field(default_factory=list)

    def __call__(self, *strokes: str) -> None:
        for stroke in strokes:
            self.page.keyboard.press(stroke)
            self.strokes += 1
            self.keys += len(stroke.split("+"))
            self.pressed.append(stroke)

    def sign(self) -> None:
        """The password's own letters are not counted."""
        self("Control+Enter")
        self.page.keyboard.type(PASSWORD)
        self("Control+Enter")


@pytest.fixture
def browser_of_ines(browser: Browser, live_server: object, cast: Cast, house: House) -> Iterator[BrowserContext]:
    window = window_of(browser, live_server, cast.reader)
    yield window
    for page in window.pages:
        page.wait_for_load_state("networkidle")
    window.close()


def sign_in(page: Page, cast: Cast, address: str = "/") -> None:
    if address:
        page.goto(address)
    page.get_by_label(re.compile("user ?name", re.I)).fill(cast.reader.username)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".who")).to_contain_text("Ines Moreau")


@pytest.fixture
def desk(browser_of_ines: BrowserContext) -> Page:
    return browser_of_ines.new_page()


@pytest.fixture
def histology(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house)


@pytest.fixture
def stained(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house, Stain.CAIX)


def opened(page: Page, case: ReadingCase) -> Page:
    page.goto(f"/read/{case.code}/")
    return page


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"^saved \d\d:\d\d:\d\d"))


def nothing_waits(page: Page) -> None:
    """The server has all that was typed: the browser keeps nothing for it any more."""
    saved(page)
    for _ in range(200):
        if not page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:')).length"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("what was typed is still in the browser alone")


def typed_of(page: Page, name: str) -> str:
    return page.locator(f"#f-{name}").input_value()


# ---- by keyboard alone ----
def test_a_histology_case_is_read_and_signed_by_few_keys(desk: Page, histology: ReadingCase) -> None:
    opened(desk, histology)
    type_ = Typist(desk)
    type_("a", "Shift+Digit7", "Shift+Digit1", "8", "Enter")  # adequate, viable 70, necrosis 10, clear cell
    type_("Shift+Digit8", "r")  # clear 80, granular the rest
    type_("2", "2", "0", "Enter")  # both grades, rhabdoid 0
    type_("4", "5", "Enter", "Shift+Digit4", "r")  # alveolar 45, solid 40, tubular the rest
    type_.sign()
    expect(desk.locator(".said-so")).to_contain_text(f"read of case {histology.code} is signed")
    assert {name: said for name, said in Read.objects.get().findings.items() if said not in (None, "")} == {
        name: int(said) if name in ("fuhrman", "who_isup") else said for name, said in HISTOLOGY.items() if said
    }
    assert (type_.strokes, type_.keys) == (18, 24)
    assert type_.keys <= MOST_KEYS


def test_a_ca_ix_case_is_read_and_signed_by_few_keys_and_the_next_opens(
    desk: Page, cast: Cast, house: House, stained: ReadingCase
) -> None:
    following = a_case(cast, house, specimen=stained.specimen)
    opened(desk, stained)
    type_ = Typist(desk)
    type_("5", "Enter", "Shift+Digit1", "2", "5", "Enter", "r")
    expect(desk.locator("[data-positive]")).to_have_text("95 %")
    expect(desk.locator("[data-hscore]")).to_have_text("240")
    type_("m", "y", "p", "v")
    type_.sign()
    expect(desk.locator("h1")).to_contain_text(following.code)
    found = Read.objects.get().findings
    assert {name: found[name] for name in CAIX if CAIX[name]} == {name: said for name, said in CAIX.items() if said}
    assert (type_.strokes, type_.keys) == (13, 16)


def test_arrows_step_by_five_and_the_rest_is_shown(desk: Page, stained: ReadingCase) -> None:
    opened(desk, stained)
    for key in ("ArrowUp", "ArrowUp", "ArrowDown", "Enter", "ArrowDown", "Enter"):
        desk.keyboard.press(key)
    assert (typed_of(desk, "pct_0"), typed_of(desk, "pct_1")) == ("5", "0")
    expect(desk.locator(".sum .status")).to_have_text("95 left")
    desk.keyboard.press("Shift+Digit0")
    expect(desk.locator(".sum .status")).to_have_text("5 too many")
    desk.keyboard.press("r")
    assert typed_of(desk, "pct_3") == "", "there is no rest to give"


def test_what_is_wrong_stands_beside_its_field_while_it_is_typed(desk: Page, histology: ReadingCase) -> None:
    opened(desk, histology)
    desk.locator("#f-adequate-yes").check()
    desk.locator("#f-who_isup-2").check()
    desk.locator("#f-arch_sarcomatoid").fill("5")
    said = desk.locator("#f-who_isup .error")
    expect(said).to_have_text("Sarcomatoid 5 % needs WHO/ISUP grade 4; you gave 2.")
    expect(desk.locator(".error")).to_have_count(1)  # what is not typed yet is no mistake
    desk.locator("#f-who_isup-4").check()
    expect(said).to_have_count(0)
    assert not Read.objects.exists()


def test_the_question_mark_lists_the_keys_even_in_a_number(desk: Page, stained: ReadingCase) -> None:
    opened(desk, stained)
    desk.keyboard.press("?")
    expect(desk.locator("dialog")).to_contain_text("the rest up to 100 into this part")
    desk.keyboard.press("Escape")
    assert typed_of(desk, "pct_0") == ""


# ---- nothing typed is lost ----
def test_what_is_typed_is_saved_and_stands_there_on_another_computer(
    desk: Page, browser: Browser, live_server: object, cast: Cast, stained: ReadingCase
) -> None:
    opened(desk, stained)
    desk.locator("#f-pct_0").fill("12")
    desk.locator("#f-comment").fill("pale in one corner")
    desk.keyboard.press("Tab")
    nothing_waits(desk)
    elsewhere = browser.new_context(base_url=str(live_server))
    page = elsewhere.new_page()
    sign_in(page, cast, f"/read/{stained.code}/")
    assert (typed_of(page, "pct_0"), typed_of(page, "comment")) == ("12", "pale in one corner")
    expect(page.locator("[data-trouble]")).to_contain_text("may be open in another window")
    page.goto("/read/")
    expect(page.locator("main")).to_contain_text("Begun 1")
    page.wait_for_load_state("networkidle")
    elsewhere.close()


def test_leaving_in_the_middle_of_a_word_keeps_it(desk: Page, stained: ReadingCase) -> None:
    opened(desk, stained)
    desk.locator("#f-comment").press_sequentially("half a wo")
    desk.goto("/read/")
    opened(desk, stained)
    assert typed_of(desk, "comment") == "half a wo"


def test_an_ended_session_loses_nothing_on_the_way_through_the_door(
    desk: Page, cast: Cast, stained: ReadingCase
) -> None:
    """What was typed after the session ended never reached the server: the browser gives it back."""
    opened(desk, stained)
    Session.objects.all().delete()
    desk.locator("#f-comment").fill("typed after the end")
    desk.keyboard.press("Tab")
    expect(desk.locator("[data-trouble]")).to_contain_text("Your sign-in has ended")
    assert not Draft.objects.exists()
    desk.get_by_role("link", name="Sign in again").click()
    sign_in(desk, cast, "")
    expect(desk).to_have_url(re.compile(f"/read/{stained.code}/$"))
    assert typed_of(desk, "comment") == "typed after the end"
    saved(desk)
    assert Draft.objects.get().typed["comment"] == "typed after the end"


def test_signing_with_an_ended_session_loses_nothing(desk: Page, cast: Cast, stained: ReadingCase) -> None:
    opened(desk, stained)
    desk.locator("#f-pct_0").fill("100")
    Session.objects.all().delete()
    desk.locator("#f-pct_3").fill("0")
    desk.locator("#f-password").fill(PASSWORD)
    desk.keyboard.press("Control+Enter")
    sign_in(desk, cast, "")
    assert (typed_of(desk, "pct_0"), typed_of(desk, "pct_3")) == ("100", "0")
    assert not Read.objects.exists()


def test_a_refused_signature_keeps_the_form_and_the_draft(desk: Page, stained: ReadingCase) -> None:
    opened(desk, stained)
    desk.locator("#f-pct_0").fill("50")
    desk.locator("#f-password").fill(PASSWORD)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#refusals")).to_be_visible()
    assert typed_of(desk, "pct_0") == "50"
    saved(desk)
    opened(desk, stained)
    assert typed_of(desk, "pct_0") == "50"


def test_a_parting_save_that_was_lost_troubles_nobody(desk: Page, stained: ReadingCase) -> None:
    """The page goes out of sight while the network is away, and comes back."""
    opened(desk, stained)
    desk.context.set_offline(True)
    desk.locator("#f-comment").fill("typed in a tunnel")
    desk.evaluate(SIGHT, True)
    desk.context.set_offline(False)
    desk.evaluate(SIGHT, False)
    saved(desk)
    expect(desk.locator("[data-trouble]")).to_be_hidden()
    assert Draft.objects.get().typed["comment"] == "typed in a tunnel"


def test_two_windows_are_told_of_each_other_and_neither_overwrites(
    browser_of_ines: BrowserContext, stained: ReadingCase
) -> None:
    one, two = (opened(browser_of_ines.new_page(), stained) for _ in range(2))
    for page in (one, two):
        expect(page.locator("[data-trouble]")).to_contain_text("open in another window of this browser")
    one.locator("#f-pct_0").fill("10")
    saved(one)
    two.locator("#f-pct_0").fill("20")
    expect(two.locator("[data-trouble]")).to_contain_text("what was typed there was saved")
    assert Draft.objects.get().typed["pct_0"] == "10"
    two.get_by_role("button", name="Go on in this window").click()
    saved(two)
    assert Draft.objects.get().typed["pct_0"] == "20"
    one.locator("#f-pct_1").fill("5")
    expect(one.locator("[data-trouble]")).to_contain_text("what was typed there was saved")
    one.get_by_role("button", name="Load what was typed there").click()
    expect(one.locator("#f-pct_0")).to_have_value("20")
    expect(one.locator("#f-pct_1")).to_have_value("")


def test_signing_leaves_nothing_in_the_browser(desk: Page, cast: Cast, house: House, stained: ReadingCase) -> None:
    following = a_case(cast, house, Stain.CAIX, a_tumour(cast, house, "CWG-0500"))
    opened(desk, stained)
    for name in ("pct_0", "pct_1", "pct_2", "pct_3"):
        desk.locator(f"#f-{name}").fill("100" if name == "pct_0" else "0")
    for key in "yvp":
        desk.keyboard.press(key)
    desk.locator("#f-password").fill(PASSWORD)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".said-so")).to_contain_text("is signed")
    expect(desk.locator("h1")).to_contain_text(following.code)
    desk.wait_for_load_state("networkidle")
    assert desk.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft:'))") == []
    assert not Draft.objects.exists()


# ---- for every eye ----
@pytest.mark.parametrize("stain", [Stain.HE, Stain.CAIX])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(desk: Page, cast: Cast, house: House, stain: Stain, theme: str) -> None:
    case = a_case(cast, house, stain)
    desk.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    opened(desk, case)
    desk.locator("#f-comment").fill("something")
    saved(desk)
    sound(desk)
    desk.locator("h1").click()
    desk.keyboard.press("?")
    expect(desk.locator("dialog")).to_be_visible()
    sound(desk)
    desk.keyboard.press("Escape")
    desk.locator("#f-password").fill(PASSWORD)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#refusals")).to_be_visible()
    sound(desk)
    for address in ("/read/", f"/read/{case.code}/refuse/"):
        desk.goto(address)
        sound(desk)


def sound(page: Page) -> None:
    found = Axe().run(page)
    assert [each["id"] for each in found.response["violations"] if each["impact"] in GRAVE] == []


@pytest.mark.parametrize("stain", [Stain.HE, Stain.CAIX])
def test_the_desk_fits_one_screen(desk: Page, cast: Cast, house: House, stain: Stain) -> None:
    opened(desk, a_case(cast, house, stain))
    assert desk.evaluate("document.documentElement.scrollHeight") <= 900


@pytest.mark.parametrize("stain", [Stain.HE, Stain.CAIX])
@pytest.mark.parametrize("size", [(720, 450), (390, 844)])
def test_at_twice_the_size_and_on_a_phone_it_is_used_the_same(
    desk: Page, cast: Cast, house: House, stain: Stain, size: tuple[int, int]
) -> None:
    """200 % of 1440 x 900, and a phone: nothing runs out of the page, and the keys do what they do."""
    case = a_case(cast, house, stain)
    desk.set_viewport_size({"width": size[0], "height": size[1]})
    opened(desk, case)
    assert desk.evaluate("document.documentElement.scrollWidth") <= size[0]
    desk.keyboard.press("Shift+Digit7")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#f-password")).to_be_focused()
    expect(desk.locator("#f-password")).to_be_in_viewport()
    word, button = desk.locator("#f-password").bounding_box(), desk.locator("[data-sign]").bounding_box()
    assert word
    assert button
    beside, below = word["x"] + word["width"] <= button["x"], word["y"] + word["height"] <= button["y"]
    assert beside or below, "the password and its button do not cover each other"
    saved(desk)
