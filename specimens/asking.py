"""The letters of the chase: asking and reminding. Hospital numbers stand in letters to that hospital alone."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from specimens.actors import Actor
from specimens.letters import written
from specimens.models import (
    CourierAccount,
    HospitalNumber,
    Letter,
    LetterSubject,
    RequestEvent,
    TissueRequest,
)
from specimens.vocabulary import LetterPurpose, RequestEventKind, Wanted

MOST_IN_LETTER = 100


def ask_letters(requests: Sequence[TissueRequest], *, by: Actor, at: datetime) -> None:
    """What is asked of one institution at the same time stands in one letter that lists the patients."""
    for group in by_institution(requests):
        if len(group) == 1:
            ask_letter(group[0], by=by, at=at)
        else:
            rows = [about(request) for request in group]
            key = f"requests:{group[0].accession}:{len(group)}"
            letter_of_several(key, LetterPurpose.REQUEST, "requests", group, rows, by, at)


def by_institution(requests: Sequence[TissueRequest]) -> Iterator[list[TissueRequest]]:
    """The requests of each institution, in letters of at most MOST_IN_LETTER, in the order given."""
    of: dict[int, list[TissueRequest]] = {}
    for request in requests:
        of.setdefault(request.holding_site_id, []).append(request)
    for group in of.values():
        yield from (group[n : n + MOST_IN_LETTER] for n in range(0, len(group), MOST_IN_LETTER))


def letter_of_several(
    key: str,
    purpose: LetterPurpose,
    template: str,
    requests: Sequence[TissueRequest],
    rows: Sequence[dict[str, Any]],
    by: Actor,
    at: datetime,
) -> Letter:
    """One letter about these requests of one institution; each of them leads to it."""
    context = {"rows": rows, "trials": trials_of(requests), "courier": courier()}
    letter = written(
        key=key, purpose=purpose, institution=requests[0].holding_site, template=template, context=context, by=by,
        at=at, synthetic=any(request.synthetic for request in requests),
    )  # fmt: skip
    LetterSubject.objects.bulk_create([LetterSubject(letter=letter, request=request) for request in requests])
    return letter


def trials_of(requests: Sequence[TissueRequest]) -> str:
    return ", ".join(sorted({request.patient.trial.code for request in requests}))


def courier() -> CourierAccount | None:
    """The core's own account, which the hospital may send by."""
    found = CourierAccount.objects.filter(institution__duties__role="core", ended_at__isnull=True)
    return found.order_by("id").first()


def ask_letter(request: TissueRequest, *, by: Actor, at: datetime) -> Letter:
    return written(
        key=f"request:{request.accession}",
        purpose=LetterPurpose.REQUEST,
        institution=request.holding_site,
        template="request",
        context=about(request) | {"courier": courier()},
        by=by,
        at=at,
        request=request,
        synthetic=request.synthetic,
    )


def reminder_letters(events: Sequence[RequestEvent], *, by: Actor, at: datetime) -> None:
    """The letters of these reminders, one to each institution."""
    told = [(event.request, reminded_of(event)) for event in events]
    context = {request.pk: row for request, row in told}
    for group in by_institution([request for request, _ in told]):
        if len(group) == 1:
            reminder_letter(group[0], context[group[0].pk], by=by, at=at)
            continue
        rows = [about(request) | context[request.pk] for request in group]
        key = f"reminders:{group[0].accession}:{rows[0]['step']}:{len(group)}"
        letter_of_several(key, LetterPurpose.REMINDER, "reminders", group, rows, by, at)


def reminded_of(event: RequestEvent) -> dict[str, Any]:
    """How often this request was reminded of by now, when it was asked and for when it is promised."""
    events = list(event.request.events.order_by("id"))
    asked: date = next(e.on for e in reversed(events) if e.kind == RequestEventKind.ASKED)
    return {
        "asked_on": asked,
        "promised_for": next((e.promised_for for e in reversed(events) if e.promised_for), None),
        "step": sum(each.kind == RequestEventKind.REMINDED for each in events),
    }


def reminder_letter(request: TissueRequest, context: dict[str, Any], *, by: Actor, at: datetime) -> Letter:
    """The letter of one reminder: of its step, or past the schedule of the event itself."""
    return written(
        key=f"reminder:{request.accession}:{context['step']}",
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
