"""What a keyboard and a scanner do to a page: no test that uses only these touches a mouse."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from lims.models import User
from tests.cast import PASSWORD

SOON = 60_000  # milliseconds: a busy machine answers late, and late is not wrong


def sat_down(browser: Browser, address: str, person: User, *, width: int = 1440, height: int = 900) -> Page:
    """A window of their own in which somebody has signed in, by keys."""
    window = browser.new_context(base_url=address, viewport={"width": width, "height": height})
    page = window.new_page()
    page.set_default_timeout(SOON)
    expect.set_options(timeout=SOON)
    page.goto("/")
    tab_to(page, "login")
    page.keyboard.type(person.username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".who")).to_contain_text(person.get_full_name())
    return page


def scan(page: Page, *codes: object) -> None:
    """What the scanner does: the characters, then Enter."""
    for code in codes:
        page.keyboard.type(str(code), delay=3)
        page.keyboard.press("Enter")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(words))


def tab_to(page: Page, name: str) -> None:
    """Tab until the field of this name has the focus."""
    for _ in range(60):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no {name} within 60 tabs")


def fill(page: Page, name: str, said: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Control+a")
    page.keyboard.type(said)
