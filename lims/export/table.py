"""What an exportable table is: its columns, the one SQL expression behind each, whence the rows come.

Expressions are portable SQL over the aliases of `source`. Four spellings are filled in before it runs:
`KNOWN(x)` is true when the moment x was not after the moment asked for; `JSON(x, key)` is a text of a JSON object,
`LIST(x)` a JSON list joined by |; `{investigational}` the notice.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from lims.export.dictionary import Column

KNOWN = re.compile(r"KNOWN\(([a-z0-9_.]+)\)")
JSON = re.compile(r"JSON\(([a-z0-9_.]+), ([a-z0-9_]+)\)")
LIST = re.compile(r"LIST\(([a-z0-9_.]+)\)")


@dataclass(frozen=True, slots=True)
class Table:
    """`told` pairs each column with its SQL; `source` names `p` (patient) and `t` (trial); `moment` is when a row came
    to be known; `key` are the columns that name a row, `filters` what narrows it beside trial, site and as_of."""

    name: str
    about: str
    told: tuple[tuple[Column, str], ...]
    source: str
    moment: str
    order: str
    key: tuple[str, ...]
    conditions: str = ""
    filters: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for column, _ in self.told)

    @property
    def expressions(self) -> dict[str, str]:
        return {column.name: sql for column, sql in self.told}


def filled(sql: str, vendor: str, as_of: datetime | None, statement: str) -> str:
    """The SQL with its four spellings filled in for this database."""
    literal = moment_literal(as_of, vendor) if as_of else ""
    sql = KNOWN.sub(lambda found: f"{found[1]} <= {literal}" if literal else "1 = 1", sql)
    if vendor == "postgresql":
        sql = JSON.sub(r"(\1 ->> '\2')", sql)
        sql = LIST.sub(r"array_to_string(ARRAY(SELECT jsonb_array_elements_text(\1)), '|')", sql)
    else:
        sql = JSON.sub(r"json_extract(\1, '$.\2')", sql)
        sql = LIST.sub(r"(SELECT group_concat(value, '|') FROM json_each(\1))", sql)
    return sql.replace("{investigational}", quoted(statement).replace("%", "%%"))


def moment_literal(at: datetime, vendor: str) -> str:
    """A moment as the database compares its own: with its zone, or as Django writes it into SQLite."""
    utc = at.astimezone(UTC)
    return f"TIMESTAMPTZ '{utc.isoformat()}'" if vendor == "postgresql" else f"'{utc:%Y-%m-%d %H:%M:%S.%f}'"


def quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
