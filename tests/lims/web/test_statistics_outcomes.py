"""Outcome releases: dry run, columns mapped, import all or nothing."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import Workbook

from lims.models.outcomes import Outcome, OutcomeRelease
from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows, text
from tests.lims.web.visits import MOST_QUERIES, questions
from tests.stories import House, a_patient

HEADING = "study_id,arm,response,os_time,os_event,time_origin\n"
GOOD = f"{HEADING}CWG-0001,IL-2,CR,730,0,registration\nCWG-0002,IL-2,PD,90,1,registration\n"


@pytest.fixture
def sam(enter: Enter, cast: Cast, house: House) -> Client:
    for study_id in ("CWG-0001", "CWG-0002"):
        a_patient(cast, house, study_id)
    return enter(cast.statistician)


def looked_at(browser: Client, content: bytes | str, **changes: str) -> HttpResponse:
    """The dry run of a sheet."""
    sheet = SimpleUploadedFile("o.csv", content.encode() if isinstance(content, str) else content)
    said = {"trial": "CWG", "name": "2005-01 cut", "source": "the registry", "cut_on": "2005-01-31", "look": "1"}
    return browser.post("/outcomes/add/", said | changes | {"sheet": sheet})


def committed(browser: Client, answer: HttpResponse, **changes: str) -> HttpResponse:
    """The same bytes again, this time for good."""
    kept = text(answer).split('name="kept" value="')[1].split('"')[0]
    said = {"trial": "CWG", "name": "2005-01 cut", "source": "the registry", "cut_on": "2005-01-31", "commit": "1"}
    return browser.post("/outcomes/add/", said | changes | {"kept": kept})


def test_a_sheet_is_looked_at_before_anything_is_kept(sam: Client) -> None:
    page = text(looked_at(sam, GOOD))
    assert [
        word for word in ("All 2 rows can come in", "Import 2 outcomes", "730 days, alive") if word not in page
    ] == []
    assert not OutcomeRelease.objects.exists()


def test_the_same_bytes_then_come_in(sam: Client) -> None:
    with_mark = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    answer = committed(sam, looked_at(sam, with_mark))
    assert (answer.status_code, answer["Location"]) == (302, "/outcomes/")
    release = OutcomeRelease.objects.get()
    import hashlib

    assert (release.sha256, release.cut_on) == (hashlib.sha256(with_mark).hexdigest(), date(2005, 1, 31))
    assert Outcome.objects.count() == 2
    shows(sam, "/outcomes/", "2005-01 cut", "the registry", "2005-01-31")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("CWG-9999,IL-2,CR,730,0,registration", "No patient with this study id"),
        ("CWG-0001,IL-2,splendid,730,0,registration", "Give one of CR, PR"),
        ("CWG-0001,IL-2,CR,some,0,registration", "Give a whole number of days"),
        ("CWG-0001,IL-2,CR,,1,registration", "An event flag needs its time"),
        ("CWG-0002,IL-2,CR,7,1,registration", "stands in row 1 already"),
    ],
)
def test_one_faulty_row_keeps_everything_out(sam: Client, row: str, sentence: str) -> None:
    content = f"{HEADING}CWG-0002,IL-2,PD,90,1,registration\n{row}\n"
    answer = looked_at(sam, content)
    assert sentence in text(answer)
    assert "1 row cannot come in: nothing was kept" in text(answer)
    assert 'value="2005-01 cut"' in text(answer)
    assert committed(sam, answer).status_code == 200
    assert not OutcomeRelease.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", "is not UTF-8 text"),
        (b"", "The file is empty; send a heading and one row a patient."),
        (b"PK\x03\x04junk", "The workbook is damaged or cut short"),
        (b"name,arm\na,b\n", "No column is called"),
        (b"study_id\n", "a heading and no rows"),
        (b"study_id;arm\nCWG-0001;x\n", "not separated by commas"),
    ],
)
def test_a_file_that_is_no_sheet_is_told_so(sam: Client, content: bytes, sentence: str) -> None:
    answer = looked_at(sam, content)
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert not OutcomeRelease.objects.exists()


def test_a_large_sheet_is_refused_with_the_way_out(sam: Client) -> None:
    assert "send it through the API instead" in text(looked_at(sam, b"x" * (3 * 2**20 + 1)))


def test_a_form_without_a_sheet_keeps_its_words(sam: Client) -> None:
    said = {"trial": "CWG", "name": "2005-01 cut", "source": "the registry", "look": "1"}
    page = text(sam.post("/outcomes/add/", said))
    assert "Choose the sheet first." in page
    assert 'value="the registry"' in page


def test_damaged_bytes_are_no_500(sam: Client) -> None:
    said = {"trial": "CWG", "name": "a", "source": "b", "kept": "***", "commit": "1"}
    assert "choose it again" in text(sam.post("/outcomes/add/", said))


def test_the_very_file_comes_in_once(sam: Client) -> None:
    committed(sam, looked_at(sam, GOOD))
    answer = committed(sam, looked_at(sam, GOOD, name="again"), name="again")
    assert "This very file has been imported already." in text(answer)
    assert OutcomeRelease.objects.count() == 1


def release(cast: Cast, house: House, name: str, response: str) -> OutcomeRelease:
    rows = [NewOutcome("CWG-0001", response=response), NewOutcome("CWG-0002", response="SD")]
    return import_release(
        by=cast.statistician, at=AT, trial=house.trial, name=name, source="the registry", cut_on=date(2005, 1, 1),
        sha256=name[-1] * 64, rows=rows,
    )  # fmt: skip


def test_the_list_asks_few_questions(sam: Client, cast: Cast, house: House) -> None:
    for letter in "abcd":
        release(cast, house, f"release {letter}", "CR")
    assert questions(sam, "/outcomes/") <= MOST_QUERIES


# ---- a sheet whose columns are called otherwise ----
THEIRS = "Patient,Best response,Site\nCWG-0001,CR,4\nCWG-0002,PD,4\n"
MAPPED = {"column_0": "study_id", "column_1": "response", "column_2": "-"}


def test_strange_columns_are_mapped_on_the_page_and_remembered_for_their_source(sam: Client) -> None:
    page = text(looked_at(sam, THEIRS))
    assert [word for word in ("Best response", "No column is called “Patient”", "column_1") if word not in page] == []
    answer = looked_at(sam, THEIRS, **MAPPED)
    assert "All 2 rows can come in" in text(answer)
    committed(sam, answer, **MAPPED)
    assert set(Outcome.objects.values_list("response", flat=True)) == {"CR", "PD"}
    assert "All 1 row can come in" in text(looked_at(sam, "Patient,Best response,Site\nCWG-0001,PR,4\n", name="next"))
    assert "No column is called" in text(looked_at(sam, THEIRS, source="another registry"))


def test_a_mapping_to_no_column_is_said(sam: Client) -> None:
    page = text(looked_at(sam, THEIRS, **MAPPED | {"column_1": "best"}))
    assert "No column is called “best”" in page
    assert 'value="best"' in page


def test_a_workbook_is_read_as_a_sheet(sam: Client) -> None:
    book = Workbook()
    book.active.append(["study_id", "os_time", "os_event", "time_origin"])
    book.active.append(["CWG-0001", 730, 0, "registration"])
    kept = BytesIO()
    book.save(kept)
    answer = looked_at(sam, kept.getvalue())
    assert "All 1 row can come in" in text(answer)
    committed(sam, answer)
    assert Outcome.objects.get().os_time == 730
    book.create_sheet("more").append(["study_id"])
    kept = BytesIO()
    book.save(kept)
    assert "a workbook with one filled sheet; this one has 2" in text(looked_at(sam, kept.getvalue()))


def test_the_verdicts_can_be_taken_home(sam: Client) -> None:
    answer = looked_at(
        sam, f"{HEADING}CWG-0001,IL-2,CR,730,0,registration\n=1+1,IL-2,CR,1,1,registration\n", verdicts="1"
    )
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/csv")
    assert lines[1] == "1,CWG-0001,can come in,,,"
    assert lines[2].startswith("2,'=1+1,refused,study_id,'=1+1,")
