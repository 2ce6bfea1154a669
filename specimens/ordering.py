"""The cutting list: sections ordered, orders ended, blocks of which nothing is left."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from specimens import custody, ledger
from specimens.accessions import take
from specimens.actors import Actor, person_id
from specimens.consenting import demand_consent
from specimens.deeds import deed, demand_reach, local_day, require, unfit
from specimens.errors import WRONG_STATE, Invalid, Refused, Rejected, RowProblem
from specimens.identifiers import CUTTING
from specimens.models import Block, BlockExhaustion, CuttingEnd, CuttingOrder, Slide
from specimens.queries import core, latest_events
from specimens.vocabulary import STAIN_LABELS, CustodyKind, OrderState, Stain
from specimens.whereabouts import NO_MORE

ORDERERS = "Only coordinators and histotechnologists order sections."
MOST_SECTIONS = 60
MOST_ORDERS = 200
THINNEST, THICKEST = Decimal(1), Decimal(100)
USUAL: tuple[tuple[Stain, int], ...] = ((Stain.HE, 1), (Stain.CAIX, 2))
USUAL_THICKNESS = Decimal(4)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """One line for the cutting list. Thickness in micrometres; `stain` None when nobody has said what for.

    `replaces` is the slide that a recut or restain stands in for; it needs a reason.
    """

    block: Block
    sections: int
    stain: Stain | None = None
    thickness_um: Decimal | None = None
    levels: str = ""
    wanted_by: date | None = None
    replaces: Slide | None = None
    reason: str = ""
    synthetic: bool = False


@deed
def order_sections(*, by: Actor, at: datetime, orders: Sequence[NewOrder]) -> list[CuttingOrder]:
    """Put all of `orders` on the cutting list, or none. A block on its way may be ordered from already."""
    begin(by, {order.block for order in orders})
    if problems := faults_of(orders, local_day(at)):
        raise Rejected(problems, code="order_refused")
    made, lines = placed(orders, by=by, at=at)
    ledger.write(lines, by=by, at=at)
    return made


@deed
def order_usual(*, by: Actor, at: datetime, blocks: Sequence[Block], wanted_by: date | None = None,
                synthetic: bool = False) -> list[CuttingOrder]:  # fmt: skip
    """Order what each trial's case needs, one H&E and two CA-IX, of blocks of which nothing is cut or ordered."""
    begin(by, set(blocks))
    orders = [
        NewOrder(block, number, stain, USUAL_THICKNESS, wanted_by=wanted_by, synthetic=synthetic)
        for block in dict.fromkeys(blocks)
        for stain, number in USUAL
    ]
    if problems := faults_of(orders, local_day(at)) or begun(blocks):
        raise Rejected(problems, code="order_refused")
    made, lines = placed(orders, by=by, at=at)
    ledger.write(lines, by=by, at=at)
    return made


@deed
def cancel_order(*, by: Actor, at: datetime, order: CuttingOrder, reason: str) -> CuttingEnd:
    """Take an open order off the list. What consent no longer allows can be cancelled too."""
    require(by, "specimens.order_cutting", ORDERERS)
    demand_reach(by, [core()], "Cancelling a cutting order")
    if said := "" if reason.strip() else "Say why the order is cancelled.":
        raise Invalid("reason_missing", said, field="reason")
    if said := unfit(reason, 500):
        raise Invalid("reason", said, field="reason")
    lock_orders([order.pk])
    if ended := CuttingEnd.objects.filter(order=order).first():
        raise Refused("order_ended", f"Order {order} was {state_of(ended)} already.")
    line = ended_line(order, cut=False, reason=reason.strip(), by=by, at=at)
    ledger.write([line], by=by, at=at)
    return CuttingEnd.objects.get(order=order)


@deed
def exhaust_block(*, by: Actor, at: datetime, block: Block, note: str = "") -> BlockExhaustion:
    """Record that nothing more can be cut from a block; its open orders are cancelled with it."""
    require(by, "specimens.cut", "Only histotechnologists say that a block is used up.")
    demand_reach(by, [core()], "Saying that a block is used up")
    if said := unfit(note, 200):
        raise Invalid("note", said, field="note")
    custody.hold({("block", block.pk)})
    if BlockExhaustion.objects.filter(block=block).exists():
        raise Refused("exhausted_already", f"Block {block} is recorded as used up already.")
    ledger.write(used_up(block, note, by=by, at=at), by=by, at=at)
    return BlockExhaustion.objects.get(block=block)


# ---- what other deeds of the bench build on ----
def begin(by: Actor, blocks: Collection[Block]) -> None:
    """The checks of every order; locks the patients and then the blocks until commit."""
    require(by, "specimens.order_cutting", ORDERERS)
    demand_reach(by, [core()], "Ordering sections")
    demand_consent({block.specimen.patient_id for block in blocks}, "Cutting")
    custody.hold({("block", block.pk) for block in blocks})


def lock_orders(ids: Collection[int]) -> None:
    list(CuttingOrder.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def exhausted_among(block_ids: Collection[int]) -> set[int]:
    return set(BlockExhaustion.objects.filter(block_id__among=block_ids).values_list("block_id", flat=True))


def state_of(end: CuttingEnd | None) -> OrderState:
    """The state of an order, by its end."""
    if end is None:
        return OrderState.OPEN
    return OrderState.CUT if end.cut else OrderState.CANCELLED


def placed(orders: Sequence[NewOrder], *, by: Actor, at: datetime) -> tuple[list[CuttingOrder], list[ledger.Line]]:
    """The orders kept, and what the ledger is to say of them. The caller has checked."""
    made = [
        CuttingOrder(
            accession=number,
            block=order.block,
            sections=order.sections,
            thickness_um=order.thickness_um,
            levels=order.levels.strip(),
            stain=order.stain or "",
            replaces=order.replaces,
            reason=order.reason.strip(),
            wanted_by=order.wanted_by,
            ordered_at=at,
            ordered_by_id=by.pk,
            synthetic=order.synthetic,
        )
        for number, order in zip(take(CUTTING, len(orders)), orders, strict=True)
    ]
    CuttingOrder.objects.bulk_create(made, batch_size=500)
    return made, [ordered_line(order) for order in made]


def ordered_line(order: CuttingOrder) -> ledger.Line:
    what = f"{order.sections} section{'' if order.sections == 1 else 's'}"
    stain = f" for {STAIN_LABELS[Stain(order.stain)]}" if order.stain else ""
    instead = f" in place of slide {order.replaces}" if order.replaces else ""
    said = f"Order {order}: {what} of block {order.block}{stain}{instead}."
    became = {"sections": order.sections, "stain": order.stain, "block": str(order.block)}
    patient_id = order.block.specimen.patient_id
    return ledger.line("order sections", order, said, patient_id=patient_id, became=became, reason=order.reason)


def ended_line(order: CuttingOrder, *, cut: bool, reason: str, by: Actor, at: datetime) -> ledger.Line:
    """End the order, and what the ledger is to say of that. The caller holds the lock and has checked."""
    CuttingEnd.objects.create(order=order, cut=cut, reason=reason, ended_at=at, ended_by_id=person_id(by))
    said = f"Order {order} of block {order.block} was {'cut' if cut else 'cancelled'}."
    patient_id = order.block.specimen.patient_id
    return ledger.line("end cutting order", order, said, patient_id=patient_id, became={"cut": cut}, reason=reason)


def used_up(block: Block, note: str, *, by: Actor, at: datetime) -> list[ledger.Line]:
    """Record the exhaustion, cancel what is still ordered, and what the ledger is to say of both."""
    BlockExhaustion.objects.create(block=block, note=note.strip(), recorded_at=at, recorded_by_id=person_id(by))
    said = f"Block {block} is used up."
    patient_id = block.specimen.patient_id
    lines = [ledger.line("exhaust block", block, said, patient_id=patient_id, reason=note.strip())]
    return lines + orders_ended({block.pk: said}, by=by, at=at)


def orders_ended(reasons: Mapping[int, str], *, by: Actor, at: datetime) -> list[ledger.Line]:
    """End what is still ordered of these blocks (id: why nothing is cut from it any more); the caller holds them."""
    waiting = CuttingOrder.objects.filter(block_id__among=list(reasons), end__isnull=True)
    locked = waiting.select_related("block__specimen").select_for_update(no_key=True, of=("self",))
    ended = list(locked.order_by("pk"))
    return [ended_line(order, cut=False, reason=reasons[order.block_id], by=by, at=at) for order in ended]


# ---- faults ----
def begun(blocks: Iterable[Block]) -> list[RowProblem]:
    """Blocks of which something is ordered or cut; blocks count from 1."""
    ids = [block.pk for block in blocks]
    waiting = set(CuttingOrder.objects.filter(block_id__in=ids, end__isnull=True).values_list("block_id", flat=True))
    cut = set(Slide.objects.filter(block_id__in=ids, cut_at_core=True).values_list("block_id", flat=True))
    return [
        RowProblem(
            number,
            "blocks",
            f"Block {block} has sections cut or ordered already: order by itself what it still needs.",
            str(block),
            WRONG_STATE,
        )
        for number, block in enumerate(blocks, start=1)
        if block.pk in waiting | cut
    ]


def faults_of(orders: Sequence[NewOrder], today: date) -> list[RowProblem]:
    """Every fault of every order; orders count from 1."""
    if not orders:
        return [RowProblem(0, "orders", "Order at least one section.")]
    if len(orders) > MOST_ORDERS:
        return [RowProblem(0, "orders", f"Order at most {MOST_ORDERS} lines at a time, not {len(orders)}.")]
    ids = {order.block.pk for order in orders}
    held, empty = latest_events(blocks=ids), exhausted_among(ids)
    replaced = being_replaced([order.replaces.pk for order in orders if order.replaces])
    problems = []
    for number, order in enumerate(orders, start=1):
        last = held.get(("block", order.block.pk))
        code, said = WRONG_STATE, None
        if order.block.pk in empty:
            said = ("block", f"Block {order.block} is used up: ask for more tissue instead.")
        elif last is not None and last.kind in NO_MORE:
            said = ("block", f"Block {order.block} is {NO_MORE[CustodyKind(last.kind)]}: nothing can be cut from it.")
        elif order.replaces and order.replaces.pk in replaced:
            other = replaced[order.replaces.pk] or "a line of this list"
            said = ("replaces", f"Slide {order.replaces} is being replaced already by {other}.")
        if order.replaces:
            replaced.setdefault(order.replaces.pk, "")
        if wrong := order_fault(order, today):
            code, said = "invalid", wrong
        if said:
            problems.append(RowProblem(number, said[0], said[1], str(order.block), code))
    return problems


def being_replaced(slide_ids: Sequence[int]) -> dict[int, str]:
    """Slides that an open order replaces, with its number. Locks the slides: an order on a sister block waits."""
    custody.hold({("slide", pk) for pk in slide_ids})
    found = CuttingOrder.objects.filter(replaces_id__in=slide_ids, end__isnull=True)
    return dict(found.values_list("replaces_id", "accession"))


def order_fault(order: NewOrder, today: date) -> tuple[str, str] | None:
    """(field, sentence) of what is wrong with an order by itself."""
    if not 1 <= order.sections <= MOST_SECTIONS:
        return "sections", f"Order between 1 and {MOST_SECTIONS} sections, not {order.sections}."
    if said := thickness_fault(order.thickness_um):
        return "thickness_um", said
    for name, text, most in (("levels", order.levels, 60), ("reason", order.reason, 500)):
        if said := unfit(text, most):
            return name, said
    if order.wanted_by and order.wanted_by < today:
        return "wanted_by", f"{order.wanted_by} lies in the past."
    if order.replaces and order.replaces.block.specimen_id != order.block.specimen_id:
        return "replaces", f"Slide {order.replaces} is another specimen's: a recut stands in for a slide of its own."
    if order.replaces and not order.reason.strip():
        return "reason", f"Say why slide {order.replaces} is replaced."
    return None


def thickness_fault(micrometres: Decimal | None) -> str:
    if micrometres is None:
        return ""
    if not (micrometres.is_finite() and THINNEST <= micrometres <= THICKEST):
        return f"A section is {THINNEST} to {THICKEST} micrometres thick, not {micrometres}."
    return "" if micrometres == round(micrometres, 1) else f"Give the thickness to one decimal, not {micrometres}."
