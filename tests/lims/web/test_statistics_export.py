"""The export page: the choice, the number of rows that will come, the dictionary, snippets for programs."""

import pytest

from lims.export.columns import PATIENTS
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows
from tests.lims.web.visits import MOST_QUERIES, questions
from tests.stories import House, a_patient


@pytest.fixture
def three(cast: Cast, house: House) -> None:
    for number in (1, 2, 3):
        a_patient(cast, house, f"CWG-000{number}")


def test_the_button_says_how_many_rows_will_come(enter: Enter, cast: Cast, three: None) -> None:
    page = shows(
        enter(cast.statistician), "/export/", "Download 3 rows as CSV", "not validated for treatment decisions"
    )
    assert 'href="/api/v1/export/patients/?format=csv"' in page


def test_the_button_leads_to_just_so_many_rows(enter: Enter, cast: Cast, three: None) -> None:
    browser = enter(cast.statistician)
    page = shows(browser, "/export/?trial=CWG&format=csv&as_of=2026-11-23", "Download 3 rows as CSV as of 2026-11-23")
    address = page.split('class="button primary" href="')[1].split('"')[0].replace("&amp;", "&")
    assert address == "/api/v1/export/patients/?format=csv&trial=CWG&as_of=2026-11-23"
    answer = browser.get(address)
    assert answer["X-Row-Count"] == "3"
    assert b"".join(answer.streaming_content).count(b"\n") == 4


def test_every_column_of_the_dictionary_is_explained(enter: Enter, cast: Cast, house: House) -> None:
    page = shows(enter(cast.statistician), "/export/", f"{len(PATIENTS)} columns")
    assert [
        c.name for c in PATIENTS if f"<code>{c.name}</code>" not in page or f"<code>{c.xpt}</code>" not in page
    ] == []


def test_snippets_carry_the_chosen_address_and_no_token(enter: Enter, cast: Cast, three: None) -> None:
    page = shows(enter(cast.statistician), "/export/?trial=CWG&format=json", "proc http", "pd.read_csv", "read.csv")
    assert page.count("http://testserver/api/v1/export/patients/?format=csv&amp;trial=CWG") == 3
    assert page.count("PARAFFIN_TOKEN") >= 3


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("as_of=2030-01-01", "2030-01-01 has not come yet"),
        ("as_of=yesterday", "Write the date as 2026-11-23."),
        ("trial=NOPE", "Select a valid choice"),
        ("format=pdf", "Select a valid choice"),
        ("table=secrets", "Select a valid choice"),
    ],
)
def test_what_cannot_be_exported_is_told_beside_its_field(
    enter: Enter, cast: Cast, three: None, asked: str, sentence: str
) -> None:
    shows(enter(cast.statistician), f"/export/?{asked}", sentence, "Download 3 rows as CSV")


def test_the_page_asks_few_questions(enter: Enter, cast: Cast, three: None) -> None:
    assert questions(enter(cast.statistician), "/export/") <= MOST_QUERIES
