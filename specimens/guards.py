"""Triggers that make append-only tables append-only, on PostgreSQL and on SQLite.

Installed after every migrate, because SQLite's ALTER rebuilds a table and drops its triggers; `checks`
asserts their presence. An insert without a known actor is refused too, so a plain shell fails closed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

POSTGRES_FUNCTIONS = """
CREATE OR REPLACE FUNCTION paraffin_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'paraffin: % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;
CREATE OR REPLACE FUNCTION paraffin_demand_actor() RETURNS trigger AS $$
BEGIN
  IF coalesce(current_setting('paraffin.actor', true), '') = '' THEN
    RAISE EXCEPTION 'paraffin: % is written by deeds only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$ LANGUAGE plpgsql;
"""

POSTGRES_TRIGGERS = """
CREATE OR REPLACE TRIGGER paraffin_keep BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION paraffin_refuse();
CREATE OR REPLACE TRIGGER paraffin_keep_all BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION paraffin_refuse();
CREATE OR REPLACE TRIGGER paraffin_actor BEFORE INSERT ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION paraffin_demand_actor();
"""

SQLITE_TRIGGERS = (
    "CREATE TRIGGER IF NOT EXISTS {table}_keep_update BEFORE UPDATE ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'paraffin: {table} is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS {table}_keep_delete BEFORE DELETE ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'paraffin: {table} is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS {table}_actor BEFORE INSERT ON {table} WHEN paraffin_actor() = '' "
    "BEGIN SELECT RAISE(ABORT, 'paraffin: {table} is written by deeds only'); END",
)

# Floors above add triggers of their own: table -> database vendor -> statements. One trigger a table.
EXTRA: dict[str, dict[str, tuple[str, ...]]] = {}


@dataclass
class ActingNow:
    """Who acts on one SQLite connection; forgotten when its transaction ends (see `forget_after`)."""

    name: str = ""


def teach_sqlite_the_actor(connection: Any, **_: Any) -> None:
    """Give a new SQLite connection the function its triggers ask for the actor's name."""
    if connection.vendor != "sqlite":
        return
    acting = ActingNow()
    connection.paraffin_actor = acting
    connection.connection.create_function("paraffin_actor", 0, lambda: acting.name)


def guarded(app_label: str | None = None) -> list[type[Model]]:
    """The models whose rows may be added and never altered."""
    return [
        model
        for model in apps.get_models()
        if getattr(model, "append_only", False) and app_label in (None, model._meta.app_label)
    ]


def install(sender: Any = None, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Install every guard whose table exists, or those of one app that was migrated. Safe to run again."""
    models = guarded(sender.label if sender else None)
    if not models:
        return
    connection = connections[using]
    present = set(connection.introspection.table_names())
    tables = [m._meta.db_table for m in models if m._meta.db_table in present]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTIONS)
        for table in tables:
            for statement in statements(connection.vendor, table):
                cursor.execute(statement)


def remove(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop every guard. For tests and restores only: migrate, or `install`, puts them back."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, table in triggers(cursor, connection.vendor):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")


def triggers(cursor: Any, vendor: str) -> list[tuple[str, str]]:
    """(name, table) of the guards that stand; on PostgreSQL a disabled one does not stand."""
    if vendor == "postgresql":
        cursor.execute(
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname LIKE 'paraffin_%' AND t.tgenabled <> 'D'"
        )
    else:
        cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%paraffin%'")
    return list(cursor.fetchall())


def statements(vendor: str, table: str) -> Iterable[str]:
    extra = EXTRA.get(table, {}).get(vendor, ())
    if vendor == "postgresql":
        return [POSTGRES_TRIGGERS.format(table=table), *extra]
    return [*(statement.format(table=table) for statement in SQLITE_TRIGGERS), *extra]


def missing(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Tables that should be guarded and are not."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        held = Counter(table for _, table in triggers(cursor, connection.vendor))
    tables = [m._meta.db_table for m in guarded() if m._meta.db_table in present]
    return sorted(table for table in tables if held[table] < 3 + (table in EXTRA))
