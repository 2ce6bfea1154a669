"""Pages for what went wrong: each a sentence, none a bare 500."""

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from lims.web import refusals
from tests.cast import Cast
from tests.lims.web.conftest import BACKEND, Enter
from tests.lims.web.visits import take_away, text


def test_an_address_that_leads_nowhere(enter: Enter, cast: Cast) -> None:
    answer = enter(cast.coordinator).get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no such page" in text(answer)


def test_a_form_without_its_token(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.coordinator, backend=BACKEND)
    answer = strict.post("/tokens/", {"days": "30"})
    assert answer.status_code == 403
    assert "nothing was saved" in text(answer)


@pytest.mark.embedded
def test_a_database_that_goes_away_is_a_503(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.coordinator)
    take_away("specimens_shipment")
    answer = browser.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Nothing was lost" in text(answer)
    assert "no such table" not in text(answer)


def test_the_last_resort_tells_them_apart() -> None:
    request = RequestFactory().get("/")
    try:
        raise OperationalError("server closed the connection")
    except OperationalError:
        assert refusals.broken(request).status_code == 503
    try:
        raise ValueError("a secret")
    except ValueError:
        answer = refusals.broken(request)
    assert answer.status_code == 500
    assert "secret" not in text(answer)


def test_health_says_nothing_of_the_house(client: Client, db: None) -> None:
    assert set(client.get("/health/").json()) == {"database", "broker", "jobs"}


@pytest.mark.parametrize(
    "address",
    [
        "/find/?q=a%00b",
        "/patients/?q=%00&trial=%00",
        "/ledger/?q=%00&deed=%00",
        "/parcels/?state=%00&before=x",
    ],
)
def test_a_nul_in_the_address_is_nothing(enter: Enter, cast: Cast, address: str) -> None:
    assert enter(cast.coordinator).get(address).status_code == 200


def test_a_nul_in_a_choice_is_refused(enter: Enter, cast: Cast, house: object) -> None:
    said = {"trial": "C\x00", "study_id": "A\x001", "treating_site": "\x00"}
    answer = enter(cast.coordinator).post("/patients/enrol/", said)
    assert answer.status_code == 200
    assert "Null characters are not allowed" in text(answer)
