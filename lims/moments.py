"""Days in the past as people and programs name them. A day stands for its end, UTC."""

from datetime import UTC, date, datetime, time

from django.utils import timezone


def end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)


def not_yet(day: date, written: str = "") -> str:
    """Why nothing can be known as of `day`: it has not come. Blank when it has. `written` is how it was given."""
    if day <= timezone.now().astimezone(UTC).date():
        return ""
    return f"{written or day} has not come yet: give today or a day before it."
