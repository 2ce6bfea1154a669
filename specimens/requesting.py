"""Asking hospitals for tissue: the request, its reminders, and what is answered. What comes is read off parcels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from specimens import ledger
from specimens.accessions import take
from specimens.actors import Actor, person_id
from specimens.asking import ask_letters, reminder_letters
from specimens.chasing import ANSWERABLE, OPEN, UNANSWERED, chased
from specimens.deeds import deed, demand_core, demand_reach, local_day, require, unfit
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.identifiers import REQUEST
from specimens.models import Consent, Institution, Patient, RequestEvent, TissueRequest
from specimens.queries import withdrawn_patients
from specimens.vocabulary import InstitutionRole, NoTissueReason, RequestEventKind, RequestState, Wanted

NOT_YOURS = "Only coordinators ask for tissue and record what is answered."
MOST_AT_ONCE = 500
MOST_SECTIONS = 50
Kind, State = RequestEventKind, RequestState
WORDS = {
    Kind.ASKED: "was sent to",
    Kind.REMINDED: "was sent to again, as a reminder,",
    Kind.CALLED: "was spoken about by telephone with",
    Kind.PROMISED: "was promised by",
    Kind.DECLINED: "was declined by",
    Kind.NO_TISSUE: "found no tissue at",
    Kind.CANCELLED: "was cancelled at",
}


@dataclass(frozen=True, slots=True)
class NewRequest:
    """That one patient's tissue is wanted from one institution. `sections` counts unstained slides, or None."""

    patient: Patient
    holding_site: Institution
    wanted: Wanted = Wanted.EITHER
    sections: int | None = None
    note: str = ""
    synthetic: bool = False


@deed
def open_requests(*, by: Actor, at: datetime, wanted: Sequence[NewRequest], send: bool = False) -> list[TissueRequest]:
    """Open all of `wanted` or, with every fault of every row named, none. With `send` each is asked at once.

    One round is open at a time for a patient and an institution; the patients stay locked until commit.
    """
    require(by, "specimens.request", NOT_YOURS)
    demand_core(by, "Asking for tissue")
    demand_number(wanted)
    patients = {row.patient.pk for row in wanted}
    list(Patient.objects.select_for_update(no_key=True).filter(pk__among=patients).order_by("pk").values_list("pk"))
    rounds = rounds_of(patients)
    problems = faults_of(wanted, rounds, local_day(at))
    if problems:
        raise Rejected(problems, code="requests_refused")
    opened = [
        TissueRequest(
            accession=number,
            patient=row.patient,
            holding_site=row.holding_site,
            round=rounds.get((row.patient.pk, row.holding_site.pk), (0, ""))[0] + 1,
            wanted=row.wanted,
            sections=row.sections,
            note=row.note.strip(),
            made_at=at,
            made_by_id=person_id(by),
            synthetic=row.synthetic or row.patient.synthetic,
        )
        for number, row in zip(take(REQUEST, len(wanted)), wanted, strict=True)
    ]
    TissueRequest.objects.bulk_create(opened, batch_size=500)
    lines = [
        ledger.line(
            "open request",
            each,
            f"Tissue of {each.patient} is wanted from {each.holding_site.name}: request {each}.",
            patient_id=each.patient_id,
            became={"wanted": each.wanted, "sections": each.sections, "round": each.round},
        )
        for each in opened
    ]
    if send:
        lines += asked(opened, by=by, at=at)
    ledger.write(lines, by=by, at=at)
    return opened


def demand_number(things: Sequence[object]) -> None:
    if not things:
        raise Invalid("nothing_chosen", "Choose at least one.", field="requests")
    if len(things) > MOST_AT_ONCE:
        raise Invalid("too_many", f"At most {MOST_AT_ONCE} at once, not {len(things)}.", field="requests")


def rounds_of(patients: Collection[int]) -> dict[tuple[int, int], tuple[int, str]]:
    """By patient and institution: the last round and its state."""
    found = chased(TissueRequest.objects.filter(patient_id__among=patients)).order_by("round")
    return {
        (p, s): (n, state) for p, s, n, state in found.values_list("patient_id", "holding_site_id", "round", "state")
    }


def faults_of(
    wanted: Sequence[NewRequest], rounds: dict[tuple[int, int], tuple[int, str]], today: date
) -> list[RowProblem]:
    """Every fault of every row; rows count from 1."""
    patients = [row.patient.pk for row in wanted]
    holders = set(
        Institution.objects.filter(duties__role=InstitutionRole.HOLDING).values_list("pk", flat=True).distinct()
    )
    standing = Consent.objects.filter(patient_id__among=patients, scope="this_study", withdrawal__isnull=True)
    consented = set(standing.values_list("patient_id", flat=True)) - withdrawn_patients(patients)
    merged = set(Patient.objects.filter(pk__among=patients, merge__isnull=False).values_list("pk", flat=True))
    over = set(Patient.objects.filter(pk__among=patients, trial__closed_on__isnull=False).values_list("pk", flat=True))
    problems, seen = [], set[tuple[int, int]]()
    for number, row in enumerate(wanted, start=1):
        pair = (row.patient.pk, row.holding_site.pk)
        said: list[tuple[str, str]] = []
        if row.patient.pk in merged:
            said.append(("patient", f"{row.patient} was merged into another record: ask under that one."))
        elif row.patient.pk not in consented:
            said.append(("patient", f"{row.patient} has no standing consent to this study."))
        if row.patient.pk in over:
            said.append(("patient", f"The trial of {row.patient} is closed: no tissue is asked for any more."))
        if row.holding_site.pk not in holders:
            said.append(("holding_site", f"{row.holding_site.name} does not have the role of holding tissue."))
        if pair in seen:
            said.append(("patient", f"{row.patient} stands twice in this list for {row.holding_site.name}."))
        elif rounds.get(pair, (0, ""))[1] in OPEN:
            said.append(("patient", f"{row.holding_site.name} has an open request for {row.patient} already."))
        seen.add(pair)
        said += form_faults(row)
        problems += [RowProblem(number, field, sentence, str(row.patient)) for field, sentence in said]
    return problems


def form_faults(row: NewRequest) -> list[tuple[str, str]]:
    faults = []
    if row.sections is not None and not 1 <= row.sections <= MOST_SECTIONS:
        faults.append(("sections", f"Ask for 1 to {MOST_SECTIONS} unstained slides."))
    if row.sections is not None and row.wanted == Wanted.BLOCK:
        faults.append(("sections", "A number of slides goes with slides, not with a block."))
    if said := unfit(row.note, 500):
        faults.append(("note", said))
    return faults


@deed
def send_requests(*, by: Actor, at: datetime, requests: Sequence[TissueRequest]) -> list[RequestEvent]:
    """Send all of these, or none: the letter goes out, and the schedule of reminders counts from today."""
    require(by, "specimens.request", NOT_YOURS)
    demand_core(by, "Sending a request")
    found = held(requests)
    refuse_unless(found, lambda r: unsent_fault(r) or withdrawn_fault(r))
    lines = asked(found, by=by, at=at)
    ledger.write(lines, by=by, at=at)
    return list(RequestEvent.objects.filter(request__in=found, kind=Kind.ASKED))


def unsent_fault(request: Any) -> str:
    return "" if request.state == State.NOT_SENT else f"{request} was sent already."


def withdrawn_fault(request: Any) -> str:
    return f"{request.patient} withdrew consent: cancel {request}." if request.withdrawn_on else ""


def asked(requests: Sequence[TissueRequest], *, by: Actor, at: datetime) -> list[ledger.Line]:
    """The events and letters of sending, and their ledger lines."""
    events = [an_event(each, Kind.ASKED, by, at) for each in requests]
    RequestEvent.objects.bulk_create(events)
    ask_letters(requests, by=by, at=at)
    return [line_of(event) for event in events]


@deed
def remind(*, by: Actor, at: datetime, requests: Sequence[TissueRequest], note: str = "") -> list[RequestEvent]:
    """Remind all of these, or none. A reminder takes the next step of the schedule, so that it does not go out
    a second time by itself."""
    require(by, "specimens.request", NOT_YOURS)
    demand_core(by, "Sending a reminder")
    found = held(requests)
    today = local_day(at)

    def fault(request: Any) -> str:
        if request.state not in (*UNANSWERED, State.PROMISED, State.PARTLY_RECEIVED):
            return f"{request} is {said(request.state)}: there is nothing to remind of."
        if request.reminded_on == today:
            return f"{request} was reminded of today already."
        return withdrawn_fault(request)

    refuse_unless(found, fault)
    events = [an_event(each, Kind.REMINDED, by, at, step=step_of(each), note=clean(note)) for each in found]
    return reminded(events, by=by, at=at)


def step_of(request: Any) -> int | None:
    """The step that a reminder sent now takes; None past the end of the schedule."""
    return request.done + 1 if request.after is not None else None


def reminded(events: Sequence[RequestEvent], *, by: Actor, at: datetime) -> list[RequestEvent]:
    """Write reminders with their letters and ledger lines. For deeds."""
    for event in events:
        event.save()
    reminder_letters(events, by=by, at=at)
    ledger.write([line_of(event) for event in events], by=by, at=at)
    return list(events)


@deed
def record_call(*, by: Actor, at: datetime, request: TissueRequest, note: str, on: date | None = None) -> RequestEvent:
    """Record what a telephone call about the request came to."""
    demand_core(by, "Recording a call")
    if not note.strip():
        raise Invalid("note_missing", "Say what the call came to.", field="note")
    return answered(by, at, request, Kind.CALLED, note=note, on=on)


@deed
def promise(*, by: Actor, at: datetime, request: TissueRequest, promised_for: date, note: str = "") -> RequestEvent:
    """The institution says by when the tissue will be sent."""
    if promised_for < local_day(at):
        raise Invalid("past_date", f"{promised_for} has passed: say when it will come.", field="promised_for")
    return answered(by, at, request, Kind.PROMISED, promised_for=promised_for, note=note)


@deed
def decline(*, by: Actor, at: datetime, request: TissueRequest, reason: NoTissueReason, note: str = "") -> RequestEvent:
    """The institution will not send the tissue, for a coded reason; the chase ends."""
    return answered(by, at, request, Kind.DECLINED, reason=a_reason(reason), note=note)


@deed
def no_tissue(*, by: Actor, at: datetime, request: TissueRequest, reason: NoTissueReason,
              note: str = "") -> RequestEvent:  # fmt: skip
    """There is no tissue, for a coded reason; the chase ends."""
    return answered(by, at, request, Kind.NO_TISSUE, reason=a_reason(reason), note=note)


def a_reason(reason: NoTissueReason | str) -> NoTissueReason:
    if not reason:
        raise Invalid("reason_missing", "Choose the reason.", field="reason")
    return NoTissueReason(reason)


@deed
def cancel(*, by: Actor, at: datetime, requests: Sequence[TissueRequest], reason: str) -> list[RequestEvent]:
    """Cancel all of these, or none: the core no longer wants it."""
    require(by, "specimens.request", NOT_YOURS)
    demand_core(by, "Cancelling a request")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the tissue is no longer wanted.", field="reason")
    found = held(requests)
    refuse_unless(found, lambda r: "" if r.state in OPEN else f"{r} is {said(r.state)}: nothing to cancel.")
    note = clean(reason, "reason")
    events = [an_event(each, Kind.CANCELLED, by, at, note=note) for each in found]
    RequestEvent.objects.bulk_create(events)
    ledger.write([line_of(event) for event in events], by=by, at=at)
    return events


def answered(
    by: Actor,
    at: datetime,
    request: TissueRequest,
    kind: RequestEventKind,
    *,
    note: str = "",
    on: date | None = None,
    **facts: Any,
) -> RequestEvent:
    """Record an answer; the institution's own coordinator may give it too."""
    require(by, "specimens.request", NOT_YOURS)
    demand_reach(by, [request.holding_site], "Answering a request")
    found = held([request])[0]
    if found.state not in ANSWERABLE:
        why = "it was never sent" if found.state == State.NOT_SENT else f"it is {said(found.state)}"
        raise Refused("not_answerable", f"Request {found} cannot be answered now: {why}.")
    on = on or local_day(at)
    if on > local_day(at):
        raise Invalid("future_date", f"{on} lies in the future.", field="on")
    event = an_event(found, kind, by, at, note=clean(note), on=on, **facts)
    event.save()
    ledger.write([line_of(event)], by=by, at=at)
    return event


# ---- shared ----
def held(requests: Sequence[TissueRequest]) -> list[Any]:
    """The requests and their patients locked until commit, so that no withdrawal of consent comes in between;
    in the order given, with their state and schedule as of now."""
    demand_number(requests)
    ids = [request.pk for request in requests]
    about = Patient.objects.filter(requests__in=ids).values("pk")
    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=about).order_by("pk").values_list("pk"))
    list(TissueRequest.objects.select_for_update().filter(pk__among=ids).order_by("pk").values_list("pk"))
    related = ("patient__trial", "patient__treating_site", "holding_site")
    found = {r.pk: r for r in chased(TissueRequest.objects.filter(pk__among=ids)).select_related(*related)}
    return [found[pk] for pk in dict.fromkeys(ids)]


def refuse_unless(requests: Sequence[Any], fault: Any) -> None:
    """Refuse them all, each faulty one with its reason."""
    problems = [
        RowProblem(number, "requests", sentence, str(request))
        for number, request in enumerate(requests, start=1)
        if (sentence := fault(request))
    ]
    if problems:
        raise Rejected(problems, code="requests_refused")


def an_event(request: TissueRequest, kind: RequestEventKind, by: Actor, at: datetime, **facts: Any) -> RequestEvent:
    facts.setdefault("on", local_day(at))
    return RequestEvent(request=request, kind=kind, recorded_at=at, recorded_by_id=by.pk, **facts)


def clean(note: str, field: str = "note") -> str:
    note = " ".join(note.split())
    if wrong := unfit(note, 500):
        raise Invalid("invalid", wrong, field=field)
    return note


def line_of(event: RequestEvent) -> ledger.Line:
    request = event.request
    sentence = f"Request {request} for {request.patient} {WORDS[Kind(event.kind)]} {request.holding_site.name}"
    if event.promised_for:
        sentence += f" for {event.promised_for}"
    became = {"kind": event.kind, "on": event.on.isoformat()}
    became |= {"step": str(event.step)} if event.step else {}
    became |= {"reason": event.reason} if event.reason else {}
    why = "; ".join(word for word in (said(event.reason), event.note) if word)
    return ledger.line(
        f"request {said(event.kind)}", request, sentence + ".", patient_id=request.patient_id, became=became, reason=why
    )


def said(word: str) -> str:
    return str(word).replace("_", " ")
