"""People and roles."""

import pytest

from lims.models import RoleGrant, User
from tests.cast import PASSWORD, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House

NEW = {
    "name": "Noor Haddad",
    "username": "noor",
    "password": PASSWORD,
    "role": "coordinator",
    "institution": "MERCY",
}


def test_a_person_is_added_and_signs_in(enter: Enter, cast: Cast, house: House, client: object) -> None:
    browser = enter(cast.administrator)
    answer = browser.post("/people/add/", NEW)
    noor = User.objects.get(username="noor")
    assert answer["Location"] == f"/people/{noor.pk}/"
    shows(browser, "/people/", "Noor Haddad", "coordinator at Mercy General")
    assert client.post("/sign-in/", {"login": "noor", "password": PASSWORD}).status_code == 302  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("password", "short", "at least 12 characters"),
        ("username", "DANA", "belongs to somebody already"),
        ("username", "a b", "username"),
        ("role", "king", "Select a valid choice"),
    ],
)
def test_a_refusal_keeps_all_but_the_password(
    enter: Enter, cast: Cast, house: House, field: str, typed: str, said: str
) -> None:
    page = text(enter(cast.administrator).post("/people/add/", NEW | {field: typed}))
    assert said in page
    assert 'value="Noor Haddad"' in page
    assert PASSWORD not in page
    assert not User.objects.filter(username="noor").exists()


def test_a_role_is_granted_and_revoked(enter: Enter, cast: Cast, house: House) -> None:
    browser, address = enter(cast.administrator), f"/people/{cast.bench.pk}/"
    browser.post(address, {"role": "coordinator", "institution": ""})
    grant = RoleGrant.objects.get(user=cast.bench, role="coordinator")
    bench = enter(cast.bench)
    assert bench.get("/").status_code == 200
    page = text(browser.post(f"{address}revoke/{grant.pk}/", {f"g{grant.pk}-reason": " "}))
    assert "This field is required" in page
    browser.post(f"{address}revoke/{grant.pk}/", {f"g{grant.pk}-reason": "left the office"})
    shows(browser, address, "ended", "left the office")
    assert bench.get("/").status_code == 302, "every session ends with the role"


def test_a_reader_gets_no_role_that_shows_tissue(enter: Enter, cast: Cast, house: House) -> None:
    page = text(enter(cast.administrator).post(f"/people/{cast.reader.pk}/", {"role": "coordinator"}))
    assert "Use a second person" in page


def test_a_role_revoked_between_load_and_submit(enter: Enter, cast: Cast, house: House) -> None:
    browser, address = enter(cast.administrator), f"/people/{cast.bench.pk}/"
    grant = RoleGrant.objects.get(user=cast.bench)
    said = {f"g{grant.pk}-reason": "left"}
    browser.post(f"{address}revoke/{grant.pk}/", said)
    browser.get(address)
    again = browser.post(f"{address}revoke/{grant.pk}/", said)
    assert again.status_code == 200
    assert 'class="notice attention"' in text(again)
    assert browser.get("/people/999999/").status_code == 404


def test_the_query_count_is_fixed(enter: Enter, cast: Cast, house: House) -> None:
    assert questions(enter(cast.administrator), "/people/") <= MOST_QUERIES
