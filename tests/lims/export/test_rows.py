"""The patients export as it streams: the same values in CSV and JSON, from the database and from Python."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from lims.export import query, rows
from lims.export.query import Asked
from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from specimens import jobs
from specimens.correcting import merge_patients
from specimens.errors import Invalid
from specimens.scope import EVERYTHING, Scope
from tests.cast import AT, Cast, make_cast
from tests.scoring.desk import LATER, a_case, both_sign, corrects
from tests.stories import House, a_house, a_patient

ALL = Asked(EVERYTHING)


def sheet_of(asked: Asked) -> rows.Sheet:
    return rows.Sheet(query.TIDY, query.TIDY.columns, asked, AT, 0)


def csv_of(asked: Asked) -> rows.Export:
    return rows.export(query.TIDY, asked, rows.as_csv, at=AT)


def json_of(asked: Asked) -> rows.Export:
    return rows.export(query.TIDY, asked, rows.as_json, at=AT)


@pytest.fixture
def place(db: None) -> tuple[Cast, House]:
    return make_cast(), a_house()


@pytest.fixture
def released(place: Any) -> Callable[..., None]:
    cast, house = place

    def imported(name: str, cut_on: date | None, at: Any = AT, synthetic: bool = False, **outcome: Any) -> None:
        row = NewOutcome(house.trial.patients.get(study_id="CWG-0187").study_id, **outcome)
        import_release(
            by=cast.statistician, at=at, trial=house.trial, name=name, source="the office", cut_on=cut_on,
            sha256=f"{abs(hash(name)):064x}", rows=[row], synthetic=synthetic,
        )  # fmt: skip

    return imported


def told(asked: Asked = ALL) -> list[dict[str, str]]:
    sheet = b"".join(csv_of(asked).chunks).decode()
    return list(csv.DictReader(io.StringIO(sheet, newline="")))


def one(asked: Asked = ALL) -> dict[str, str]:
    (row,) = told(asked)
    return row


def test_a_patient_without_tissue_or_outcome_is_a_row_of_blanks(place: Any) -> None:
    a_patient(*place)
    row = one()
    assert (row["study_id"], row["treating_site"], row["synthetic"]) == ("CWG-0187", "MERCY", "no")
    known = {"trial", "study_id", "synthetic", "treating_site", "investigational", "enrolled_on"}
    assert {name for name, value in row.items() if value} <= known


def test_the_database_writes_the_bytes_that_python_writes(place: Any, released: Any) -> None:
    a_patient(*place)
    released("r", date(2026, 1, 1), regimen='A "quoted", comma', arm="+x", os_time=0, os_event=False,
             time_origin="diagnosis")  # fmt: skip
    direct = b"".join(csv_of(ALL).chunks)
    assert direct == b"".join(rows.written(sheet_of(ALL)))


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_what_a_spreadsheet_takes_for_a_formula_is_neutralised_in_csv_alone(
    place: Any, released: Any, said: str
) -> None:
    a_patient(*place)
    released("r", None, arm=said, regimen="plain")
    assert (one()["arm"], one()["regimen"]) == (f"'{said}", "plain")
    as_json = json.loads(b"".join(json_of(ALL).chunks))
    assert as_json["rows"][0]["arm"] == said


def test_0_is_0_and_blank_is_blank(place: Any, released: Any) -> None:
    a_patient(*place)
    released("r", None, os_time=0, os_event=False, time_origin="diagnosis")
    row = one()
    assert (row["os_time"], row["os_event"], row["pfs_time"], row["pfs_event"]) == ("0", "0", "", "")


def test_the_latest_data_cut_speaks_unless_another_is_named(place: Any, released: Any) -> None:
    a_patient(*place)
    released("new cut", date(2026, 6, 1), arm="new")
    released("old cut", date(2026, 1, 1), arm="old")
    assert (one()["release"], one()["arm"]) == ("new cut", "new")
    assert one(replace(ALL, release="old cut"))["arm"] == "old"
    with pytest.raises(Invalid, match="No outcome release"):
        csv_of(replace(ALL, release="no cut"))


def test_as_of_a_moment_later_releases_are_not_there(place: Any, released: Any) -> None:
    a_patient(*place)
    released("old cut", date(2026, 1, 1), at=AT, arm="old")
    released("new cut", date(2026, 6, 1), at=AT + timedelta(days=2), arm="new")
    assert one(replace(ALL, as_of=AT + timedelta(days=1)))["arm"] == "old"


def test_it_says_whether_the_reads_came_before_the_first_outcome(place: Any, released: Any) -> None:
    cast, house = place
    case = a_case(cast, house)
    first, _ = both_sign(cast, case)
    assert one()["reads_before_first_outcome"] == ""
    released("r", date(2026, 1, 1), at=LATER + timedelta(hours=1))
    assert one()["reads_before_first_outcome"] == "yes"
    released("earlier", date(2026, 6, 1), at=AT)
    assert one()["reads_before_first_outcome"] == "no"
    assert first.signed_at == LATER


def test_a_read_corrected_after_the_first_outcome_says_no(place: Any, released: Any) -> None:
    cast, house = place
    first, _ = both_sign(cast, a_case(cast, house))
    released("r", None, at=LATER - timedelta(minutes=1))
    corrects(cast.reader, first, arch_alveolar="50", arch_solid="35")
    assert one()["reads_before_first_outcome"] == "no"


def test_the_current_score_is_the_latest(place: Any) -> None:
    cast, house = place
    first, second = both_sign(cast, a_case(cast, house))
    jobs.work_off()
    before = one()
    assert (before["risk"], before["alveolar_percent"]) == ("intermediate", "45")
    corrects(cast.reader, first, arch_alveolar="60", arch_solid="25", cyto_clear="100", cyto_granular="0")
    corrects(
        cast.second_reader,
        second,
        arch_alveolar="60.5",
        arch_solid="24.5",
        cyto_clear="100",
        cyto_granular="0",
    )
    jobs.work_off()
    row = one()
    assert (row["risk"], row["alveolar_percent"], row["basis"]) == ("good", "60.25", "primary")
    assert (row["histology_decided"], row["caix_evaluable"]) == ("concordant_mean", "")


def test_a_patient_merged_into_another_is_not_in_it(place: Any) -> None:
    cast, house = place
    kept, double = a_patient(cast, house), a_patient(cast, house, "CWG-0188")
    merge_patients(by=cast.coordinator, at=AT, duplicate=double, survivor=kept, reason="enrolled twice")
    assert [row["study_id"] for row in told()] == ["CWG-0187"]


def test_a_site_scope_holds_in_rows_and_count(place: Any) -> None:
    cast, house = place
    a_patient(cast, house)
    a_patient(cast, house, "CWG-0200", "LAKE")
    export = csv_of(Asked(Scope(frozenset({house.lakeshore.pk}))))
    assert (export.count, b"CWG-0187" in b"".join(export.chunks)) == (1, False)
    assert told(Asked(Scope(frozenset()))) == []


def test_the_count_is_the_number_of_rows_under_each_filter(place: Any) -> None:
    cast, house = place
    both_sign(cast, a_case(cast, house))
    a_patient(cast, house, "CWG-0200", "LAKE")
    jobs.work_off()
    for changes, expected in [
        ({}, 2),
        ({"risk": "intermediate"}, 1),
        ({"site": "LAKE"}, 1),
        ({"trial": "cwg"}, 2),
    ]:
        export = csv_of(replace(ALL, **changes))
        lines = b"".join(export.chunks).splitlines()
        assert (export.count, len(lines) - 1) == (expected, expected)


def test_anything_synthetic_makes_the_row_say_so(place: Any, released: Any) -> None:
    a_patient(*place)
    released("r", None, synthetic=True, arm="A")
    assert (one()["synthetic"], one()["synthetic_parts"]) == ("yes", "outcome")


def test_many_rows_come_in_pieces_and_none_is_lost(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cast, house = place
    for number in range(7):
        a_patient(cast, house, f"CWG-01{number}0")
    monkeypatch.setattr(rows, "ROWS", 3)
    written = b"".join(rows.written(sheet_of(ALL))).decode().splitlines()
    as_json = json.loads(b"".join(json_of(ALL).chunks))
    assert (len(written), len(as_json["rows"]), as_json["count"]) == (8, 7, 7)


def test_no_rows_are_still_a_heading_and_an_empty_list(place: Any) -> None:
    assert b"".join(csv_of(ALL).chunks).decode().strip() == ",".join(query.EXPRESSIONS)
    assert json.loads(b"".join(json_of(ALL).chunks))["rows"] == []


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_one_snapshot_and_leaves_none_open() -> None:
    cast, house = make_cast(), a_house()
    a_patient(cast, house)
    export = csv_of(ALL)
    assert connection.in_atomic_block
    a_line = b"".join(export.chunks)
    assert not connection.in_atomic_block
    assert (export.count, a_line.count(b"\n")) == (1, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pieces", [0, 1])
def test_a_download_broken_off_leaves_the_connection_free(pieces: int) -> None:
    cast, house = make_cast(), a_house()
    for number in range(5):
        a_patient(cast, house, f"CWG-01{number}0")
    export = csv_of(ALL)
    for _ in range(pieces):
        next(export.chunks)
    export.chunks.close()  # type: ignore[attr-defined]
    assert not connection.in_atomic_block
    assert len(told()) == 5
