"""What happens to a receipt afterwards: taken back, looked at again, photographed. The first look stays."""

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any

from PIL import ImageOps

from specimens import custody, ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, demand_reach, require
from specimens.errors import Invalid, Refused
from specimens.imaging import FORMATS, opened, small, stored
from specimens.models import (
    Block,
    CustodyEvent,
    ItemQuery,
    ItemReceipt,
    QuarantineDecision,
    ReceiptAmendment,
    ReceiptPhoto,
    ReceiptVoid,
    Shipment,
    ShipmentItem,
    Slide,
)
from specimens.questioning import asked, asking_line, checked_text, patient_of
from specimens.receipts import Look, look_of, standing_of
from specimens.receiving import NOT_YOURS, ReceivedItem, by_whom, locked, receive_items
from specimens.vocabulary import CustodyKind

ARRIVALS = (CustodyKind.RECEIVED, CustodyKind.RETURNED)


def standing_receipt(by: Actor, receipt: ItemReceipt, what: str) -> ItemReceipt:
    """The receipt with its parcel held until commit; refused when it was taken back, or is not `by`'s to touch."""
    require(by, "specimens.receive", NOT_YOURS)
    shipment = receipt.item.shipment
    demand_reach(by, [shipment.receiver], what)
    locked(shipment)
    if ReceiptVoid.objects.filter(receipt=receipt).exists():
        raise Refused("taken_back", f"The receipt of {receipt.item.label} was taken back; scan the item again.")
    return receipt


@deed
def void_receipt(*, by: Actor, at: datetime, receipt: ItemReceipt, reason: str) -> ReceiptVoid:
    """Take a receipt back: the item is as it was before. Refused once something was done with the tissue."""
    found = standing_receipt(by, receipt, "Taking back a receipt")
    said = checked_text(reason, "reason", "Say why the receipt is taken back.")
    void = ReceiptVoid.objects.create(receipt=found, reason=said, voided_at=at, voided_by_id=person_id(by))
    if thing := found.item.slide or found.item.block:
        custody.keep([put_back(found, thing, at, by)])
    sentence = f"The receipt of {found.item.label} in parcel {found.item.shipment} was taken back."
    line = ledger.line("take back receipt", thing or found.item, sentence, patient_id=patient_of(found.item),
                       was={"condition": found.condition, "received_at": found.received_at.isoformat()},
                       reason=said)  # fmt: skip
    ledger.write([line], by=by, at=at)
    return void


def put_back(receipt: ItemReceipt, thing: Block | Slide, at: datetime, by: Actor) -> CustodyEvent:
    """The event that undoes the arrival: on its way as before. Refused when the arrival is not the last event."""
    which, item = thing._meta.model_name or "", receipt.item
    events = list(CustodyEvent.objects.filter(**{which: thing}).select_related("shipment").order_by("-id")[:2])
    last = events[0] if events else None
    if last is None or last.kind not in ARRIVALS or last.shipment_id != item.shipment_id or worked_on(receipt, thing):
        said = f"{thing} has been worked on or moved since it was received: its receipt cannot be taken back."
        raise Refused("used_since", said)
    before = events[1] if len(events) > 1 else None
    travelled = before.shipment if before and before.kind == CustodyKind.SHIPPED else None
    parcel = travelled or item.shipment
    return custody.event(CustodyKind.SHIPPED, thing, parcel.receiver, at, by.pk, shipment=parcel,
                         note="its receipt was taken back")  # fmt: skip


def worked_on(receipt: ItemReceipt, thing: Block | Slide) -> bool:
    """Was a section cut from this block since?"""
    if not isinstance(thing, Block):
        return False
    return Slide.objects.filter(block=thing, cut_at_core=True, accessioned_at__gte=receipt.received_at).exists()


@deed
def amend_receipt(*, by: Actor, at: datetime, receipt: ItemReceipt, look: Look, note: str = "",
                  reason: str = "") -> ReceiptAmendment:  # fmt: skip
    """Say how the item looks on a second look; quarantine follows from it."""
    found = standing_receipt(by, receipt, "Changing a condition")
    amendment, line = amended(found, look, note, reason, by=by, at=at)
    ledger.write([line], by=by, at=at)
    return amendment


def amended(found: ItemReceipt, look: Look, note: str, reason: str, *, by: Actor,
            at: datetime) -> tuple[ReceiptAmendment, ledger.Line]:  # fmt: skip
    """The amendment and its ledger line, for deeds that hold the parcel."""
    settled = QuarantineDecision.objects.filter(receipt=found).first()
    if settled and look.doubtful:
        said = f"{found.item.label} left quarantine as {settled.outcome}: take its receipt back to doubt it anew."
        raise Refused("settled_already", said)
    if look.agree not in (0, 1, 2):
        raise Invalid(
            "identifiers", "Two identifiers are compared: 0, 1 or 2 of them agree.", field="identifiers_agree"
        )
    before = look_of(found)
    if before == look and not note.strip():
        raise Refused("nothing_new", f"{found.item.label} is on record so already.")
    amendment = ReceiptAmendment.objects.create(
        receipt=found, condition=look.condition, identifiers_agree=look.agree, apart=look.apart, note=note.strip(),
        reason=reason.strip(), amended_at=at, amended_by_id=person_id(by),
    )  # fmt: skip
    return amendment, amendment_line(found, before, look, note.strip(), reason)


def amendment_line(receipt: ItemReceipt, before: Look, look: Look, note: str, reason: str) -> ledger.Line:
    item = receipt.item
    sentence = f"{item.label} of parcel {item.shipment} was looked at again: {look.condition.replace('_', ' ')}."
    return ledger.line("amend receipt", item.slide or item.block or item, sentence, patient_id=patient_of(item),
                       was=asdict(before), became=asdict(look) | {"note": note}, reason=reason)  # fmt: skip


@deed
def keep_apart_and_ask(*, by: Actor, at: datetime, item: ShipmentItem, question: str) -> ItemQuery:
    """Quarantine an item that is here and ask its sender about it, in one go; what is kept apart stays so."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [item.shipment.receiver], "Quarantining an item")
    locked(item.shipment)
    receipt = standing_of([item.pk]).get(item.pk)
    if receipt is None:
        raise Refused("not_here", f"{item.label} is not here: ask its sender without keeping it apart.")
    query, now, lines = asked(item, question, by=by, at=at), look_of(receipt), []
    if not now.doubtful:
        receipt.item = item
        apart = Look(now.condition, now.agree, True)
        lines = [amended(receipt, apart, "", "kept apart until its sender answers", by=by, at=at)[1]]
    ledger.write([*lines, asking_line(query)], by=by, at=at)
    return query


@deed
def attach_photo(*, by: Actor, at: datetime, receipt: ItemReceipt, name: str, content: bytes) -> ReceiptPhoto:
    """Keep a photograph of how an item came: its pixels alone, turned the way the camera was held."""
    found = standing_receipt(by, receipt, "Photographing an item")
    picture = opened(name, content)
    suffix, media_type = FORMATS[picture.format or ""]
    sha256 = hashlib.sha256(content).hexdigest()
    if ReceiptPhoto.objects.filter(receipt=found, sha256=sha256).exists():
        raise Refused("receipt_photo_once", "This photograph is with this item already.", field="file")
    plain = ImageOps.exif_transpose(picture).convert("RGB")
    photo = ReceiptPhoto.objects.create(
        receipt=found,
        sha256=sha256,
        file=stored(f"receipts/{sha256}.{suffix}", plain),
        thumbnail=stored(f"receipts/{sha256}-small.{suffix}", small(plain)),
        media_type=media_type,
        taken_at=at,
        taken_by_id=person_id(by),
    )
    item = found.item
    said = f"A photograph of {item.label} of parcel {item.shipment} was kept."
    line = ledger.line("photograph item", item.slide or item.block or item, said, patient_id=patient_of(item),
                       became={"sha256": sha256})  # fmt: skip
    ledger.write([line], by=by, at=at)
    return photo


@deed
def receive_or_look_again(*, by: Actor, at: datetime, shipment: Shipment, item: ReceivedItem) -> Any:
    """Receive an item in the condition that was scanned before it; one that is here already is looked at again."""
    locked(shipment)
    known = ShipmentItem.objects.filter(shipment=shipment, line=item.line).first()
    receipt = standing_of([known.pk]).get(known.pk) if known else None
    if known is None or receipt is None:
        return receive_items(by=by, at=at, shipment=shipment, items=[item])[0]
    look = Look(item.condition, min(item.identifiers_agree, receipt.now_agree), receipt.now_apart)
    if look == look_of(receipt):
        said = f"{known.label} was received so already, {by_whom(receipt)}; nothing is doubled."
        raise Refused("received_already", said)
    receipt.item = known
    known.shipment = shipment
    return amend_receipt(by=by, at=at, receipt=receipt, look=look, note=item.note)
