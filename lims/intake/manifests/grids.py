"""Sheets as they are, cell by cell, and cells as text: nothing is converted that a person would have to guess."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

Cell = object
EXACT = 10**15


@dataclass(frozen=True, slots=True)
class Grid:
    """`rows[0]` is row 1 of the sheet. `merged` holds (first row, last row) of merged cells, from 1."""

    name: str
    rows: Sequence[Sequence[Cell]]
    merged: Sequence[tuple[int, int]] = field(default_factory=tuple)


def text_of(cell: Cell) -> str:
    """A cell as its sheet shows it: 3.0 is 3, a day is 2001-10-10, text keeps its leading zeros."""
    if isinstance(cell, str):
        return cell.replace("\u00a0", " ").strip()
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def is_blank(row: Sequence[Cell]) -> bool:
    return not any(text_of(cell) for cell in row)


def padded(row: Sequence[Cell], width: int) -> list[Cell]:
    """The row with at least `width` cells: sheets leave out the blank ones at its end."""
    return [*row, *[""] * (width - len(row))]
