"""Patients: the list, one by one, by file; consent given and withdrawn."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lims.vocabulary import Role
from specimens.models import Consent, Patient
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House, a_patient

TYPED = {
    "trial": "CWG",
    "study_id": "cwg-0500",
    "treating_site": "MERCY",
    "enrolled_on": "2026-11-20",
    "consent_scopes": ["this_study", "future_research"],
    "consent_version": "2",
    "consent_on": "2026-11-19",
}
HEADING = "study_id,treating_site,enrolled_on,consent,consent_on\n"


def sheet(rows: str, heading: str = HEADING) -> SimpleUploadedFile:
    return SimpleUploadedFile("patients.csv", (heading + rows).encode(), content_type="text/csv")


def test_a_patient_is_enrolled(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.coordinator)
    shows(browser, "/patients/enrol/", "Enrol this patient")
    answer = browser.post("/patients/enrol/", TYPED)
    added = Patient.objects.get(study_id="CWG-0500")
    assert answer["Location"] == f"/patients/{added.pk}/"
    assert sorted(added.consents.values_list("scope", flat=True)) == ["future_research", "this_study"]
    shows(browser, "/patients/", "CWG-0500", "Mercy General", "given")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("study_id", "x", "A study id is 2 to 39 letters"),
        ("enrolled_on", "2027-01-01", "lies in the future"),
        ("enrolled_on", "20.11.2026", "Write the date as 2026-11-23"),
        ("consent_on", "2026-02-30", "Write the date as 2026-11-23"),
        ("treating_site", "NOWHERE", "Select a valid choice"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    enter: Enter, cast: Cast, house: House, field: str, typed: str, said: str
) -> None:
    page = text(enter(cast.coordinator).post("/patients/enrol/", TYPED | {field: typed}))
    assert said in page
    assert 'value="2"' in page
    assert field == "treating_site" or f'value="{typed}"' in page
    assert not Patient.objects.exists()


def test_twice_is_refused_beside_the_field(enter: Enter, cast: Cast, patient: Patient) -> None:
    page = text(enter(cast.coordinator).post("/patients/enrol/", TYPED | {"study_id": "CWG-0187"}))
    assert 'id="id_study_id_error"' in page
    assert "enrolled in CWG already" in page


def test_a_hospital_enrols_at_its_own_site_alone(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    assert "Select a valid choice" in text(browser.post("/patients/enrol/", TYPED))
    assert browser.post("/patients/enrol/", TYPED | {"treating_site": "LAKE"}).status_code == 302


# ---- by file ----
def test_a_sheet_is_looked_at_and_then_enrolled(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.coordinator)
    rows = "CWG-0501,MERCY,2026-11-01,this_study,2026-11-01\nCWG-0502,LAKE,,,\n"
    page = text(browser.post("/patients/enrol/file/", {"trial": "CWG", "sheet": sheet(rows)}))
    assert "All 2 rows can be enrolled" in page
    assert not Patient.objects.exists()
    answer = browser.post("/patients/enrol/file/", {"trial": "CWG", "text": HEADING + rows, "commit": "1"})
    assert answer["Location"] == "/patients/"
    assert Patient.objects.count() == 2
    assert Consent.objects.count() == 1


def test_every_faulty_row_is_told(enter: Enter, cast: Cast, patient: Patient) -> None:
    rows = (
        "CWG-0187,MERCY,,,\nCWG-0601,NOWHERE,,,\nCWG-0602,MERCY,11/20/2026,,\nCWG-0603,MERCY,,maybe,\n"
        "CWG-0604,MERCY,,,\nCWG-0604,MERCY,,,\n"
    )
    said = {"trial": "CWG", "text": HEADING + rows, "commit": "1"}
    page = text(enter(cast.coordinator).post("/patients/enrol/file/", said))
    for words in [
        "enrolled in CWG already",
        "No treating site has the code “NOWHERE”",
        "“11/20/2026” is no date",
        "“maybe” is no consent",
        "stands in row 5 already",
        "5 rows of 6 cannot be enrolled",
    ]:
        assert words in page
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"study_id;treating_site\nA;B\n", "lacks"),
        (b"study_id,treating_site,name\nA1,MERCY,Smith\n", "unknown columns: “name”"),
        (b"study_id,treating_site,study_id\nA1,MERCY,A1\n", "twice"),
        (b"study_id,treating_site\nA1\n", "1 cells, the heading 2"),
        (b"study_id,treating_site\n", "no rows"),
        ("study_id,treating_site\nÄ1,MERCY\n".encode("latin-1"), "Line 2 is not UTF-8"),
        (b"PK\x03\x04\x00\x00", "NUL"),
        (b'study_id,treating_site\n"A1,MERCY\n', "no well-formed CSV"),
    ],
)
def test_what_is_no_sheet_gets_a_sentence(enter: Enter, cast: Cast, house: House, content: bytes, said: str) -> None:
    upload = SimpleUploadedFile("patients.csv", content)
    answer = enter(cast.coordinator).post("/patients/enrol/file/", {"trial": "CWG", "sheet": upload})
    assert answer.status_code == 200
    assert said in text(answer)
    assert not Patient.objects.exists()


# ---- the list ----
def test_the_list_is_filtered_and_paged(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.coordinator)
    for n in range(53):
        a_patient(cast, house, f"CWG-1{n:03}")
    page = shows(browser, "/patients/", "Next 50", "CWG-1052")
    assert "CWG-1002" not in page
    onward = page.split('href="?before=')[1].split('"')[0]
    shows(browser, f"/patients/?before={onward}", "CWG-1002", "CWG-1000", "Back to the start")
    assert "CWG-1052" not in shows(browser, "/patients/?q=1007", "CWG-1007")
    shows(browser, "/patients/?trial=NONE", "No patient within your reach fits")
    shows(browser, "/patients/?before=9" + "9" * 30, "CWG-1052")


def test_the_lists_query_count_is_fixed(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    few = questions(browser, "/patients/")
    for n in range(20):
        a_patient(cast, house, f"CWG-1{n:03}")
    assert questions(browser, "/patients/") == few <= MOST_QUERIES


# ---- consent ----
def test_consent_is_given_and_withdrawn(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser, address = enter(cast.coordinator), f"/patients/{patient.pk}/consent/"
    shows(browser, address, "this study", "stands")
    browser.post(address, {"scope": "future_research", "version": "3", "given_on": "2026-11-02"})
    shows(browser, address, "future research", "version 3")
    given = patient.consents.get(scope="this_study")
    withdrawing = {f"w{given.pk}-withdrawn_on": "2026-11-20", f"w{given.pk}-reason": "asked by letter"}
    assert browser.post(f"/consents/{given.pk}/withdraw/", withdrawing)["Location"] == address
    shows(browser, address, "asked by letter", "all work on this tissue has stopped")


def test_a_refused_withdrawal_keeps_its_form_open(enter: Enter, cast: Cast, patient: Patient) -> None:
    given = patient.consents.get()
    said = {f"w{given.pk}-withdrawn_on": "2026-01-01", f"w{given.pk}-reason": "asked"}
    page = text(enter(cast.coordinator).post(f"/consents/{given.pk}/withdraw/", said))
    assert "Consent was given on 2026-10-22" in page
    assert '<details class="more" open>' in page
    assert ">\nasked</textarea>" in page


def test_consent_of_another_site_is_not_found(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser: Client = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    assert browser.get(f"/patients/{patient.pk}/consent/").status_code == 404
    assert browser.post(f"/consents/{patient.consents.get().pk}/withdraw/").status_code == 404


def test_a_row_of_the_wrong_length_says_which(enter: Enter, cast: Cast, house: House) -> None:
    short = sheet("CWG-0600,MERCY,2026-11-20,this_study,2026-11-19\nCWG-0601,MERCY\n")
    page = text(enter(cast.coordinator).post("/patients/enrol/file/", {"trial": "CWG", "sheet": short, "look": "1"}))
    assert "Row 2: The row has 2 cells, the heading 5." in page


def test_a_withdrawal_from_future_research_stops_nothing(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.coordinator)
    browser.post("/patients/enrol/", TYPED)
    given = Consent.objects.get(scope="future_research")
    browser.get(f"/patients/{given.patient_id}/consent/")
    said = {f"w{given.pk}-withdrawn_on": "2026-11-21", f"w{given.pk}-reason": ""}
    browser.post(f"/consents/{given.pk}/withdraw/", said)
    page = shows(browser, f"/patients/{given.patient_id}/consent/", "work for this study goes on")
    assert "all work on this tissue has stopped" not in page
    assert "This consent was withdrawn already." in text(browser.post(f"/consents/{given.pk}/withdraw/", said))
