"""Asking for tissue: of one patient, of many; what stops one stops all, and is said beside each."""

import pytest
from django.test import Client

from lims.vocabulary import Role
from specimens.consenting import withdraw_consent
from specimens.models import Letter, Patient, TissueRequest
from specimens.requesting import cancel, decline
from specimens.vocabulary import NoTissueReason
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.specimens.chase import a_request
from tests.stories import House, a_patient, a_received_block

SAID = {"holding_site": "", "wanted": "either", "sections": "", "note": "", "send": "on"}


@pytest.fixture
def browser(enter: Enter, cast: Cast) -> Client:
    return enter(cast.coordinator)


def test_who_may_be_asked_for_is_listed(browser: Client, cast: Cast, house: House) -> None:
    bare, here, asked, gone = (a_patient(cast, house, f"CWG-{n:04}") for n in range(4))
    a_received_block(cast, house, here)
    a_request(cast, house, asked)
    withdraw_consent(by=cast.coordinator, at=AT, consent=gone.consents.get(), withdrawn_on=AT.date())
    page = shows(browser, "/requests/ask/", str(bare))
    assert [str(p) for p in (here, asked, gone) if str(p) in page] == []
    assert questions(browser, "/requests/ask/?trial=CWG&site=MERCY") <= MOST_QUERIES
    shows(browser, "/requests/ask/?site=LAKE", "has tissue here or an open request")


def test_many_are_asked_for_at_once_where_each_was_treated(browser: Client, cast: Cast, house: House) -> None:
    near, far = a_patient(cast, house, "CWG-0001"), a_patient(cast, house, "CWG-0002", "LAKE")
    answer = browser.post(
        "/requests/ask/",
        SAID | {"patient": [near.pk, far.pk], "wanted": "unstained_slides", "sections": "10"},
        follow=True,
    )
    assert "2 requests were sent." in text(answer)
    made = TissueRequest.objects.order_by("patient__study_id")
    assert [r.holding_site.code for r in made] == ["MERCY", "LAKE"]
    assert Letter.objects.count() == 2


def test_one_patient_from_their_page(browser: Client, house: House, patient: Patient) -> None:
    page = shows(browser, f"/requests/ask/?patient={patient.pk}", str(patient))
    assert page.count(" checked") == 2, "the patient, and that it is sent"
    answer = browser.post("/requests/ask/", SAID | {"patient": patient.pk, "holding_site": "LAKE", "send": ""})
    request = TissueRequest.objects.get()
    assert answer["Location"] == f"/requests/{request}/"
    assert request.holding_site == house.lakeshore
    assert not Letter.objects.exists()


def test_one_that_cannot_stops_all(browser: Client, cast: Cast, house: House, patient: Patient) -> None:
    other = a_patient(cast, house, "CWG-0002")
    a_request(cast, house, other)
    answer = browser.post("/requests/ask/", SAID | {"patient": [patient.pk, other.pk], "note": "level 2"})
    page = text(answer)
    assert "Nobody was asked" in page
    assert "Mercy General has an open request for CWG-0002 already." in page
    assert "level 2" in page
    assert TissueRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"patient": []}, "Choose at least one."),
        ({"patient": ["abc", "-1", "9" * 30]}, "Choose at least one."),
        ({"wanted": "block", "sections": "4"}, "goes with slides"),
        ({"sections": "99"}, "less than or equal to 50"),
        ({"holding_site": "NOWHERE"}, "Select a valid choice"),
        ({"note": "x" * 501}, "501"),
    ],
)
def test_what_is_wrong_is_said(browser: Client, patient: Patient, said: dict[str, object], words: str) -> None:
    answer = browser.post("/requests/ask/", SAID | {"patient": [patient.pk]} | said)
    assert answer.status_code == 200
    assert words in text(answer)
    assert not TissueRequest.objects.exists()


def test_the_core_alone_asks(enter: Enter, cast: Cast, house: House) -> None:
    for who in (person("vera", "Vera Site", Role.COORDINATOR, house.mercy), cast.reader, cast.bench):
        assert enter(who).get("/requests/ask/").status_code == 403


def test_who_was_refused_is_asked_for_from_their_own_page_alone(
    browser: Client, cast: Cast, house: House, patient: Patient
) -> None:
    request = a_request(cast, house, patient)
    decline(by=cast.coordinator, at=AT, request=request, reason=NoTissueReason.POLICY)
    assert str(patient) not in shows(browser, "/requests/ask/", "has tissue here or an open request")
    assert "no tissue asked for yet" not in shows(browser, "/")
    shows(browser, f"/requests/ask/?patient={patient.pk}", str(patient))
    cancelled = a_request(cast, house, a_patient(cast, house, "CWG-0002"))
    cancel(by=cast.coordinator, at=AT, requests=[cancelled], reason="asked too early")
    shows(browser, "/requests/ask/", "CWG-0002")
