"""How a value is spelled: alike in CSV and JSON, by PostgreSQL and by Python. Unknown is empty, never 0."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lims.export.dictionary import Kind

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula; such text gets an apostrophe before it in CSV."""
QUOTED = {",", '"', "\n", "\r"}
Told = str | int | float | None

# {0} is the column; psycopg reads %% as one %
POSTGRES: dict[Kind, str] = {
    Kind.TEXT: "CASE WHEN left({0}, 1) IN ('=', '+', '-', '@', E'\\t', E'\\r') THEN '''' || {0} "
    "ELSE nullif({0}, '') END",
    Kind.CODE: "nullif({0}, '')",
    Kind.CODES: "nullif({0}, '')",
    Kind.YES_NO: "CASE WHEN {0} THEN 'yes' WHEN NOT {0} THEN 'no' END",
    Kind.FLAG: "{0}::int",
    Kind.INTEGER: "{0}",
    Kind.NUMBER: "trim_scale({0})",
    Kind.DATE: "{0}",
    Kind.MOMENT: "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
}

RAW: dict[Kind, str] = {Kind.TEXT: "nullif({0}, '')"}
"""Text as it stands, where no spreadsheet will read it."""


def words(value: Any) -> Told:
    return str(value) if value not in (None, "") else None


def yes_no(value: Any) -> Told:
    return None if value is None else ("yes" if value else "no")


def flag(value: Any) -> Told:
    return None if value is None else int(value)


def number(value: Any) -> Told:
    """At most ten digits, which a float holds exactly as written; whole numbers without a point."""
    if value is None:
        return None
    exact = Decimal(str(value))
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def day(value: Any) -> Told:
    return value.isoformat() if isinstance(value, date) else words(value)


def moment(value: Any) -> Told:
    if value is None:
        return None
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


PYTHON: dict[Kind, Callable[[Any], Told]] = {
    Kind.TEXT: words,
    Kind.CODE: words,
    Kind.CODES: words,
    Kind.YES_NO: yes_no,
    Kind.FLAG: flag,
    Kind.INTEGER: flag,
    Kind.NUMBER: number,
    Kind.DATE: day,
    Kind.MOMENT: moment,
}


def cell(told: Told, kind: Kind) -> str:
    """One CSV cell, spelled and quoted as PostgreSQL's COPY does."""
    if told is None:
        return ""
    text = format(Decimal(str(told)), "f") if isinstance(told, float) else str(told)
    if kind is Kind.TEXT and text.startswith(FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if QUOTED & set(text) else text
