"""Which receipt of an item stands, and how the item looks after every second look. The one place that says so.

An item may be received again once a receipt of it was taken back; at most one receipt stands. An amendment
changes how the item looks and never what was written first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from specimens.models import ItemReceipt, ReceiptAmendment, ReceiptPhoto, ShipmentItem
from specimens.vocabulary import Condition, QuarantineOutcome


class ItemState(StrEnum):
    """How an item of a parcel stands: a function of its receipt, of second looks, and of decisions."""

    MISSING = "missing"
    ELSEWHERE = "in another parcel"
    NOT_HERE = "not here after all"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    DAMAGED = "damaged"
    NOT_ANNOUNCED = "not announced"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Look:
    """How an item looks: its condition, how many of two identifiers agree, and whether somebody keeps it apart."""

    condition: str
    agree: int
    apart: bool = False

    @property
    def doubtful(self) -> bool:
        return self.apart or self.condition == Condition.LABEL_MISMATCH or self.agree < 2


DOUBTFUL = Q(now_apart=True) | Q(now_condition=Condition.LABEL_MISMATCH) | Q(now_agree__lt=2)
REJECTED = Q(decision__outcome=QuarantineOutcome.REJECTED)
WAITING = DOUBTFUL & Q(decision__isnull=True)


def suspect() -> Q:
    """Receipts that can be in doubt or rejected at all: a first sieve that needs no second looks. Large tables are
    sieved by it before `seen` looks closely."""
    at_first = Q(apart=True) | Q(condition=Condition.LABEL_MISMATCH) | Q(identifiers_agree__lt=2)
    return at_first | REJECTED | Q(pk__in=ReceiptAmendment.objects.values("receipt"))


def standing() -> QuerySet[ItemReceipt]:
    """Receipts that nobody has taken back."""
    return ItemReceipt.objects.filter(void__isnull=True)


def of_item(path: str = "pk") -> QuerySet[ItemReceipt]:
    """The standing receipt of the outer query's item; for Exists and Subquery."""
    return standing().filter(item=OuterRef(path))


def received(path: str = "pk") -> Exists:
    """That the outer query's item (`path` leads to its id) has a standing receipt."""
    return Exists(of_item(path))


def seen(receipts: QuerySet[ItemReceipt] | None = None) -> QuerySet[Any]:
    """Standing receipts as they look now: `now_condition`, `now_agree`, `now_apart`, and their `state`."""
    second_look = ReceiptAmendment.objects.filter(receipt=OuterRef("pk")).order_by("-id")
    found = standing() if receipts is None else receipts.filter(void__isnull=True)
    return found.annotate(
        now_condition=Coalesce(Subquery(second_look.values("condition")[:1]), F("condition")),
        now_agree=Coalesce(Subquery(second_look.values("identifiers_agree")[:1]), F("identifiers_agree")),
        now_apart=Coalesce(
            Subquery(second_look.values("apart")[:1], output_field=BooleanField()),
            F("apart"),
            output_field=BooleanField(),
        ),
    ).annotate(state=STATE)


STATE = Case(
    When(REJECTED, then=Value(ItemState.REJECTED.value)),
    When(decision__isnull=False, then=Value(ItemState.ACCEPTED.value)),
    When(DOUBTFUL, then=Value(ItemState.QUARANTINED.value)),
    When(~Q(now_condition=Condition.INTACT), then=Value(ItemState.DAMAGED.value)),
    When(item__announced=False, then=Value(ItemState.NOT_ANNOUNCED.value)),
    default=Value(ItemState.HERE.value),
    output_field=CharField(),
)


def state_of(announced: bool, look: Look | None, outcome: str, *, elsewhere: bool = False) -> ItemState:
    """The state of an item from how it looks (None: no receipt stands) and the decision over it: pure."""
    if look is None:
        absent = ItemState.ELSEWHERE if elsewhere else ItemState.MISSING
        return absent if announced else ItemState.NOT_HERE
    if outcome:
        return ItemState.REJECTED if outcome == QuarantineOutcome.REJECTED else ItemState.ACCEPTED
    if look.doubtful:
        return ItemState.QUARANTINED
    if look.condition != Condition.INTACT:
        return ItemState.DAMAGED
    return ItemState.HERE if announced else ItemState.NOT_ANNOUNCED


def held_back() -> QuerySet[Any]:
    """Standing receipts in quarantine or rejected from it: nothing may be done with their tissue."""
    return seen(standing().filter(suspect())).filter(WAITING | REJECTED)


def look_of(receipt: ItemReceipt) -> Look:
    """How one received item looks now. One query, unless `receipt` comes from `seen`."""
    if hasattr(receipt, "now_condition"):
        return Look(receipt.now_condition, receipt.now_agree, receipt.now_apart)  # type: ignore[attr-defined]
    last = ReceiptAmendment.objects.filter(receipt=receipt).order_by("-id").first() or receipt
    return Look(last.condition, last.identifiers_agree, last.apart)


def standing_of(item_ids: Collection[int]) -> dict[int, Any]:
    """The standing receipt of each item, as `seen` gives it, with who received it, the decision, what was seen last
    (`now_note`) and how many photographs there are (`taken`). One query."""
    notes = ReceiptAmendment.objects.filter(receipt=OuterRef("pk")).exclude(note="").order_by("-id")
    pictures = ReceiptPhoto.objects.filter(receipt=OuterRef("pk")).order_by().values("receipt")
    found = seen().annotate(
        now_note=Coalesce(Subquery(notes.values("note")[:1]), Value(""), output_field=TextField()),
        taken=Coalesce(Subquery(pictures.annotate(count=Count("id")).values("count")[:1]), 0),
    )
    found = found.filter(item_id__among=item_ids).select_related("received_by", "decision", "downtime_form")
    return {receipt.item_id: receipt for receipt in found}


def explained(shipment_ids: Collection[int]) -> dict[int, int]:
    """The announced lines (id: id of the parcel) of these parcels whose tissue came, unannounced, in another parcel
    of the same sender since. One query."""
    found = []
    for what in ("block", "slide"):
        other = f"{what}__shipment_items"
        lines = ShipmentItem.objects.filter(
            **{
                "shipment_id__in": shipment_ids,
                "announced": True,
                f"{other}__announced": False,
                f"{other}__shipment__sender": F("shipment__sender"),
                f"{other}__receipts__received_at__gte": F("shipment__announced_at"),
                f"{other}__receipts__void__isnull": True,
            }
        )
        found.append(lines.values_list("pk", "shipment_id").order_by())
    return dict(found[0].union(found[1]))
