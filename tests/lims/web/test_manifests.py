"""The pages of manifests: upload, wait, look at every row, import; nothing for who may not."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from lims.manifests.desk import STATES, state_of
from lims.manifests.working import Progress
from lims.models import Manifest, ManifestCheck
from lims.vocabulary import Role
from specimens import jobs
from specimens.models import Patient, Shipment
from tests.cast import Cast, person
from tests.lims.intake.sheets_made import cimac
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.network import long_manifest, the_networks_trial
from tests.stories import House

HEAD = "kind,study_id,specimen_label,label\n"
SOUND = HEAD + "block,CWG-0187,S1,A1\n"


def upload(browser: Client, content: str | bytes, name: str = "parcel.csv", **said: str) -> str:
    """The address of the manifest's page."""
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    form = {"file": file, "sender": "MERCY", "receiver": "CORE", "trial": "CWG"} | said
    answer = browser.post("/manifests/", form)
    assert answer.status_code == 302, text(answer)
    return str(answer["Location"])


def test_from_upload_to_parcel(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    shows(browser, "/parcels/", "Import a manifest")
    page = upload(browser, SOUND)
    waiting = shows(browser, page, "Judging", "waiting for the worker", "Stop judging", "every 1s")
    assert "Import 1 item" not in waiting
    jobs.work_off()
    shows(browser, page, "can come in", "Import 1 item", "A1", "CWG-0187")
    assert browser.post(f"{page}import/")["Location"] == page
    shows(browser, page, "Importing", "Stop the import")
    browser.post(f"{page}import/")
    jobs.work_off()
    parcel = Shipment.objects.get()
    shows(browser, page, f'came in as parcel <a href="/parcels/{parcel}/">')
    assert upload(browser, SOUND, "again.csv") == page
    shows(browser, "/manifests/", "imported", str(parcel))
    assert Shipment.objects.count() == 1


def test_the_bar_says_how_many_are_done_and_left(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    page = upload(browser, SOUND)
    Progress(ManifestCheck.objects.get().pk).tell("judging", 250, 1000)
    shows(browser, f"{page}progress/", "judging: 250 of 1,000 rows done, 750 left", 'value="250"', 'max="1000"')
    jobs.work_off()
    ended = browser.get(f"{page}progress/")
    assert ended["HX-Refresh"] == "true"


def test_judging_can_be_stopped_and_begun_again(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    page = upload(browser, SOUND)
    browser.post(f"{page}stop/")
    shows(browser, page, "Somebody stopped this", "Judge every row again")
    browser.post(f"{page}stop/")
    shows(browser, page, "has ended already")
    browser.post(f"{page}check/")
    jobs.work_off()
    shows(browser, page, "Import 1 item")


def test_refused_rows_stand_with_field_and_reason(enter: Enter, cast: Cast, house: House) -> None:
    the_networks_trial(cast)
    browser = enter(cast.coordinator)
    page = upload(browser, cimac("h_and_e_template.xlsx"), "he.xlsx", trial="")
    jobs.work_off()
    told = shows(browser, page, "cannot all hold", "Viable tumor (% area)", "100/100/100/100/100", "a year after")
    assert "Import 3 items" not in told
    assert "CTTTP08T1.00" in shows(browser, f"{page}?rows=warned", "All parts of the area are 0")
    assert "cannot all hold" not in shows(browser, f"{page}?rows=clean", "No row is clean")


def test_the_judged_file_carries_its_verdicts_and_no_formulas(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    page = upload(browser, SOUND + "block,=1+1,S1,@A2\n", "=bad\n.csv")
    jobs.work_off()
    answer = browser.get(f"{page}judged.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][-3:] == ["verdict", "field", "reason"]
    assert rows[1][-3] == "accepted"
    assert rows[2][1:4] == ["'=1+1", "S1", "'@A2"]
    assert rows[2][-3:-1] == ["refused", "study_id"]
    book = load_workbook(io.BytesIO(browser.get(f"{page}judged.xlsx").content))
    assert book.sheetnames[0] == "Verdict"
    cell = book.worksheets[1]["B3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_the_empty_template_is_taken_and_filled(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    book = load_workbook(io.BytesIO(browser.get("/manifests/template.xlsx").content))
    book.worksheets[0].append(["block", "CWG-0187", "S1", "A1"])
    kept = io.BytesIO()
    book.save(kept)
    page = upload(browser, kept.getvalue(), "filled.xlsx")
    jobs.work_off()
    shows(browser, page, "Import 1 item")
    line = browser.get("/manifests/template.csv").content.decode("utf-8-sig")
    assert line.startswith("kind,study_id,specimen_label,label,")


def test_unknown_columns_are_mapped_on_the_page(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    page = upload(browser, "Art,Patient,Probe,Etikett\nBlock,CWG-0187,S1,A1\n")
    jobs.work_off()
    shows(browser, page, "Which columns are which?", "Etikett")
    wrong = browser.post(f"{page}columns/", {"c0": "kind", "c1": "kind", "c2": "", "c3": "label"})
    assert "Two columns cannot both be kind" in text(wrong)
    told = {"c0": "kind", "c1": "study_id", "c2": "specimen_label", "c3": "label"}
    assert browser.post(f"{page}columns/", told).status_code == 302
    jobs.work_off()
    shows(browser, page, "Import 1 item")
    after = upload(browser, "Art,Patient,Probe,Etikett\nBlock,CWG-0187,S1,A2\n", "next.csv")
    jobs.work_off()
    shows(browser, after, "Import 1 item")


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"%PDF-1.7", 415, "This is a PDF"),
        (b"PK\x03\x04", 200, "damaged or cut short"),
        (b"", 200, "The file is empty"),
    ],
)
def test_what_is_no_manifest_is_refused_beside_the_field(
    enter: Enter, cast: Cast, house: House, content: bytes, code: int, words: str
) -> None:
    form = {"file": SimpleUploadedFile("a.xlsx", content), "sender": "MERCY", "receiver": "CORE"}
    answer = enter(cast.coordinator).post("/manifests/", form)
    assert answer.status_code == code
    assert words in text(answer)
    assert not Manifest.objects.exists()


def test_a_form_that_says_it_is_huge_is_not_read(enter: Enter, cast: Cast) -> None:
    answer = enter(cast.coordinator).post("/manifests/", {}, CONTENT_LENGTH=str(5 * 2**30))
    assert answer.status_code == 413
    assert "send it in parts" in text(answer)


def test_a_hospital_sees_its_own_alone(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    page = upload(enter(cast.coordinator), SOUND)
    jobs.work_off()
    lake = enter(person("lena", "Lena Lake", Role.COORDINATOR, house.lakeshore))
    mercy = enter(person("mira", "Mira Mercy", Role.COORDINATOR, house.mercy))
    for address in (page, f"{page}progress/", f"{page}judged.csv", f"{page}judged.xlsx"):
        assert status(lake, address) == 404
        assert status(mercy, address) == 200
    assert "parcel.csv" not in shows(lake, "/manifests/")
    assert "parcel.csv" in shows(mercy, "/manifests/")
    assert lake.post(f"{page}import/").status_code == 404
    for who in (cast.bench, cast.reader, cast.adjudicator, cast.statistician, cast.administrator):
        assert status(enter(who), page) == 403


def test_pages_ask_few_questions(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.coordinator)
    page = upload(browser, long_manifest(cast, house, 200), "long.xlsx")
    for number in range(12):
        upload(browser, SOUND.replace("A1", f"A{number}"), f"{number}.csv")
    jobs.work_off()
    assert questions(browser, page) <= MOST_QUERIES + 2
    assert questions(browser, "/manifests/") <= MOST_QUERIES + 2
    shows(browser, page, "Next 50", "50 rows shown")
    shows(browser, f"{page}?rows=all&after=52", "Back to the start")


def test_a_state_is_a_function_of_facts() -> None:
    check = ManifestCheck(rows=1, accepted=1)
    assert state_of(None, False) == "stopped"
    assert state_of(check, False) == "judging"
    assert state_of(check, False, given_up=True) == "given up"
    assert state_of(check, True) == "imported"
    assert set(STATES) >= {"judging", "importing", "stopped", "given up", "refused", "ready", "imported"}
