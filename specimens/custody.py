"""Writes custody events, for the deeds of this floor only."""

from datetime import UTC, date, datetime, time
from typing import Any

from specimens.models import CustodyEvent
from specimens.shelving import shelve


def event(kind: str, thing: Any, holder: Any, at: datetime, by_id: int | None, **kwargs: Any) -> CustodyEvent:
    """An unsaved event about a Block or Slide; `at` is when it happened."""
    which = thing._meta.model_name
    holder_id = holder.pk if holder else None
    return CustodyEvent(
        kind=kind, holder_id=holder_id, occurred_at=at, recorded_by_id=by_id, **{f"{which}_id": thing.pk}, **kwargs
    )


def keep(events: list[CustodyEvent]) -> None:
    shelve(events)


def noon(day: date | None, otherwise: datetime) -> datetime:
    """A moment for a fact of which only the day is known."""
    return datetime.combine(day, time(12), UTC) if day else otherwise
