"""Corrections: moved, merged, put right; with a reason, by the core's coordinators."""

import pytest

from lims.vocabulary import Role
from specimens.models import Block, Correction, Patient
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows, status, text
from tests.stories import House, a_patient, a_received_block, a_stained_slide

WHY = "the request form names another patient"


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


def test_a_specimen_goes_to_its_patient(enter: Enter, cast: Cast, house: House, block: Block) -> None:
    browser, right = enter(cast.coordinator), a_patient(cast, house, "CWG-0188")
    address = f"/specimens/{block.specimen}/"
    shows(browser, address, f"{address}move/")
    assert browser.post(f"{address}move/", {"to": "cwg-0188", "reason": WHY})["Location"] == address
    shows(browser, address, right.study_id, "was moved to CWG-0188")
    shows(browser, "/corrections/", str(block.specimen), "CWG-0187", "CWG-0188", WHY)


def test_a_block_and_a_slide_go_where_they_belong(enter: Enter, cast: Cast, house: House, block: Block) -> None:
    browser, slide = enter(cast.coordinator), a_stained_slide(cast, block)
    other = a_received_block(cast, house, a_patient(cast, house, "CWG-0188"), label="B7")
    said = {"to": str(other), "reason": WHY}
    assert browser.post(f"/slides/{slide}/move/", said)["Location"] == f"/slides/{slide}/"
    said = {"to": str(other.specimen).lower(), "reason": WHY}
    assert browser.post(f"/blocks/{block}/move/", said)["Location"] == f"/blocks/{block}/"
    assert Correction.objects.count() == 2


def test_two_records_are_merged(enter: Enter, cast: Cast, house: House, block: Block, patient: Patient) -> None:
    browser, survivor = enter(cast.coordinator), a_patient(cast, house, "CWG-0188")
    browser.post(f"/patients/{patient.pk}/merge/", {"to": "CWG-0188", "reason": WHY})
    assert block.specimen.__class__.objects.get(pk=block.specimen_id).patient_id == survivor.pk
    shows(browser, "/patients/", "CWG-0187 was merged into CWG-0188")
    assert "CWG-0187" not in shows(browser, "/patients/", "CWG-0188")


def test_a_study_id_is_put_right(enter: Enter, cast: Cast, patient: Patient) -> None:
    answer = enter(cast.coordinator).post(f"/patients/{patient.pk}/study-id/", {"to": "cwg-0817", "reason": WHY})
    assert answer.status_code == 302
    patient.refresh_from_db()
    assert patient.study_id == "CWG-0817"


@pytest.mark.parametrize(
    ("to", "reason", "said"),
    [
        ("CWG-9999", WHY, "No patient CWG-9999 of trial CWG is within your reach"),
        ("CWG-0187", WHY, "already"),
        ("CWG-0188", " ", "This field is required"),
        ("", WHY, "This field is required"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    enter: Enter, cast: Cast, house: House, block: Block, to: str, reason: str, said: str
) -> None:
    a_patient(cast, house, "CWG-0188")
    answer = enter(cast.coordinator).post(f"/specimens/{block.specimen}/move/", {"to": to, "reason": reason})
    assert answer.status_code == 200
    assert said in text(answer)
    assert reason in text(answer)
    assert f'value="{to}"' in text(answer) or not to
    assert not Correction.objects.exists()


def test_a_hospitals_coordinator_corrects_nothing(enter: Enter, cast: Cast, house: House, block: Block) -> None:
    browser = enter(person("mo", "Mo Mercy", Role.COORDINATOR, house.mercy))
    assert status(browser, f"/specimens/{block.specimen}/move/") == 403
    assert "/move/" not in shows(browser, f"/specimens/{block.specimen}/")
    assert status(enter(cast.bench), "/corrections/") == 403


def test_nothing_corrected_says_how(enter: Enter, cast: Cast, house: House) -> None:
    shows(enter(cast.coordinator), "/corrections/", "Nothing has been corrected yet")


def test_only_the_core_is_shown_the_way(enter: Enter, cast: Cast, house: House) -> None:
    hospital = enter(person("mo", "Mo Mercy", Role.COORDINATOR, house.mercy))
    assert "/corrections/" not in shows(hospital, "/parcels/")
    shows(enter(cast.coordinator), "/parcels/", "/corrections/")
