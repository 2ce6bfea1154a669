"""The cutting list and what hangs on it: open orders, blocks nobody has ordered from, slides of failed runs to redo.

Every list asks a fixed number of queries.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from specimens import bench_desk, queries
from specimens.desk import PAGE
from specimens.errors import Unknown
from specimens.models import (
    Block,
    BlockExhaustion,
    ControlResult,
    CuttingOrder,
    Slide,
    Staining,
    StainRun,
    Standing,
)
from specimens.ordering import exhausted_among
from specimens.scope import Scope
from specimens.standing import key_of_row
from specimens.vocabulary import ControlKind, OrderState, Presence, SpecimenKind
from specimens.whereabouts import NO_MORE, found_at

WITH_BLOCK = ("block__specimen__patient__trial", "block__specimen__holding_site", "replaces", "ordered_by", "end")
MOST_PRINTED = 300


@dataclass(frozen=True, slots=True)
class Listed:
    """One open order as the list shows it. `hindrance` is why its block cannot be cut today, blank when it can."""

    order: CuttingOrder
    place: str
    hindrance: str


@dataclass(frozen=True, slots=True)
class CuttingList:
    """Up to PAGE open orders, most urgent first; `after` is the place to go on from, blank on the last page."""

    rows: list[Listed]
    after: str = ""


def orders(scope: Scope) -> QuerySet[CuttingOrder]:
    """Orders of tissue within reach, with their state."""
    found = CuttingOrder.objects.filter(scope.specimens("block__specimen__"))
    return found.select_related(*WITH_BLOCK).annotate(cut_slides=Count("slides"))


def in_state(found: QuerySet[Any], state: OrderState) -> QuerySet[Any]:
    """The orders in `state`; `ordering.state_of` says the same of one."""
    if state is OrderState.OPEN:
        return found.filter(end__isnull=True)
    return found.filter(end__cut=state is OrderState.CUT)


def order(scope: Scope, accession: str) -> CuttingOrder:
    found = orders(scope).filter(accession=accession).first()
    if found is None:
        raise Unknown("unknown_order", f"There is no cutting order {accession} within your reach.")
    return found


def open_orders() -> QuerySet[CuttingOrder]:
    """Most urgent first: what is wanted by a day before what is not, then the oldest."""
    found = CuttingOrder.objects.filter(end__isnull=True).select_related(*WITH_BLOCK)
    return found.order_by(F("wanted_by").asc(nulls_last=True), "id")


def cutting_list(after: str = "", *, most: int = PAGE) -> CuttingList:
    """A page of the open orders. Five queries."""
    found = list(beyond(open_orders(), after)[: most + 1])
    page = found[:most]
    rows = listed(page)
    last = page[-1] if len(found) > most else None
    return CuttingList(rows, f"{last.wanted_by or 'none'}.{last.pk}" if last else "")


def beyond(found: QuerySet[CuttingOrder], after: str) -> QuerySet[CuttingOrder]:
    """The orders that come after the place `after`, written as “2026-11-30.17” or “none.17”."""
    day, _, number = after.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return found
    if day == "none":
        return found.filter(wanted_by__isnull=True, pk__gt=int(number))
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        return found
    same = Q(wanted_by=wanted, pk__gt=int(number))
    return found.filter(Q(wanted_by__gt=wanted) | same | Q(wanted_by__isnull=True))


def listed(found: Collection[CuttingOrder]) -> list[Listed]:
    """Each order with where its block stands and what stands against cutting it."""
    blocks = {order.block_id for order in found}
    why = hindrances(blocks, {order.block.specimen.patient_id for order in found})
    where = standing_places(blocks=blocks)
    rows = []
    for each in found:
        withdrawn = each.block.specimen.patient_id in why.withdrawn
        said = "consent withdrawn" if withdrawn else why.of_block.get(each.block_id, "")
        rows.append(Listed(each, where.get(("block", each.block_id), ""), said))
    return rows


@dataclass(frozen=True, slots=True)
class Hindrances:
    of_block: dict[int, str] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)


def hindrances(block_ids: Collection[int], patient_ids: Collection[int] = ()) -> Hindrances:
    """Why blocks cannot be cut just now, in a few words; and patients who have withdrawn. Four queries."""
    held, apart = queries.latest_events(blocks=block_ids), queries.kept_apart(blocks=block_ids)
    home = queries.core().pk
    said = {}
    for pk in block_ids:
        last = held.get(("block", pk))
        if last is not None and last.kind in NO_MORE:
            said[pk] = NO_MORE[last.kind]
        elif not queries.is_at(last, home):
            said[pk] = "not at the core"
        elif ("block", pk) in apart:
            said[pk] = "in quarantine"
    return Hindrances(said, queries.withdrawn_patients(patient_ids))


def standing_places(*, blocks: Collection[int] = (), slides: Collection[int] = ()) -> dict[tuple[str, int], str]:
    """Where blocks and slides stand in the house, as “Room 2 / Cabinet 1 / Drawer 3, 14”. One query."""
    parents = "place__parent__parent__parent"
    found = Standing.objects.filter(Q(block_id__among=blocks) | Q(slide_id__among=slides)).select_related(parents)
    return {key_of_row(each): f"{each.place}, {each.position}" for each in found}


def next_order_of(block: Block) -> CuttingOrder | None:
    """The most urgent open order of a block."""
    return open_orders().filter(block=block).first()


def orders_of(block: Block) -> list[CuttingOrder]:
    found = CuttingOrder.objects.filter(block=block).select_related("end", "replaces", "ordered_by")
    return list(found.annotate(cut_slides=Count("slides")).order_by("id"))


def exhaustion_of(block: Block) -> BlockExhaustion | None:
    return BlockExhaustion.objects.filter(block=block).select_related("recorded_by").first()


# ---- what nobody has ordered yet ----
def unordered_blocks() -> QuerySet[Block]:
    """Tumour blocks at the core, fit to be cut, of which nothing is cut or ordered; longest here first."""
    waiting = CuttingOrder.objects.filter(block=OuterRef("pk"), end__isnull=True)
    return bench_desk.blocks_to_cut().filter(~Exists(waiting)).exclude(specimen__kind=SpecimenKind.NORMAL)


def blocks_named(scope: Scope, accessions: Iterable[str]) -> dict[str, Block]:
    found = Block.objects.filter(scope.specimens("specimen__"), accession__in=set(accessions))
    return {b.accession: b for b in found.select_related("specimen__patient__trial", "specimen__holding_site")}


# ---- failed runs ----
def failed_runs() -> QuerySet[StainRun]:
    """Runs whose latest positive or negative control failed and of which a slide is neither redone nor beyond it."""
    again = Staining.objects.filter(
        slide__block=OuterRef("slide__block"), run__stain=OuterRef("run__stain"), pk__gt=OuterRef("pk")
    ).exclude(run=OuterRef("run"))
    bare = Staining.objects.filter(
        ~Exists(replaced(OuterRef("slide_id"))),
        ~Exists(again),
        ~bench_desk.withdrawn("slide__block__specimen__patient_id"),
        run=OuterRef("pk"),
        slide__block__exhaustion__isnull=True,
    )
    return bench_desk.run_rows().filter(failed_control(), Exists(bare)).order_by("stained_on", "id")


def failed_control() -> Q:
    """That the latest result of a kind of control, `queries.said_by` says the same of one run, is a failure."""
    said = Q()
    for kind in ControlKind:
        later = ControlResult.objects.filter(run=OuterRef("run"), kind=kind, pk__gt=OuterRef("pk"))
        failures = ControlResult.objects.filter(run=OuterRef("pk"), kind=kind, passed=False)
        said |= Q(Exists(failures.filter(~Exists(later))))
    return said


def replaced(slide: Any) -> QuerySet[CuttingOrder]:
    """Orders, open or cut, that stand in for a slide."""
    return CuttingOrder.objects.filter(Q(end__isnull=True) | Q(end__cut=True), replaces_id=slide)


@dataclass(frozen=True, slots=True)
class Redo:
    """One slide of a failed run: what became of it (`word`, blank when nothing yet), and unstained slides left."""

    slide: Slide
    word: str
    spare: int

    @property
    def orderable(self) -> bool:
        return not self.word


def to_redo(run: StainRun) -> list[Redo]:
    """Every slide of a run with what stands in for it. A fixed number of queries."""
    slides = [staining.slide for staining in bench_desk.stainings_of(run)]
    blocks = {slide.block_id for slide in slides}
    why = hindrances(blocks, {slide.block.specimen.patient_id for slide in slides})
    empty, spare = exhausted_among(blocks), unstained_left(blocks)
    orders_for, again = stands_in(slides), stained_again(run, blocks)
    rows = []
    for slide in slides:
        hindrance = why.of_block.get(slide.block_id, "")
        word = orders_for.get(slide.pk) or again.get(slide.block_id, "")
        if not word and slide.block.specimen.patient_id in why.withdrawn:
            word = "consent withdrawn"
        elif not word and (slide.block_id in empty or hindrance in NO_MORE.values()):
            word = "nothing left to cut: ask for more tissue"
        rows.append(Redo(slide, word, spare.get(slide.block_id, 0)))
    return rows


def stands_in(slides: Collection[Slide]) -> dict[int, str]:
    """What stands in for each slide, in a few words: an order that is open or was cut."""
    found = CuttingOrder.objects.filter(Q(end__isnull=True) | Q(end__cut=True), replaces__in=slides)
    return {
        order.replaces_id or 0: f"cut by order {order}" if hasattr(order, "end") else f"order {order}"
        for order in found.select_related("end").order_by("id")
    }


def stained_again(run: StainRun, block_ids: Collection[int]) -> dict[int, str]:
    """Blocks of which a later run stained another section alike, with that run in a few words."""
    found = Staining.objects.filter(slide__block_id__in=block_ids, run__stain=run.stain, run__pk__gt=run.pk)
    pairs = found.order_by("id").values_list("slide__block_id", "run__accession")
    return {block: f"stained again in run {number}" for block, number in pairs}


def unstained_left(block_ids: Collection[int]) -> Counter[int]:
    """How many unstained slides of each block lie at the core. One query."""
    glass = Slide.objects.filter(block_id__among=block_ids, staining__isnull=True)
    return Counter(found_at(glass, Presence.CORE).order_by().values_list("block_id", flat=True))


def reason_to_redo(run: StainRun) -> str:
    """What went wrong with a run, as the reason for cutting anew; blank when nothing did."""
    latest = queries.latest_controls([run.pk])[run.pk]
    failed = [result for result in latest.values() if not result.passed]
    kinds = " and ".join(result.kind for result in failed)
    return f"{kinds.capitalize()} control of run {run} failed on {failed[-1].observed_on}." if failed else ""
