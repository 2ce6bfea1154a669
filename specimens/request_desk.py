"""Requests as the desk sees them: the worklist by what is due, one request with its history, who may be asked for."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery

from specimens import desk, queries
from specimens.chasing import OPEN, chased, with_state
from specimens.desk import PAGE, Page
from specimens.errors import Unknown
from specimens.letter_desk import letter_rows
from specimens.models import Letter, Patient, RequestEvent, ShipmentItem, TissueRequest, Trial
from specimens.receipts import of_item
from specimens.scope import EVERYTHING, Scope
from specimens.vocabulary import NextStep, RequestState

DUES = ("overdue", "today", "later")


@dataclass(frozen=True, slots=True)
class Wish:
    """How the list is narrowed. `state` blank means open; "all" means all; `due` one of DUES or blank;
    `opened_by` the id of who opened them."""

    trial: str = ""
    site: str = ""
    state: str = ""
    due: str = ""
    sought: str = ""
    opened_by: int | None = None

    @property
    def open_only(self) -> bool:
        return not self.state or self.state in OPEN or bool(self.due)


@dataclass(frozen=True, slots=True)
class RequestRow:
    pk: int
    accession: str
    study_id: str
    patient_id: int
    treating_site_id: int
    trial: str
    site: str
    site_code: str
    state: RequestState
    step: NextStep
    due_on: date | None
    reminder: int | None
    asked_on: date | None
    reminded_on: date | None
    promised_for: date | None
    sent_on: date | None
    reminders: int
    synthetic: bool


def row_of(request: Any) -> RequestRow:
    return RequestRow(
        request.pk,
        request.accession,
        request.patient.study_id,
        request.patient_id,
        request.patient.treating_site_id,
        request.patient.trial.code,
        request.holding_site.name,
        request.holding_site.code,
        RequestState(request.state),
        NextStep(request.step),
        request.due_on,
        request.done + 1 if request.step == NextStep.REMINDER else None,
        request.asked_on,
        request.reminded_on,
        request.promised_for,
        request.sent_on,
        request.done,
        request.synthetic,
    )


def within(scope: Scope) -> QuerySet[TissueRequest]:
    """Requests the viewer may know of: a hospital those that were sent to it."""
    found = TissueRequest.objects.select_related("patient__trial", "holding_site")
    if scope.everything:
        return found
    asked = RequestEvent.objects.filter(request=OuterRef("pk"), kind="asked")
    return found.filter(Exists(asked), holding_site_id__in=scope.institutions or ())


def wished(scope: Scope, wish: Wish) -> QuerySet[TissueRequest]:
    """The requests of this trial and institution that carry the words sought."""
    found = within(scope)
    if wish.trial:
        found = found.filter(patient__trial__code__iexact=wish.trial)
    if wish.site:
        found = found.filter(holding_site__code__iexact=wish.site)
    if wish.sought:
        found = found.filter(
            Q(accession__icontains=wish.sought)
            | Q(patient__study_id__icontains=wish.sought)
            | Q(holding_site__name__icontains=wish.sought)
        )
    if wish.opened_by is not None:
        found = found.filter(made_by_id=wish.opened_by)
    return found


def narrowed(scope: Scope, wish: Wish, today: date) -> QuerySet[Any]:
    """The requests that fit, with state and what is next."""
    found = wished(scope, wish)
    if wish.state and wish.state != "all":
        return chased(found, [RequestState(wish.state)]).filter(due_in(wish.due, today))
    return chased(found, OPEN if wish.open_only else ()).filter(due_in(wish.due, today))


def due_in(due: str, today: date) -> Q:
    if due == "overdue":
        return Q(due_on__lt=today)
    if due == "today":
        return Q(due_on=today)
    return Q(due_on__gt=today) if due == "later" else Q()


def due_counts(scope: Scope, wish: Wish, today: date) -> dict[str, int]:
    """How many of the requests that fit are overdue, due today, later; `all` of them. One query."""
    told = narrowed(scope, wish, today).order_by()
    counted: dict[str, int] = told.aggregate(
        all=Count("pk"), **{word: Count("pk", filter=due_in(word, today)) for word in DUES}
    )
    return counted


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list begins: after this due day (None in lists of closed requests) and id."""

    due_on: date | None
    pk: int


def request_page(scope: Scope, wish: Wish, today: date, after: Place | None) -> tuple[list[RequestRow], Place | None]:
    """Open requests by the day they are due, others the newest first; and where the next page begins."""
    told = some_of_all(scope, wish, after) if wish.state == "all" and not wish.due else narrowed(scope, wish, today)
    if wish.open_only:
        if after and after.due_on:
            told = told.filter(Q(due_on__gt=after.due_on) | Q(due_on=after.due_on, pk__gt=after.pk))
        found = list(told.order_by("due_on", "pk")[: PAGE + 1])
    else:
        told = told.filter(pk__lt=after.pk) if after else told
        found = list(told.order_by("-pk")[: PAGE + 1])
    rows = [row_of(each) for each in found[:PAGE]]
    more = len(found) > PAGE
    return rows, Place(rows[-1].due_on if wish.open_only else None, rows[-1].pk) if more else None


def some_of_all(scope: Scope, wish: Wish, after: Place | None) -> QuerySet[Any]:
    """One page of requests in whatever state: only they are told, however long the table."""
    found = wished(scope, wish)
    found = found.filter(pk__lt=after.pk) if after else found
    page = list(found.order_by("-pk").values_list("pk", flat=True)[: PAGE + 1])
    return chased(within(scope).filter(pk__among=page))


def rows_named(scope: Scope, accessions: list[str]) -> list[TissueRequest]:
    """These requests in the order given; Unknown when one is not within reach."""
    found = {r.accession: r for r in within(scope).filter(accession__in=accessions)}
    missing = [each for each in accessions if each not in found]
    if missing:
        raise Unknown("unknown_request", f"There is no request {missing[0]} within your reach.")
    return [found[each] for each in dict.fromkeys(accessions)]


def request(scope: Scope, accession: str) -> TissueRequest:
    return rows_named(scope, [accession])[0]


def due_requests(scope: Scope, today: date, limit: int) -> list[RequestRow]:
    """What a person has to do about requests, the most urgent first; reminders that go out by themselves aside,
    for a hospital whatever it has not answered."""
    if scope.everything:
        told = chased(within(scope), OPEN).filter(due_on__lte=today).exclude(step=NextStep.REMINDER)
    else:
        told = chased(within(scope), [RequestState.ASKED, RequestState.REMINDED, RequestState.PROMISED])
    return [row_of(each) for each in told.order_by("due_on", "pk")[:limit]]


def request_row(request: TissueRequest) -> RequestRow:
    """One request as its row, as of now."""
    return row_of(chased(within(EVERYTHING).filter(pk=request.pk)).get())


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """One request with all its page shows."""

    request: TissueRequest
    row: RequestRow
    events: list[RequestEvent]
    letters: list[Any]
    items: list[ShipmentItem]


def request_facts(scope: Scope, accession: str) -> RequestFacts:
    """Six queries."""
    found = request(scope, accession)
    told = chased(within(scope).filter(pk=found.pk)).select_related("made_by", "patient__treating_site").get()
    return RequestFacts(
        told,
        row_of(told),
        list(found.events.select_related("recorded_by").order_by("id")),
        letter_rows(Letter.objects.filter(Q(request=found) | Q(subjects__request=found)).order_by("id")),
        list(items_told().filter(request=found)),
    )


def items_told() -> QuerySet[Any]:
    """Items of parcels, each with `received_at` of its standing receipt, None while there is none."""
    when = Subquery(of_item().values("received_at")[:1], output_field=DateTimeField())
    found = ShipmentItem.objects.select_related("shipment", "block", "slide")
    return found.annotate(received_at=when).order_by("id")


def requests_of(scope: Scope, patient_id: int) -> list[RequestRow]:
    """One patient's requests, the oldest first. One query."""
    return [row_of(each) for each in chased(within(scope).filter(patient_id=patient_id)).order_by("id")]


def unasked(scope: Scope) -> QuerySet[Patient]:
    """Consenting patients of running trials of whom no tissue is on record, and no request is open or was refused:
    who was refused is asked for again from their own page, by somebody who knows where else tissue may lie."""
    answered = (*OPEN, RequestState.DECLINED, RequestState.NO_TISSUE)
    asked = with_state(TissueRequest.objects.filter(patient=OuterRef("pk"))).filter(state__in=answered)
    found = desk.without_tissue(scope).filter(~Exists(asked), trial__closed_on=None)
    return found.select_related("trial", "treating_site")


def still_chased(trial: Trial) -> int:
    """How many requests for tissue of this trial are open."""
    return with_state(TissueRequest.objects.filter(patient__trial=trial)).filter(state__in=OPEN).count()


def to_ask_for(scope: Scope, *, trial: str = "", site: str = "", before_id: int | None = None) -> Page[Patient]:
    """Patients to ask for, the last enrolled first. One query."""
    found = unasked(scope)
    if trial:
        found = found.filter(trial__code__iexact=trial)
    if site:
        found = found.filter(treating_site__code__iexact=site)
    return desk.paged(found, before_id)


def patients_named(scope: Scope, pks: list[int]) -> list[Patient]:
    found = queries.patients(scope).filter(pk__among=pks).select_related("trial", "treating_site")
    return list(found.order_by("study_id"))
