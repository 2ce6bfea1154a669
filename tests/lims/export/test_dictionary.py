"""The dictionary is a contract: names, XPT limits, vocabulary."""

import re

import pytest

from lims.export.catalogue import FOLDER, entries_of, frozen, written
from lims.export.columns import PATIENTS
from lims.export.dictionary import VERSION, XPT_LABEL, XPT_NAME, XPT_TEXT, Kind, entries
from lims.export.query import EXPRESSIONS, TABLES
from lims.export.table import Table
from scoring.rules.vocabulary import INVESTIGATIONAL

FIXED = ("xpt", "type", "unit", "source", "derivation")
every_table = pytest.mark.parametrize("table", list(TABLES.values()), ids=list(TABLES))


def test_every_column_has_one_expression_in_the_same_order() -> None:
    assert [column.name for column in PATIENTS] == list(EXPRESSIONS)


def test_what_a_column_means_changes_with_the_version_alone() -> None:
    """`written()` is the file of a new version; a frozen one is never written anew."""
    assert written() == (FOLDER / f"{VERSION}.json").read_bytes(), "make a new VERSION and freeze it"
    assert [entry["name"] for entry in frozen(VERSION)] == [entry["name"] for entry in entries_of(TABLES.values())]


def test_a_later_version_keeps_every_column_of_an_earlier_one() -> None:
    now = {(entry["table"], entry["name"]): entry for entry in entries_of(TABLES.values())}
    for file in FOLDER.glob("*.json"):
        for entry in frozen(file.stem):
            kept = now[entry["table"], entry["name"]]
            assert [kept[name] for name in FIXED] == [entry[name] for name in FIXED]


@every_table
def test_a_table_is_named_by_its_key(table: Table) -> None:
    assert set(table.key) <= set(table.expressions)


@every_table
def test_names_are_snake_case_and_unique(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []


@every_table
def test_xpt_names_and_labels_fit_sas_xport_5(table: Table) -> None:
    short = [column.xpt for column in table.columns]
    assert len(set(short)) == len(short)
    assert [n for n in short if not re.fullmatch(r"[A-Z][A-Z0-9]*", n) or len(n) > XPT_NAME] == []
    assert [c.label for c in table.columns if not c.label.isascii() or len(c.label) > XPT_LABEL] == []


@every_table
def test_whatever_may_stand_in_a_coded_column_fits_too(table: Table) -> None:
    for column in table.columns:
        longest = "|".join(column.codes) if column.type is Kind.CODES else max(column.codes, key=len, default="")
        assert longest.isascii()
        assert len(longest) <= XPT_TEXT
    assert len(INVESTIGATIONAL) <= XPT_TEXT


@every_table
def test_coded_columns_list_their_words_and_measures_their_unit(table: Table) -> None:
    coded = {Kind.CODE, Kind.CODES, Kind.YES_NO, Kind.FLAG}
    assert [c.name for c in table.columns if bool(c.codes) is not (c.type in coded)] == []
    assert [c.name for c in table.columns if c.type in {Kind.NUMBER, Kind.INTEGER} and not c.unit] == []


@every_table
def test_every_entry_says_all_there_is_to_say(table: Table) -> None:
    for number, entry in enumerate(entries(table.name, table.columns), start=1):
        assert (entry["table"], entry["position"]) == (table.name, number)
        assert all(entry[key] for key in ("name", "xpt", "label", "type", "source", "derivation", "since"))
