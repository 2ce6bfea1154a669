"""Correcting a study id that was typed wrong."""

import pytest

from specimens.correcting import correct_study_id
from specimens.errors import Invalid
from specimens.models import Correction, LedgerEntry, Patient
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_patient


def correct(by: object, patient: Patient, study_id: str, reason: str = "two digits swapped") -> Correction:
    return correct_study_id(by=by, at=AT, patient=patient, study_id=study_id, reason=reason)


def test_a_study_id_is_corrected(cast: Cast, patient: Patient) -> None:
    kept = correct(cast.coordinator, patient, " cwg-0178 ")
    patient.refresh_from_db()
    assert patient.study_id == "CWG-0178"
    assert (kept.kind, kept.was, kept.became) == ("study_id", "CWG-0187", "CWG-0178")
    line = LedgerEntry.objects.latest("number")
    assert (line.was, line.became) == ({"study_id": "CWG-0187"}, {"study_id": "CWG-0178"})
    assert line.sentence == "The study id CWG-0187 was corrected to CWG-0178."


def test_only_coordinators_correct(cast: Cast, patient: Patient) -> None:
    for name, person in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only coordinators of the core correct an identity"):
                correct(person, patient, "CWG-0178")


def test_no_reason(cast: Cast, patient: Patient) -> None:
    with refused("reason_missing", "Say why this is corrected", Invalid):
        correct(cast.coordinator, patient, "CWG-0178", reason=" ")


@pytest.mark.parametrize("study_id", ["", "X", "two words", "X" * 40, "CWG\0", "CWG-1\nCWG-2"])
def test_a_study_id_that_is_none(cast: Cast, patient: Patient, study_id: str) -> None:
    with refused("bad_study_id", "A study id looks like CWG-0187.", Invalid) as refusal:
        correct(cast.coordinator, patient, study_id)
    assert refusal.field == "study_id"


def test_it_is_that_already(cast: Cast, patient: Patient) -> None:
    with refused("there_already", "The study id is CWG-0187 already."):
        correct(cast.coordinator, patient, "cwg-0187")


def test_somebody_else_has_it(cast: Cast, house: House, patient: Patient) -> None:
    a_patient(cast, house, "CWG-0178")
    with refused("patient_study_id_once", "A patient with this study id is enrolled in this trial already."):
        correct(cast.coordinator, patient, "CWG-0178")
