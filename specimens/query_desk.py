"""Questions to senders as the desk lists them: a state that is a function of answers and closure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.models import ItemQuery, QueryAnswer, QueryHandover
from specimens.scope import Scope


class QueryState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


def state_of(answered: bool, closed: bool) -> QueryState:
    """The state of a question from its answers and its closure: pure."""
    if closed:
        return QueryState.CLOSED
    return QueryState.ANSWERED if answered else QueryState.OPEN


STATES = {
    QueryState.OPEN: Q(closure__isnull=True, answered=False),
    QueryState.ANSWERED: Q(closure__isnull=True, answered=True),
    QueryState.CLOSED: Q(closure__isnull=False),
}


def reached(scope: Scope) -> QuerySet[Any]:
    """Questions within reach, each with `answered` and the `owner_id` of whose it is."""
    answers = QueryAnswer.objects.filter(query=OuterRef("pk"))
    last = QueryHandover.objects.filter(query=OuterRef("pk")).order_by("-id")
    return (
        ItemQuery.objects.filter(scope.shipments("item__shipment__"))
        .annotate(
            answered=Exists(answers),
            owner_id=Coalesce(Subquery(last.values("to_id")[:1]), F("asked_by_id"), output_field=BigIntegerField()),
        )
        .select_related(
            "asked_by",
            "closure__closed_by",
            "item__shipment__sender",
            "item__shipment__receiver",
            "item__block__specimen__patient",
            "item__slide__block__specimen__patient",
        )
        .prefetch_related(Prefetch("handovers", QueryHandover.objects.select_related("to").order_by("id")))
    )


def owner_of(query: Any) -> Any:
    """The person who looks after a question that was read with `reached`."""
    handovers = list(query.handovers.all())
    return handovers[-1].to if handovers else query.asked_by


@dataclass(frozen=True, slots=True)
class QueryRow:
    accession: str
    parcel: str
    line: int
    thing: str
    patient: str
    sender: str
    sender_id: int
    receiver_id: int
    question: str
    asked_at: datetime
    asker: str
    owner: str
    owner_id: int
    state: QueryState
    outcome: str
    synthetic: bool


def query_row(query: Any) -> QueryRow:
    item, closure = query.item, getattr(query, "closure", None)
    block = item.slide.block if item.slide else item.block
    return QueryRow(
        accession=query.accession,
        parcel=item.shipment.accession,
        line=item.line,
        thing=str(item.slide or item.block or item.label),
        patient=block.specimen.patient.study_id if block else "",
        sender=item.shipment.sender.name,
        sender_id=item.shipment.sender_id,
        receiver_id=item.shipment.receiver_id,
        question=query.question,
        asked_at=query.asked_at,
        asker=str(query.asked_by),
        owner=str(owner_of(query)),
        owner_id=query.owner_id,
        state=state_of(query.answered, closure is not None),
        outcome=closure.outcome if closure else "",
        synthetic=query.synthetic,
    )


def query_list(scope: Scope, *, state: str = "", sender: str = "", parcel: str = "", owner_id: int | None = None,
               before_id: int | None = None) -> Page[QueryRow]:  # fmt: skip
    """Questions within reach, newest first. One query."""
    found = reached(scope)
    if state in set(QueryState):
        found = found.filter(STATES[QueryState(state)])
    if sender:
        found = found.filter(item__shipment__sender__code__iexact=sender)
    if parcel:
        found = found.filter(item__shipment__accession=parcel)
    if owner_id is not None:
        found = found.filter(owner_id=owner_id)
    page = paged(found, before_id)
    return Page([query_row(query) for query in page.rows], page.after)


def undone(scope: Scope, limit: int) -> list[QueryRow]:
    """Questions that are not closed, oldest first. One query."""
    return [query_row(query) for query in reached(scope).filter(closure__isnull=True).order_by("id")[:limit]]


def query_in(scope: Scope, accession: str) -> Any:
    found = reached(scope).filter(accession=accession).first()
    if found is None:
        raise Unknown("unknown_query", f"No question {accession} is within your reach.")
    return found


def answers_to(query: ItemQuery) -> list[QueryAnswer]:
    return list(query.answers.select_related("answered_by").order_by("id"))


def handovers_of(query: ItemQuery) -> list[QueryHandover]:
    return list(query.handovers.select_related("to", "handed_by").order_by("id"))
