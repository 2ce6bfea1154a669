"""The patients export as it streams out: CSV in chunks of bytes, or rows for JSON. One snapshot each."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from lims.export import dictionary, query
from lims.export.columns import PATIENTS
from lims.export.query import Asked, Statement
from lims.export.spelling import POSTGRES, PYTHON, Told, cell

CHUNK = 1 << 16
ROWS = 2000
NAMES = tuple(column.name for column in PATIENTS)
PLACED = [PYTHON[column.type] for column in PATIENTS]
KINDS = [column.type for column in PATIENTS]


@dataclass(frozen=True, slots=True)
class Export:
    """An export under way: its row count is known before the first byte leaves."""

    count: int
    chunks: Iterator[bytes]


def patients_csv(asked: Asked) -> Export:
    """Heading and rows, UTF-8, comma, line feed. Blank is empty; formulas are neutralised."""
    return opened(asked, copied if connection.vendor == "postgresql" else written)


def patients_json(asked: Asked, *, at: datetime) -> Export:
    """One object: particulars of the export, then `rows`, an object a patient by the dictionary's names."""
    return opened(asked, lambda statement, count: objects(statement, head(asked, count, at)))


def patient_rows(asked: Asked) -> Iterator[tuple[Told, ...]]:
    """The rows as values in the dictionary's order, text as it stands."""
    with snapshot():
        yield from told(query.patients(asked))


def opened(asked: Asked, writer: Any) -> Export:
    """Count and first chunk are fetched here, so that what fails, fails before anything was sent."""
    chunks = counted(asked, writer)
    count = next(chunks)
    return Export(int(count), chunks)


def counted(asked: Asked, writer: Any) -> Iterator[Any]:
    """Yields the row count, then the chunks, all from one snapshot."""
    with snapshot():
        rows = number_of(asked)
        # closed before the snapshot ends: else a broken download leaves the connection held
        with closing(writer(query.patients(asked), rows)) as chunks:
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


def number_of(asked: Asked) -> int:
    statement = query.count(asked)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.params)
        return int(cursor.fetchone()[0])


def copied(statement: Statement, _count: int) -> Iterator[bytes]:
    """The database spells, quotes and sends the rows; they only pass through here."""
    outer = ", ".join(f'{POSTGRES[column.type].format(quoted(column.name))} AS "{column.name}"' for column in PATIENTS)
    sql = f"COPY (SELECT {outer} FROM ({statement.sql}) AS told) TO STDOUT (FORMAT csv, HEADER)"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(sql, statement.params) as rows:
        yield from gathered(rows)


def quoted(name: str) -> str:
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


def told(statement: Statement) -> Iterator[tuple[Told, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement.sql, statement.params)
        while rows := cursor.fetchmany(ROWS):
            for row in rows:
                yield tuple(spell(value) for spell, value in zip(PLACED, row, strict=True))


def written(statement: Statement, _count: int) -> Iterator[bytes]:
    """What `copied` sends, for a database that cannot: the same bytes."""
    lines = [",".join(NAMES)]
    for row in told(statement):
        lines.append(",".join(cell(value, kind) for value, kind in zip(row, KINDS, strict=True)))
        if len(lines) >= ROWS:
            yield ("\n".join(lines) + "\n").encode()
            lines.clear()
    if lines:
        yield ("\n".join(lines) + "\n").encode()


def head(asked: Asked, count: int, at: datetime) -> dict[str, Any]:
    edition = asked.edition
    return {
        "dictionary_version": dictionary.VERSION,
        "investigational": edition.statement,
        "model": edition.model,
        "edition": edition.edition,
        "generated_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "as_of": asked.as_of.isoformat() if asked.as_of else None,
        "count": count,
    }


def objects(statement: Statement, about: dict[str, Any]) -> Iterator[bytes]:
    yield orjson.dumps(about)[:-1] + b',"rows":['
    batch, comma = [], b""
    for row in told(statement):
        batch.append(dict(zip(NAMES, row, strict=True)))
        if len(batch) == ROWS:
            yield comma + orjson.dumps(batch)[1:-1]
            batch, comma = [], b","
    yield (comma + orjson.dumps(batch)[1:-1] if batch else b"") + b"]}"
