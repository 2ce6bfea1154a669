"""Requests: opened once for a patient and a hospital, sent, answered, cancelled; all of a batch or none."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from lims.models import User
from lims.vocabulary import Role
from specimens import ledger, request_desk
from specimens.consenting import withdraw_consent
from specimens.errors import Forbidden, Invalid, Rejected
from specimens.models import HospitalNumber, Job, Letter, Patient, RequestEvent, TissueRequest
from specimens.requesting import (
    NewRequest,
    cancel,
    decline,
    no_tissue,
    open_requests,
    promise,
    record_call,
    remind,
    send_requests,
)
from specimens.scope import EVERYTHING
from specimens.vocabulary import NoTissueReason, RequestEventKind, Wanted
from tests.cast import AT, Cast, person
from tests.refusals import forbidden, outcome, refused
from tests.specimens.chase import a_contact, a_request, state
from tests.stories import House, a_patient, a_received_block

LATER = AT + timedelta(days=3)
LOST = NoTissueReason.LOST


# ---- opening ----
def test_several_patients_are_asked_for_at_once(cast: Cast, house: House) -> None:
    a_contact(cast, house.mercy)
    patients = [a_patient(cast, house, f"CWG-{n:04}") for n in range(3)]
    wanted = [NewRequest(each, site) for each in patients for site in (house.mercy, house.lakeshore)]
    opened = open_requests(by=cast.coordinator, at=AT, wanted=wanted, send=True)
    assert [r.accession[:9] for r in opened] == [f"RQ-00000{n}" for n in range(1, 7)]
    assert {state(r) for r in opened} == {"asked"}
    mercy, lakeshore = Letter.objects.order_by("id")
    assert (mercy.institution, lakeshore.institution) == (house.mercy, house.lakeshore), "one letter to each"
    assert (mercy.to_address != "", lakeshore.to_address) == (True, ""), "Lakeshore has no contact: paper"
    assert Job.objects.filter(kind="send letter").count() == 1
    assert list(ledger.verify()) == []


def test_what_is_asked_together_stands_in_one_letter(cast: Cast, house: House) -> None:
    patients = [a_patient(cast, house, f"CWG-{n:04}") for n in range(3)]
    wanted = [NewRequest(each, house.mercy, note=f"level {n}") for n, each in enumerate(patients)]
    opened = open_requests(by=cast.coordinator, at=AT, wanted=wanted, send=True)
    letter = Letter.objects.get()
    assert letter.subject == f"Tissue of 3 patients, trial CWG: requests {opened[0]} and 2 more"
    for number, (request, patient) in enumerate(zip(opened, patients, strict=True), start=1):
        assert f"{number}. {request}, patient {patient}\n" in letter.body
        assert f"level {number - 1}" in letter.body
        facts = request_desk.request_facts(EVERYTHING, str(request))
        assert [row.letter for row in facts.letters] == [letter]
    remind(by=cast.coordinator, at=LATER, requests=opened)
    reminder = Letter.objects.get(purpose="reminder")
    assert reminder.subject == f"Reminder: tissue of 3 patients, trial CWG, requests {opened[0]} and 2 more"
    assert reminder.body.count("reminder 1") == 3
    with refused("requests_refused", "was reminded of today already", Rejected):
        remind(by=cast.coordinator, at=LATER, requests=opened)
    assert Letter.objects.count() == 2


def test_a_request_may_wait_before_it_is_sent(cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient, send=False)
    assert state(request) == "not_sent"
    assert not Letter.objects.exists()
    send_requests(by=cast.coordinator, at=LATER, requests=[request])
    assert state(request) == "asked"
    with refused("requests_refused", "was sent already", Rejected):
        send_requests(by=cast.coordinator, at=LATER, requests=[request])


def test_one_round_is_open_at_a_time(cast: Cast, house: House, patient: Patient) -> None:
    first = a_request(cast, house, patient)
    with refused("requests_refused", "has an open request for CWG-0187 already", Rejected):
        a_request(cast, house, patient)
    decline(by=cast.coordinator, at=LATER, request=first, reason=NoTissueReason.POLICY)
    second = a_request(cast, house, patient)
    assert (first.round, second.round) == (1, 2)


def test_every_fault_of_every_row_is_named(cast: Cast, house: House) -> None:
    fine, bare, gone = (a_patient(cast, house, f"CWG-{n:04}") for n in range(3))
    bare.consents.all()
    withdraw_consent(by=cast.coordinator, at=AT, consent=gone.consents.get(), withdrawn_on=AT.date())
    wanted = [
        NewRequest(fine, house.mercy),
        NewRequest(fine, house.mercy),
        NewRequest(gone, house.mercy),
        NewRequest(bare, house.core, wanted=Wanted.BLOCK, sections=60, note="a\0b"),
    ]
    with refused("requests_refused", "stands twice", Rejected) as refusal:
        open_requests(by=cast.coordinator, at=AT, wanted=wanted)
    assert refusal.places == [
        (2, "patient"),
        (3, "patient"),
        (4, "holding_site"),
        (4, "sections"),
        (4, "sections"),
        (4, "note"),
    ]
    assert [p.value for p in refusal.problems] == ["CWG-0000", "CWG-0002"] + ["CWG-0001"] * 4


@pytest.mark.parametrize(("count", "code"), [(0, "nothing_chosen"), (501, "too_many")])
def test_none_and_too_many_are_refused(cast: Cast, house: House, patient: Patient, count: int, code: str) -> None:
    with refused(code, "", Invalid):
        open_requests(by=cast.coordinator, at=AT, wanted=[NewRequest(patient, house.mercy)] * count)


def test_two_people_ask_at_once_and_one_request_is_open(transactional_db: None, cast: Cast, house: House) -> None:
    patient = a_patient(cast, house)

    def ask(_: int) -> Any:
        try:
            return outcome(lambda: a_request(cast, house, patient))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as many:
        refusals = [said for said in many.map(ask, range(4)) if said]
    assert len(refusals) == 3
    assert {said.code for said in refusals} == {"requests_refused"}
    assert TissueRequest.objects.count() == Letter.objects.count() == 1


# ---- what the letter says ----
def test_the_letter_names_the_patient_by_study_id(cast: Cast, house: House, patient: Patient) -> None:
    a_contact(cast, house.mercy)
    a_contact(cast, house.core, name="Goods desk", duty="shipping", postal_address="1 Core Street")
    request = a_request(cast, house, patient, wanted=Wanted.UNSTAINED_SLIDES, sections=10, note="level 2, please")
    letter = Letter.objects.get()
    assert letter.subject == f"Tissue request {request}: CWG-0187, trial CWG"
    for words in ("10 unstained slides", "level 2, please", "Dear Dr Ruth Okafor", "1 Core Street", str(request)):
        assert words in letter.body


def test_a_hospital_number_goes_to_that_hospital_alone(cast: Cast, house: House, patient: Patient) -> None:
    a_received_block(cast, house, patient)
    number = HospitalNumber.objects.get().number
    a_request(cast, house, patient)
    a_request(cast, house, patient, holding_site=house.lakeshore)
    mercy, lakeshore = Letter.objects.order_by("id")
    assert number in mercy.body
    assert number not in lakeshore.body + lakeshore.subject
    assert "SECRET" not in mercy.subject


# ---- reminding by hand ----
def test_a_reminder_by_hand_takes_the_next_step(cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient)
    for day, step in ((5, 1), (9, 2), (12, None)):
        events = remind(by=cast.coordinator, at=AT + timedelta(days=day), requests=[request], note="by hand")
        assert events[0].step == step
    assert Letter.objects.filter(purpose="reminder").count() == 3
    assert "Reminder 3" in Letter.objects.last().subject


def test_nobody_is_reminded_twice_on_one_day(cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient)
    remind(by=cast.coordinator, at=LATER, requests=[request])
    with refused("requests_refused", "was reminded of today already", Rejected):
        remind(by=cast.coordinator, at=LATER, requests=[request])


def test_what_is_not_open_is_not_reminded_of(cast: Cast, house: House) -> None:
    good, bad = (a_request(cast, house, a_patient(cast, house, f"CWG-{n:04}")) for n in range(2))
    no_tissue(by=cast.coordinator, at=AT, request=bad, reason=NoTissueReason.BIOPSY_ONLY)
    with refused("requests_refused", "nothing to remind of", Rejected) as refusal:
        remind(by=cast.coordinator, at=LATER, requests=[good, bad])
    assert [(p.row, p.value) for p in refusal.problems] == [(2, str(bad))]


@pytest.mark.parametrize("deed", [send_requests, remind])
def test_no_letter_goes_out_after_consent_was_withdrawn(
    cast: Cast, house: House, patient: Patient, deed: Callable[..., Any]
) -> None:
    request = a_request(cast, house, patient, send=deed is remind)
    withdraw_consent(by=cast.coordinator, at=AT, consent=patient.consents.get(), withdrawn_on=AT.date())
    with refused("requests_refused", f"withdrew consent: cancel {request}", Rejected):
        deed(by=cast.coordinator, at=LATER, requests=[request])
    cancel(by=cast.coordinator, at=LATER, requests=[request], reason="consent withdrawn")
    assert state(request) == "cancelled"


# ---- answers ----
@pytest.fixture
def request_(cast: Cast, house: House, patient: Patient) -> TissueRequest:
    return a_request(cast, house, patient)


ANSWERS: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (promise, {"promised_for": LATER.date()}, "promised"),
    (decline, {"reason": NoTissueReason.POLICY, "note": "board said no"}, "declined"),
    (no_tissue, {"reason": LOST}, "no_tissue"),
]


@pytest.mark.parametrize(("deed", "said", "becomes"), ANSWERS)
def test_an_answer_is_recorded_by_the_core_or_the_hospital_itself(
    cast: Cast, house: House, request_: TissueRequest, deed: Callable[..., Any], said: Any, becomes: str
) -> None:
    visitor = person("vera", "Vera Site", Role.COORDINATOR, house.mercy)
    deed(by=visitor, at=LATER, request=request_, **said)
    assert state(request_) == becomes
    event = RequestEvent.objects.last()
    assert (event.recorded_by, event.note) == (visitor, said.get("note", ""))


@pytest.mark.parametrize(("deed", "said", "becomes"), ANSWERS)
def test_another_hospital_answers_nothing(
    cast: Cast, house: House, request_: TissueRequest, deed: Callable[..., Any], said: Any, becomes: str
) -> None:
    stranger = person("leo", "Leo Site", Role.COORDINATOR, house.lakeshore)
    with refused("other_site", "Answering a request", Forbidden):
        deed(by=stranger, at=LATER, request=request_, **said)
    with forbidden("coordinators"):
        deed(by=cast.bench, at=LATER, request=request_, **said)


@pytest.mark.parametrize(("deed", "said", "becomes"), ANSWERS)
def test_what_was_never_sent_has_no_answer(
    cast: Cast, house: House, patient: Patient, deed: Callable[..., Any], said: Any, becomes: str
) -> None:
    request = a_request(cast, house, patient, send=False)
    with refused("not_answerable", "it was never sent"):
        deed(by=cast.coordinator, at=LATER, request=request, **said)


def test_an_ended_request_has_no_further_answer(cast: Cast, request_: TissueRequest) -> None:
    decline(by=cast.coordinator, at=LATER, request=request_, reason=NoTissueReason.POLICY)
    with refused("not_answerable", "it is declined"):
        no_tissue(by=cast.coordinator, at=LATER, request=request_, reason=LOST)
    with refused("requests_refused", "nothing to cancel", Rejected):
        cancel(by=cast.coordinator, at=LATER, requests=[request_], reason="twice")


@pytest.mark.parametrize("deed", [decline, no_tissue])
def test_no_tissue_needs_its_reason(cast: Cast, request_: TissueRequest, deed: Callable[..., Any]) -> None:
    with refused("reason_missing", "Choose the reason", Invalid) as refusal:
        deed(by=cast.coordinator, at=LATER, request=request_, reason="")
    assert refusal.field == "reason"


def test_a_promise_lies_ahead(cast: Cast, request_: TissueRequest) -> None:
    with refused("past_date", "say when it will come", Invalid):
        promise(by=cast.coordinator, at=LATER, request=request_, promised_for=AT.date())


def test_a_call_says_what_it_came_to(cast: Cast, house: House, request_: TissueRequest) -> None:
    with refused("note_missing", "what the call came to", Invalid):
        record_call(by=cast.coordinator, at=LATER, request=request_, note=" ")
    with refused("future_date", "future", Invalid):
        record_call(by=cast.coordinator, at=AT, request=request_, note="n", on=LATER.date())
    record_call(by=cast.coordinator, at=LATER, request=request_, note="on leave until Monday", on=AT.date())
    assert RequestEvent.objects.get(kind=RequestEventKind.CALLED).on == AT.date()
    assert state(request_) == "asked"
    visitor = person("vera", "Vera Site", Role.COORDINATOR, house.mercy)
    with refused("core_only", "Recording a call", Forbidden):
        record_call(by=visitor, at=LATER, request=request_, note="n")


def test_a_note_that_cannot_be_kept(cast: Cast, request_: TissueRequest) -> None:
    with refused("invalid", "500 characters", Invalid):
        promise(by=cast.coordinator, at=AT, request=request_, promised_for=LATER.date(), note="x" * 501)


# ---- who ----
CORE_ONLY: list[Callable[..., Any]] = [
    lambda request, **who: open_requests(wanted=[NewRequest(request.patient, request.holding_site)], **who),
    lambda request, **who: send_requests(requests=[request], **who),
    lambda request, **who: remind(requests=[request], **who),
    lambda request, **who: cancel(requests=[request], reason="r", **who),
]


@pytest.mark.parametrize("deed", CORE_ONLY)
def test_the_core_s_coordinators_ask(
    cast: Cast, house: House, request_: TissueRequest, deed: Callable[..., Any]
) -> None:
    visitor = person("vera", "Vera Site", Role.COORDINATOR, house.mercy)
    with refused("core_only", "core's own people", Forbidden):
        deed(request_, by=visitor, at=LATER)
    others: list[User] = [cast.bench, cast.reader, cast.statistician, cast.administrator]
    for each in others:
        with forbidden("coordinators"):
            deed(request_, by=each, at=LATER)


def test_a_cancellation_says_why(cast: Cast, request_: TissueRequest) -> None:
    with refused("reason_missing", "no longer wanted", Invalid):
        cancel(by=cast.coordinator, at=LATER, requests=[request_], reason=" ")
