"""The store as people see it: how full it is, the map of a drawer, where a thing stands, what stands nowhere.

Every function asks a fixed number of queries, however large the store.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When

from specimens import queries
from specimens.bench_desk import last_event
from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.models import Block, CustodyEvent, Move, Slide, Standing, StoragePlace
from specimens.standing import Key, Thing, key_of, standing_of
from specimens.vocabulary import STAIN_LABELS, PlaceKind, Stain

OF_SLIDE = "slide__block__specimen__patient__trial"
OF_BLOCK = "block__specimen__patient__trial"


# ---- rooms, cabinets, drawers ----
@dataclass(slots=True)
class Holding:
    """A place with all that is in it: how many positions its drawers have and how many are taken."""

    place: StoragePlace
    positions: int = 0
    taken: int = 0
    inside: list["Holding"] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.positions - self.taken

    @property
    def drawers(self) -> int:
        return sum(each.drawers for each in self.inside) + (self.place.kind == PlaceKind.DRAWER)


def places() -> QuerySet[StoragePlace]:
    return StoragePlace.objects.select_related("parent__parent")


def places_with_taken() -> QuerySet[Any]:
    """Places in use and retired ones, each with how many things stand in it."""
    return places().annotate(taken=Count("standing"))


def place(accession: str) -> StoragePlace:
    found = places().filter(accession=accession).first()
    if found is None:
        raise Unknown("unknown_place", f"There is no place {accession} in the store.")
    return found


def tree() -> list[Holding]:
    """The rooms in use with their cabinets and drawers, in the order they were added. Two queries."""
    found = {p.pk: Holding(p) for p in StoragePlace.objects.filter(retired_at__isnull=True).order_by("id")}
    for pk, taken in taken_in():
        if pk in found:
            found[pk].taken = taken
    rooms: list[Holding] = []
    for holding in found.values():
        holding.positions = holding.place.positions
        above = found.get(holding.place.parent_id or 0)
        (above.inside if above else rooms).append(holding)
    for room in rooms:
        add_up(room)
    return rooms


def taken_in() -> list[tuple[int, int]]:
    """(place, how many things stand there). One query over an index."""
    return list(Standing.objects.values_list("place_id").annotate(taken=Count("position")).order_by("place_id"))


def add_up(holding: Holding) -> None:
    for each in holding.inside:
        add_up(each)
        holding.positions += each.positions
        holding.taken += each.taken


def within(rooms: Iterable[Holding], place: StoragePlace) -> Holding:
    """The branch of the tree that begins at `place`; an empty one when it is not in use."""
    for holding in rooms:
        if holding.place.pk == place.pk:
            return holding
        below = within(holding.inside, place)
        if below.inside or below.positions:
            return below
    return Holding(place)


def drawers(inside: StoragePlace | None = None) -> list[StoragePlace]:
    """Drawers in use, all or those in a room or cabinet, in order."""
    found = places().filter(kind=PlaceKind.DRAWER, retired_at__isnull=True)
    if inside:
        found = found.filter(Q(pk=inside.pk) | Q(parent=inside) | Q(parent__parent=inside))
    return list(found.order_by("parent__parent_id", "parent_id", "id"))


# ---- the map of a drawer ----
@dataclass(frozen=True, slots=True)
class Cell:
    """One position; `thing` is blank when it is free. `page` is the url's name of the thing's page."""

    position: int
    thing: str = ""
    page: str = ""
    what: str = ""
    patient: str = ""
    since: datetime | None = None
    apart: bool = False
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class DrawerMap:
    place: StoragePlace
    rows: list[list[Cell]]
    taken: int
    next_free: int | None

    @property
    def free(self) -> int:
        return self.place.positions - self.taken


CELL = (
    "position", "since", "block_id", "block__accession", "block__specimen__patient__study_id", "block__synthetic",
    "slide_id", "slide__accession", "slide__block__specimen__patient__study_id", "slide__synthetic",
    "slide__staining__run__stain",
)  # fmt: skip


def map_of(place: StoragePlace) -> DrawerMap:
    """Every position of a drawer with what stands there. Two queries."""
    rows = list(Standing.objects.filter(place=place).values_list(*CELL))
    blocks, slides = [row[2] for row in rows if row[2]], [row[6] for row in rows if row[6]]
    apart = queries.kept_apart(blocks=blocks, slides=slides) if rows else set()
    taken = {row[0]: cell_of(row, apart) for row in rows}
    cells = [taken.get(n, Cell(n)) for n in range(1, place.positions + 1)]
    wide = max(1, place.columns)
    free = next((cell.position for cell in cells if not cell.thing), None)
    return DrawerMap(place, [cells[n : n + wide] for n in range(0, len(cells), wide)], len(taken), free)


def cell_of(row: tuple[Any, ...], apart: Collection[Key]) -> Cell:
    """The cell that a row of CELL tells."""
    position, since, block_id, *of_block, slide_id, number, patient, synthetic, stain = row
    if block_id:
        number, patient, synthetic = of_block
    key = ("block", block_id) if block_id else ("slide", slide_id)
    what = "block" if block_id else STAIN_LABELS[Stain(stain)] if stain else "slide"
    return Cell(position, number, key[0], what, patient, since, key in apart, synthetic)


def room_in(place: StoragePlace) -> tuple[int, int | None]:
    """(how many positions are taken, the next free one or None) of a drawer. One query."""
    taken = set(Standing.objects.filter(place=place).values_list("position", flat=True))
    return len(taken), next((n for n in range(1, place.positions + 1) if n not in taken), None)


def standing_in(place: StoragePlace) -> QuerySet[Standing]:
    found = Standing.objects.filter(place=place).select_related(OF_BLOCK, OF_SLIDE)
    return found.order_by("position")


def what_is(thing: Thing) -> str:
    """“block”, “slide”, or the slide's stain."""
    if isinstance(thing, Block):
        return "block"
    return STAIN_LABELS[Stain(thing.staining.run.stain)] if hasattr(thing, "staining") else "slide"


# ---- one thing ----
def things_named(accessions: Collection[str]) -> dict[str, Thing]:
    """The blocks and slides of these numbers, each with its patient. Two queries."""
    blocks = Block.objects.filter(accession__in=accessions).select_related("specimen__patient__trial")
    slides = Slide.objects.filter(accession__in=accessions).select_related("block__specimen__patient__trial")
    found: list[Thing] = [*blocks, *slides]
    return {thing.accession: thing for thing in found}


def thing_named(accession: str) -> Thing:
    found = things_named([accession]).get(accession)
    if found is None:
        raise Unknown("unknown_thing", f"There is no block or slide {accession}.")
    return found


def stands(thing: Thing) -> Standing | None:
    return standing_of([key_of(thing)]).get(key_of(thing))


def moves_of(thing: Thing, limit: int = 12) -> list[Move]:
    """Its last moves, newest first. One query."""
    which, pk = key_of(thing)
    found = Move.objects.filter(**{f"{which}_id": pk}).select_related("place__parent__parent", "moved_by")
    return list(found.order_by("-id")[:limit])


def moves(ids: Collection[int]) -> list[Move]:
    found = Move.objects.filter(pk__among=ids).select_related("place", "block", "slide")
    return list(found.order_by("id"))


def last_moves(person_id: int, since: datetime, limit: int = 8) -> list[Move]:
    """What this person has put away or taken out since, newest first. One query."""
    found = Move.objects.filter(moved_by_id=person_id, moved_at__gte=since)
    return list(found.select_related("place__parent__parent", "block", "slide").order_by("-id")[:limit])


def move_by(person_id: int, pk: int) -> Move:
    found = Move.objects.filter(moved_by_id=person_id, pk=pk).select_related("block", "slide").first()
    if found is None:
        raise Unknown("unknown_move", "There is no such move of yours.")
    return found


def last_move_by(person_id: int) -> Move | None:
    return Move.objects.filter(moved_by_id=person_id).select_related("block", "slide").order_by("-id").first()


# ---- what stands nowhere ----
def not_put_away(kind: str, before_id: int | None = None) -> Page[Any]:
    """Blocks or slides (`kind`) at the core that stand in no drawer, last accessioned first. One query."""
    model, path = (Block, "specimen") if kind == "block" else (Slide, "block__specimen")
    found = unplaced(model, kind).select_related(f"{path}__patient__trial")
    return paged(found.select_related("staining__run") if kind == "slide" else found, before_id)


def unplaced(model: type[Any], kind: str) -> QuerySet[Any]:
    """The CASE asks for the last custody event only of what stands nowhere: nearly everything stands somewhere.
    A plain anti-join is slower by far on the day a store begins, when nothing stands anywhere."""
    there = Exists(Standing.objects.filter(**{f"{kind}_id": OuterRef("pk")}))
    last_kind = Case(When(there, then=Value("")), default=last_event(kind, "kind"), output_field=CharField())
    gone = ["", *queries.NOT_THERE]
    found = model.objects.annotate(last_kind=last_kind, last_holder=last_event(kind, "holder_id"))
    return found.exclude(last_kind__in=gone).filter(last_holder=queries.core().pk)


# ---- consistency ----
def astray() -> QuerySet[Standing]:
    """What stands in a drawer though custody says that it is not at the core. There is never any."""
    last = CustodyEvent.objects.filter(
        Q(block=OuterRef("block"), block__isnull=False) | Q(slide=OuterRef("slide"), slide__isnull=False)
    ).order_by("-id")
    found = Standing.objects.annotate(last_kind=last.values("kind")[:1], last_holder=last.values("holder_id")[:1])
    here = Q(last_holder=queries.core().pk) & ~Q(last_kind__in=queries.NOT_THERE)
    return found.exclude(here).order_by(F("id"))
