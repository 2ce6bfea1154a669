"""One's own tokens: shown once, listed, revoked."""

import re

from django.test import Client

from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows, text


def made(browser: Client) -> str:
    page = text(browser.post("/tokens/", {"days": "30"}))
    found = re.search(r'id="fresh-token">([^<]+)<', page)
    assert found
    return found.group(1)


def test_a_token_is_shown_once(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.statistician)
    clear = made(browser)
    assert len(clear) > 30
    assert clear not in shows(browser, "/tokens/", clear[:15], "2026-12-23")


def test_a_token_is_revoked(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.statistician)
    key = made(browser)[:15]
    assert browser.post(f"/tokens/{key}/revoke/").status_code == 302
    assert f">{key}<" not in shows(browser, "/tokens/", "no longer works")


def test_a_token_is_nobody_elses(enter: Enter, cast: Cast) -> None:
    key = made(enter(cast.statistician))[:15]
    assert enter(cast.administrator).post(f"/tokens/{key}/revoke/").status_code == 404
    assert key not in shows(enter(cast.administrator), "/tokens/")


def test_there_is_a_limit(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.statistician)
    for _ in range(20):
        made(browser)
    answer = browser.post("/tokens/", {"days": "30"})
    assert answer.status_code == 409
    assert "revoke one first" in text(answer)
