"""The database's own guards: append-only stays so, whoever asks, and a write without a name is refused."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from specimens import guards
from specimens.actors import acting
from specimens.checks import guards_are_in_place
from specimens.models import CustodyEvent, LedgerEntry, Patient, Staining
from tests.cast import FOUNDER, Cast
from tests.stories import House, a_received_block, a_stained_slide

TABLES = sorted(model._meta.db_table for model in guards.guarded())


@pytest.fixture
def history(cast: Cast, house: House, patient: Patient) -> None:
    a_stained_slide(cast, a_received_block(cast, house, patient))


def test_every_table_that_says_so_is_guarded(db: None) -> None:
    assert guards.missing() == []
    assert {
        "specimens_ledgerentry",
        "specimens_custodyevent",
        "specimens_itemreceipt",
        "specimens_staining",
        "specimens_controlresult",
        "specimens_consent",
        "scoring_read",
        "scoring_score",
    } <= set(TABLES)


@pytest.mark.parametrize("model", [LedgerEntry, CustodyEvent, Staining])
def test_rows_are_neither_changed_nor_deleted(history: None, model: type[LedgerEntry]) -> None:
    row = model.objects.first()
    assert row is not None
    table, key = model._meta.db_table, model._meta.pk.column
    before = model.objects.count()
    for sql in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError, match=f"paraffin: {table} is append-only"), transaction.atomic(), \
                connection.cursor() as cursor:  # fmt: skip
            cursor.execute(sql)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), acting(FOUNDER):
        row.save()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), acting(FOUNDER):
        model.objects.all()._raw_delete(using="default")
    assert model.objects.count() == before


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_postgresql_is_not_emptied_either(history: None) -> None:
    for table in TABLES:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), \
                connection.cursor() as cursor:  # fmt: skip
            cursor.execute(f"TRUNCATE {table} CASCADE")
    assert LedgerEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_write_without_a_name_is_refused(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    events, event = CustodyEvent.objects.count(), CustodyEvent.objects.filter(block=block).first()
    assert event is not None
    event.pk = None
    with pytest.raises(IntegrityError, match="paraffin: specimens_custodyevent is written by deeds only"):
        event.save(force_insert=True)
    with transaction.atomic(), acting(FOUNDER):
        event.save(force_insert=True)
    event.pk = None
    with pytest.raises(IntegrityError, match="written by deeds only"):
        event.save(force_insert=True)
    assert CustodyEvent.objects.count() == events + 1


INSERT = (
    "INSERT INTO specimens_correction "
    "(kind, thing_id, label, was, became, corrected_at, corrected_by_id, reason) "
    "VALUES ('study_id', 1, 'x', 'x', 'y', '2026-11-23', 1, 'because')"
)


@pytest.fixture
def plain() -> Iterator[object]:
    """A connection that knows nothing of this program: the database's own shell."""
    if connection.vendor == "postgresql":
        import psycopg

        known = connection.get_connection_params()
        wanted = {key: known[key] for key in ("dbname", "user", "password", "host", "port")}
        with psycopg.connect(**wanted, autocommit=True) as shell:
            yield shell
    else:
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as shell:
            yield shell


@pytest.mark.django_db(transaction=True)
def test_the_database_s_own_shell_fails_closed(cast: Cast, house: House, patient: Patient, plain: object) -> None:
    a_stained_slide(cast, a_received_block(cast, house, patient))
    for sql in (INSERT, "UPDATE specimens_ledgerentry SET reason = 'x'", "DELETE FROM specimens_ledgerentry"):
        with pytest.raises(Exception, match="paraffin"):
            plain.execute(sql)  # type: ignore[attr-defined]
    assert LedgerEntry.objects.exists()


def drop_one(table: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER paraffin_keep ON {table}")
        else:
            cursor.execute(f"DROP TRIGGER {table}_keep_update")


def test_a_dropped_guard_is_reported_and_migrate_puts_it_back(db: None) -> None:
    for table in TABLES:
        drop_one(table)
    assert guards.missing() == TABLES
    errors = guards_are_in_place(databases=["default"])
    assert [error.id for error in errors] == ["paraffin.E001"] * len(TABLES)
    assert errors[0].msg == f"{TABLES[0]} has lost its append-only triggers: run migrate again."
    call_command("migrate", verbosity=0)
    assert guards.missing() == []
    assert guards_are_in_place(databases=["default"]) == []


def test_a_migration_cut_short_does_not_lock_the_house_out(db: None) -> None:
    """SQLite's ALTER drops a table's guards; killed before they are back, the next migrate must not refuse for them."""
    drop_one(TABLES[0])
    call_command("migrate", verbosity=0, skip_checks=False)
    assert guards.missing() == []


@pytest.mark.server
def test_a_disabled_guard_is_reported_too(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE specimens_ledgerentry DISABLE TRIGGER paraffin_keep_all")
    assert guards.missing() == ["specimens_ledgerentry"]


def test_removed_guards_are_gone_and_installing_twice_is_installing_once(db: None) -> None:
    guards.remove()
    assert guards.missing() == TABLES
    guards.install()
    guards.install()
    assert guards.missing() == []
