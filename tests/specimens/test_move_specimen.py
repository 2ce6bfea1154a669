"""Moving a specimen to the patient it is really of."""

from specimens.correcting import move_specimen
from specimens.enrolling import open_trial
from specimens.errors import Invalid
from specimens.models import Correction, Job, LedgerEntry, Patient, Specimen
from tests.cast import AT, FOUNDER, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_patient, a_received_block, a_specimen


def move(by: object, specimen: Specimen, to: Patient, reason: str = " labels swapped at Mercy ") -> Correction:
    return move_specimen(by=by, at=AT, specimen=specimen, to=to, reason=reason)


def test_a_specimen_goes_to_another_patient_with_all_that_hangs_on_it(
    cast: Cast, house: House, patient: Patient
) -> None:
    block = a_received_block(cast, house, patient)
    right = a_patient(cast, house, "CWG-0200")
    kept = move(cast.coordinator, block.specimen, right)
    block.refresh_from_db()
    assert block.specimen.patient == right
    assert (kept.was, kept.became, kept.reason) == ("CWG-0187", "CWG-0200", "labels swapped at Mercy")
    lines = list(LedgerEntry.objects.filter(deed="move specimen").order_by("number"))
    assert [line.patient_id for line in lines] == [patient.pk, right.pk]
    assert lines[0].sentence == f"Specimen {block.specimen} was moved from CWG-0187 to CWG-0200."
    assert (lines[0].was, lines[0].became) == ({"patient": "CWG-0187"}, {"patient": "CWG-0200"})
    job = Job.objects.get(kind="tissue moved")
    assert job.arguments == {"specimen_ids": [block.specimen_id], "patient_ids": [patient.pk, right.pk]}


def test_only_coordinators_correct(cast: Cast, house: House, patient: Patient) -> None:
    specimen, right = a_specimen(cast, house, patient), a_patient(cast, house, "CWG-0200")
    for name, person in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only coordinators of the core correct an identity"):
                move(person, specimen, right)


def test_no_reason(cast: Cast, house: House, patient: Patient) -> None:
    specimen, right = a_specimen(cast, house, patient), a_patient(cast, house, "CWG-0200")
    with refused("reason_missing", "Say why this is corrected", Invalid) as refusal:
        move(cast.coordinator, specimen, right, reason=" ")
    assert refusal.field == "reason"


def test_it_is_there_already(cast: Cast, house: House, patient: Patient) -> None:
    specimen = a_specimen(cast, house, patient)
    with refused("there_already", f"Specimen {specimen} is CWG-0187's already."):
        move(cast.coordinator, specimen, patient)


def test_tissue_stays_in_its_trial(cast: Cast, house: House, patient: Patient) -> None:
    specimen = a_specimen(cast, house, patient)
    trial = open_trial(by=FOUNDER, at=AT, code="OTHER", title="Another trial")
    stranger = a_patient(cast, House(house.core, house.mercy, house.lakeshore, trial), "OTH-1")
    with refused("other_trial", "OTH-1 is in trial OTHER, CWG-0187 in CWG: tissue stays in its trial."):
        move(cast.coordinator, specimen, stranger)


def test_two_specimens_with_one_label(cast: Cast, house: House, patient: Patient) -> None:
    specimen, right = a_specimen(cast, house, patient), a_patient(cast, house, "CWG-0200")
    a_specimen(cast, house, right)
    with refused("specimen_label_once", "This patient has a specimen with that label already."):
        move(cast.coordinator, specimen, right)
