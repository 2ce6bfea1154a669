"""The data dictionary: what every exported column is called, holds and comes from.

Names everywhere follow it. A change of a column is a new VERSION; a name is never given to something else.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

VERSION = "1.1"
XPT_NAME, XPT_LABEL, XPT_TEXT = 8, 40, 200


class Kind(StrEnum):
    """What a column's values are, and so how each writer spells them. Unknown is empty, never 0."""

    TEXT = "text"
    """Free words; neutralised in CSV where a spreadsheet would take them for a formula."""
    CODE = "code"
    """One word of `codes`."""
    CODES = "codes"
    """Words of `codes`, joined by |, in the rule's order."""
    YES_NO = "yes_no"
    """yes or no."""
    FLAG = "flag"
    """1 or 0."""
    INTEGER = "integer"
    NUMBER = "number"
    """A decimal number, exactly as computed, without trailing zeros."""
    DATE = "date"
    """ISO 8601 calendar date."""
    MOMENT = "moment"
    """ISO 8601, UTC, whole seconds."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `xpt` fits SAS XPORT v5; `codes` lists the words that may stand there."""

    name: str
    xpt: str
    label: str
    type: Kind
    source: str
    derivation: str
    unit: str = ""
    codes: tuple[str, ...] = ()
    since: str = "1.0"


def entries(table: str, columns: Sequence[Column]) -> list[dict[str, object]]:
    """One table's part of the dictionary as plain rows, in the table's order."""
    return [{"table": table, "position": n, **asdict(column)} for n, column in enumerate(columns, start=1)]


def as_csv(told: Sequence[dict[str, object]]) -> str:
    """Entries as a sheet; codes are joined by |."""
    sheet = io.StringIO()
    shown = [{**entry, "codes": "|".join(entry["codes"])} for entry in told]  # type: ignore[arg-type]
    writer = csv.DictWriter(sheet, shown[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(shown)
    return sheet.getvalue()
