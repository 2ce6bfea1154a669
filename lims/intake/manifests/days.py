"""Days as sheets write them. Only what can be read one way is read."""

import re
from datetime import date, datetime

from lims.intake.manifests.cimac_words import UNKNOWN
from lims.intake.manifests.grids import Cell, text_of

ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.0+)?)?)?")
SLASHED = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")


def day_of(cell: Cell) -> date | None:
    """The day; None when blank or not reported. ValueError with a sentence when it could be guessed only."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    if not text or text.lower() in UNKNOWN:
        return None
    if isinstance(cell, int | float) or text.isdigit():
        raise ValueError(f"{text} is a number, not a day: format the cell as a date, or write 2026-11-23.")
    if found := ISO.fullmatch(text):
        try:
            return date.fromisoformat(found.group(1))
        except ValueError:
            raise ValueError(f"{text[:40]} is no day of the calendar.") from None
    if SLASHED.fullmatch(text):
        raise ValueError(f"{text} could be read day first or month first: write 2026-11-23.")
    raise ValueError(f"“{text[:40]}” is no day: write 2026-11-23.")
