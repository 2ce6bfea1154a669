"""What the receiving desk shows of a parcel however large it is: sums that add up, what needs somebody, the last
scans. Every function asks a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from specimens.models import Block, ItemQuery, ItemReceipt, Shipment, ShipmentItem, Slide
from specimens.parcel_desk import ItemRow, items_of
from specimens.receipts import WAITING, ItemState, explained, of_item, received, seen, standing

MOST_NEEDING, MOST_LAST = 25, 50
MOST_HITS = 6


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts that add up: announced = intact + damaged + apart + missing + elsewhere; `added` stands beside."""

    announced: int
    intact: int
    damaged: int
    apart: int
    missing: int
    elsewhere: int
    added: int
    lines: int

    @property
    def here(self) -> int:
        return self.announced - self.missing - self.elsewhere


def tally_of(shipment: Shipment, elsewhere: int) -> Tally:
    """The parcel's sums; `elsewhere` lines came in another parcel. One query."""
    state = Subquery(seen(of_item()).values("state")[:1])
    lines = ShipmentItem.objects.filter(shipment=shipment).annotate(stands=state)
    counted = lines.values_list("announced", "stands").order_by().annotate(Count("id"))
    return summed({(announced, stands or ""): count for announced, stands, count in counted}, elsewhere)


def summed(states: Mapping[tuple[bool, str], int], elsewhere: int) -> Tally:
    """The sums, from how many lines are in each (announced?, state; blank without a receipt): pure."""

    def of(*wanted: str) -> int:
        return sum(states.get((True, state), 0) for state in wanted)

    apart, damaged = of(ItemState.QUARANTINED, ItemState.REJECTED), of(ItemState.DAMAGED)
    intact, away = of(ItemState.HERE, ItemState.ACCEPTED), of("")
    added = sum(count for (was_announced, state), count in states.items() if not was_announced and state)
    explained_away = min(elsewhere, away)
    return Tally(
        announced=intact + damaged + apart + away,
        intact=intact,
        damaged=damaged,
        apart=apart,
        missing=away - explained_away,
        elsewhere=explained_away,
        added=added,
        lines=sum(states.values()),
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """The sums; rows that need somebody, that wait for the sender's answer, that are in order; and this person's last
    scan (before a first one anybody's). Each list is cut short: the parcel's own page has all."""

    tally: Tally
    needing: list[ItemRow]
    asked: list[ItemRow]
    quiet: list[ItemRow]
    last: ItemRow | None


def desk_of(shipment: Shipment, person_id: int) -> Desk:
    """The desk of a parcel of any size. Five queries."""
    elsewhere = explained([shipment.pk])
    rows = items_of(shipment, shown_lines(shipment), elsewhere)
    latest = sorted((r for r in rows if r.receipt_id), key=lambda row: row.receipt_id or 0, reverse=True)
    away = [row for row in rows if not row.receipt_id and row.announced]
    return Desk(
        tally=tally_of(shipment, len(elsewhere)),
        needing=[row for row in [*latest, *away] if row.needs_you],
        asked=[row for row in [*latest, *away] if row.open_query],
        quiet=[row for row in latest if not row.needs_you and not row.open_query][:MOST_LAST],
        last=next((row for row in latest if row.received_by_id == person_id), latest[0] if latest else None),
    )


def shown_lines(shipment: Shipment) -> Q:
    """Lines the desk shows: received ones in doubt, damaged or asked about, the first missing, the last scanned."""
    asked = Exists(ItemQuery.objects.filter(item=OuterRef("item"), closure__isnull=True))
    mine = seen().filter(item__shipment=shipment)
    troubled = mine.filter(WAITING | Q(state=ItemState.DAMAGED) | asked).order_by("-id").values("item_id")
    away = ShipmentItem.objects.filter(~received(), shipment=shipment, announced=True).order_by("line").values("pk")
    last = standing().filter(item__shipment=shipment).order_by("-id").values("item_id")
    return Q(pk__in=troubled[: 2 * MOST_NEEDING]) | Q(pk__in=away[:MOST_NEEDING]) | Q(pk__in=last[:MOST_LAST])


def last_receipt_by(shipment: Shipment, person_id: int) -> ItemReceipt | None:
    """The receipt that “undo” takes back: this person's last one that stands, in this parcel."""
    return (
        seen()
        .filter(item__shipment=shipment, received_by_id=person_id)
        .select_related("item__shipment__receiver", "item__shipment__sender", "item__block__specimen",
                        "item__slide__block__specimen")
        .order_by("-id")
        .first()
    )  # fmt: skip


def hits(shipment: Shipment, number: str, label: str) -> list[ItemRow]:
    """Lines that this scan may mean: by our number, else by the sender's label; received ones last."""
    by_number = Q(block__accession=number) | Q(slide__accession=number) if number else Q(pk__in=[])
    found = ShipmentItem.objects.filter(by_number | Q(label__iexact=label), shipment=shipment).order_by("line")
    rows = items_of(shipment, Q(pk__in=list(found.values_list("pk", flat=True)[: 2 * MOST_HITS])))
    exact = [row for row in rows if row.thing and row.thing == number]
    waiting = [row for row in rows if not row.receipt_id]
    return exact or (waiting if len(waiting) == 1 else rows)


def thing_numbered(number: str) -> Block | Slide | None:
    """The block or slide of this number, whoever holds it."""
    slide = Slide.objects.filter(accession=number).select_related("block__specimen__patient").first()
    return slide or Block.objects.filter(accession=number).select_related("specimen__patient").first()


def names_of(shipment: Shipment, line: int) -> set[str]:
    """What else may stand on this item as a second identifier, folded: study id, labels, the hospital's number."""
    item = ShipmentItem.objects.select_related("block__specimen__patient", "slide__block__specimen__patient").get(
        shipment=shipment, line=line
    )
    block = item.slide.block if item.slide else item.block
    said = {item.label, str(item.slide or item.block or "")}
    if item.slide:
        said |= {item.slide.site_label}
    if block:
        specimen = block.specimen
        number = getattr(specimen, "hospital_number", None)
        said |= {block.site_label, specimen.site_label, specimen.patient.study_id, str(specimen)}
        said |= {number.number} if number else set()
    return {word.casefold().strip() for word in said if word.strip()}


def line_row(shipment: Shipment, line: int) -> ItemRow | None:
    found = items_of(shipment, Q(line=line))
    return found[0] if found else None
