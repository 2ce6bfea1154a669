"""Two releases beside each other: what differs, deciding it with a reason, and the release made of that."""

from datetime import date

import pytest
from django.test import Client

from lims.models.outcome_variables import OutcomeDecision
from lims.models.outcomes import Outcome, OutcomeRelease
from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows, text
from tests.lims.web.visits import status
from tests.stories import House, a_patient


@pytest.fixture
def sam(enter: Enter, cast: Cast, house: House) -> Client:
    for study_id in ("CWG-0001", "CWG-0002"):
        a_patient(cast, house, study_id)
    return enter(cast.statistician)


def release(cast: Cast, house: House, name: str, *responses: str) -> OutcomeRelease:
    rows = [NewOutcome(f"CWG-000{number}", response=said) for number, said in enumerate(responses, start=1)]
    return import_release(
        by=cast.statistician, at=AT, trial=house.trial, name=name, source="the registry", cut_on=date(2005, 1, 1),
        sha256=name[-1] * 64, rows=rows,
    )  # fmt: skip


@pytest.fixture
def address(sam: Client, cast: Cast, house: House) -> str:
    a, b = release(cast, house, "release a", "CR", "PR"), release(cast, house, "release b", "PD", "SD")
    return f"/outcomes/{a.pk}/against/{b.pk}/"


def test_where_two_releases_disagree_it_is_decided_and_settled(sam: Client, address: str) -> None:
    shows(sam, "/outcomes/", address, "release a against release b")
    page = shows(sam, address, "2 conflicts in 2 patients", "CWG-0001", "neither is altered", "open")
    assert "Make a release of it" not in page
    sam.post(address, {"pick CWG-0001 response": "a", "reason": "scan reviewed", "decide": "1"})
    shows(sam, address, "1 still open", "release a: scan reviewed", "Sam Okafor")
    sam.post(address, {"every": "response", "side": "b", "reason": "later form", "decide": "1"})
    shows(sam, address, "Make a release of it")
    answer = sam.post(address, {"name": "settled 2005", "settle": "1"})
    assert (answer.status_code, answer["Location"]) == (302, "/outcomes/")
    kept = Outcome.objects.filter(release__name="settled 2005").order_by("patient__study_id")
    assert [each.response for each in kept] == ["CR", "SD"]
    shows(sam, address, "Settled by 2 decisions into release", "settled 2005")


def test_a_decision_without_a_reason_loses_no_choice(sam: Client, address: str) -> None:
    page = text(sam.post(address, {"pick CWG-0002 response": "b", "reason": "", "decide": "1"}))
    assert 'name="pick CWG-0002 response" value="b" checked' in page
    assert "needs another look" in page
    page = text(sam.post(address, {"reason": "because", "decide": "1"}))
    assert "Choose a release for at least one conflict." in page
    assert "Say which release is right." in text(sam.post(address, {"every": "response", "reason": "x", "decide": "1"}))
    assert not OutcomeDecision.objects.exists()


def test_it_is_not_settled_while_something_is_open(sam: Client, address: str) -> None:
    page = text(sam.post(address, {"name": "too early", "settle": "1"}))
    assert OutcomeRelease.objects.count() == 2
    assert "Still to be decided" in page


def test_a_release_is_not_held_against_itself(sam: Client, cast: Cast, house: House) -> None:
    a = release(cast, house, "release a", "CR", "PR")
    assert status(sam, f"/outcomes/{a.pk}/against/{a.pk}/") == 409
    assert status(sam, f"/outcomes/{a.pk}/against/{a.pk + 7}/") == 404
    assert status(sam, f"/outcomes/{a.pk}/against/{10**30}/") == 404
