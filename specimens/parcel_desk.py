"""Parcels as the desk sees them: the list, one parcel item by item, what waits in quarantine."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from specimens import queries
from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.models import ItemQuery, Shipment, ShipmentItem
from specimens.receipts import (
    WAITING,
    ItemState,
    Look,
    explained,
    look_of,
    seen,
    standing,
    standing_of,
    state_of,
    suspect,
)
from specimens.scope import Scope
from specimens.vocabulary import Condition, InstitutionRole, ItemKind

KIND_WORDS = {kind.value: kind.value.replace("_", " ").replace("he slide", "H&E slide") for kind in ItemKind}
STATES = ("announced", "open", "closed")


def counted(scope: Scope) -> QuerySet[Any]:
    """Parcels within reach, each with `expected`, `here`, `added` items and the `last_receipt`."""
    announced, stands = Q(items__announced=True), Q(items__receipts__isnull=False, items__receipts__void__isnull=True)
    return queries.shipments(scope).annotate(
        expected=Count("items", filter=announced, distinct=True),
        here=Count("items", filter=announced & stands, distinct=True),
        added=Count("items", filter=Q(items__announced=False) & stands, distinct=True),
        last_receipt=Max("items__receipts__received_at", filter=stands),
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
    elsewhere: int = 0

    @property
    def missing(self) -> int:
        return self.expected - self.here - self.elsewhere


def parcel_rows(parcels: Sequence[Any]) -> list[ParcelRow]:
    """The rows of these parcels, `counted`. One query for what came in another parcel."""
    elsewhere = Counter(explained([parcel.pk for parcel in parcels]).values())
    return [parcel_row(parcel, elsewhere[parcel.pk]) for parcel in parcels]


def parcel_row(parcel: Any, elsewhere: int) -> ParcelRow:
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
        parcel_state(parcel),
        parcel.last_receipt,
        parcel.synthetic,
        elsewhere,
    )


def parcel_state(parcel: Any) -> str:
    """A parcel's state is a function of its closure and its receipts."""
    if hasattr(parcel, "closure"):
        return "closed"
    return "open" if parcel.last_receipt else "announced"


def parcel_list(scope: Scope, *, state: str = "", before_id: int | None = None) -> Page[ParcelRow]:
    """Parcels within reach, newest first. Two queries."""
    page = paged(in_state(counted(scope), state), before_id)
    return Page(parcel_rows(page.rows), page.after)


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
    return parcel_rows(list(found))


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line of a parcel with what the desk decides by. `state` is an ItemState, or “not announced” for what is
    kept apart only because nobody announced it; `asked` and `answered` are numbers of questions to the sender."""

    line: int
    item_id: int
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
    condition_code: str
    agree: int | None
    apart: bool
    received_at: datetime | None
    received_by: str
    received_by_id: int | None
    note: str
    receipt_id: int | None
    announced: bool
    synthetic: bool
    decision: str
    undecided: bool
    open_query: str
    queries: int
    photos: int
    form: str
    written_by: str

    @property
    def line_text(self) -> str:
        return str(self.line)

    @property
    def needs_you(self) -> bool:
        """Has somebody here to do something about it? What the sender was asked about waits for the sender."""
        if self.open_query:
            return False
        return self.undecided or (self.state in (ItemState.MISSING, ItemState.DAMAGED) and not self.queries)


def items_of(shipment: Shipment, chosen: Q | None = None, elsewhere: Collection[int] | None = None) -> list[ItemRow]:
    """Every line, or the `chosen` ones, in order. Three queries, and one for what came `elsewhere` if not given."""
    found = ShipmentItem.objects.filter(chosen or Q(), shipment=shipment).select_related(
        "block__specimen__patient", "slide__block__specimen__patient"
    )
    return rows_of(shipment, list(found.order_by("line")), elsewhere)


def rows_of(shipment: Shipment, items: Sequence[ShipmentItem], elsewhere: Collection[int] | None) -> list[ItemRow]:
    ids = [item.pk for item in items]
    receipts = standing_of(ids)
    seen_by = Surroundings(
        receipts,
        explained([shipment.pk]) if elsewhere is None else elsewhere,
        questions_of(ids),
    )
    return [item_row(item, seen_by) for item in items]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is on record beside the lines themselves."""

    receipts: dict[int, Any]
    elsewhere: Collection[int]
    questions: dict[int, list[tuple[str, bool]]]


def questions_of(item_ids: Collection[int]) -> dict[int, list[tuple[str, bool]]]:
    """(number, is open) of each item's questions, oldest first. One query."""
    said: dict[int, list[tuple[str, bool]]] = {}
    found = ItemQuery.objects.filter(item_id__among=item_ids).order_by("id")
    for pk, number, closed in found.values_list("item_id", "accession", "closure__id"):
        said.setdefault(pk, []).append((number, closed is None))
    return said


def item_row(item: ShipmentItem, near: Surroundings) -> ItemRow:
    receipt = near.receipts.get(item.pk)
    thing = item.slide or item.block
    specimen = item.slide.block.specimen if item.slide else item.block.specimen if item.block else None
    asked = near.questions.get(item.pk, [])
    return ItemRow(
        line=item.line,
        item_id=item.pk,
        label=item.label,
        kind=KIND_WORDS[item.kind],
        thing=str(thing or ""),
        thing_page="slide" if item.slide else "block",
        patient=specimen.patient.study_id if specimen else "",
        patient_id=specimen.patient_id if specimen else None,
        treating_site_id=specimen.patient.treating_site_id if specimen else None,
        detail=detail_of(item),
        announced=item.announced,
        synthetic=bool((thing and thing.synthetic) or (receipt and receipt.synthetic)),
        open_query=next((number for number, is_open in reversed(asked) if is_open), ""),
        queries=len(asked),
        **said_of(item, receipt, near),
    )


UNRECEIVED: dict[str, Any] = {
    "condition": "",
    "condition_code": "",
    "agree": None,
    "apart": False,
    "received_at": None,
    "received_by": "",
    "received_by_id": None,
    "note": "",
    "receipt_id": None,
    "photos": 0,
    "form": "",
    "written_by": "",
}


def said_of(item: ShipmentItem, receipt: Any, near: Surroundings) -> dict[str, Any]:
    """The part of a row that its standing receipt says; the same names, blank, without one."""
    decision = getattr(receipt, "decision", None)
    look = look_of(receipt) if receipt else None
    state = state_of(item.announced, look, decision.outcome if decision else "", elsewhere=item.pk in near.elsewhere)
    undecided = state == ItemState.QUARANTINED
    if undecided and look and only_unannounced(item, look) and not near.questions.get(item.pk):
        state = ItemState.NOT_ANNOUNCED
    said: dict[str, Any] = {"state": str(state), "undecided": undecided,
                            "decision": f"{decision.outcome}: {decision.reason}" if decision else ""}  # fmt: skip
    if receipt is None or look is None:
        return dict(UNRECEIVED) | said
    notes = [note for note in (receipt.note, receipt.now_note) if note]
    return said | {
        "condition": look.condition.replace("_", " "),
        "condition_code": look.condition,
        "agree": look.agree,
        "apart": look.apart,
        "received_at": receipt.received_at,
        "received_by": str(receipt.received_by),
        "received_by_id": receipt.received_by_id,
        "note": "; ".join(notes),
        "receipt_id": receipt.pk,
        "photos": receipt.taken,
        "form": str(receipt.downtime_form or ""),
        "written_by": receipt.written_by,
    }


def only_unannounced(item: ShipmentItem, look: Look) -> bool:
    """Is it kept apart for no other reason than that nobody announced it?"""
    return not item.announced and look.agree == 2 and look.condition != Condition.LABEL_MISMATCH


def detail_of(item: ShipmentItem) -> str:
    """What the sender wrote of it: label, block, terms."""
    parts = [f"label {item.label}"]
    if item.slide:
        parts.append(f"of block {item.slide.block.site_label or item.slide.block}")
    if item.terms:
        parts.append(item.get_terms_display() + (f" until {item.due_back_on}" if item.due_back_on else ""))
    return ", ".join(parts)


def doubtful(scope: Scope) -> QuerySet[Any]:
    """Receipts in quarantine that nobody has settled and about which no question is open, oldest first."""
    asked = ItemQuery.objects.filter(item=OuterRef("item"), closure__isnull=True)
    return (
        seen(standing().filter(suspect()))
        .filter(WAITING, ~Exists(asked), scope.shipments("item__shipment__"))
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


def receipt_in(scope: Scope, accession: str, line: int) -> Any:
    """The standing receipt of a line, as `receipts.seen` gives it."""
    found = (
        seen()
        .filter(scope.shipments("item__shipment__"), item__shipment__accession=accession, item__line=line)
        .select_related("item__shipment__sender", "item__shipment__receiver", "item__block__specimen",
                        "item__slide__block__specimen", "received_by")
        .first()
    )  # fmt: skip
    if found is None:
        raise Unknown("unknown_item", f"Parcel {accession} has no received item on line {line}.")
    return found


def item_in(scope: Scope, accession: str, line: int) -> ShipmentItem:
    """One line of a parcel within reach, received or not."""
    found = (
        ShipmentItem.objects.filter(scope.shipments("shipment__"), shipment__accession=accession, line=line)
        .select_related("shipment__sender", "shipment__receiver", "block__specimen", "slide__block__specimen")
        .first()
    )
    if found is None:
        raise Unknown("unknown_item", f"Parcel {accession} has no line {line}.")
    return found
