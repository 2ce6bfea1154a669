"""Writes custody events, for the deeds of this floor only."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import Any

from specimens.models import Block, CustodyEvent, Slide
from specimens.shelving import shelve
from specimens.standing import leave_the_store
from specimens.vocabulary import CustodyKind

Thing = tuple[str, int]


def event(kind: str, thing: Any, holder: Any, at: datetime, by_id: int | None, **kwargs: Any) -> CustodyEvent:
    """An unsaved event about a Block or Slide; `at` is when it happened."""
    which = thing._meta.model_name
    holder_id = holder.pk if holder else None
    return CustodyEvent(
        kind=kind, holder_id=holder_id, occurred_at=at, recorded_by_id=by_id, **{f"{which}_id": thing.pk}, **kwargs
    )


def keep(events: list[CustodyEvent]) -> None:
    """Append `events`. Whatever leaves the house by one of them leaves its place in the store with it."""
    new = {thing_of(event) for event in events if event.kind in (CustodyKind.COLLECTED, CustodyKind.SECTIONED)}
    hold({thing_of(event) for event in events} - new)
    shelve(events)
    leave_the_store(events)


def thing_of(event: CustodyEvent) -> Thing:
    return ("slide", event.slide_id) if event.slide_id else ("block", event.block_id or 0)


def hold(things: Collection[Thing]) -> None:
    """Lock these things until commit, blocks before slides, by id."""
    for model, word in ((Block, "block"), (Slide, "slide")):
        ids = [pk for which, pk in things if which == word]
        if ids:
            list(model.objects.select_for_update(no_key=True).filter(pk__among=ids).order_by("pk").values_list("pk"))


def noon(day: date | None, otherwise: datetime) -> datetime:
    """A moment for a fact of which only the day is known."""
    return datetime.combine(day, time(12), UTC) if day else otherwise
