"""Rooms, cabinets and drawers: added in bulk, renamed, and retired once they are empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from specimens import ledger
from specimens.accessions import take
from specimens.actors import Actor, person_id
from specimens.deeds import deed, demand_core, require, unfit
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.identifiers import PLACE
from specimens.models import Standing, StoragePlace
from specimens.vocabulary import PlaceKind

NOT_YOURS = "Only the core's coordinators and bench keep the store."
MOST_DRAWERS, MOST_POSITIONS, MOST_COLUMNS = 100, 1000, 25
STANDS_IN = {PlaceKind.ROOM: None, PlaceKind.CABINET: PlaceKind.ROOM, PlaceKind.DRAWER: PlaceKind.CABINET}


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A room; a cabinet in a room, with `drawers` of so many `positions`; or one drawer in a cabinet.
    `columns` is how many positions stand side by side in a drawer."""

    kind: PlaceKind
    name: str
    inside: StoragePlace | None = None
    drawers: int = 0
    positions: int = 0
    columns: int = 10


@deed
def add_places(*, by: Actor, at: datetime, places: Sequence[NewPlace]) -> list[StoragePlace]:
    """Add all of `places` or none. Gives every place made, a cabinet's drawers after the cabinet."""
    require(by, "specimens.store", NOT_YOURS)
    demand_core(by, "Keeping the store")
    hold_places({each.inside.pk for each in places if each.inside})
    if problems := [problem for row, each in enumerate(places, start=1) for problem in faults_of(row, each)]:
        raise Rejected(problems, code="place_refused")
    numbers = iter(take(PLACE, sum(1 + each.drawers for each in places)))
    made = []
    for each in places:
        top = a_place(next(numbers), each, each.name.strip(), each.inside, by, at)
        top.save()
        drawer = NewPlace(PlaceKind.DRAWER, "", top, positions=each.positions, columns=each.columns)
        inner = [a_place(next(numbers), drawer, f"Drawer {n + 1}", top, by, at) for n in range(each.drawers)]
        made += [top, *StoragePlace.objects.bulk_create(inner)]
    ledger.write([added(place) for place in made], by=by, at=at)
    return made


def a_place(
    number: str, new: NewPlace, name: str, inside: StoragePlace | None, by: Actor, at: datetime
) -> StoragePlace:
    drawer = new.kind == PlaceKind.DRAWER
    return StoragePlace(
        accession=number,
        kind=new.kind,
        parent=inside,
        name=name,
        positions=new.positions if drawer else 0,
        columns=new.columns,
        added_at=at,
        added_by_id=person_id(by),
    )


def added(place: StoragePlace) -> ledger.Line:
    room = f", with {place.positions} positions" if place.positions else ""
    became = {"name": place.name, "kind": place.kind, "positions": place.positions}
    return ledger.line("add place", place, f"{place} was added to the store{room}.", became=became)


def faults_of(row: int, new: NewPlace) -> list[RowProblem]:
    """What is wrong with one new place; the first fault of each field."""
    faults = {"name": unfit(new.name, 40) if new.name.strip() else "Give it a name.", "inside": misplaced(new)}
    sizes = {"drawers": (new.drawers, 0, MOST_DRAWERS), "columns": (new.columns, 1, MOST_COLUMNS)}
    if new.kind == PlaceKind.DRAWER or new.drawers:
        sizes["positions"] = (new.positions, 1, MOST_POSITIONS)
    for field, (value, least, most) in sizes.items():
        if not least <= value <= most:
            faults[field] = f"Give {least} to {most} {field}, not {value}."
    if new.drawers and new.kind != PlaceKind.CABINET:
        faults["drawers"] = "Only a cabinet comes with drawers."
    return [RowProblem(row, field, said, new.name[:40]) for field, said in faults.items() if said]


def misplaced(new: NewPlace) -> str:
    """Why it cannot stand inside that; blank when it can."""
    wanted = STANDS_IN[new.kind]
    if wanted is None:
        return "A room stands in no other place." if new.inside else ""
    if new.inside is None or new.inside.kind != wanted:
        return f"A {new.kind} stands in a {wanted}: say which."
    return f"{new.inside} was retired." if StoragePlace.objects.get(pk=new.inside.pk).retired_at else ""


@deed
def rename_place(*, by: Actor, at: datetime, place: StoragePlace, name: str) -> StoragePlace:
    """Give a place another name; its number, which its label carries, stays."""
    require(by, "specimens.store", NOT_YOURS)
    demand_core(by, "Keeping the store")
    now = held_place(place)
    if said := unfit(name, 40) if name.strip() else "Give it a name.":
        raise Invalid("invalid", said, field="name")
    was, now.name = str(now), name.strip()
    now.save(update_fields=["name"])
    said = f"{was} is called {now.name} from now on."
    ledger.write([ledger.line("rename place", now, said, was={"name": was}, became={"name": now.name})], by=by, at=at)
    return now


@deed
def retire_place(*, by: Actor, at: datetime, place: StoragePlace, reason: str) -> StoragePlace:
    """Use a place, and all in it, no more. Refused while anything stands there."""
    require(by, "specimens.store", NOT_YOURS)
    demand_core(by, "Keeping the store")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is not used any more.", field="reason")
    if said := unfit(reason, 500):
        raise Invalid("invalid", said, field="reason")
    now = held_place(place)
    inside = Q(pk=now.pk) | Q(parent=now.pk) | Q(parent__parent=now.pk)
    going = list(StoragePlace.objects.filter(inside, retired_at__isnull=True).select_related("parent__parent"))
    hold_places({each.pk for each in going})
    if left := Standing.objects.filter(place_id__among=[each.pk for each in going]).count():
        things = "1 thing" if left == 1 else f"{left} things"
        raise Refused("not_empty", f"{now} still holds {things}: take everything out first.")
    StoragePlace.objects.filter(pk__among=[each.pk for each in going]).update(retired_at=at)
    lines = [ledger.line("retire place", each, f"{each} is used no more.", reason=reason.strip()) for each in going]
    ledger.write(lines, by=by, at=at)
    now.retired_at = at
    return now


def held_place(place: StoragePlace) -> StoragePlace:
    """The place as it is now, locked until commit; refused once it was retired."""
    hold_places({place.pk})
    now = StoragePlace.objects.select_related("parent__parent").get(pk=place.pk)
    if now.retired_at:
        raise Refused("retired", f"{now} was retired.")
    return now


def hold_places(ids: set[int]) -> None:
    """Lock these places until commit, by id. Places come before things."""
    if ids:
        list(StoragePlace.objects.select_for_update(no_key=True).filter(pk__among=ids).order_by("pk").values_list("pk"))
