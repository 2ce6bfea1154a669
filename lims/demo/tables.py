"""Reads the tables of the compact copy, one mapping a row, and turns their words into values."""

import csv
import gzip
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

COHORT = Path(__file__).parent / "cohort"


def rows(name: str) -> Iterator[dict[str, str]]:
    """Each row of `cohort/<name>.csv.gz`, keyed by its heading; blank stays the empty string."""
    yield from csv.DictReader(_open(name))


def registry_rows(name: str) -> Iterator[dict[str, str]]:
    """Each row of a three-heading-line release, keyed by the *second* heading line.

    The first heading line names two columns the wrong way round in one of the releases.
    """
    lines = csv.reader(_open(name))
    next(lines)
    headings = next(lines)
    next(lines)
    for line in lines:
        yield dict(zip(headings, line, strict=True))


def number(text: str) -> int | None:
    """A whole number, or None when the source is blank or says a bracketed word."""
    return int(text) if text.lstrip("-").isdigit() else None


def day(row: dict[str, str], what: str) -> date:
    """The calendar date kept in the three columns `year_of_…`, `month_of_…`, `day_of_…`."""
    year, month, of_month = (int(row[what.replace("*", part)]) for part in ("year", "month", "day"))
    return date(year, month, of_month)


def _open(name: str) -> io.StringIO:
    packed = (COHORT / f"{name}.csv.gz").read_bytes()
    return io.StringIO(gzip.decompress(packed).decode("utf-8"), newline="")
