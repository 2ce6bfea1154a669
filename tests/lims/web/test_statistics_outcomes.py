"""Outcome releases: dry run, import all or nothing, conflicts between two."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from lims.models.outcomes import Outcome, OutcomeRelease
from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows, text
from tests.lims.web.visits import MOST_QUERIES, questions, status
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
        (b"PK\x03\x04junk", "The file holds control characters and is no CSV"),
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


# ---- conflicts ----
def release(cast: Cast, house: House, name: str, response: str) -> OutcomeRelease:
    rows = [NewOutcome("CWG-0001", response=response), NewOutcome("CWG-0002", response="SD")]
    return import_release(
        by=cast.statistician, at=AT, trial=house.trial, name=name, source="the registry", cut_on=date(2005, 1, 1),
        sha256=name[-1] * 64, rows=rows,
    )  # fmt: skip


def test_where_two_releases_disagree_both_are_told(sam: Client, cast: Cast, house: House) -> None:
    a, b = release(cast, house, "release a", "CR"), release(cast, house, "release b", "PD")
    shows(sam, "/outcomes/", f"/outcomes/{a.pk}/against/{b.pk}/", "release a against release b")
    page = shows(
        sam, f"/outcomes/{a.pk}/against/{b.pk}/", "1 conflict in 1 patient", "CWG-0001", "neither is preferred"
    )
    assert [cell for cell in ("<td>CR</td>", "<td>PD</td>") if cell not in page] == []
    assert "CWG-0002" not in page


def test_a_release_is_not_held_against_itself(sam: Client, cast: Cast, house: House) -> None:
    a = release(cast, house, "release a", "CR")
    assert status(sam, f"/outcomes/{a.pk}/against/{a.pk}/") == 409
    assert status(sam, f"/outcomes/{a.pk}/against/{a.pk + 7}/") == 404
    assert status(sam, f"/outcomes/{a.pk}/against/{10**30}/") == 404


def test_the_list_asks_few_questions(sam: Client, cast: Cast, house: House) -> None:
    for letter in "abcd":
        release(cast, house, f"release {letter}", "CR")
    assert questions(sam, "/outcomes/") <= MOST_QUERIES
