"""Enrolling patients: all of a sheet, or none of it with every fault named."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils import timezone

from specimens.enrolling import NewPatient, enrol_patients, open_trial
from specimens.errors import Rejected
from specimens.models import Consent, LedgerEntry, Patient
from specimens.vocabulary import ConsentScope
from tests.cast import AT, FOUNDER, Cast
from tests.refusals import forbidden, refused
from tests.stories import House

ROW = NewPatient(study_id="CWG-0187", treating_site="MERCY", consent_on=date(2026, 10, 22))


def test_patients_are_enrolled_with_their_consent(cast: Cast, house: House) -> None:
    both = (ConsentScope.THIS_STUDY, ConsentScope.FUTURE_RESEARCH, ConsentScope.THIS_STUDY)
    rows = [replace(ROW, study_id=" cwg-0187 ", treating_site="mercy", consent_scopes=both),
            replace(ROW, study_id="CWG-0188", treating_site="LAKE", synthetic=True)]  # fmt: skip
    first, second = enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=rows)
    assert (first.study_id, first.treating_site, first.synthetic) == ("CWG-0187", house.mercy, False)
    assert (second.treating_site, second.synthetic) == (house.lakeshore, True)
    assert sorted(first.consents.values_list("scope", flat=True)) == ["future_research", "this_study"]
    lines = LedgerEntry.objects.filter(deed="enrol patient").order_by("number")
    assert [line.patient_id for line in lines] == [first.pk, second.pk]
    assert lines[1].sentence == "CWG-0188 was enrolled at LAKE; consent: this study."


def test_a_synthetic_trial_makes_its_patients_synthetic(cast: Cast, house: House) -> None:
    trial = open_trial(by=FOUNDER, at=AT, code="SYN", title="Made up", synthetic=True)
    assert enrol_patients(by=cast.coordinator, at=AT, trial=trial, rows=[ROW])[0].synthetic


def test_an_empty_sheet_enrols_nobody(cast: Cast, house: House) -> None:
    assert enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=[]) == []
    assert not LedgerEntry.objects.filter(deed="enrol patient").exists()


def test_who_may_enrol(cast: Cast, house: House) -> None:
    for name, person in cast.everybody().items():
        if name not in ("administrator", "coordinator"):
            with forbidden("Only coordinators and administrators enrol patients"):
                enrol_patients(by=person, at=AT, trial=house.trial, rows=[ROW])


def test_every_fault_of_every_row_is_named_and_none_is_kept(cast: Cast, house: House) -> None:
    enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=[ROW])
    rows = [
        replace(ROW, study_id="CWG-0001"),
        replace(ROW, study_id="x y", treating_site="NOWHERE"),
        replace(ROW, study_id="cwg-0187"),
        replace(ROW, study_id="CWG-0001 ", enrolled_on=date(2027, 1, 1), consent_on=date(2026, 12, 1)),
        replace(ROW, study_id="", consent_version=" "),
    ]
    with refused("enrolment_refused", "Row 2, study_id: A study id is", Rejected) as refusal:
        enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=rows)
    assert refusal.places == [
        (2, "study_id"), (2, "treating_site"), (3, "study_id"), (4, "enrolled_on"), (4, "consent_on"),
        (4, "study_id"), (5, "study_id"), (5, "consent_version"),
    ]  # fmt: skip
    sentences = [problem.sentence for problem in refusal.problems]
    assert sentences[1] == "No treating site has the code “NOWHERE”."
    assert sentences[2] == "CWG-0187 is enrolled in CWG already."
    assert sentences[3] == "2027-01-01 lies in the future."
    assert sentences[5] == "CWG-0001 stands in row 1 already."
    assert refusal.problems[2].code == "duplicate"


@pytest.mark.parametrize("study_id", ["A", "A" * 40, "CWG 1", "CWG\0001", "=CMD()", "CWG‮1"])
def test_a_study_id_that_is_none(cast: Cast, house: House, study_id: str) -> None:
    with refused("enrolment_refused", "such as CWG-0187", Rejected):
        enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=[replace(ROW, study_id=study_id)])


@pytest.mark.parametrize("version", ["v" * 41, "1\0"])
def test_a_consent_version_that_cannot_be_kept(cast: Cast, house: House, version: str) -> None:
    with refused("enrolment_refused", "Row 1, consent_version: ", Rejected):
        enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=[replace(ROW, consent_version=version)])


def test_a_site_that_only_holds_tissue_treats_nobody(cast: Cast, house: House) -> None:
    with refused("enrolment_refused", "No treating site has the code “CORE”", Rejected):
        enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=[replace(ROW, treating_site="CORE")])


def test_a_study_id_belongs_to_its_trial(cast: Cast, house: House) -> None:
    other = open_trial(by=FOUNDER, at=AT, code="OTHER", title="Another trial")
    for trial in (house.trial, other):
        enrol_patients(by=cast.coordinator, at=AT, trial=trial, rows=[ROW])
    assert Patient.objects.filter(study_id="CWG-0187").count() == Consent.objects.count() == 2


def test_today_is_the_day_of_the_site(cast: Cast, house: House) -> None:
    """In Sydney it is the next day already."""
    row = NewPatient(study_id="CWG-0700", treating_site="MERCY", enrolled_on=date(2026, 11, 24))
    evening = AT.replace(hour=20)
    with refused("enrolment_refused", "2026-11-24 lies in the future", Rejected):
        enrol_patients(by=cast.coordinator, at=evening, trial=house.trial, rows=[row])
    with timezone.override("Australia/Sydney"):
        assert enrol_patients(by=cast.coordinator, at=evening, trial=house.trial, rows=[row])
