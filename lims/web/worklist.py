"""The worklist of home: rows that are due, grouped into overdue, today and later.

A page family that has work to offer defines `due(user, now) -> list[Due]`, empty for who may not do it,
at most MOST_ROWS of a kind, oldest first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

MOST_ROWS = 25
SHAPES = ("done", "open", "part", "due", "stop", "ask", "none")


@dataclass(frozen=True, slots=True)
class Due:
    """One row: what to do, why, on what, and the one next action.

    `on` is the local date it is due; None is “now, no date” and counts as today. `shape` is one of SHAPES.
    """

    on: date | None
    kind: str
    number: str
    what: str
    state: str
    shape: str
    action: str
    href: str
    patient: str = ""
    where: str = ""
    synthetic: bool = False
    since: datetime | None = None

    def late_by(self, today: date) -> int:
        return (today - self.on).days if self.on and self.on < today else 0


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    rows: list[tuple[Due, int]] = field(default_factory=list)


def grouped(rows: Iterable[Due], today: date) -> list[Group]:
    """Overdue (oldest first), today, later; groups without rows are left out. Each row with its days late."""
    overdue = sorted((r for r in rows if r.late_by(today)), key=lambda r: (r.on or today, r.number))
    now = [r for r in rows if not r.late_by(today) and (r.on is None or r.on == today)]
    later = sorted((r for r in rows if r.on and r.on > today), key=lambda r: (r.on or today, r.number))
    groups = [("Overdue", overdue), (f"Today, {today:%A}", now), ("Later", later)]
    return [Group(title, [(r, r.late_by(today)) for r in held]) for title, held in groups if held]


def headline(rows: Sequence[Due], today: date) -> str:
    """The page's first words: “5 overdue, 13 due today”."""
    late = sum(1 for row in rows if row.late_by(today))
    now = sum(1 for row in rows if not row.late_by(today) and (row.on is None or row.on == today))
    if late:
        return f"{late} overdue, {now} due today"
    return f"{now} due today" if now else "Nothing is due today"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of the worklist is shown: one kind of work, what one institution holds; blank is all."""

    kind: str = ""
    where: str = ""

    def among(self, rows: Iterable[Due]) -> list[Due]:
        return [r for r in rows if self.kind in ("", r.kind) and self.where in ("", r.where)]


def at_most(rows: Iterable[Due], most: int = MOST_ROWS) -> list[Due]:
    """The first `most` rows of each kind, in their order: however much a family offers."""
    seen: dict[str, int] = {}
    kept = []
    for row in rows:
        seen[row.kind] = seen.get(row.kind, 0) + 1
        if seen[row.kind] <= most:
            kept.append(row)
    return kept


def local_today() -> date:
    return timezone.localdate()
