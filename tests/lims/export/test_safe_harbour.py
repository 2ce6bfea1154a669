"""The de-identified variant: intervals stay, days do not; no place, nothing that gives the constant away."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.export import rows, safe_harbour
from lims.export.dictionary import Column, Kind
from lims.export.formats import FORMATS
from lims.export.query import TABLES, Asked
from lims.export.safe_harbour import moved, shift_of
from lims.outcome_rows import NewOutcome, NewValue
from lims.outcome_variables import declare_variable
from lims.outcomes import import_release
from specimens.errors import Invalid
from specimens.scope import EVERYTHING
from tests.cast import AT, Cast, make_cast
from tests.scoring.desk import a_case, both_sign
from tests.stories import House, a_house, a_patient

OPEN, SAFE = Asked(EVERYTHING), Asked(EVERYTHING, safe=True)
DAYS = st.integers(0, 36_500)
COLUMNS = (
    *(Column(name, name.upper()[:8], name, Kind.TEXT, "x", "x") for name in ("trial", "study_id")),
    Column("a_on", "AON", "a", Kind.DATE, "x", "x"),
    Column("b_at", "BAT", "b", Kind.MOMENT, "x", "x"),
)


@settings(max_examples=40, deadline=None)
@given(DAYS, DAYS, st.integers(1, 10_000))
def test_intervals_stay_and_days_do_not(first: int, second: int, number: int) -> None:
    one, other = (date(1950, 1, 1) + timedelta(days=days) for days in (first, second))
    row = ("CWG", str(number), one.isoformat(), f"{other}T11:12:13Z")
    ((_, _, told, moment),) = moved(iter([row]), COLUMNS, COLUMNS)
    assert date.fromisoformat(str(moment)[:10]) - date.fromisoformat(str(told)) == other - one
    assert told != one.isoformat()
    assert str(moment).endswith("T00:00:00Z")


def test_each_patient_has_a_constant_of_its_own() -> None:
    shifts = [shift_of("CWG", str(number)) for number in range(2000)]
    assert timedelta(1) <= min(abs(each) for each in shifts) <= max(abs(each) for each in shifts) <= timedelta(365)
    assert len(set(shifts)) > 600
    assert shift_of("CWG", "7") == shift_of("CWG", "7") != shift_of("KIRC", "7")


@pytest.fixture
def place(db: None) -> tuple[Cast, House]:
    cast, house = make_cast(), a_house()
    both_sign(cast, a_case(cast, house))
    a_patient(cast, house, "CWG-0200", "LAKE")
    return cast, house


def told(name: str, asked: Asked = SAFE, columns: tuple[str, ...] = ()) -> list[dict[str, str]]:
    export = rows.export(TABLES[name], asked, rows.as_csv, at=AT, columns=columns)
    return list(csv.DictReader(io.StringIO(b"".join(export.chunks).decode(), newline="")))


def test_no_place_and_no_true_day_in_any_table_and_format(place: Any) -> None:
    true = {value for name in TABLES for row in told(name, OPEN) for value in row.values() if value[:3] == "202"}
    assert true
    for name in TABLES:
        assert {row["study_id"] for row in told(name)} == {row["study_id"] for row in told(name, OPEN)}
        for form in ("csv", "json", "jsonl", "xpt"):
            export = rows.export(TABLES[name], SAFE, FORMATS[form].writer, at=AT + timedelta(days=999))
            content = b"".join(export.chunks).decode("latin-1")
            assert not [word for word in ("MERCY", "LAKE", *true) if word in content], (name, form)


def test_columns_are_chosen_and_those_left_out_do_not_exist(place: Any) -> None:
    (row, _) = told("slides", columns=("cut_on", "slide"))[0], None
    assert list(row) == ["cut_on", "slide"]
    for name in ("treating_site", "data_cut"):
        with pytest.raises(Invalid, match=name):
            told("patients", columns=(name,))
    kept = {column.name for table in TABLES.values() for column in table.columns}
    assert kept >= safe_harbour.LEFT_OUT


def test_declared_dates_move_and_the_oldest_are_one_group(place: Any) -> None:
    cast, house = place
    for name, kind in (("age", "whole"), ("seen", "date"), ("birth", "date")):
        declare_variable(
            by=cast.statistician, at=AT, trial=house.trial, name=name, label=name, kind=kind, source="the office"
        )
    values = (NewValue("age", "", "93"), NewValue("seen", "", "2020-02-03"), NewValue("birth", "", "1931-05"))
    import_release(
        by=cast.statistician, at=AT, trial=house.trial, name="r", source="the office", cut_on=AT.date(),
        sha256="1" * 64, rows=[NewOutcome("CWG-0187", response="CR", values=values)],
    )  # fmt: skip
    found = {row["variable"]: row for row in told("outcome_values")}
    assert (found["age"]["value"], found["age"]["number"], found["birth"]["value"]) == ("90", "90", "")
    assert date.fromisoformat(found["seen"]["value"]) - date(2020, 2, 3) == shift_of("CWG", "CWG-0187")
