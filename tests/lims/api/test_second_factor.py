"""Programs of who has a second factor: the token and the signature ask for the code."""

import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache

from lims import second_factor
from scoring.models import Read, ReadingCase
from tests.cast import PASSWORD, Cast
from tests.scoring.desk import LATER, a_case, found
from tests.stories import House

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code() -> str:
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))


@pytest.fixture
def enrolled(cast: Cast) -> Cast:
    cache.clear()
    second_factor.add_second_factor(by=cast.reader, at=LATER, secret=SECRET, code=code())
    return cast


def sign(calling: Any, cast: Cast, case: ReadingCase, **proof: str) -> Any:
    body = {"findings": found(case), "password": PASSWORD, **proof}
    return calling(cast.reader).post(f"cases/{case.code}/reads/", body)


def test_a_signature_asks_for_the_code(enrolled: Cast, house: House, calling: Any) -> None:
    case = a_case(enrolled, house)
    for wrong in ({}, {"code": "000000"}):
        answer = sign(calling, enrolled, case, **wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_code")
    assert not Read.objects.exists()
    answer = sign(calling, enrolled, case, code=code())
    assert (answer.status_code, answer.json()["method"]) == (201, "password and one-time code")
    assert Read.objects.count() == 1


def test_without_one_the_password_signs(cast: Cast, house: House, calling: Any) -> None:
    answer = sign(calling, cast, a_case(cast, house))
    assert (answer.status_code, answer.json()["method"]) == (201, "password")


def test_a_token_asks_for_the_code_and_takes_it_once(enrolled: Cast, calling: Any) -> None:
    body = {"username": "ines", "password": PASSWORD}
    assert calling(None).post("auth/token/", body).status_code == 401
    assert calling(None).post("auth/token/", body | {"code": "123456"}).status_code == 401
    shown = code()
    assert calling(None).post("auth/token/", body | {"code": shown}).status_code == 201
    assert calling(None).post("auth/token/", body | {"code": shown}).status_code == 401
