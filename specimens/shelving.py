"""Many rows onto a table at once: COPY on PostgreSQL, inserts elsewhere. Triggers hold in both."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, TypeVar

import orjson
from django.db import connection
from django.db.models import JSONField, Model

Rows = Sequence[Sequence[Any]]
T = TypeVar("T", bound=Model)


def add_rows(model: type[Model], columns: Sequence[str], rows: Rows) -> list[int]:
    """Insert `rows` (values in the order of `columns`, JSON as mappings) and give their ids, in order."""
    if not rows:
        return []
    if connection.vendor != "postgresql":
        return [each.pk for each in inserted(model, columns, rows)]
    sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(sequence, [model._meta.db_table, len(rows)])
        ids = [row[0] for row in cursor.fetchall()]
    copied(model, ["id", *columns], [(pk, *row) for pk, row in zip(ids, rows, strict=True)])
    return ids


def put_rows(model: type[Model], columns: Sequence[str], rows: Rows) -> None:
    """Insert `rows` whose primary key is among their columns."""
    if connection.vendor == "postgresql":
        copied(model, columns, rows)
    else:
        inserted(model, columns, rows)


def shelve(things: Sequence[T]) -> Sequence[T]:
    """Insert unsaved objects of one model, which then know their ids: what `bulk_create` does, by COPY where it can."""
    if not things:
        return things
    model = type(things[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(things, batch_size=500)
        return things
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = [field.attname for field in fields]
    rows = [tuple(spelled(value) for value in map(thing.__dict__.__getitem__, names)) for thing in things]
    for thing, pk in zip(things, add_rows(model, [field.name for field in fields], rows), strict=True):
        thing.pk = pk
        thing._state.adding, thing._state.db = False, connection.alias
    return things


def spelled(value: Any) -> Any:
    """A word of a vocabulary as its column holds it."""
    return value.value if isinstance(value, Enum) else value


def inserted(model: type[Model], columns: Sequence[str], rows: Rows) -> list[Model]:
    made = [model(**dict(zip(columns, row, strict=True))) for row in rows]
    return model._default_manager.bulk_create(made, batch_size=500)


def copied(model: type[Model], columns: Sequence[str], rows: Rows) -> None:
    fields = [model._meta.get_field(name) for name in columns]
    as_json = [position for position, field in enumerate(fields) if isinstance(field, JSONField)]
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(str(getattr(field, "column", ""))) for field in fields)
    into = f"COPY {quoted(model._meta.db_table)} ({names}) FROM STDIN"
    # Django wraps the errors of its own calls only, and deeds know no others.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(written(row, as_json) if as_json else row)


def written(row: Sequence[Any], as_json: Sequence[int]) -> list[Any]:
    """The row with its JSON columns as text; nothing at all stays the database's NULL."""
    values = list(row)
    for position in as_json:
        if values[position] is not None:
            values[position] = orjson.dumps(values[position]).decode()
    return values
