"""The second factor: added, asked for at sign-in and at every signature, used once, taken off, reset."""

import re
import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from lims import second_factor
from lims.models import User
from scoring.models import Read, ReadingCase
from specimens.errors import Forbidden, Invalid
from specimens.models import LedgerEntry
from tests.cast import AT, PASSWORD, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import text
from tests.refusals import refused
from tests.scoring.desk import a_case, a_tumour, found
from tests.stories import House

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(secret: str = SECRET) -> str:
    """What a device with this secret shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def ines(cast: Cast, db: None) -> User:
    """The reader with a device; its first code is used up, the next half minute has come."""
    second_factor.add_second_factor(by=cast.reader, at=AT, secret=SECRET, code=code())
    return User.objects.get(pk=cast.reader.pk)


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house)


def sends(browser: Client, case: ReadingCase, **proof: str) -> Any:
    return browser.post(f"/read/{case.code}/", {**found(case), "do": "sign", **proof}, follow=True)


# ---- adding ----
def test_a_device_is_added_with_its_code_and_the_password(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.reader)
    page = text(browser.get("/second-factor/"))
    secret = re.search(r'<span class="id">([A-Z2-7]{32})</span>', page)[1]
    assert "data:image/svg+xml;base64," in page
    assert "style=" not in page
    wrong = text(browser.post("/second-factor/", {"device": "000000", "password": PASSWORD}))
    assert "not a code that works now" in wrong
    assert secret in wrong, "the same key: nothing has to be scanned again"
    assert not Authenticator.objects.exists()
    done = text(browser.post("/second-factor/", {"device": code(secret), "password": PASSWORD}))
    assert len(re.findall(r'<li class="id">\d{8}</li>', done)) == 10
    assert "10 recovery codes left" in text(browser.get("/second-factor/"))
    assert LedgerEntry.objects.get(deed="add second factor").actor_name == "Ines Moreau"


def test_without_the_password_no_device_is_added(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.reader)
    browser.get("/second-factor/")
    page = text(browser.post("/second-factor/", {"device": code(browser.session["mfa.totp.secret"]), "password": "x"}))
    assert "That is not your password" in page
    assert not Authenticator.objects.exists()


def test_what_is_kept_is_not_the_secret(ines: User) -> None:
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in kept
    assert second_factor.recovery_codes(ines)[0] not in kept


def test_a_wrong_code_adds_nothing(cast: Cast) -> None:
    with refused("wrong_code", "not a code that works now", Invalid):
        second_factor.add_second_factor(by=cast.reader, at=AT, secret=SECRET, code="000000")
    with refused("wrong_code", "not a code that works now", Invalid):
        second_factor.add_second_factor(by=cast.reader, at=AT, secret="", code=code())


# ---- signing in ----
def test_signing_in_asks_for_the_code_and_takes_it_once(ines: User) -> None:
    browser, again = Client(), Client()
    said = {"login": "ines", "password": PASSWORD}
    for each in (browser, again):
        answer = each.post("/sign-in/", said)
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/code/")
        assert each.get("/read/").status_code == 302, "the password alone opens nothing"
    shown = code()
    assert "not a code that works" in text(browser.post("/sign-in/code/", {"code": "123456"}))
    assert browser.post("/sign-in/code/", {"code": shown})["Location"] == "/"
    assert browser.get("/read/").status_code == 200
    assert "not a code that works" in text(again.post("/sign-in/code/", {"code": shown})), "used up"


def test_a_recovery_code_signs_in_one_time(ines: User) -> None:
    spare = second_factor.recovery_codes(ines)[0]
    for expected in (302, 200):
        browser = Client()
        browser.post("/sign-in/", {"login": "ines", "password": PASSWORD})
        assert browser.post("/sign-in/code/", {"code": spare}).status_code == expected
    assert spare not in second_factor.recovery_codes(ines)


def test_who_has_none_signs_in_as_before(cast: Cast) -> None:
    answer = Client().post("/sign-in/", {"login": "ines", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")


# ---- signing ----
def test_the_signature_asks_for_the_code_and_says_so(enter: Enter, ines: User, case: ReadingCase) -> None:
    browser = enter(ines)
    assert 'name="code"' in text(browser.get(f"/read/{case.code}/"))
    page = text(sends(browser, case, password=PASSWORD))
    assert "Give the code your device shows" in page
    page = text(sends(browser, case, password=PASSWORD, code="000000"))
    assert "not a code that works now" in page
    assert not Read.objects.exists()
    sends(browser, case, password=PASSWORD, code=code())
    assert Read.objects.get().method == "password and one-time code"


def test_a_wrong_password_does_not_use_the_code_up(enter: Enter, ines: User, case: ReadingCase) -> None:
    browser = enter(ines)
    shown = code()
    sends(browser, case, password="wrong", code=shown)
    assert not Read.objects.exists()
    sends(browser, case, password=PASSWORD, code=shown)
    assert Read.objects.count() == 1


def test_a_code_that_signed_signs_nothing_else(
    enter: Enter, ines: User, cast: Cast, house: House, case: ReadingCase
) -> None:
    browser, other = enter(ines), a_case(cast, house, specimen=a_tumour(cast, house, "CWG-0002"))
    shown = code()
    sends(browser, case, password=PASSWORD, code=shown)
    page = text(sends(browser, other, password=PASSWORD, code=shown))
    assert "each works once" in page
    assert Read.objects.count() == 1
    with time_machine.travel(AT.timestamp() + 31):
        sends(browser, other, password=PASSWORD, code=code())
    assert Read.objects.count() == 2


def test_guessing_is_slowed_down(enter: Enter, ines: User, case: ReadingCase) -> None:
    browser = enter(ines)
    for _ in range(10):
        page = text(sends(browser, case, password=PASSWORD, code="000000"))
    page = text(sends(browser, case, password=PASSWORD, code=code()))
    assert "Too many tries" in page
    assert not Read.objects.exists()


def test_who_has_none_signs_with_the_password_alone(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    browser = enter(cast.reader)
    assert 'name="code"' not in text(browser.get(f"/read/{case.code}/"))
    sends(browser, case, password=PASSWORD)
    assert Read.objects.get().method == "password"


# ---- taking it off ----
def test_it_is_taken_off_with_password_and_code(enter: Enter, ines: User) -> None:
    browser = enter(ines)
    assert "Give the code" in text(browser.post("/second-factor/remove/", {"password": PASSWORD}))
    assert Authenticator.objects.exists()
    browser.post("/second-factor/remove/", {"password": PASSWORD, "code": code()})
    assert not Authenticator.objects.exists()
    assert LedgerEntry.objects.filter(deed="remove second factor").exists()


def test_an_administrator_resets_it_with_a_reason(enter: Enter, ines: User, cast: Cast) -> None:
    reader, ada = enter(ines), enter(cast.administrator)
    address = f"/people/{ines.pk}/second-factor/"
    assert address in text(ada.get(f"/people/{ines.pk}/"))
    assert "Say why" in text(ada.post(address, {"reason": " "}, follow=True))
    assert Authenticator.objects.exists()
    page = text(ada.post(address, {"reason": "the telephone was stolen"}, follow=True))
    assert "is signed out everywhere" in page
    assert not Authenticator.objects.exists()
    assert reader.get("/read/").status_code == 302
    assert LedgerEntry.objects.get(deed="reset second factor").reason == "the telephone was stolen"


def test_nobody_else_resets_it_and_nobody_their_own(enter: Enter, ines: User, cast: Cast) -> None:
    for somebody in (cast.coordinator, ines):
        assert enter(somebody).post(f"/people/{ines.pk}/second-factor/", {"reason": "x"}).status_code == 403
    with refused("own_second_factor", "you take off yourself", Forbidden):
        second_factor.reset_second_factor(by=cast.administrator, at=AT, user=cast.administrator, reason="x")
