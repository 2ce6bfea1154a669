"""An export as it streams out, in whatever format: one snapshot each, memory flat."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from lims.export import dictionary, query, safe_harbour
from lims.export.dictionary import Column, Kind
from lims.export.query import TIDY, Asked, Statement
from lims.export.spelling import POSTGRES, PYTHON, RAW, Told, cell
from lims.export.table import Table
from specimens.errors import Invalid

CHUNK = 1 << 16
ROWS = 2000


@dataclass(frozen=True, slots=True)
class Export:
    """An export under way: its row count is known before the first byte leaves."""

    count: int
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is told: a table, the columns wanted of it, what was asked, and the moment it is written."""

    table: Table
    columns: Sequence[Column]
    asked: Asked
    at: datetime
    rows: int

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def statement(self) -> Statement:
        """The table's statement, narrowed to the columns wanted."""
        whole = query.statement(self.table, self.asked)
        if len(self.columns) == len(self.table.columns):
            return whole
        wanted = ", ".join(told(name) for name in self.names)
        return Statement(f"SELECT {wanted} FROM ({whole.sql}) AS told", whole.params)  # noqa: S608

    def about(self) -> dict[str, Any]:
        """What stands on the wrapping."""
        edition = self.asked.edition
        return {
            "table": self.table.name,
            "dictionary_version": dictionary.VERSION,
            "investigational": edition.statement,
            "model": edition.model,
            "edition": edition.edition,
            "generated_at": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "as_of": self.asked.as_of.isoformat() if self.asked.as_of else None,
            "variant": safe_harbour.NAME if self.asked.safe else None,
            "count": self.rows,
        }


Writer = Callable[[Sheet], Iterator[bytes]]


def export(table: Table, asked: Asked, writer: Writer, *, at: datetime, columns: Sequence[str] = ()) -> Export:
    """Count and first chunk are fetched here, so that what fails, fails before anything was sent."""
    chunks = counted(table, chosen(table, columns, safe=asked.safe), asked, writer, at)
    count = next(chunks)
    return Export(int(count), chunks)


def chosen(table: Table, names: Sequence[str], *, safe: bool = False) -> Sequence[Column]:
    """The columns of these names, in this order; all without names. Invalid names those there are not."""
    there = safe_harbour.shown(table.columns) if safe else table.columns
    if not names:
        return there
    known = {column.name: column for column in there}
    strange = [name for name in names if name not in known]
    if strange or len(set(names)) < len(names):
        said = f"{table.name} has no column {strange[0][:40]}" if strange else "A column is named twice"
        raise Invalid("unknown_column", f"{said}; its columns are {', '.join(known)}.", field="columns")
    return [known[name] for name in names]


def counted(table: Table, columns: Sequence[Column], asked: Asked, writer: Writer, at: datetime) -> Iterator[Any]:
    """Yields the row count, then the chunks, all from one snapshot."""
    with snapshot():
        rows = number_of(asked, table)
        # closed before the snapshot ends: else a broken download leaves the connection held
        with closing(writer(Sheet(table, columns, asked, at, rows))) as chunks:  # type: ignore[type-var]
            first = next(chunks)
            yield rows
            yield first
            yield from chunks


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything inside sees the database at one moment; the caller's own transaction is one already."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET LOCAL work_mem = '64MB'")  # else 100,000 patients are sorted on disk
        yield


def number_of(asked: Asked, table: Table = TIDY) -> int:
    statement = query.counting(table, asked)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.params)
        return int(cursor.fetchone()[0])


# ---- CSV ----


def as_csv(sheet: Sheet) -> Iterator[bytes]:
    """Heading and rows, UTF-8, comma, line feed. Blank is empty; formulas are neutralised."""
    return copied(sheet, POSTGRES) if copies(sheet) else written(sheet)


def plain_csv(sheet: Sheet) -> Iterator[bytes]:
    """The same with text as it stands, for readers that are no spreadsheets."""
    return copied(sheet, POSTGRES | RAW) if copies(sheet) else written(sheet, neutral=False)


def copies(sheet: Sheet) -> bool:
    """Can the database write the rows itself? What is made safe passes through Python."""
    return connection.vendor == "postgresql" and not sheet.asked.safe


def copied(sheet: Sheet, spelling: dict[Kind, str]) -> Iterator[bytes]:
    """The database spells, quotes and sends the rows; they only pass through here."""
    outer = ", ".join(f'{spelling[each.type].format(told(each.name))} AS "{each.name}"' for each in sheet.columns)
    statement = query.statement(sheet.table, sheet.asked)
    sql = f"COPY (SELECT {outer} FROM ({statement.sql}) AS told) TO STDOUT (FORMAT csv, HEADER)"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(sql, statement.params) as rows:
        yield from gathered(rows)


def told(name: str) -> str:
    return f'told."{name}"'


def gathered(pieces: Iterator[memoryview]) -> Iterator[bytes]:
    """The same bytes in fewer, larger pieces."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) >= CHUNK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def values(sheet: Sheet) -> Iterator[tuple[Told, ...]]:
    """The rows as values in the order of the columns, text as it stands."""
    if not sheet.asked.safe:
        return spelt_rows(sheet.statement, sheet.columns)
    whole = sheet.table.columns
    rows = spelt_rows(query.statement(sheet.table, sheet.asked), whole)
    return safe_harbour.moved(rows, whole, sheet.columns)


def spelt_rows(statement: Statement, columns: Sequence[Column]) -> Iterator[tuple[Told, ...]]:
    spelt = [PYTHON[column.type] for column in columns]
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement.sql, statement.params)
        while rows := cursor.fetchmany(ROWS):
            for row in rows:
                yield tuple(spell(value) for spell, value in zip(spelt, row, strict=True))


def patient_rows(asked: Asked) -> Iterator[tuple[Told, ...]]:
    """The patients table as values in the dictionary's order."""
    with snapshot():
        yield from values(Sheet(TIDY, TIDY.columns, asked, datetime.min, 0))  # noqa: DTZ901


def written(sheet: Sheet, *, neutral: bool = True) -> Iterator[bytes]:
    """What `copied` sends, for a database that cannot: the same bytes."""
    kinds = [column.type if neutral or column.type is not Kind.TEXT else Kind.CODE for column in sheet.columns]
    lines = [",".join(sheet.names)]
    for row in values(sheet):
        lines.append(",".join(cell(value, kind) for value, kind in zip(row, kinds, strict=True)))
        if len(lines) >= ROWS:
            yield ("\n".join(lines) + "\n").encode()
            lines.clear()
    if lines:
        yield ("\n".join(lines) + "\n").encode()


# ---- JSON ----


def as_json(sheet: Sheet) -> Iterator[bytes]:
    """One object: particulars of the export, then `rows`, an object a row by the dictionary's names."""
    yield orjson.dumps(sheet.about())[:-1] + b',"rows":['
    comma = b""
    for batch in batches(sheet):
        yield comma + orjson.dumps(batch)[1:-1]
        comma = b","
    yield b"]}"


def as_json_lines(sheet: Sheet) -> Iterator[bytes]:
    """One object a line by the dictionary's names; nothing else."""
    yield b""
    for batch in batches(sheet):
        yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in batch)


def batches(sheet: Sheet) -> Iterator[list[dict[str, Told]]]:
    batch: list[dict[str, Told]] = []
    for row in values(sheet):
        batch.append(dict(zip(sheet.names, row, strict=True)))
        if len(batch) == ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
