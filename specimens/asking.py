"""The letters of the chase: asking and reminding. Hospital numbers stand in letters to that hospital alone."""

from datetime import datetime
from typing import Any

from specimens.actors import Actor
from specimens.letters import written
from specimens.models import CourierAccount, HospitalNumber, Letter, RequestEvent, TissueRequest
from specimens.vocabulary import LetterPurpose, RequestEventKind, Wanted


def ask_letter(request: TissueRequest, *, by: Actor, at: datetime) -> Letter:
    courier = CourierAccount.objects.filter(institution__duties__role="core", ended_at__isnull=True).order_by("id")
    return written(
        key=f"request:{request.accession}",
        purpose=LetterPurpose.REQUEST,
        institution=request.holding_site,
        template="request",
        context=about(request) | {"courier": courier.first()},
        by=by,
        at=at,
        request=request,
        synthetic=request.synthetic,
    )


def reminder_letter(event: RequestEvent, *, by: Actor, at: datetime) -> Letter:
    """The letter of one reminder: of its step, or past the schedule of the event itself."""
    request = event.request
    events = list(request.events.order_by("id"))
    number = sum(each.kind == RequestEventKind.REMINDED for each in events)
    context = {
        "asked_on": next(e.on for e in reversed(events) if e.kind == RequestEventKind.ASKED),
        "promised_for": next((e.promised_for for e in reversed(events) if e.promised_for), None),
        "step": number,
    }
    return written(
        key=f"reminder:{request.accession}:{number}",
        purpose=LetterPurpose.REMINDER,
        institution=request.holding_site,
        template="reminder",
        context=about(request) | context,
        by=by,
        at=at,
        request=request,
        synthetic=request.synthetic,
    )


def about(request: TissueRequest) -> dict[str, Any]:
    numbers = HospitalNumber.objects.filter(
        specimen__patient_id=request.patient_id, specimen__holding_site_id=request.holding_site_id
    )
    return {
        "request": request,
        "patient": request.patient,
        "hospital_numbers": list(numbers.order_by("id").values_list("number", flat=True)),
        "wanted": wanted_words(request),
    }


def wanted_words(request: TissueRequest) -> str:
    slides = f"{request.sections} unstained slides" if request.sections else "unstained slides"
    if request.wanted == Wanted.BLOCK:
        return "a block with tumour, on loan"
    if request.wanted == Wanted.UNSTAINED_SLIDES:
        return slides
    return f"a block with tumour on loan, or {slides}"
