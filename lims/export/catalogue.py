"""The dictionary of every table at once, and the frozen copy of each version of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from lims.export import dictionary
from lims.export.query import TABLES
from lims.export.table import Table

FOLDER = Path(__file__).with_name("dictionaries")


def entries_of(tables: Iterable[Table]) -> list[dict[str, Any]]:
    """Every column of the tables, in their order."""
    return [entry for table in tables for entry in dictionary.entries(table.name, table.columns)]


def frozen(version: str) -> list[dict[str, Any]]:
    """A version's entries as they were when it was frozen."""
    found: list[dict[str, Any]] = orjson.loads((FOLDER / f"{version}.json").read_bytes())
    return found


def written() -> bytes:
    """Today's entries as a version's file holds them."""
    return orjson.dumps(entries_of(TABLES.values()), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
