"""A parcel at the goods desk: each item reconciled against what was announced. Receipt never waits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from specimens import custody, ledger
from specimens.actors import Actor, person_id
from specimens.announced import GLASS, AnnouncedItem, Parcel, describes, faults_of, known_of
from specimens.announcing import accession_tissue, announce_shipments, block_of
from specimens.deeds import deed, demand_reach, local_day, require
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.models import (
    Block,
    CustodyEvent,
    ItemReceipt,
    QuarantineDecision,
    Shipment,
    ShipmentClosure,
    ShipmentItem,
    Slide,
)
from specimens.queries import latest_events
from specimens.vocabulary import Condition, CustodyKind, QuarantineOutcome

__all__ = ["AnnouncedItem", "Parcel", "announce_shipments"]
NOT_YOURS = "Only the core's coordinators and bench receive parcels."


@dataclass(frozen=True, slots=True)
class ReceivedItem:
    """One item in hand: its line in the parcel, how it looks, how many of two identifiers agree."""

    line: int
    condition: Condition = Condition.INTACT
    identifiers_agree: int = 2
    note: str = ""
    synthetic: bool = False


@deed
def receive_items(*, by: Actor, at: datetime, shipment: Shipment,
                  items: Sequence[ReceivedItem]) -> list[ItemReceipt]:  # fmt: skip
    """Receive these lines of the parcel; an item in hand twice, or not in the parcel, refuses them all."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [shipment.receiver], "Receiving a parcel")
    Shipment.objects.select_for_update().get(pk=shipment.pk)
    lines = {
        item.line: item
        for item in ShipmentItem.objects.filter(shipment=shipment).select_related(
            "block__specimen", "slide__block__specimen", "receipt"
        )
    }
    in_hand = {item.line for item in items}
    elsewhere = sent_since([item for line, item in lines.items() if line in in_hand], shipment)
    problems = [
        p for number, item in enumerate(items, 1) for p in receipt_faults(number, item, lines, shipment, elsewhere)
    ]
    twice = {i.line for i in items if sum(other.line == i.line for other in items) > 1}
    problems += [RowProblem(0, "line", f"Line {line} is in hand twice.", str(line)) for line in sorted(twice)]
    if problems:
        raise Rejected(problems, code="receipt_refused")
    receipts = ItemReceipt.objects.bulk_create(
        [
            ItemReceipt(
                item=lines[i.line],
                condition=i.condition,
                identifiers_agree=i.identifiers_agree,
                received_at=at,
                received_by_id=person_id(by),
                note=i.note.strip(),
                synthetic=i.synthetic,
            )
            for i in items
        ]
    )
    things = [(r, r.item.slide or r.item.block) for r in receipts]
    custody.keep(
        [
            custody.event(CustodyKind.RECEIVED, thing, shipment.receiver, at, by.pk, shipment=shipment)
            for _, thing in things
            if thing
        ]
    )
    ledger.write([receipt_line(receipt, shipment) for receipt in receipts], by=by, at=at)
    return receipts


def sent_since(items: Iterable[ShipmentItem], shipment: Shipment) -> dict[int, CustodyEvent]:
    """By line, the last custody event of things that have travelled on without this parcel."""
    things = {item.line: item.slide or item.block for item in items}
    held = latest_events(
        blocks=[thing.pk for thing in things.values() if isinstance(thing, Block)],
        slides=[thing.pk for thing in things.values() if isinstance(thing, Slide)],
    )
    last = {line: held.get((thing._meta.model_name or "", thing.pk)) for line, thing in things.items() if thing}
    return {line: event for line, event in last.items() if event and event.shipment_id != shipment.pk}


def receipt_faults(
    number: int,
    item: ReceivedItem,
    lines: dict[int, ShipmentItem],
    shipment: Shipment,
    elsewhere: dict[int, CustodyEvent],
) -> list[RowProblem]:
    if item.line not in lines:
        said = f"Parcel {shipment} has no line {item.line}; add what was not announced as such."
        return [RowProblem(number, "line", said, str(item.line), "unknown_line")]
    if hasattr(lines[item.line], "receipt"):
        said = f"{lines[item.line].label} of parcel {shipment} was received already."
        return [RowProblem(number, "line", said, str(item.line), "received_already")]
    if item.line in elsewhere:
        last = elsewhere[item.line]
        said = f"{lines[item.line].label} is not in parcel {shipment} any more: it was {last.kind} since."
        return [RowProblem(number, "line", said, str(item.line), "sent_since")]
    if item.identifiers_agree not in (0, 1, 2):
        said = "Two identifiers are compared: 0, 1 or 2 of them agree."
        return [RowProblem(number, "identifiers_agree", said, str(item.identifiers_agree))]
    return []


def quarantined(receipt: ItemReceipt) -> bool:
    """Is this item kept apart until somebody settles it? A mismatch of label or identifiers is."""
    mismatch = receipt.condition == Condition.LABEL_MISMATCH or receipt.identifiers_agree < 2
    return mismatch and not QuarantineDecision.objects.filter(receipt=receipt).exists()


def receipt_line(receipt: ItemReceipt, shipment: Shipment) -> ledger.Line:
    item = receipt.item
    thing = item.slide or item.block
    patient_id = (item.slide.block if item.slide else item.block).specimen.patient_id if thing else None
    condition = receipt.condition.replace("_", " ")
    sentence = f"{item.label} was received in parcel {shipment}: {condition}."
    became = {"condition": receipt.condition, "identifiers_agree": receipt.identifiers_agree}
    return ledger.line("receive item", thing or item, sentence, patient_id=patient_id, became=became)


@deed
def add_unannounced(*, by: Actor, at: datetime, shipment: Shipment, item: AnnouncedItem,
                    condition: Condition = Condition.INTACT, note: str = "") -> ItemReceipt:  # fmt: skip
    """Receive something the sender did not announce. Tissue of an unknown patient is kept apart as an aliquot-like
    item with its label only; described tissue is accessioned and received."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [shipment.receiver], "Receiving a parcel")
    Shipment.objects.select_for_update().get(pk=shipment.pk)
    parcel = Parcel(sender=shipment.sender, receiver=shipment.receiver, items=(item,))
    known = known_of([parcel])
    about = "study_id", "specimen_label", "block_label"
    unnamed = not item.study_id
    faults = faults_of(parcel, known, local_day(at))
    problems = [p for p in faults if not (unnamed and p.field in about and not p.value)]
    if problems:
        raise Rejected(problems, code="receipt_refused")
    accession_tissue([parcel], known, by=by, at=at)
    block = block_of(item, known) if describes(item) else item.block
    slide = known.slides[block.pk, item.label.strip()] if block and item.kind in GLASS else item.slide
    last = ShipmentItem.objects.filter(shipment=shipment).order_by("-line").values_list("line", flat=True).first()
    line = ShipmentItem.objects.create(
        shipment=shipment, line=(last or 0) + 1, kind=item.kind, block=None if slide else block, slide=slide,
        label=item.label.strip(), terms=item.terms, announced=False,
    )  # fmt: skip
    receipt = ItemReceipt.objects.create(
        item=line, condition=condition, identifiers_agree=2 if (slide or block) else 0, received_at=at,
        received_by_id=person_id(by), note=note.strip() or "not announced",
    )  # fmt: skip
    if thing := slide or block:
        received = custody.event(CustodyKind.RECEIVED, thing, shipment.receiver, at, by.pk, shipment=shipment)
        known.events.append(received)
    custody.keep(known.events)
    ledger.write([*known.lines, receipt_line(receipt, shipment)], by=by, at=at)
    return receipt


@deed
def settle_quarantine(*, by: Actor, at: datetime, receipt: ItemReceipt, outcome: QuarantineOutcome,
                      reason: str) -> QuarantineDecision:  # fmt: skip
    """Accept or reject an item that was kept apart, with the reason."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [receipt.item.shipment.receiver], "Settling a quarantine")
    if not reason.strip():
        raise Invalid("reason_missing", "Say how the mismatch was settled.", field="reason")
    if not quarantined(receipt):
        raise Refused("not_in_quarantine", f"{receipt.item.label} is not in quarantine.")
    decision = QuarantineDecision.objects.create(
        receipt=receipt, outcome=outcome, reason=reason.strip(), decided_at=at, decided_by_id=person_id(by)
    )
    sentence = f"{receipt.item.label} left quarantine: {outcome}."
    ledger.write([ledger.line("settle quarantine", receipt.item, sentence, reason=reason)], by=by, at=at)
    return decision


@deed
def close_shipment(*, by: Actor, at: datetime, shipment: Shipment, note: str = "") -> ShipmentClosure:
    """Be done with the parcel; announced items without a receipt are missing from here on, and may still be
    received late."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [shipment.receiver], "Receiving a parcel")
    Shipment.objects.select_for_update().get(pk=shipment.pk)
    if ShipmentClosure.objects.filter(shipment=shipment).exists():
        raise Refused("closed_already", f"Parcel {shipment} was closed already.")
    absent = ShipmentItem.objects.filter(shipment=shipment, receipt__isnull=True)
    missing = [item.label for item in absent.order_by("line")]
    closure = ShipmentClosure.objects.create(
        shipment=shipment, closed_at=at, closed_by_id=person_id(by), missing=len(missing), note=note.strip()
    )
    sentence = f"Parcel {shipment} was closed" + (f" with {len(missing)} missing." if missing else ", complete.")
    became = {"missing": missing}
    ledger.write([ledger.line("close parcel", shipment, sentence, became=became, reason=note)], by=by, at=at)
    return closure
