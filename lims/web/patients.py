"""One patient's page: the line from parcel to eligibility, why the score says so, and every event."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from lims.people import scope_of
from lims.web.gate import may, needs, person
from lims.web.line import DrawnLane, draw
from lims.web.outcome_station import outcome_station
from lims.web.places import Place
from lims.web.request_words import said_row
from lims.web.why import findings_used
from lims.web.worklist import local_today
from scoring import patient_desk
from scoring.patient_desk import Lane, PatientFacts, Told
from scoring.rules.editions import CURRENT
from scoring.views import CaseView
from scoring.whose_desk import waits_of
from specimens import request_desk


@needs("specimens.view")
def patient(request: HttpRequest, pk: int) -> HttpResponse:
    return patient_page(request, patient_desk.patient_facts(person(request), scope_of(person(request)), pk=pk))


@needs("specimens.view")
def patient_named(request: HttpRequest, trial: str, study_id: str) -> HttpResponse:
    """The same page under the address people can type."""
    which = {"trial__code__iexact": trial, "study_id__iexact": study_id}
    return patient_page(request, patient_desk.patient_facts(person(request), scope_of(person(request)), **which))


def patient_page(request: HttpRequest, found: PatientFacts) -> HttpResponse:
    user, scope = person(request), scope_of(person(request))
    lanes = patient_desk.lanes_of(user, found, scope)
    cases = patient_desk.cases_of(user, found, lanes)
    told = patient_desk.told_of(user, found, [lane.id for lane in lanes])
    speaking = next((lane for lane in lanes if told.chosen and lane.id == told.chosen.specimen_id), None)
    shows_scores = may(user, "scoring.view_scores")
    context = {
        "patient": found,
        "lanes": drawn(request, found, lanes, cases, told, speaking or first_tumour(lanes)),
        "normal": [lane for lane in lanes if lane.kind == "normal"],
        "numbers": may(user, "specimens.view_hospital_number"),
        "consents": found.consents,
        "held_at": list(dict.fromkeys(lane.holder for lane in lanes)),
        "shows_scores": shows_scores,
        "speaks": found.speaks,
        "chosen": told.chosen,
        "why": (why := patient_desk.why_of(told.chosen) if told.chosen else None),
        "waits": waits_of(why.verdict.missing, speaking, cases) if why and speaking and not found.withdrawn else (),
        "speaking": speaking,
        "findings": findings_used(cases, speaking.accession) if speaking else [],
        "others": [(lane, told.scores[lane.id]) for lane in lanes if lane is not speaking and lane.id in told.scores],
        "edition": CURRENT.edition,
        "shows_ledger": may(user, "specimens.view_ledger"),
        "may_consent": may(user, "specimens.consent"),
        "sees_chart": may(user, "scoring.view_clinical"),
        "requests": [said_row(row, local_today(), "") for row in request_desk.requests_of(scope, found.id)],
        "may_ask": may(user, "specimens.request") and scope.everything and not found.withdrawn,
    }
    return render(request, "patients/patient.html", context)


def first_tumour(lanes: list[Lane]) -> Lane | None:
    return next((lane for lane in lanes if lane.kind != "normal"), None)


def drawn(
    request: HttpRequest,
    found: PatientFacts,
    lanes: list[Lane],
    cases: list[CaseView],
    told: Told,
    speaking: Lane | None,
) -> list[DrawnLane]:
    """A line for each tumour; normal tissue is not read and has none."""
    user = person(request)
    outcome = outcome_station(user, found)
    tumours = [lane for lane in lanes if lane.kind != "normal"]
    return [
        draw(lane, cases, told, lambda *which: may(user, *which), speaks=lane is speaking, outcome=outcome)
        for lane in tumours
    ]


@needs("specimens.view_ledger")
def events(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything the ledger says of the patient that this viewer may read."""
    found = patient_desk.patient_facts(person(request), scope_of(person(request)), pk=pk)
    entries = patient_desk.events_of(person(request), found)
    return render(request, "patients/events.html", {"patient": found, "events": entries})


urls: list[URLPattern] = [
    path("patients/<int:pk>/", patient, name="patient"),
    path("patients/<int:pk>/events/", events, name="patient_events"),
    path("patients/<str:trial>/<str:study_id>/", patient_named, name="patient_named"),
]
places: list[Place] = []
