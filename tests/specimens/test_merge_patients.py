"""Two records that are one person."""

from dataclasses import replace
from datetime import date

from specimens.consenting import withdraw_consent
from specimens.correcting import merge_patients
from specimens.enrolling import open_trial
from specimens.errors import Invalid
from specimens.models import Job, LedgerEntry, Patient, PatientMerge, Specimen
from specimens.queries import patients
from specimens.scope import EVERYTHING
from specimens.vocabulary import SpecimenKind
from tests.cast import AT, FOUNDER, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_patient, a_specimen


def merge(by: object, duplicate: Patient, survivor: Patient, reason: str = "enrolled twice") -> PatientMerge:
    return merge_patients(by=by, at=AT, duplicate=duplicate, survivor=survivor, reason=reason)


def test_all_tissue_becomes_the_survivor_s(cast: Cast, house: House, patient: Patient) -> None:
    twin = a_patient(cast, house, "CWG-0200")
    a_specimen(cast, house, patient)
    moved = a_specimen(cast, house, twin, SpecimenKind.METASTASIS)
    merged = merge(cast.coordinator, twin, patient)
    assert (merged.duplicate, merged.survivor) == (twin, patient)
    assert set(Specimen.objects.values_list("patient_id", flat=True)) == {patient.pk}
    assert list(patients(EVERYTHING)) == [patient]
    lines = LedgerEntry.objects.filter(deed="merge patients").order_by("number")
    assert [line.patient_id for line in lines] == [twin.pk, patient.pk]
    assert lines[0].sentence == "CWG-0200 was found to be CWG-0187 and merged into it with 1 specimens."
    job = Job.objects.get(kind="tissue moved")
    assert job.arguments == {"specimen_ids": [moved.pk], "patient_ids": [patient.pk, twin.pk]}


def test_only_coordinators_correct(cast: Cast, house: House, patient: Patient) -> None:
    twin = a_patient(cast, house, "CWG-0200")
    for name, person in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only coordinators of the core correct an identity"):
                merge(person, twin, patient)


def test_no_reason(cast: Cast, house: House, patient: Patient) -> None:
    with refused("reason_missing", "Say why this is corrected", Invalid):
        merge(cast.coordinator, patient, patient, reason="")


def test_a_patient_and_itself(cast: Cast, patient: Patient) -> None:
    with refused("one_patient", "A patient cannot be merged into itself."):
        merge(cast.coordinator, patient, patient)


def test_records_of_two_trials(cast: Cast, house: House, patient: Patient) -> None:
    trial = open_trial(by=FOUNDER, at=AT, code="OTHER", title="Another trial")
    stranger = a_patient(cast, replace(house, trial=trial), "OTH-1")
    with refused("other_trial", "Only records of one trial are merged."):
        merge(cast.coordinator, stranger, patient)


def test_merged_before(cast: Cast, house: House, patient: Patient) -> None:
    twin, third = a_patient(cast, house, "CWG-0200"), a_patient(cast, house, "CWG-0300")
    merge(cast.coordinator, twin, patient)
    for duplicate, survivor in ((twin, third), (third, twin)):
        with refused("merged_already", "One of these records was merged before."):
            merge(cast.coordinator, duplicate, survivor)


def test_one_of_them_withdrew(cast: Cast, house: House, patient: Patient) -> None:
    twin = a_patient(cast, house, "CWG-0200")
    consent = twin.consents.get()
    withdraw_consent(by=cast.coordinator, at=AT, consent=consent, withdrawn_on=date(2026, 11, 20))
    with refused("consent_differs", "One of them has withdrawn consent: record the withdrawal on both first."):
        merge(cast.coordinator, twin, patient)


def test_both_have_a_specimen_of_that_label(cast: Cast, house: House, patient: Patient) -> None:
    twin = a_patient(cast, house, "CWG-0200")
    a_specimen(cast, house, twin)
    a_specimen(cast, house, patient)
    with refused("specimen_label_once", "This patient has a specimen with that label already."):
        merge(cast.coordinator, twin, patient)
