"""One item of a parcel told in order: receipts, also those taken back, second looks, decisions, questions."""

from dataclasses import dataclass
from datetime import datetime

from specimens.errors import Unknown
from specimens.models import ItemQuery, ItemReceipt, ReceiptPhoto, Shipment
from specimens.parcel_desk import ItemRow
from specimens.scope import Scope


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to the item. Named as `parts/timeline.html` wants it."""

    at: datetime
    word: str
    by: str
    note: str = ""
    holder: str = ""
    synthetic: bool = False


def story_of(item_id: int) -> list[Told]:
    """Everything that was said of the item, in order. Three queries."""
    receipts = (
        ItemReceipt.objects.filter(item=item_id)
        .select_related("received_by", "void__voided_by", "decision__decided_by", "downtime_form")
        .prefetch_related("amendments__amended_by", "photos__taken_by")
    )
    told = [each for receipt in receipts for each in of_receipt(receipt)]
    return sorted(told, key=lambda each: each.at)


def of_receipt(receipt: ItemReceipt) -> list[Told]:
    said = f"{receipt.get_condition_display()}, {receipt.identifiers_agree} of 2 identifiers agree"
    form = (
        f"entered later from form {receipt.downtime_form}, written by {receipt.written_by}; "
        if receipt.downtime_form
        else ""
    )
    told = [Told(receipt.received_at, "received", str(receipt.received_by), form + joined(said, receipt.note))]
    for each in receipt.amendments.all():
        seen = f"{each.get_condition_display()}, {each.identifiers_agree} of 2 identifiers agree"
        apart = "kept apart" if each.apart else ""
        told.append(
            Told(each.amended_at, "looked at again", str(each.amended_by), joined(seen, apart, each.note, each.reason))
        )
    told += [Told(each.taken_at, "photographed", str(each.taken_by)) for each in receipt.photos.all()]
    if hasattr(receipt, "decision"):
        ruled = receipt.decision
        told.append(Told(ruled.decided_at, str(ruled.outcome), str(ruled.decided_by), ruled.reason))
    if hasattr(receipt, "void"):
        told.append(
            Told(receipt.void.voided_at, "receipt taken back", str(receipt.void.voided_by), receipt.void.reason)
        )
    return told


def joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def photos_of(item_id: int) -> list[ReceiptPhoto]:
    found = ReceiptPhoto.objects.filter(receipt__item=item_id).select_related("taken_by", "receipt__void")
    return list(found.order_by("id"))


def photo(scope: Scope, pk: int) -> ReceiptPhoto:
    found = ReceiptPhoto.objects.filter(scope.shipments("receipt__item__shipment__"), pk=pk).first()
    if found is None:
        raise Unknown("unknown_photo", "There is no such photograph within your reach.")
    return found


def questions_of(item_id: int) -> list[ItemQuery]:
    found = ItemQuery.objects.filter(item=item_id).select_related("closure", "asked_by")
    return list(found.prefetch_related("answers").order_by("id"))


def question_for(row: ItemRow, parcel: Shipment) -> str:
    """What to ask of an item in this state, in words that can be sent as they are."""
    if row.receipt_id is None:
        return f"It was announced on line {row.line} and was not in the parcel. Was it sent? Where is it now?"
    if not row.announced:
        return f"It was in the parcel and was not announced in it ({row.note}). May we keep it here, and whose is it?"
    if row.undecided:
        agree = f"{row.agree} of 2 identifiers agree"
        return f"Its label does not match what you announced ({agree}, {row.note or row.condition}). Which is right?"
    seen = f": {row.note.rstrip('.')}" if row.note else ""
    return f"It arrived {row.condition}{seen}. Is there a replacement, or shall we go on with it?"
