"""Parcels as the desk sees them: the list, one parcel item by item, what waits in quarantine."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from specimens import queries
from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.models import ItemReceipt, Shipment, ShipmentItem
from specimens.scope import Scope
from specimens.vocabulary import Condition, InstitutionRole

STATES = ("announced", "open", "closed")


def counted(scope: Scope) -> QuerySet[Any]:
    """Parcels within reach, each with `expected`, `here`, `added` items and the `last_receipt`."""
    announced = Q(items__announced=True)
    return queries.shipments(scope).annotate(
        expected=Count("items", filter=announced),
        here=Count("items", filter=announced & Q(items__receipt__isnull=False)),
        added=Count("items", filter=Q(items__announced=False)),
        last_receipt=Max("items__receipt__received_at"),
    )


@dataclass(frozen=True, slots=True)
class ParcelRow:
    accession: str
    sender: str
    receiver: str
    receiver_id: int
    sent_on: date | None
    announced_at: datetime
    expected: int
    here: int
    added: int
    state: str
    last_receipt: datetime | None
    synthetic: bool

    @property
    def missing(self) -> int:
        return self.expected - self.here


def parcel_row(parcel: Any) -> ParcelRow:
    return ParcelRow(
        parcel.accession,
        parcel.sender.name,
        parcel.receiver.name,
        parcel.receiver_id,
        parcel.sent_on,
        parcel.announced_at,
        parcel.expected,
        parcel.here,
        parcel.added,
        state_of(parcel),
        parcel.last_receipt,
        parcel.synthetic,
    )


def state_of(parcel: Any) -> str:
    """A parcel's state is a function of its closure and its receipts."""
    if hasattr(parcel, "closure"):
        return "closed"
    return "open" if parcel.last_receipt else "announced"


def parcel_list(scope: Scope, *, state: str = "", before_id: int | None = None) -> Page[ParcelRow]:
    """Parcels within reach, newest first. One query."""
    page = paged(in_state(counted(scope), state), before_id)
    return Page([parcel_row(parcel) for parcel in page.rows], page.after)


def in_state(parcels: QuerySet[Any], state: str) -> QuerySet[Any]:
    if state == "closed":
        return parcels.filter(closure__isnull=False)
    if state in STATES:
        return parcels.filter(closure__isnull=True, last_receipt__isnull=state == "announced")
    return parcels


def parcels_open(scope: Scope, limit: int) -> list[ParcelRow]:
    """Parcels to a core that are not closed, oldest first; what a core sends on is received elsewhere."""
    to_cores = counted(scope).filter(closure__isnull=True, receiver__duties__role=InstitutionRole.CORE)
    found = to_cores.order_by("id")[:limit]
    return [parcel_row(parcel) for parcel in found]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line of a parcel with what the desk decides by. `state`: missing, here, damaged, not announced,
    quarantined, accepted, rejected."""

    line: int
    label: str
    kind: str
    thing: str
    thing_page: str
    patient: str
    patient_id: int | None
    treating_site_id: int | None
    detail: str
    state: str
    condition: str
    agree: int | None
    received_at: datetime | None
    received_by: str
    note: str
    receipt_id: int | None
    announced: bool
    synthetic: bool
    decision: str

    @property
    def line_text(self) -> str:
        return str(self.line)

    @property
    def needs_you(self) -> bool:
        return self.state in ("missing", "damaged", "quarantined")


def items_of(shipment: Shipment) -> list[ItemRow]:
    """Every line, in order. One query."""
    found = ShipmentItem.objects.filter(shipment=shipment).select_related(
        "block__specimen__patient",
        "slide__block__specimen__patient",
        "receipt__received_by",
        "receipt__decision",
    )
    return [item_row(item) for item in found.order_by("line")]


def item_row(item: ShipmentItem) -> ItemRow:
    receipt: ItemReceipt | None = getattr(item, "receipt", None)
    thing = item.slide or item.block
    specimen = item.slide.block.specimen if item.slide else item.block.specimen if item.block else None
    decision = getattr(receipt, "decision", None)
    return ItemRow(
        line=item.line,
        label=item.label,
        kind=item.get_kind_display(),
        thing=str(thing or ""),
        thing_page="slide" if item.slide else "block",
        patient=specimen.patient.study_id if specimen else "",
        patient_id=specimen.patient_id if specimen else None,
        treating_site_id=specimen.patient.treating_site_id if specimen else None,
        detail=detail_of(item),
        state=item_state(item.announced, receipt, decision.outcome if decision else ""),
        condition=receipt.get_condition_display() if receipt else "",
        agree=receipt.identifiers_agree if receipt else None,
        received_at=receipt.received_at if receipt else None,
        received_by=str(receipt.received_by) if receipt else "",
        note=receipt.note if receipt else "",
        receipt_id=receipt.pk if receipt else None,
        announced=item.announced,
        synthetic=bool((thing and thing.synthetic) or (receipt and receipt.synthetic)),
        decision=f"{decision.outcome}: {decision.reason}" if decision else "",
    )


def detail_of(item: ShipmentItem) -> str:
    """What the sender wrote of it: label, block, terms."""
    parts = [f"label {item.label}"]
    if item.slide:
        parts.append(f"of block {item.slide.block.site_label or item.slide.block}")
    if item.terms:
        parts.append(item.get_terms_display() + (f" until {item.due_back_on}" if item.due_back_on else ""))
    return ", ".join(parts)


def item_state(announced: bool, receipt: ItemReceipt | None, outcome: str) -> str:
    """The state of an item from its receipt and the decision over it: pure."""
    if receipt is None:
        return "missing"
    if outcome:
        return str(outcome)
    if receipt.condition == Condition.LABEL_MISMATCH or receipt.identifiers_agree < 2:
        return "quarantined"
    if receipt.condition != Condition.INTACT:
        return "damaged"
    return "here" if announced else "not announced"


def doubtful(scope: Scope) -> QuerySet[ItemReceipt]:
    """Receipts in quarantine that nobody has settled, oldest first."""
    mismatch = Q(condition=Condition.LABEL_MISMATCH) | Q(identifiers_agree__lt=2)
    return (
        ItemReceipt.objects.filter(mismatch, scope.shipments("item__shipment__"), decision__isnull=True)
        .select_related(
            "item__shipment__sender",
            "item__block__specimen__patient",
            "item__slide__block__specimen__patient",
        )
        .order_by("id")
    )


def last_parcel_of(scope: Scope, accession: str) -> Shipment | None:
    """The last parcel within reach in which this block or slide was announced or found."""
    named = Q(items__block__accession=accession) | Q(items__slide__accession=accession)
    return queries.shipments(scope).filter(named).order_by("-id").first()


def receipt_in(scope: Scope, accession: str, line: int) -> ItemReceipt:
    found = (
        ItemReceipt.objects.filter(
            scope.shipments("item__shipment__"), item__shipment__accession=accession, item__line=line
        )
        .select_related("item__shipment")
        .first()
    )
    if found is None:
        raise Unknown("unknown_item", f"Parcel {accession} has no received item on line {line}.")
    return found
