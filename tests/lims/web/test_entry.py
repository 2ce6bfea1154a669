"""Sign-in, sign-out, one's own password; nobody signs up."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.cast import PASSWORD, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows, text


def test_signing_in_leads_home(cast: Cast, house: object, client: Client) -> None:
    answer = client.post("/sign-in/", {"login": "dana", "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    shows(client, "/", "Dana Whitfield", "coordinator")


def test_a_wrong_password_is_told_and_the_name_kept(cast: Cast, client: Client) -> None:
    answer = client.post("/sign-in/", {"login": "dana", "password": "wrong"})
    assert answer.status_code == 200
    assert 'value="dana"' in text(answer)
    assert "not correct" in text(answer)


def test_signing_out_needs_a_post(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.coordinator)
    shows(browser, "/sign-out/", "Sign out?")
    browser.post("/sign-out/")
    assert browser.get("/").status_code == 302


def test_a_password_is_changed(enter: Enter, cast: Cast) -> None:
    new = "a quite different sentence 7"
    said = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert enter(cast.bench).post("/password/", said).status_code == 302
    cast.bench.refresh_from_db()
    assert cast.bench.check_password(new)


def test_nobody_signs_up() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    with pytest.raises(NoReverseMatch):
        reverse("account_reset_password")
