"""What PostgreSQL itself needs for the same rows: out of the tables they lie in, and into empty copies of tables."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection, transaction

Source = tuple[str, str, str]
"""A table's name, its primary key, and SQL for the condition on its rows."""


def copy_out(sql: str, to: Path, params: Sequence[Any] = ()) -> int:
    """COPY the rows of a query into a file; returns how many rows."""
    with connection.cursor() as cursor, to.open("wb") as file:
        with cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)", params) as pieces:
            for piece in pieces:
                file.write(piece)
        return int(cursor.rowcount)


def copy_in(table: str, kept: Path) -> None:
    into = f"COPY {table} FROM STDIN (FORMAT csv, HEADER)"
    with kept.open("rb") as file, connection.cursor() as cursor, cursor.copy(into) as copy:
        while piece := file.read(1 << 16):
            copy.write(piece)


def range_of(source: Source) -> str:
    """A query for the rows, which were added together, by the range of their keys: nothing quicker finds them."""
    table, key, condition = source
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min({key}), max({key}), count(*) FROM {table} WHERE {condition}")  # noqa: S608
        first, last, count = cursor.fetchone()
        query = f"SELECT * FROM {table} WHERE {key} BETWEEN {first} AND {last}"  # noqa: S608 - our own words
        cursor.execute(f"SELECT count(*) FROM ({query}) found")  # noqa: S608
        assert cursor.fetchone()[0] == count > 0, f"{table} holds other rows between these"
    return query


class Copying:
    """Copies the rows of `read` out, and rows like those of `written` into empty copies of their tables."""

    def __init__(self, read: Sequence[Source], written: Sequence[Source]) -> None:
        self.read = {source[0]: range_of(source) for source in read}
        self.written = {source[0]: range_of(source) for source in written}
        self.folder = TemporaryDirectory()

    def __enter__(self) -> "Copying":
        for table, query in self.written.items():
            copy_out(query, self.file(table))
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
        return self

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {', '.join(f'bench_{table}' for table in self.written)}")

    def file(self, table: str) -> Path:
        return Path(self.folder.name) / table

    def once(self) -> None:
        """Everything out, then everything in and committed."""
        for table, query in self.read.items():
            copy_out(query, self.file(f"{table}.read"))
        with transaction.atomic():
            for table in self.written:
                copy_in(f"bench_{table}", self.file(table))
