"""A parcel at the goods desk: each item reconciled against what was announced. Receipt never waits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from specimens import custody, late_arrivals, ledger
from specimens.actors import Actor, person_id
from specimens.announced import GLASS, AnnouncedItem, Known, Parcel, describes, faults_of, known_of
from specimens.announcing import accession_tissue, announce_shipments, answered, askable, block_of
from specimens.chasing import open_requests
from specimens.deeds import deed, demand_reach, local_day, require
from specimens.downtime import FromForm, check_receipt_form
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
from specimens.questioning import ask_about_missing, asked, asking_line
from specimens.receipts import explained, look_of, received, standing_of
from specimens.vocabulary import Condition, CustodyKind, QuarantineOutcome

__all__ = ["AnnouncedItem", "FromForm", "Parcel", "announce_shipments"]
NOT_YOURS = "Only the core's coordinators and bench receive parcels."


@dataclass(frozen=True, slots=True)
class ReceivedItem:
    """One item in hand: its line in the parcel, how it looks, how many of two identifiers agree; `apart` keeps it
    in quarantine whatever its label says."""

    line: int
    condition: Condition = Condition.INTACT
    identifiers_agree: int = 2
    note: str = ""
    apart: bool = False
    synthetic: bool = False


@deed
def receive_items(*, by: Actor, at: datetime, shipment: Shipment, items: Sequence[ReceivedItem],
                  written: FromForm | None = None) -> list[ItemReceipt]:  # fmt: skip
    """Receive these lines of the parcel; an item in hand twice, or not in the parcel, refuses them all.

    `written` says that it happened earlier and was put down on a downtime form.
    """
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [shipment.receiver], "Receiving a parcel")
    locked(shipment)
    if written:
        check_receipt_form(written, shipment, at)
    lines = lines_of(shipment, {item.line for item in items})
    check_in_hand(shipment, items, lines)
    taken_back = Counter(ItemReceipt.objects.filter(item__in=lines.values()).values_list("item_id", flat=True))
    receipts = [
        ItemReceipt(
            item=lines[i.line],
            attempt=taken_back[lines[i.line].pk] + 1,
            condition=i.condition,
            identifiers_agree=i.identifiers_agree,
            apart=i.apart,
            note=i.note.strip(),
            synthetic=i.synthetic,
            **when_and_who(by, at, written),
        )
        for i in items
    ]
    return take_in(receipts, shipment, by=by, at=at)


def locked(*shipments: Shipment) -> None:
    """Hold these parcels until commit, in one order whoever asks."""
    ids = [shipment.pk for shipment in shipments]
    list(Shipment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def lines_of(shipment: Shipment, wanted: set[int]) -> dict[int, ShipmentItem]:
    sane = [line for line in wanted if 0 < line < 2**31]
    found = ShipmentItem.objects.filter(shipment=shipment, line__in=sane)
    return {item.line: item for item in found.select_related("block__specimen", "slide__block__specimen")}


def when_and_who(by: Actor, at: datetime, written: FromForm | None = None) -> dict[str, Any]:
    """The columns of a receipt that say when it happened, who recorded it, and from which form if any."""
    who: dict[str, Any] = {"received_by_id": person_id(by), "received_at": at}
    if written is None:
        return who
    form = {"downtime_form": written.form, "written_by": written.written_by.strip(), "entered_at": at}
    return who | form | {"received_at": written.happened_at}


def take_in(receipts: Sequence[ItemReceipt], shipment: Shipment, *, by: Actor, at: datetime,
            known: Known | None = None, after: Sequence[ledger.Line] = ()) -> list[ItemReceipt]:  # fmt: skip
    """Keep the receipts, the custody that begins with them, and their ledger lines; `known` has what came before."""
    late = late_arrivals.kept_apart(receipts, shipment)
    kept = ItemReceipt.objects.bulk_create(receipts, batch_size=500)
    events, lines = (known.events, known.lines) if known else ([], [])
    happened = kept[0].received_at if kept else at
    events += [
        custody.event(CustodyKind.RECEIVED, thing, shipment.receiver, happened, by.pk, shipment=shipment)
        for receipt in kept
        if (thing := receipt.item.slide or receipt.item.block)
    ]
    custody.keep(events)
    asking = [asking_line(asked(receipt.item, question, by=by, at=at)) for receipt, question in late]
    told = [*lines, *(receipt_line(receipt, shipment) for receipt in kept), *after, *asking]
    ledger.write(told, by=by, at=happened)
    return kept


def check_in_hand(shipment: Shipment, items: Sequence[ReceivedItem], lines: dict[int, ShipmentItem]) -> None:
    """Raises Rejected with every fault of every item in hand."""
    here = standing_of([item.pk for item in lines.values()])
    elsewhere = sent_since(lines.values(), shipment)
    problems = [
        p
        for number, item in enumerate(items, 1)
        for p in receipt_faults(number, item, lines, shipment, here, elsewhere)
    ]
    counted = Counter(item.line for item in items)
    twice = sorted(line for line, times in counted.items() if times > 1)
    problems += [RowProblem(0, "line", f"Line {line} is in hand twice.", str(line)) for line in twice]
    if problems:
        raise Rejected(problems, code="receipt_refused")


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
    here: dict[int, ItemReceipt],
    elsewhere: dict[int, CustodyEvent],
) -> list[RowProblem]:
    if item.line not in lines:
        said = f"Parcel {shipment} has no line {item.line}; add what was not announced as such."
        return [RowProblem(number, "line", said, str(item.line), "unknown_line")]
    if already := here.get(lines[item.line].pk):
        said = f"{lines[item.line].label} of parcel {shipment} was received already, {by_whom(already)}."
        return [RowProblem(number, "line", said, str(item.line), "received_already")]
    if item.line in elsewhere:
        last = elsewhere[item.line]
        said = f"{lines[item.line].label} is not in parcel {shipment} any more: it was {last.kind} since."
        return [RowProblem(number, "line", said, str(item.line), "sent_since")]
    if item.identifiers_agree not in (0, 1, 2):
        said = "Two identifiers are compared: 0, 1 or 2 of them agree."
        return [RowProblem(number, "identifiers_agree", said, str(item.identifiers_agree))]
    return []


def by_whom(receipt: ItemReceipt) -> str:
    """“by Rose Achebe, 2026-11-23 09:00:12 UTC”."""
    local = timezone.localtime(receipt.received_at)
    return f"by {receipt.received_by}, {local:%Y-%m-%d %H:%M:%S} {local.tzname()}"


def quarantined(receipt: ItemReceipt) -> bool:
    """Is this item kept apart until somebody settles it? A mismatch of label or identifiers is."""
    return look_of(receipt).doubtful and not QuarantineDecision.objects.filter(receipt=receipt).exists()


def receipt_line(receipt: ItemReceipt, shipment: Shipment) -> ledger.Line:
    item = receipt.item
    thing = item.slide or item.block
    patient_id = (item.slide.block if item.slide else item.block).specimen.patient_id if thing else None
    condition = receipt.condition.replace("_", " ")
    sentence = f"{item.label} was received in parcel {shipment}: {condition}."
    became: dict[str, Any] = {"condition": receipt.condition, "identifiers_agree": receipt.identifiers_agree}
    if receipt.apart:
        sentence, became = sentence[:-1] + ", kept apart.", became | {"apart": True}
    if receipt.downtime_form:
        sentence += f" Entered later from form {receipt.downtime_form}, written by {receipt.written_by}."
        became |= {"downtime_form": receipt.downtime_form.accession}
    return ledger.line("receive item", thing or item, sentence, patient_id=patient_id, became=became)


@deed
def add_unannounced(*, by: Actor, at: datetime, shipment: Shipment, item: AnnouncedItem,
                    condition: Condition = Condition.INTACT, note: str = "", question: str = "",
                    written: FromForm | None = None) -> ItemReceipt:  # fmt: skip
    """Receive something the sender did not announce. Tissue of an unknown patient is kept apart as an aliquot-like
    item with its label only; described tissue is accessioned and received. A `question` goes to the sender.
    `written` says from which downtime form it is entered later."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [shipment.receiver], "Receiving a parcel")
    locked(shipment)
    if written:
        check_receipt_form(written, shipment, at)
    parcel = Parcel(sender=shipment.sender, receiver=shipment.receiver, items=(item,))
    known = known_of([parcel])
    about = "study_id", "specimen_label", "block_label"
    unnamed = not item.study_id
    faults = faults_of(parcel, known, local_day(at))
    problems = [p for p in faults if not (unnamed and p.field in about and not p.value)]
    if problems:
        raise Rejected(problems, code="receipt_refused")
    accession_tissue([parcel], known, by=by, at=at)
    known.asked = open_requests(askable([parcel], known))
    block = block_of(item, known) if describes(item) else item.block
    slide = known.slides[block.pk, item.label.strip()] if block and item.kind in GLASS else item.slide
    line = ShipmentItem.objects.create(
        shipment=shipment, line=next_line(shipment), kind=item.kind, block=None if slide else block, slide=slide,
        label=item.label.strip(), terms=item.terms, announced=False, request_id=answered(slide or block, parcel, known),
    )  # fmt: skip
    receipt = ItemReceipt(
        item=line, condition=condition, identifiers_agree=2 if (slide or block) else 0,
        note=note.strip() or "not announced", **when_and_who(by, at, written),
    )  # fmt: skip
    after = [asking_line(asked(line, question, by=by, at=at))] if question.strip() else []
    return take_in([receipt], shipment, by=by, at=at, known=known, after=after)[0]


def next_line(shipment: Shipment) -> int:
    last = ShipmentItem.objects.filter(shipment=shipment).order_by("-line").values_list("line", flat=True).first()
    return (last or 0) + 1


@deed
def settle_quarantine(*, by: Actor, at: datetime, receipt: ItemReceipt, outcome: QuarantineOutcome,
                      reason: str) -> QuarantineDecision:  # fmt: skip
    """Accept or reject an item that was kept apart, with the reason."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [receipt.item.shipment.receiver], "Settling a quarantine")
    locked(receipt.item.shipment)
    if not reason.strip():
        raise Invalid("reason_missing", "Say how the mismatch was settled.", field="reason")
    if hasattr(ItemReceipt.objects.get(pk=receipt.pk), "void") or not quarantined(receipt):
        raise Refused("not_in_quarantine", f"{receipt.item.label} is not in quarantine.")
    decision = QuarantineDecision.objects.create(
        receipt=receipt, outcome=outcome, reason=reason.strip(), decided_at=at, decided_by_id=person_id(by)
    )
    sentence = f"{receipt.item.label} left quarantine: {outcome}."
    ledger.write([ledger.line("settle quarantine", receipt.item, sentence, reason=reason)], by=by, at=at)
    return decision


@deed
def close_shipment(
    *, by: Actor, at: datetime, shipment: Shipment, note: str = "", ask: bool = False
) -> ShipmentClosure:
    """Be done with the parcel; announced items without a receipt are missing from here on, and may still be
    received late. With `ask` the sender is asked about each of them, in one letter."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [shipment.receiver], "Receiving a parcel")
    locked(shipment)
    if ShipmentClosure.objects.filter(shipment=shipment).exists():
        raise Refused("closed_already", f"Parcel {shipment} was closed already.")
    absent = ShipmentItem.objects.filter(~received(), shipment=shipment, announced=True).order_by("line")
    elsewhere = explained([shipment.pk])
    missing = [item for item in absent if item.pk not in elsewhere]
    closure = ShipmentClosure.objects.create(
        shipment=shipment, closed_at=at, closed_by_id=person_id(by), missing=len(missing), note=note.strip()
    )
    sentence = f"Parcel {shipment} was closed" + (f" with {len(missing)} missing." if missing else ", complete.")
    became = {"missing": [item.label for item in missing]}
    closing = ledger.line("close parcel", shipment, sentence, became=became, reason=note)
    asked = ask_about_missing(shipment, missing, note=note, by=by, at=at) if ask else []
    ledger.write([closing, *asked], by=by, at=at)
    return closure
