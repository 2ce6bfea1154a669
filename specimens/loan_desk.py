"""Loans as the desk sees them: the ledger of loans, one loan, on time or not, and returns that nobody has confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django_cte import CTE, with_cte

from specimens import queries
from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.loan_state import HERE, OPEN, stated
from specimens.models import CustodyEvent, Institution, Loan, LoanEvent, Shipment, ShipmentItem
from specimens.scope import Scope
from specimens.vocabulary import CustodyKind, InstitutionRole, LoanState

MOST_BESIDE = 50
SHAPES = {
    LoanState.HERE: "open",
    LoanState.DUE_SOON: "ask",
    LoanState.OVERDUE: "due",
    LoanState.RECALLED: "due",
    LoanState.PACKED: "part",
    LoanState.ON_ITS_WAY: "part",
    LoanState.MISSING: "due",
    LoanState.LOST: "stop",
    LoanState.RETURNED: "done",
    LoanState.DONATED: "done",
    LoanState.CONSUMED: "none",
    LoanState.DESTROYED: "none",
    LoanState.WITHDRAWN: "none",
}


def loans(scope: Scope, today: date) -> QuerySet[Any]:
    """Loans within reach, each with its state and what its row tells."""
    found = Loan.objects.all()
    if not scope.everything:
        found = found.filter(reach(scope))
    return stated(found, today).select_related(
        "lender",
        "item__shipment",
        "item__block__specimen__patient__trial",
        "item__slide__block__specimen__patient__trial",
    )


def reach(scope: Scope) -> Q:
    """A site sees what it has lent, and what was lent of its own patients."""
    block, slide = "item__block__specimen__patient__", "item__slide__block__specimen__patient__"
    return Q(lender_id__in=scope.institutions or ()) | scope.patients(block) | scope.patients(slide)


def loan(scope: Scope, accession: str, today: date) -> Any:
    found = loans(scope, today).filter(accession=accession).first()
    if found is None:
        raise Unknown("unknown_loan", f"No loan {accession} is within your reach.")
    return found


def loan_list(
    scope: Scope, today: date, *, state: str = "", owner: str = "", due_by: date | None = None,
    before_id: int | None = None,
) -> Page[Any]:  # fmt: skip
    """Loans within reach, last begun first. One query."""
    return paged(narrowed(loans(scope, today), state, owner, due_by), before_id)


def narrowed(found: QuerySet[Any], state: str = "", owner: str = "", due_by: date | None = None) -> QuerySet[Any]:
    """`state` is one of LoanState, or “here” groups: “open” all that is not ended, “in hand” all that is here."""
    if state == "open":
        found = found.filter(state__in=OPEN)
    elif state == "in hand":
        found = found.filter(state__in=HERE)
    elif state:
        found = found.filter(state=state)
    if owner:
        found = found.filter(lender__code__iexact=owner)
    return found.filter(due_now__lte=due_by) if due_by else found


def lenders(scope: Scope) -> QuerySet[Institution]:
    """Who has lent anything within reach, by name."""
    lent = Loan.objects.filter(lender=OuterRef("pk"))
    found = Institution.objects.filter(Exists(lent))
    return (found if scope.everything else found.filter(pk__in=scope.institutions or ())).order_by("name")


def events_of(loan: Loan) -> list[LoanEvent]:
    return list(LoanEvent.objects.filter(loan_id=loan.pk).select_related("recorded_by").order_by("id"))


def thing_of(loan: Any) -> Any:
    return loan.item.slide or loan.item.block


@dataclass(frozen=True, slots=True)
class OnTime:
    """Of `ended` loans of one hospital that went back, `on_time` were there by their day."""

    code: str
    name: str
    on_time: int
    returned: int
    late_now: int


def on_time(scope: Scope, today: date) -> list[OnTime]:
    """Of each hospital's loans that were returned, how many came by their day; and how many are late now. One query."""
    loans_here = Loan.objects.all() if scope.everything else Loan.objects.filter(reach(scope))
    told = stated(loans_here, today).annotate(back_on=TruncDate("returned_at")).order_by()
    each = CTE(told.values("lender_id", "due_now", "back_on", "state"), name="each", materialized=True)
    back = Q(now=LoanState.RETURNED)
    timely = back & (Q(due__isnull=True) | Q(back__lte=F("due")))
    counted = (
        with_cte(each, select=each.join(Institution, pk=each.col.lender_id))
        .annotate(now=each.col.state, due=each.col.due_now, back=each.col.back_on)
        .values("code", "name")
        .annotate(
            returned=Count("now", filter=back),
            in_time=Count("now", filter=timely),
            late=Count("now", filter=Q(now__in=(LoanState.OVERDUE, LoanState.RECALLED))),
        )
        .order_by("name")
    )
    return [OnTime(r["code"], r["name"], r["in_time"], r["returned"], r["late"]) for r in counted]


def due_loans(scope: Scope, today: date, limit: int) -> list[Any]:
    """Recalled, overdue and soon due, most urgent first."""
    wanted = (LoanState.RECALLED, LoanState.OVERDUE, LoanState.DUE_SOON)
    return list(loans(scope, today).filter(state__in=wanted).order_by("due_now", "id")[:limit])


def also_due(scope: Scope, today: date, owners: set[int], but: set[str]) -> list[str]:
    """Numbers of what else is recalled, overdue or soon due back to these owners."""
    wanted = (LoanState.RECALLED, LoanState.OVERDUE, LoanState.DUE_SOON)
    found = loans(scope, today).filter(state__in=wanted, lender_id__in=owners).order_by("due_now", "id")
    return [number for loan in found[:MOST_BESIDE] if (number := str(thing_of(loan))) not in but]


def questions(scope: Scope, today: date, limit: int) -> list[Any]:
    """Loans of which the core has asked for more time and nobody has answered, in hand."""
    return list(
        loans(scope, today).filter(asked_kind="extension_asked", state__in=HERE).order_by("asked_until", "id")[:limit]
    )


# ---- returns ----
ARRIVED = (CustodyKind.RECEIVED, CustodyKind.RETURNED)


def returns(scope: Scope) -> QuerySet[Any]:
    """Parcels from a core to somebody who is none, with `waiting` and `came` of their tissue."""
    cores = Institution.objects.filter(duties__role=InstitutionRole.CORE).values("pk")
    tissue = Q(items__block__isnull=False) | Q(items__slide__isnull=False)
    here = Exists(ShipmentItem.objects.filter(shipment=OuterRef("pk")).filter(
        Q(block__isnull=False) | Q(slide__isnull=False)))  # fmt: skip
    return (
        queries.shipments(scope)
        .filter(here, sender_id__in=cores)
        .exclude(receiver_id__in=cores)
        .annotate(expected=Count("items", filter=tissue, distinct=True),
                  came=Count("custody", filter=Q(custody__kind__in=ARRIVED), distinct=True))
    )  # fmt: skip


def returns_open(scope: Scope, limit: int) -> list[Any]:
    """Returns that are on their way, that came in part, or that were closed although something never came and was
    neither found nor given up since; oldest first."""
    last = CustodyEvent.objects.filter(Q(block_id=OuterRef("block_id")) | Q(slide_id=OuterRef("slide_id"))).order_by(
        "-id"
    )
    missing = (
        ShipmentItem.objects.filter(shipment=OuterRef("pk"))
        .annotate(last_kind=Subquery(last.values("kind")[:1]), last_parcel=Subquery(last.values("shipment_id")[:1]))
        .filter(last_kind=CustodyKind.SHIPPED, last_parcel=F("shipment_id"))
    )
    unsettled = Q(closure__isnull=True) | Q(Exists(missing))
    return list(returns(scope).filter(unsettled).order_by("id")[:limit])


def items_of(parcel: Shipment) -> Sequence[Any]:
    return list(
        ShipmentItem.objects.filter(shipment=parcel)
        .select_related("block__specimen__patient__trial", "slide__block__specimen__patient__trial")
        .order_by("line")
    )
