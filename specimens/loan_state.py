"""What becomes of a loan: one pure function over its facts, and the same said in SQL for lists (a test holds them
together)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from specimens.models import CustodyEvent, Loan, LoanEvent, Shipment, ShipmentClosure
from specimens.vocabulary import CustodyKind, LoanEventKind, LoanState

SOON = timedelta(days=14)
HERE = (LoanState.HERE, LoanState.DUE_SOON, LoanState.OVERDUE, LoanState.RECALLED)
OPEN = (*HERE, LoanState.PACKED, LoanState.ON_ITS_WAY, LoanState.MISSING, LoanState.LOST)
ENDED = (LoanState.RETURNED, LoanState.DONATED, LoanState.CONSUMED, LoanState.DESTROYED, LoanState.WITHDRAWN)
DUE_EVENTS = (LoanEventKind.EXTENDED,)
RECALLS = (LoanEventKind.RECALLED, LoanEventKind.RECALL_WITHDRAWN)
ASKED = (LoanEventKind.EXTENSION_ASKED, LoanEventKind.EXTENDED, LoanEventKind.EXTENSION_REFUSED)


@dataclass(frozen=True, slots=True)
class LoanFacts:
    """What decides a loan's state. `last` is the kind of the last custody event of the thing; `came_in` that this
    event belongs to the parcel the thing came in, `sent` that its parcel has left, `closed` that it was closed."""

    due_on: date | None
    recalled: bool = False
    donated: bool = False
    returned: bool = False
    last: str = CustodyKind.RECEIVED
    came_in: bool = True
    sent: bool = False
    closed: bool = False


def state_of(facts: LoanFacts, today: date) -> LoanState:
    """Pure. What has ended a loan counts first, then where the thing is, then what is due."""
    if facts.returned:
        return LoanState.RETURNED
    if facts.donated:
        return LoanState.DONATED
    if facts.last in (CustodyKind.CONSUMED, CustodyKind.DESTROYED, CustodyKind.LOST):
        return LoanState(facts.last)
    if facts.last == CustodyKind.SHIPPED:
        return under_way(facts)
    if facts.recalled:
        return LoanState.RECALLED
    if facts.due_on is None or facts.due_on > today + SOON:
        return LoanState.HERE
    return LoanState.OVERDUE if facts.due_on < today else LoanState.DUE_SOON


def under_way(facts: LoanFacts) -> LoanState:
    """Shipped once more in the parcel it came in means that its receipt was taken back: it never began."""
    if facts.came_in:
        return LoanState.WITHDRAWN
    if facts.closed:
        return LoanState.MISSING
    return LoanState.ON_ITS_WAY if facts.sent else LoanState.PACKED


def stated(loans: QuerySet[Loan], today: date) -> QuerySet[Any]:
    """Each loan with `due_now`, `recalled`, `asked_kind`, `asked_until`, `last_kind`, `parcel_id` … and `state`."""
    thing = Q(block_id=OuterRef("item__block_id")) | Q(slide_id=OuterRef("item__slide_id"))
    events = CustodyEvent.objects.filter(thing).order_by("-id")
    came = events.filter(kind=CustodyKind.RECEIVED, shipment_id=OuterRef("item__shipment_id")).values("id")[:1]
    told = LoanEvent.objects.filter(loan_id=OuterRef("pk")).order_by("-id")
    return (
        loans.annotate(
            due_now=Coalesce(Subquery(told.filter(kind__in=DUE_EVENTS).values("due_on")[:1]), F("due_on")),
            recall_kind=Subquery(told.filter(kind__in=RECALLS).values("kind")[:1]),
            recall_at=Subquery(told.filter(kind__in=RECALLS).values("recorded_at")[:1]),
            asked_kind=Subquery(told.filter(kind__in=ASKED).values("kind")[:1]),
            asked_until=Subquery(told.filter(kind__in=ASKED).values("due_on")[:1]),
            donated=Exists(told.filter(kind=LoanEventKind.DONATED)),
            came_event=Subquery(came),
            last_kind=Subquery(events.values("kind")[:1]),
            last_at=Subquery(events.values("occurred_at")[:1]),
            parcel_id=Subquery(events.values("shipment_id")[:1]),
        )
        .annotate(
            returned_at=Subquery(
                events.filter(kind=CustodyKind.RETURNED, id__gt=OuterRef("came_event"))
                .order_by("id")
                .values("occurred_at")[:1]
            ),
            parcel_closed=Exists(ShipmentClosure.objects.filter(shipment_id=OuterRef("parcel_id"))),
            parcel_sent=Exists(Shipment.objects.filter(pk=OuterRef("parcel_id"), sent_on__isnull=False)),
        )
        .annotate(state=state_in_sql(today))
    )


def state_in_sql(today: date) -> Case:
    """`state_of`, said in SQL over the columns of `stated`."""
    shipped = Q(last_kind=CustodyKind.SHIPPED)
    whens = [
        (Q(returned_at__isnull=False), LoanState.RETURNED),
        (Q(donated=True), LoanState.DONATED),
        *((Q(last_kind=kind), LoanState(kind))
          for kind in (CustodyKind.CONSUMED, CustodyKind.DESTROYED, CustodyKind.LOST)),
        (shipped & Q(parcel_id=F("item__shipment_id")), LoanState.WITHDRAWN),
        (shipped & Q(parcel_closed=True), LoanState.MISSING),
        (shipped & Q(parcel_sent=True), LoanState.ON_ITS_WAY),
        (shipped, LoanState.PACKED),
        (Q(recall_kind=LoanEventKind.RECALLED), LoanState.RECALLED),
        (Q(due_now__isnull=True) | Q(due_now__gt=today + SOON), LoanState.HERE),
        (Q(due_now__lt=today), LoanState.OVERDUE),
    ]  # fmt: skip
    cases = [When(condition, then=Value(state.value)) for condition, state in whens]
    return Case(*cases, default=Value(LoanState.DUE_SOON.value), output_field=CharField())


def facts_of(loan: Any) -> LoanFacts:
    """The facts of a loan that `stated` has annotated."""
    return LoanFacts(
        due_on=loan.due_now,
        recalled=loan.recall_kind == LoanEventKind.RECALLED,
        donated=loan.donated,
        returned=loan.returned_at is not None,
        last=loan.last_kind,
        came_in=loan.parcel_id == loan.item.shipment_id,
        sent=loan.parcel_sent,
        closed=loan.parcel_closed,
    )
