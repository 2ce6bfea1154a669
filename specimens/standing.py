"""What stands where now, and the one way out of the store for whatever leaves the house.

A position is freed here whenever a custody event says that its thing went, so that no deed can forget it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from specimens.errors import Forbidden
from specimens.models import Block, CustodyEvent, Move, Slide, Standing
from specimens.queries import NOT_THERE
from specimens.shelving import add_rows

Thing = Block | Slide
Key = tuple[str, int]
MOVE = ("block_id", "slide_id", "place_id", "position", "moved_at", "moved_by_id", "note")
STANDING = ("place_id", "position", "block_id", "slide_id", "since")


def key_of(thing: Thing) -> Key:
    """("block" | "slide", id)."""
    return (thing._meta.model_name or "", thing.pk)


def key_of_row(row: Any) -> Key:
    """The key of the one thing that a row is of: each of a move, an event, an item has a block or a slide."""
    return ("slide", row.slide_id) if row.slide_id else ("block", row.block_id or 0)


def ids_of(keys: Iterable[Key], word: str) -> list[int]:
    return [pk for which, pk in keys if which == word]


def standing_of(keys: Collection[Key]) -> dict[Key, Standing]:
    """Where each of these stands; who stands nowhere is left out. One query."""
    of = Q(block_id__among=ids_of(keys, "block")) | Q(slide_id__among=ids_of(keys, "slide"))
    found = Standing.objects.filter(of).select_related("place__parent__parent")
    return {key_of_row(row): row for row in found}


def take_away(rows: Collection[Standing]) -> None:
    Standing.objects.filter(pk__among=[row.pk for row in rows]).delete()


def leave_the_store(events: Iterable[CustodyEvent]) -> None:
    """Free the positions of what these events say has left the house, with a move for each that says why."""
    gone: dict[Key, CustodyEvent] = {}
    for event in events:
        key = key_of_row(event)
        if event.kind in NOT_THERE:
            gone[key] = event
    stood = standing_of(gone) if gone else {}
    take_away(stood.values())
    write_moves([taken(key, gone[key]) for key in stood])


def taken(key: Key, event: CustodyEvent) -> Move:
    """The unsaved move that a custody event makes of itself. Only people empty drawers."""
    if event.recorded_by_id is None:
        raise Forbidden("person_needed", "What stands in a drawer leaves it in somebody's name.")
    where = f" in parcel {event.shipment}" if event.shipment else ""
    more = f": {event.note}" if event.note else ""
    return a_move(key, event.occurred_at, event.recorded_by_id, note=f"{event.kind}{where}{more}")


def a_move(key: Key, at: datetime, by_id: int, *, place_id: int | None = None, position: int | None = None,
           note: str = "") -> Move:  # fmt: skip
    which, pk = key
    return Move(
        place_id=place_id, position=position, moved_at=at, moved_by_id=by_id, note=note[:200], **{f"{which}_id": pk}
    )


def write_moves(moves: list[Move]) -> None:
    """Append moves, which have their ids afterwards."""
    ids = add_rows(Move, MOVE, [[getattr(move, name) for name in MOVE] for move in moves])
    for move, pk in zip(moves, ids, strict=True):
        move.pk = pk


def stand(moves: list[Move]) -> None:
    """Occupy the positions that `moves` name."""
    rows = [[m.place_id, m.position, m.block_id, m.slide_id, m.moved_at] for m in moves if m.place_id]
    add_rows(Standing, STANDING, rows)


def taken_positions(place_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """By place, the occupied positions and the number of what stands there. One query."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Standing.objects.filter(place_id__among=place_ids)
    for place_id, position, block, slide in rows.values_list(
        "place_id", "position", "block__accession", "slide__accession"
    ):
        found[place_id][position] = block or slide
    return found
