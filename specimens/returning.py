"""Tissue goes back to where it belongs: one return parcel an owner, and its confirmation there."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from specimens import custody, ledger, letters
from specimens.actors import Actor
from specimens.announced import AnnouncedItem, Parcel
from specimens.announcing import announce_shipments
from specimens.custody import Thing
from specimens.deeds import deed, demand_core, demand_reach, require
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.models import (
    Block,
    CuttingOrder,
    Institution,
    ItemReceipt,
    Shipment,
    ShipmentClosure,
    ShipmentItem,
    Slide,
    Specimen,
)
from specimens.ordering import orders_ended
from specimens.queries import core, is_at, kept_apart, latest_events, told_apart
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from specimens.standing import key_of, key_of_row
from specimens.vocabulary import Condition, CustodyKind, ItemKind, LetterPurpose

NOT_YOURS = "Only the core's coordinators send tissue back."
Waits = Callable[[Collection[int], Collection[int]], Mapping[Thing, str]]
WAITS: list[Waits] = []
"""What a thing is still needed for: each takes block ids and slide ids, and says why for those that should wait.
A floor that needs tissue registers its own."""


@dataclass(frozen=True, slots=True)
class Return:
    """What goes back, and how. `reasons` by thing, for what should still wait; `receiver` where it does not go to
    the site that its specimen belongs to."""

    things: Sequence[Block | Slide]
    sent_on: date | None = None
    courier: str = ""
    tracking: str = ""
    reasons: Mapping[Thing, str] = field(default_factory=dict)
    receiver: Institution | None = None
    synthetic: bool = False


def waits(finder: Waits) -> None:
    if finder not in WAITS:
        WAITS.append(finder)


def specimen_of(thing: Block | Slide) -> Specimen:
    return thing.specimen if isinstance(thing, Block) else thing.block.specimen


def waiting(things: Sequence[Block | Slide]) -> dict[Thing, str]:
    """Why each of these should not go back yet; those that may are left out."""
    blocks = [thing.pk for thing in things if isinstance(thing, Block)]
    slides = [thing.pk for thing in things if isinstance(thing, Slide)]
    said: dict[Thing, str] = dict.fromkeys(kept_apart(blocks=blocks, slides=slides), "it is in quarantine")
    orders = CuttingOrder.objects.filter(block_id__in=blocks, end__isnull=True).order_by("-id")
    said |= {("block", order.block_id): f"cutting order {order} is open" for order in orders}
    for finder in WAITS:
        for key, sentence in finder(blocks, slides).items():
            said.setdefault(key, sentence)
    return said


@deed
def send_back(*, by: Actor, at: datetime, what: Return) -> list[Shipment]:
    """Announce one return parcel to each owner of `what`; all of it or none. What should still wait needs a reason."""
    require(by, "specimens.lend", NOT_YOURS)
    demand_core(by, "Sending tissue back")
    home = core()
    custody.hold({key_of(thing) for thing in what.things})
    if problems := faults_of(what, home):
        raise Rejected(problems, code="return_refused")
    parcels = announce_shipments(by=by, at=at, parcels=parcels_of(what, home))
    for parcel in parcels:
        write_letter(parcel, what, by, at)
    overruled = [(thing, reason) for thing in what.things if (reason := what.reasons.get(key_of(thing), "").strip())]
    lines = [
        ledger.line("return early", thing, f"{thing} goes back although it was still needed.",
                    patient_id=specimen_of(thing).patient_id, reason=reason)
        for thing, reason in overruled
    ]  # fmt: skip
    blocks = [thing for thing in what.things if isinstance(thing, Block)]
    going = {block.pk: f"Block {block} was sent back to its owner." for block in blocks}
    ledger.write(lines + orders_ended(going, by=by, at=at), by=by, at=at)
    return parcels


def faults_of(what: Return, home: Institution) -> list[RowProblem]:
    """Every fault of every thing; things count from 1."""
    if not what.things:
        return [RowProblem(0, "things", "Choose at least one block or slide to send back.")]
    blocks = [thing.pk for thing in what.things if isinstance(thing, Block)]
    slides = [thing.pk for thing in what.things if isinstance(thing, Slide)]
    held, wait = latest_events(blocks=blocks, slides=slides), waiting(what.things)
    problems = []
    for number, thing in enumerate(what.things, start=1):
        key, said = key_of(thing), ""
        if not is_at(held.get(key), home.pk):
            said = f"{thing} is not at the core: only what is here can be sent back."
        elif what.receiver is None and specimen_of(thing).holding_site_id == home.pk:
            said = f"{thing} belongs to the core: there is nobody to send it back to."
        elif key in wait and not what.reasons.get(key, "").strip():
            said = f"{thing} should wait, {wait[key]}: say why it goes back all the same."
        if said:
            problems.append(RowProblem(number, "things", said, str(thing)))
    return problems


def parcels_of(what: Return, home: Institution) -> list[Parcel]:
    """One parcel an owner, in the order of the things."""
    owners: dict[int, tuple[Institution, list[AnnouncedItem]]] = {}
    for thing in what.things:
        owner = what.receiver or specimen_of(thing).holding_site
        owners.setdefault(owner.pk, (owner, []))[1].append(item_of(thing))
    return [
        Parcel(
            sender=home,
            receiver=owner,
            items=tuple(items),
            sent_on=what.sent_on,
            courier=what.courier,
            tracking=what.tracking,
            synthetic=what.synthetic,
        )
        for owner, items in owners.values()
    ]


def item_of(thing: Block | Slide) -> AnnouncedItem:
    """The owner's own label stands on the line, so that its people know the thing again."""
    if isinstance(thing, Block):
        return AnnouncedItem(ItemKind.BLOCK, thing.site_label or str(thing), block=thing)
    stained = hasattr(thing, "staining") and thing.staining.run.stain == "he"
    kind = ItemKind.HE_SLIDE if stained else ItemKind.UNSTAINED_SLIDE
    return AnnouncedItem(kind, thing.site_label or str(thing), slide=thing)


def write_letter(parcel: Shipment, what: Return, by: Actor, at: datetime) -> None:
    items = (
        ShipmentItem.objects.filter(shipment=parcel)
        .order_by("line")
        .select_related("block__specimen__patient", "slide__block__specimen__patient")
    )
    letters.written(
        key=f"return:{parcel.pk}", purpose=LetterPurpose.RETURN, institution=parcel.receiver, template="return",
        context={"parcel": parcel, "items": list(items)}, by=by, at=at, shipment=parcel, synthetic=what.synthetic,
    )  # fmt: skip


# ---- the other end ----
def is_return(shipment: Shipment) -> bool:
    """Does this parcel bring tissue from a core to somebody who is none?"""
    known: Any = shipment
    if not hasattr(known, "from_core"):
        known = told_apart(Shipment.objects.filter(pk=shipment.pk)).get()
    return bool(known.from_core and not known.to_core)


@deed
def confirm_return(*, by: Actor, at: datetime, shipment: Shipment, lines: Sequence[int] | None = None,
                   broken: Collection[int] = (), note: str = "") -> list[ItemReceipt]:  # fmt: skip
    """The owner has these lines back (None: everything), `broken` ones among them broken. When all have come the
    parcel is closed; what has not stays open as a discrepancy of the core's. The core may record what the owner
    told it: then `note` says how (as “fax of 2026-11-20”)."""
    require(by, "specimens.receive", "Only coordinators confirm a return.")
    demand_reach(by, [shipment.receiver], "Confirming a return")
    if not is_return(shipment):
        raise Refused("no_return", f"Parcel {shipment} is no return: it is received at the goods desk.")
    if by.scope.everything and not note.strip():
        raise Invalid("note_missing", "Say how the owner told you, such as “fax of 2026-11-20”.", field="note")
    Shipment.objects.select_for_update().get(pk=shipment.pk)
    open_lines = lines_out(shipment)
    chosen = open_lines if lines is None else list(lines)
    if not chosen:
        said = "Everything in it was confirmed already." if not open_lines else "Choose at least one item that came."
        raise Invalid("nothing_chosen", said, field="lines")
    items = [
        ReceivedItem(
            line,
            Condition.BROKEN if line in broken else Condition.INTACT,
            note=note.strip(),
            synthetic=shipment.synthetic,
        )
        for line in chosen
    ]
    receipts = receive_items(by=by, at=at, shipment=shipment, items=items)
    if not set(open_lines) - set(chosen) and not ShipmentClosure.objects.filter(shipment=shipment).exists():
        close_shipment(by=by, at=at, shipment=shipment, note=note)
    return receipts


def lines_out(shipment: Shipment) -> list[int]:
    """Lines of the parcel whose thing is still on its way in it, in order."""
    found = ShipmentItem.objects.filter(shipment=shipment).order_by("line")
    items = list(found)
    held = latest_events(
        blocks=[i.block_id for i in items if i.block_id and not i.slide_id],
        slides=[i.slide_id for i in items if i.slide_id],
    )
    out = []
    for item in items:
        last = held.get(key_of_row(item))
        if last and last.shipment_id == shipment.pk and last.kind in (CustodyKind.SHIPPED, CustodyKind.LOST):
            out.append(item.line)
    return out
