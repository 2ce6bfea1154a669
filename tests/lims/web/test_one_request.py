"""One request's page: its next action, its history, its letters and parcels, and every answer."""

from datetime import timedelta
from typing import Any

import pytest

from lims.vocabulary import Role
from specimens.consenting import withdraw_consent
from specimens.models import Patient, RequestEvent, TissueRequest
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.specimens.chase import a_contact, a_request, state
from tests.stories import House, an_announced_parcel, an_item

SOON = (AT + timedelta(days=5)).date().isoformat()


@pytest.fixture
def request_(cast: Cast, house: House, patient: Patient) -> TissueRequest:
    a_contact(cast, house.mercy)
    return a_request(cast, house, patient)


def test_it_says_where_it_stands_and_what_is_next(enter: Enter, cast: Cast, request_: TissueRequest) -> None:
    browser, address = enter(cast.coordinator), f"/requests/{request_}/"
    shows(browser, address, "reminder 1 goes out by itself", "ruth@mercy.example.org", "Send a reminder now",
          "CWG-0187", "Mercy General", "was sent to Mercy General")  # fmt: skip
    assert questions(browser, address) <= MOST_QUERIES + 3


def test_a_scan_leads_to_it(enter: Enter, cast: Cast, request_: TissueRequest) -> None:
    answer = enter(cast.coordinator).get("/find/", {"q": str(request_).lower()})
    assert answer["Location"] == f"/requests/{request_}/"


@pytest.mark.parametrize(
    ("what", "said", "becomes"),
    [
        ("remind", {}, "reminded"),
        ("promise", {"promise-promised_for": SOON, "promise-note": "Ruth"}, "promised"),
        ("call", {"call-note": "on leave until Monday"}, "asked"),
        ("decline", {"decline-reason": "policy"}, "declined"),
        ("no-tissue", {"no-tissue-reason": "lost", "no-tissue-note": "in the move"}, "no_tissue"),
        ("cancel", {"cancel-reason": "found elsewhere"}, "cancelled"),
    ],
)
def test_each_answer(enter: Enter, cast: Cast, request_: TissueRequest, what: str, said: Any, becomes: str) -> None:
    browser, address = enter(cast.coordinator), f"/requests/{request_}/"
    assert browser.post(f"{address}{what}/", said)["Location"] == address
    assert state(request_) == becomes
    shows(browser, address, RequestEvent.objects.last().get_kind_display(), *[v for v in said.values() if " " in v])


@pytest.mark.parametrize(
    ("what", "said", "words"),
    [
        ("promise", {"promise-promised_for": "next week", "promise-note": "Ruth said so"}, "Write the date as"),
        ("promise", {"promise-promised_for": "2020-01-01"}, "say when it will come"),
        ("decline", {"decline-reason": "", "decline-note": "they were rude"}, "This field is required"),
        ("decline", {"decline-reason": "moon"}, "Select a valid choice"),
        ("call", {"call-note": "", "call-on": "2030-01-01"}, "This field is required"),
        ("cancel", {"cancel-reason": "x" * 501}, "501"),
    ],
)
def test_what_is_refused_stands_beside_its_field_and_what_was_typed_stays(
    enter: Enter, cast: Cast, request_: TissueRequest, what: str, said: Any, words: str
) -> None:
    answer = enter(cast.coordinator).post(f"/requests/{request_}/{what}/", said)
    page = text(answer)
    assert answer.status_code == 200
    assert words in page
    for typed in said.values():
        assert typed in page
    assert state(request_) == "asked"


def test_a_request_that_waits_is_sent_from_its_page(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient, send=False)
    browser = enter(cast.coordinator)
    shows(browser, f"/requests/{request}/", "Written, not sent", "Send this request")
    browser.post(f"/requests/{request}/send/")
    assert state(request) == "asked"
    answer = browser.post(f"/requests/{request}/send/")
    assert "was sent already" in text(answer)


def test_the_hospital_answers_on_the_same_page(enter: Enter, cast: Cast, house: House, request_: TissueRequest) -> None:
    browser = enter(person("vera", "Vera Site", Role.COORDINATOR, house.mercy))
    page = shows(browser, f"/requests/{request_}/", "Record the promise", "They decline", "There is no tissue")
    assert "Cancel" not in page
    assert "Record a call" not in page
    assert "ruth@mercy.example.org" not in page
    browser.post(f"/requests/{request_}/no-tissue/", {"no-tissue-reason": "block_exhausted"})
    assert state(request_) == "no_tissue"
    assert browser.post(f"/requests/{request_}/cancel/", {"cancel-reason": "r"}).status_code in (200, 403)
    assert state(request_) == "no_tissue"


def test_parcels_that_answer_it_stand_on_it(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient)
    browser = enter(cast.coordinator)
    shows(browser, f"/requests/{request}/", "Nothing is announced yet", f"study_id={patient.study_id}")
    parcel = an_announced_parcel(cast, house, an_item(patient))
    shows(browser, f"/requests/{request}/", str(parcel), "shipped", "nothing received yet")


def test_a_withdrawn_consent_asks_to_cancel(enter: Enter, cast: Cast, patient: Patient, house: House) -> None:
    request = a_request(cast, house, patient)
    withdraw_consent(by=cast.coordinator, at=AT, consent=patient.consents.get(), withdrawn_on=AT.date())
    shows(enter(cast.coordinator), f"/requests/{request}/", "Consent was withdrawn: cancel it", "Cancel this request")


@pytest.mark.parametrize("who", ["reader", "second_reader", "adjudicator"])
def test_readers_never_see_it(enter: Enter, cast: Cast, request_: TissueRequest, who: str) -> None:
    assert enter(getattr(cast, who)).get(f"/requests/{request_}/").status_code == 403


@pytest.mark.parametrize("who", ["bench", "statistician"])
def test_others_of_the_core_see_it_and_do_nothing(enter: Enter, cast: Cast, request_: TissueRequest, who: str) -> None:
    page = shows(enter(getattr(cast, who)), f"/requests/{request_}/", "What happened")
    assert "Record the promise" not in page
    assert "ruth@mercy.example.org" not in page


def test_the_patient_s_page_shows_it_and_asks(enter: Enter, cast: Cast, request_: TissueRequest) -> None:
    shows(
        enter(cast.coordinator),
        f"/patients/{request_.patient_id}/",
        str(request_),
        f"/requests/ask/?patient={request_.patient_id}",
    )
