"""One table in every format: equal values, types, labels and blanks, as others read them."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet
import pyreadstat
import pytest

from lims.export import formats, rows
from lims.export.formats import FORMATS, as_excel, as_xpt
from lims.export.query import TIDY, Asked
from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from specimens.errors import Refused, Rejected
from specimens.scope import EVERYTHING
from tests.cast import AT, Cast, make_cast
from tests.stories import House, a_house, a_patient

ALL = Asked(EVERYTHING)
SPOKEN = {"arm": "=1+1", "os_time": 0, "os_event": False, "time_origin": "registration", "response": "CR"}


@pytest.fixture
def place(db: None) -> tuple[Cast, House]:
    cast, house = make_cast(), a_house()
    for study_id in ("CWG-0187", "CWG-0200"):
        a_patient(cast, house, study_id)
    return cast, house


def released(place: Any, **changes: Any) -> None:
    cast, house = place
    import_release(
        by=cast.statistician, at=AT, trial=house.trial, name="a cut", source="the office", cut_on=AT.date(),
        sha256="a" * 64, rows=[NewOutcome("CWG-0187", **SPOKEN | changes)],
    )  # fmt: skip


def made(name: str) -> bytes:
    return b"".join(rows.export(TIDY, ALL, FORMATS[name].writer, at=AT).chunks)


def truth() -> list[dict[str, Any]]:
    return json.loads(made("json"))["rows"]


def test_json_lines_are_the_rows(place: Any) -> None:
    released(place)
    assert [json.loads(line) for line in made("jsonl").splitlines()] == truth()


def test_parquet_as_arrow_and_duckdb_read_it(place: Any, tmp_path: Path) -> None:
    released(place)
    table = pyarrow.parquet.read_table(io.BytesIO(made("parquet")))
    found = table.to_pylist()
    assert [{name: str(told) if isinstance(told, date) else told for name, told in row.items()} for row in found] == (
        truth()
    )
    assert found[0]["arm"] == "=1+1"
    assert (found[0]["os_time"], found[0]["os_event"], found[1]["os_time"]) == (0, 0, None)
    assert table.schema.field("os_time").metadata[b"label"] == b"Overall survival time"
    assert table.schema.metadata[b"investigational"].startswith(b"Investigational")
    file = tmp_path / "a.parquet"
    file.write_bytes(made("parquet"))
    told = duckdb.sql(f"SELECT study_id, arm, os_time, data_cut FROM '{file}' ORDER BY study_id").fetchall()
    assert told == [("CWG-0187", "=1+1", 0, AT.date()), ("CWG-0200", None, None, None)]


def test_many_row_groups_lose_no_row(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "BLOCK", 1)
    monkeypatch.setattr(rows, "CHUNK", 1)
    monkeypatch.setattr(rows, "ROWS", 1)
    file = pyarrow.parquet.ParquetFile(io.BytesIO(made("parquet")))
    assert file.num_row_groups > 1
    table = file.read()
    assert table.column("study_id").to_pylist() == ["CWG-0187", "CWG-0200"]


def test_xpt_as_pandas_reads_it(place: Any, tmp_path: Path) -> None:
    released(place)
    file = tmp_path / "patients.xpt"
    file.write_bytes(made("xpt"))
    frame, about = pyreadstat.read_xport(str(file))
    assert list(frame.columns) == [column.xpt for column in TIDY.columns]
    assert about.column_labels == [column.label for column in TIDY.columns]
    first, second = frame.to_dict("records")
    assert (first["SUBJID"], first["ARM"], first["OSTIME"], first["DATACUT"]) == ("CWG-0187", "=1+1", 0, "2026-11-23")
    assert (second["ARM"], second["OSTIME"] == second["OSTIME"]) == ("", False)


def test_the_same_moment_gives_the_same_bytes(place: Any) -> None:
    released(place)
    for name in ("csv", "json", "jsonl", "parquet", "xpt"):
        assert made(name) == made(name), name


def test_what_a_transport_file_cannot_hold_is_refused_with_the_list(place: Any) -> None:
    released(place, arm="Überleben", regimen="x" * 200)
    with pytest.raises(Rejected) as refused:
        rows.export(TIDY, ALL, as_xpt, at=AT)
    assert [(each.row, each.field, each.value) for each in refused.value.problems] == [(1, "arm", "Überleben")]
    assert formats.unfit_for_xpt("x" * 201) == (
        "The text has 201 characters, a SAS transport file 200 at most: leave the column out."
    )


def test_excel_holds_text_as_text_and_explains_itself(place: Any) -> None:
    released(place)
    book = openpyxl.load_workbook(io.BytesIO(made("xlsx")))
    assert book.sheetnames == ["patients", "dictionary", "about"]
    names, first, second = book["patients"].iter_rows()
    row = dict(zip([cell.value for cell in names], first, strict=True))
    assert (row["arm"].value, row["arm"].data_type) == ("=1+1", "s")
    assert row["os_time"].value == 0
    assert [cell.value for cell in second][1] == "CWG-0200"
    assert [each[0].value for each in book["dictionary"].iter_rows(min_row=2)] == [each.name for each in TIDY.columns]


@pytest.mark.parametrize(("writer", "limit"), [(as_xpt, "MOST_XPT"), (as_excel, "MOST_EXCEL")])
def test_more_rows_than_it_holds_are_refused(
    place: Any, monkeypatch: pytest.MonkeyPatch, writer: Any, limit: str
) -> None:
    monkeypatch.setattr(formats, limit, 1)
    with pytest.raises(Refused, match="holds at most 1 rows, and there are 2: take CSV or Parquet"):
        rows.export(TIDY, ALL, writer, at=AT)


def test_no_rows_are_a_file_all_the_same(db: None) -> None:
    for name in FORMATS:
        content = made(name)
        assert name == "jsonl" or content
    assert pyarrow.parquet.read_table(io.BytesIO(made("parquet"))).num_rows == 0
