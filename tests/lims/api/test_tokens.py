"""Tokens: made with the password, shown once, listed by their first letters, revoked, expiring."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from knox.models import AuthToken

from lims.people import revoke_role
from tests.cast import AT, PASSWORD, Cast, make_cast
from tests.lims.api.conftest import LATER, Caller


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def made(username: str = "sam", password: str = PASSWORD, **more: Any) -> Any:
    return Caller().post("auth/token/", {"username": username, "password": password, **more})


def test_a_token_is_made_with_the_password_and_opens_the_door(cast: Cast) -> None:
    answer = made(days=7)
    told = answer.json()
    assert (answer.status_code, told["expires_at"][:10]) == (201, "2026-11-30")
    assert Caller(told["token"]).get("patients/").status_code == 200
    assert told["token"] not in str(list(AuthToken.objects.values()))


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"password": "wrong"}, 401, ""),
        ({"username": "nobody"}, 401, ""),
        ({"username": ""}, 400, "username"),
        ({"days": 366}, 400, "days"),
        ({"days": 0}, 400, "days"),
        ({"days": "soon"}, 400, "days"),
        ({"scope": "all"}, 400, "scope"),
    ],
)
def test_what_makes_no_token(cast: Cast, changes: dict[str, Any], status: int, field: str) -> None:
    answer = made(**changes)
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert not AuthToken.objects.exists()


def test_a_wrong_password_and_an_unknown_name_sound_the_same(cast: Cast) -> None:
    assert made(password="wrong").json() == made(username="nobody").json()


def test_after_ten_wrong_passwords_the_right_one_waits_too(cast: Cast) -> None:
    assert [made(password="wrong").status_code for _ in range(10)] == [401] * 10
    answer = made()
    assert (answer.status_code, answer["Retry-After"]) == (429, "300")
    assert made("ines").status_code == 201


def test_own_tokens_are_listed_without_their_secret(cast: Cast) -> None:
    token, other = made().json(), made("ines").json()
    listed = Caller(token["token"]).get("auth/tokens/").json()
    assert [each["key"] for each in listed] == [token["key"]]
    assert token["token"] not in str(listed)
    assert other["key"] not in str(listed)


def test_a_revoked_token_opens_nothing(cast: Cast) -> None:
    token = made().json()
    assert Caller(made("ines").json()["token"]).send("DELETE", f"auth/tokens/{token['key']}/").status_code == 404
    caller = Caller(token["token"])
    assert caller.send("DELETE", f"auth/tokens/{token['key']}/").status_code == 204
    assert caller.get("patients/").status_code == 401


def test_an_expired_token_opens_nothing(cast: Cast) -> None:
    caller = Caller(made(days=1).json()["token"])
    with time_machine.travel(LATER + timedelta(days=2)):
        assert caller.get("patients/").status_code == 401


def test_a_token_ends_with_its_persons_role_and_account(cast: Cast) -> None:
    caller = Caller(made().json()["token"])
    revoke_role(by=cast.administrator, at=AT, grant_id=cast.statistician.grants.get().pk, reason="left")
    assert caller.get("patients/").status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Token",
        "Token a b",
        "Token " + "0" * 64,
        "Token x' OR 1=1",
        "Token \xff\xfe",
        "Token 0\x000",
        "Bearer x",
        "Basic eDp5",
    ],
)
def test_a_wrong_token_is_401_with_a_sentence(cast: Cast, header: str) -> None:
    caller = Caller()
    caller.headers = {"Authorization": header}
    answer = caller.get("patients/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert answer.json()["sentence"]


def test_a_page_session_reads_and_needs_its_cross_site_check_to_write(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.coordinator, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/api/v1/patients/").status_code == 200
    answer = client.post("/api/v1/patients/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
