"""Clinical factors from a sheet: looked at first, recorded as a whole, passed over the second time."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from scoring.models import ClinicalFact
from specimens.models import Patient
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, text
from tests.stories import House

ADDRESS = "/patients/clinical/sheet/"
HEADING = "trial,study_id,factor,value,unit,lower,upper,on,source\n"
ROWS = "CWG,CWG-0187,ldh,250,U/L,,240,2026-11-01,chart\nCWG,CWG-0187,karnofsky,80,,,,2026-11-01,chart\n"


def looks(browser: Client, rows: str, heading: str = HEADING) -> str:
    sheet = SimpleUploadedFile("factors.csv", (heading + rows).encode(), content_type="text/csv")
    return text(browser.post(ADDRESS, {"sheet": sheet, "look": "1"}))


def test_look_then_record_then_nothing_more(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    assert questions(browser, ADDRESS) <= MOST_QUERIES
    assert "2 rows of 2 will be recorded" in looks(browser, ROWS)
    assert not ClinicalFact.objects.exists()
    browser.post(ADDRESS, {"text": HEADING + ROWS, "commit": "1"})
    assert ClinicalFact.objects.count() == 2
    assert "Every row is recorded already" in looks(browser, ROWS)


def test_every_fault_has_its_row_and_nothing_is_kept(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    wrong = "CWG,CWG-0187,calcium,2.5,mg/dL,,,2026-11-01,chart\nCWG,CWG-0187,ecog,1,,,,1.11.2026,chart\n"
    page = looks(browser, ROWS + wrong)
    assert "2 rows of 4 cannot be recorded" in page
    assert [word for word in ("was it measured in mmol/L?", "write 2026-11-23") if word not in page] == []
    browser.post(ADDRESS, {"text": HEADING + ROWS + wrong, "commit": "1"})
    assert not ClinicalFact.objects.exists()
    assert "The heading lacks" in looks(browser, "x\n", "a\n")
    assert "Choose a sheet first." in text(browser.post(ADDRESS, {"look": "1"}))


def test_only_coordinators_open_it(enter: Enter, cast: Cast, house: House) -> None:
    for who in (cast.reader, cast.adjudicator, cast.bench, cast.administrator, cast.statistician):
        assert enter(who).get(ADDRESS).status_code == 403
