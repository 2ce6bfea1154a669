"""Something in the parcel that its sender did not announce in it, though the core has met it: a block or slide on
record, perhaps announced in another parcel of the same sender."""

from dataclasses import dataclass
from datetime import datetime

from specimens.actors import Actor
from specimens.deeds import deed, demand_reach, require
from specimens.errors import Refused
from specimens.models import Block, CustodyEvent, ItemReceipt, Shipment, ShipmentItem, Slide
from specimens.queries import GONE, latest_events
from specimens.receiving import NOT_YOURS, locked, next_line, take_in, when_and_who
from specimens.vocabulary import Condition, CustodyKind, ItemKind


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a stranger should be: announced in another parcel of the sender (`line`), or lying with the sender."""

    line: ShipmentItem | None

    @property
    def sentence(self) -> str:
        return f"announced in {self.line.shipment}" if self.line else "known, and announced in no parcel"


@deed
def receive_stranger(*, by: Actor, at: datetime, shipment: Shipment, thing: Block | Slide,
                     condition: Condition = Condition.INTACT, identifiers_agree: int = 2,
                     accepted: bool = False) -> ItemReceipt:  # fmt: skip
    """Take in a block or slide on record that this parcel did not announce. Unless `accepted` it is kept apart
    until somebody accepts it here or rejects it; the line that announced it elsewhere is then explained."""
    require(by, "specimens.receive", NOT_YOURS)
    demand_reach(by, [shipment.receiver], "Receiving a parcel")
    announced = latest_line(thing)
    locked(shipment, *([announced.shipment] if announced else []))
    origin = origin_of(thing, shipment)
    line = ShipmentItem.objects.create(
        shipment=shipment, line=next_line(shipment), kind=kind_of(thing, origin.line), announced=False,
        block=thing if isinstance(thing, Block) else None, slide=thing if isinstance(thing, Slide) else None,
        label=origin.line.label if origin.line else thing.site_label or thing.accession,
        terms=origin.line.terms if origin.line else "", due_back_on=origin.line.due_back_on if origin.line else None,
    )  # fmt: skip
    receipt = ItemReceipt(
        item=line, condition=condition, identifiers_agree=identifiers_agree, apart=not accepted,
        note=f"not announced here: {origin.sentence}", synthetic=shipment.synthetic, **when_and_who(by, at),
    )  # fmt: skip
    return take_in([receipt], shipment, by=by, at=at)[0]


def latest_line(thing: Block | Slide) -> ShipmentItem | None:
    """The last parcel line on which this thing was announced."""
    found = ShipmentItem.objects.filter(**{thing._meta.model_name or "": thing}, announced=True)
    return found.select_related("shipment__sender").order_by("-id").first()


def origin_of(thing: Block | Slide, shipment: Shipment) -> Origin:
    """Where this stranger comes from; Refused with what to do when it cannot have come from this sender."""
    if ShipmentItem.objects.filter(shipment=shipment, **{thing._meta.model_name or "": thing}).exists():
        raise Refused("in_this_parcel", f"{thing} is a line of parcel {shipment}: scan it again.")
    last, announced = last_event(thing), latest_line(thing)
    if last is not None and last.kind == CustodyKind.SHIPPED and last.shipment:
        other = last.shipment
        if (other.sender_id, other.receiver_id) != (shipment.sender_id, shipment.receiver_id):
            raise Refused(
                "other_sender", f"{thing} is on its way in parcel {other} from {other.sender}: receive it there."
            )
        return Origin(announced if announced and announced.shipment_id == other.pk else None)
    if last is None or last.kind in GONE or last.holder_id != shipment.sender_id:
        said = f"{thing} cannot be in parcel {shipment}: it was {last.kind if last else 'never met'}"
        raise Refused("held_elsewhere", said + (f" and is held by {last.holder}." if last and last.holder else "."))
    return Origin(None)


def last_event(thing: Block | Slide) -> CustodyEvent | None:
    if isinstance(thing, Block):
        return latest_events(blocks=[thing.pk]).get(("block", thing.pk))
    return latest_events(slides=[thing.pk]).get(("slide", thing.pk))


def kind_of(thing: Block | Slide, line: ShipmentItem | None) -> str:
    if line:
        return line.kind
    return ItemKind.BLOCK if isinstance(thing, Block) else ItemKind.UNSTAINED_SLIDE
