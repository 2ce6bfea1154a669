"""Parcels: the list, one parcel, announcing."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lims.vocabulary import Role
from specimens.models import Patient, Shipment
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.stories import House, a_patient, an_announced_parcel, an_item

PARCEL = {
    "sender": "MERCY",
    "receiver": "CORE",
    "trial": "CWG",
    "sent_on": "2026-11-20",
    "courier": "FedEx",
    "tracking": "7749",
    "sender_reference": "R-1",
    "form-TOTAL_FORMS": "3",
    "form-INITIAL_FORMS": "0",
}
BLANK = {"kind": "block", "specimen_kind": "primary", "terms": ""}


def lines(*written: dict[str, str]) -> dict[str, str]:
    rows = [BLANK | row for row in written] + [BLANK] * (3 - len(written))
    return {f"form-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


BLOCK = {
    "study_id": "CWG-0187",
    "specimen_label": "S1",
    "label": "A1",
    "terms": "loan",
    "hospital_number": "H26-77",
}
SLIDE = BLOCK | {
    "kind": "unstained_slide",
    "block_label": "A1",
    "label": "1",
    "terms": "",
    "cut_on": "2026-11-10",
}


def test_a_parcel_is_announced(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    shows(browser, "/parcels/announce/?study_id=CWG-0187&trial=CWG", 'value="CWG-0187"')
    answer = browser.post("/parcels/announce/", PARCEL | lines(BLOCK, SLIDE))
    parcel = Shipment.objects.get()
    assert answer["Location"] == f"/parcels/{parcel}/"
    assert [item.kind for item in parcel.items.order_by("line")] == ["block", "unstained_slide"]
    shows(browser, f"/parcels/{parcel}/", "Mercy General", "7749", "missing", "was announced with 2 items")


def test_the_fault_of_a_line_stands_beside_it(enter: Enter, cast: Cast, patient: Patient) -> None:
    wrong = SLIDE | {"block_label": "", "study_id": "CWG-9999"}
    page = text(enter(cast.coordinator).post("/parcels/announce/", PARCEL | lines(BLOCK, wrong)))
    assert "No patient CWG-9999 is enrolled in trial CWG" in page.split("Study id of line 2")[1]
    assert "A slide names the block it was cut from" in page
    assert 'value="7749"' in page
    assert 'value="H26-77"' in page
    assert not Shipment.objects.exists()


def test_a_parcel_without_items_is_refused(enter: Enter, cast: Cast, patient: Patient) -> None:
    page = text(enter(cast.coordinator).post("/parcels/announce/", PARCEL | lines()))
    assert "at least one item" in page


def test_three_more_lines_keep_what_was_typed(enter: Enter, cast: Cast, patient: Patient) -> None:
    page = text(enter(cast.coordinator).post("/parcels/announce/", PARCEL | lines(BLOCK) | {"more": "1"}))
    assert 'name="form-5-label"' in page
    assert 'value="H26-77"' in page


def test_a_form_with_a_broken_count_gets_a_sentence(enter: Enter, cast: Cast, patient: Patient) -> None:
    for count in ("", "x", "99999"):
        said = PARCEL | lines(BLOCK) | {"form-TOTAL_FORMS": count}
        assert enter(cast.coordinator).post("/parcels/announce/", said).status_code == 200
        assert enter(cast.coordinator).post("/parcels/announce/", said | {"more": "1"}).status_code == 200
    assert not Shipment.objects.exists()


def sheet(rows: str) -> SimpleUploadedFile:
    heading = "kind,study_id,specimen_label,label,block_label,cut_on,procedure_on\n"
    return SimpleUploadedFile("items.csv", (heading + rows).encode())


def test_items_come_from_a_sheet(enter: Enter, cast: Cast, patient: Patient) -> None:
    rows = "block,CWG-0187,S1,A1,,,2026-08-14\nunstained slide,CWG-0187,S1,1,A1,2026-11-10,2026-08-14\n"
    answer = enter(cast.coordinator).post("/parcels/announce/", PARCEL | lines() | {"sheet": sheet(rows)})
    assert answer.status_code == 302
    assert Shipment.objects.get().items.count() == 2


def test_the_faults_of_a_sheet_name_their_rows(enter: Enter, cast: Cast, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    rows = "brick,CWG-0187,S1,A1,,,\nblock,CWG-0187,S1,A2,,soon,\n"
    page = text(browser.post("/parcels/announce/", PARCEL | lines() | {"sheet": sheet(rows)}))
    assert "Row 1, kind: “brick” is not one of" in page
    assert "Row 2, cut on: “soon” is no date" in page
    rows = "block,CWG-0404,S1,A1,,,\n"
    page = text(browser.post("/parcels/announce/", PARCEL | lines() | {"sheet": sheet(rows)}))
    assert "Row 1, study id: No patient CWG-0404" in page


def test_a_hospital_announces_from_itself_alone(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser: Client = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    assert "Mercy General" not in shows(browser, "/parcels/announce/", "Lakeshore University")
    assert "Select a valid choice" in text(browser.post("/parcels/announce/", PARCEL | lines(BLOCK)))


def test_a_parcel_of_another_site_is_not_found(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    browser = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    assert status(browser, f"/parcels/{parcel}/") == 404
    assert str(parcel) not in shows(browser, "/parcels/")
    sender = enter(person("mo", "Mo Mercy", Role.COORDINATOR, house.mercy))
    assert "Receive this parcel" not in shows(sender, f"/parcels/{parcel}/", "CWG-0187")
    assert status(sender, f"/parcels/{parcel}/receive/") == 403


def test_the_list_is_filtered_by_state(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    browser = enter(cast.bench)
    shows(browser, "/parcels/?state=announced", str(parcel), "Receive 1 item")
    assert str(parcel) not in shows(browser, "/parcels/?state=closed", "No parcel is closed")


def test_query_counts_are_fixed(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    first = an_announced_parcel(cast, house, an_item(patient))
    few, one = questions(browser, "/parcels/"), questions(browser, f"/parcels/{first}/")
    more = [an_announced_parcel(cast, house, *[an_item(patient, label=f"{n}-{i}") for i in range(4)]) for n in range(4)]
    assert questions(browser, "/parcels/") == few <= MOST_QUERIES
    assert questions(browser, f"/parcels/{more[0]}/") == one <= MOST_QUERIES


def test_the_top_of_the_page_names_the_lines_at_fault(enter: Enter, cast: Cast, patient: Patient) -> None:
    wrong = SLIDE | {"block_label": ""}
    page = " ".join(text(enter(cast.coordinator).post("/parcels/announce/", PARCEL | lines(BLOCK, wrong))).split())
    assert 'Not announced: look again at <a href="#id_form-1-study_id">line 2</a> below.' in page


def test_two_refused_fields_are_listed(enter: Enter, cast: Cast, patient: Patient) -> None:
    wrong = PARCEL | {"sender": "", "trial": ""}
    page = " ".join(text(enter(cast.coordinator).post("/parcels/announce/", wrong | lines(BLOCK))).split())
    assert 'sent by</a>, <a href="#id_trial">trial</a> need another look.' in page


def test_who_holds_tissue_gets_no_link_to_a_patient_treated_elsewhere(enter: Enter, cast: Cast, house: House) -> None:
    elsewhere = a_patient(cast, house, "CWG-0300", site="LAKE")
    parcel = an_announced_parcel(cast, house, an_item(elsewhere))
    block = parcel.items.get().block
    browser, line = enter(person("mo", "Mo Mercy", Role.COORDINATOR, house.mercy)), f'"/patients/{elsewhere.pk}/"'
    for page in (f"/parcels/{parcel}/", f"/blocks/{block}/", f"/specimens/{block.specimen}/"):
        assert line not in shows(browser, page, "CWG-0300")
        assert line in shows(enter(cast.coordinator), page, "CWG-0300")
