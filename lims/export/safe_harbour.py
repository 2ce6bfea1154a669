"""The de-identified variant: days moved by a constant of each patient, the oldest in one group, no geography.

The days between two events of one patient stay as they are. What is the same day for many patients (a data cut, a
stain run) or names a place is left out: beside it the constant could be read off. The key is the installation's
secret and stands in no export.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache

from django.utils.crypto import salted_hmac

from lims.export.dictionary import Column, Kind
from lims.export.spelling import Told

NAME = "safe_harbour"
LEFT_OUT = frozenset(
    {
        "treating_site", "holding_site", "holder", "shipment", "run", "lot", "data_cut", "imported_at", "scored_at",
        "event", "read", "score", "first_read", "second_read", "decided_by", "supersedes",
    }
)  # fmt: skip
"""Places; days that many patients share; numbers that rise with the day."""
FARTHEST = 365
OLDEST = 90
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AGE = re.compile(r"age(_.*)?", re.IGNORECASE)
Row = tuple[Told, ...]


@lru_cache(maxsize=100_000)
def shift_of(trial: str, study_id: str) -> timedelta:
    """1 to 365 days, forwards or back, always the same for one patient of this installation."""
    digest = salted_hmac("lims.export.safe_harbour", f"{trial}\n{study_id}", algorithm="sha256").digest()
    number = int.from_bytes(digest[:8], "big") % (2 * FARTHEST)
    return timedelta(days=number - FARTHEST if number < FARTHEST else number - FARTHEST + 1)


def shown(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that the variant has."""
    return tuple(column for column in columns if column.name not in LEFT_OUT)


def moved(rows: Iterator[Row], columns: Sequence[Column], wanted: Sequence[Column]) -> Iterator[Row]:
    """Rows of all of a table's columns, made safe; of each the wanted columns, in their order."""
    names = [column.name for column in columns]
    trial, study_id = names.index("trial"), names.index("study_id")
    places = [names.index(column.name) for column in wanted]
    days = [place for place, column in enumerate(columns) if column.type in (Kind.DATE, Kind.MOMENT)]
    declared = {"variable", "kind", "value", "number"} <= set(names)
    for row in rows:
        cells = list(row)
        by = shift_of(str(row[trial]), str(row[study_id]))
        for place in days:
            cells[place] = later(cells[place], by, columns[place].type)
        if declared:
            declared_value(cells, names, by)
        yield tuple(cells[place] for place in places)


def later(told: Told, by: timedelta, kind: Kind) -> Told:
    """A day or moment moved; of a moment only the day is left."""
    if not isinstance(told, str):
        return told
    day = (date.fromisoformat(told[:10]) + by).isoformat()
    return f"{day}T00:00:00Z" if kind is Kind.MOMENT else day


def declared_value(cells: list[Told], names: Sequence[str], by: timedelta) -> None:
    """A declared variable's value: a full date is moved, a part of one left out, an age over 89 is 90."""
    variable, kind, value, number = (names.index(name) for name in ("variable", "kind", "value", "number"))
    said = str(cells[value] or "")
    if cells[kind] == "date":
        cells[value] = later(said, by, Kind.DATE) if DAY.fullmatch(said) else None
    elif AGE.fullmatch(str(cells[variable])):
        found = cells[number]
        if isinstance(found, int | float) and found >= OLDEST:
            cells[value], cells[number] = str(OLDEST), OLDEST
