"""Things put into drawers and taken out of them, one after another or hundreds at once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from specimens import custody, ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, demand_core, require, unfit
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.models import Block, CustodyEvent, Move, Slide, Standing, StoragePlace
from specimens.placing import NOT_YOURS, hold_places
from specimens.queries import core, is_at, latest_events
from specimens.standing import (
    Key,
    Thing,
    a_move,
    ids_of,
    key_of,
    stand,
    standing_of,
    take_away,
    taken_positions,
    write_moves,
)
from specimens.vocabulary import CustodyKind, PlaceKind

UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Put:
    """A thing, the drawer it goes into, and the position there; None is the first free one."""

    thing: Thing
    place: StoragePlace
    position: int | None = None


@dataclass(slots=True)
class Store:
    """What stands where as far as one deed needs to know, and which positions the deed has given away."""

    places: Mapping[int, StoragePlace]
    taken: dict[int, dict[int, str]]
    stood: Mapping[Key, Standing]
    held: Mapping[Key, CustodyEvent]
    core_id: int
    wanted: Counter[tuple[int, int]]
    often: Counter[Key]
    free: dict[int, Iterator[int]] = field(default_factory=dict)

    def next_free(self, place: StoragePlace) -> int | None:
        """The lowest position that is free and that no row of the deed asks for."""
        taken = self.taken.get(place.pk, {})
        first_free = (n for n in range(1, place.positions + 1) if n not in taken and (place.pk, n) not in self.wanted)
        return next(self.free.setdefault(place.pk, first_free), None)


@deed
def put_things(*, by: Actor, at: datetime, puts: Sequence[Put], note: str = "") -> list[Move]:
    """Put all of these things away or, with the reason of each, none. What stands elsewhere moves."""
    require(by, "specimens.store", NOT_YOURS)
    demand_core(by, "Putting tissue away")
    if not puts:
        raise Invalid("nothing_to_put", "Scan at least one block or slide.", field="things")
    demand_fitting(note, "note")
    hold_places({put.place.pk for put in puts})
    custody.hold({key_of(put.thing) for put in puts})
    store = store_of(puts)
    problems: list[RowProblem] = []
    moves: list[Move] = []
    for row, put in enumerate(puts, start=1):
        position, fault = aim(put, store)
        if fault:
            problems.append(RowProblem(row, fault[0], fault[1], str(put.thing), fault[2]))
        moves.append(
            a_move(key_of(put.thing), at, person_id(by), place_id=put.place.pk, position=position, note=note.strip())
        )
    if problems:
        raise Rejected(problems, code="putting_refused")
    take_away(store.stood.values())
    stand(moves)
    write_moves(moves)
    patients = patients_of([put.thing for put in puts])
    lines = [put_line(put, move, store, patients) for put, move in zip(puts, moves, strict=True)]
    ledger.write(lines, by=by, at=at)
    return moves


def store_of(puts: Sequence[Put]) -> Store:
    """Everything the deed asks of the database, in a fixed number of queries."""
    keys = {key_of(put.thing) for put in puts}
    places = {put.place.pk for put in puts}
    found = StoragePlace.objects.filter(pk__among=places).select_related("parent__parent")
    return Store(
        places={place.pk: place for place in found},
        taken=taken_positions(places),
        stood=standing_of(keys),
        held=latest_events(blocks=ids_of(keys, "block"), slides=ids_of(keys, "slide")),
        core_id=core().pk,
        wanted=Counter((put.place.pk, put.position) for put in puts if put.position),
        often=Counter(key_of(put.thing) for put in puts),
    )


def aim(put: Put, store: Store) -> tuple[int | None, tuple[str, str, str] | None]:
    """The position the thing goes to, or (field, sentence, code) of why it goes nowhere."""
    place, key = store.places[put.place.pk], key_of(put.thing)
    if said := absence(put.thing, store.held.get(key), store.core_id):
        return None, ("thing", said, "not_here")
    if store.often[key] > 1:
        return None, ("thing", f"{put.thing} stands twice in the list.", "duplicate")
    if place.kind != PlaceKind.DRAWER or place.retired_at:
        why = "was retired" if place.retired_at else f"is a {place.kind} and has no positions"
        return None, ("place", f"{place} {why}: choose a drawer.", "no_drawer")
    now = store.stood.get(key)
    if now and now.place_id == place.pk and put.position in (None, now.position):
        said = f"{put.thing} stands at position {now.position} of {place} already."
        return None, ("thing", said, "stands_there")
    if put.position is None:
        position = store.next_free(place)
        full = ("place", f"{place} has no free position left: choose another drawer.", "full")
        return position, None if position else full
    return put.position, position_fault(put, place, store)


def position_fault(put: Put, place: StoragePlace, store: Store) -> tuple[str, str, str] | None:
    """Why a thing cannot stand at the position asked for."""
    position = put.position or 0
    if not 1 <= position <= place.positions:
        said = f"{place} has positions 1 to {place.positions}, not {position}."
        return "position", said, "no_such_position"
    if there := store.taken.get(place.pk, {}).get(position):
        said = f"Position {position} of {place} holds {there}: take that out first."
        return "position", said, "position_taken"
    if store.wanted[place.pk, position] > 1:
        return "position", f"Position {position} of {place} is asked for twice.", "duplicate"
    return None


def absence(thing: Thing, last: CustodyEvent | None, core_id: int) -> str:
    """Why this thing cannot be put away at the core; blank when it can."""
    if is_at(last, core_id):
        return ""
    if last and last.kind == CustodyKind.SHIPPED:
        return f"{thing} is on its way: receive it first."
    if last and last.holder_id is None:
        return f"{thing} was {last.kind}: it cannot stand anywhere."
    return f"{thing} is not at the core: receive it first."


def put_line(put: Put, move: Move, store: Store, patients: Mapping[Key, int]) -> ledger.Line:
    key = key_of(put.thing)
    before = store.stood.get(key)
    place = store.places[put.place.pk]
    was = {"place": str(before.place), "position": before.position} if before else None
    return ledger.line(
        "put away",
        put.thing,
        f"{put.thing} stands at position {move.position} of {place}.",
        patient_id=patients[key],
        was=was,
        became={"place": str(place), "position": move.position},
        reason=move.note,
    )


def patients_of(things: Sequence[Thing]) -> dict[Key, int]:
    """By thing, the id of its patient. Two queries."""
    keys = [key_of(thing) for thing in things]
    blocks = Block.objects.filter(pk__among=ids_of(keys, "block")).values_list("pk", "specimen__patient_id")
    slides = Slide.objects.filter(pk__among=ids_of(keys, "slide")).values_list("pk", "block__specimen__patient_id")
    return {("block", pk): who for pk, who in blocks} | {("slide", pk): who for pk, who in slides}


@deed
def take_out(*, by: Actor, at: datetime, things: Sequence[Thing], why: str) -> list[Move]:
    """Take all of these things out of their drawers, or none. `why` says where to or what for."""
    require(by, "specimens.store", NOT_YOURS)
    demand_core(by, "Taking tissue out")
    if not things:
        raise Invalid("nothing_to_take", "Scan at least one block or slide.", field="things")
    if not why.strip():
        raise Invalid("why_missing", "Say where it goes, or what for.", field="why")
    demand_fitting(why, "why")
    keys = [key_of(thing) for thing in things]
    custody.hold(set(keys))
    stood, often = standing_of(keys), Counter(keys)
    problems = []
    for row, thing in enumerate(things, start=1):
        if key_of(thing) not in stood:
            said = f"{thing} stands in no drawer."
            problems.append(RowProblem(row, "thing", said, str(thing), "stands_nowhere"))
        elif often[key_of(thing)] > 1:
            problems.append(RowProblem(row, "thing", f"{thing} stands twice in the list.", str(thing), "duplicate"))
    if problems:
        raise Rejected(problems, code="taking_refused")
    take_away(stood.values())
    moves = [a_move(key, at, person_id(by), note=why.strip()) for key in keys]
    write_moves(moves)
    patients = patients_of(things)
    ledger.write([take_line(thing, stood[key_of(thing)], why, patients) for thing in things], by=by, at=at)
    return moves


def take_line(thing: Thing, stood: Standing, why: str, patients: Mapping[Key, int]) -> ledger.Line:
    said = f"{thing} was taken from position {stood.position} of {stood.place}."
    was = {"place": str(stood.place), "position": stood.position}
    return ledger.line("take out", thing, said, patient_id=patients[key_of(thing)], was=was, reason=why.strip())


@deed
def undo_move(*, by: Actor, at: datetime, move: Move) -> Move:
    """Put a thing back where it stood before its last move, which was the person's own."""
    require(by, "specimens.store", NOT_YOURS)
    thing = move.block or move.slide
    assert thing, "a move is of one thing"
    history = Move.objects.filter(block=move.block, slide=move.slide, pk__lt=move.pk).order_by("-pk")
    before = history.select_related("place").first()
    hold_places({place for place in (move.place_id, before and before.place_id) if place})
    custody.hold({key_of(thing)})
    if Move.objects.filter(block=move.block, slide=move.slide, pk__gt=move.pk).exists():
        raise Refused("moved_since", f"{thing} was moved again since: look where it stands now.")
    if move.moved_by_id != by.pk:
        raise Refused("not_your_move", f"Somebody else moved {thing}: only who made a move undoes it.")
    if before and before.place:
        put = Put(thing, before.place, before.position)
        return put_things(by=by, at=at, puts=[put], note=UNDONE)[0]
    if not move.place_id:
        raise Refused("nothing_to_undo", f"{thing} stood in no drawer before either.")
    return take_out(by=by, at=at, things=[thing], why=UNDONE)[0]


def demand_fitting(text: str, name: str) -> None:
    if said := unfit(text, 200):
        raise Invalid("invalid", said, field=name)
