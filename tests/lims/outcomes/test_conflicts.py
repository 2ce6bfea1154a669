"""conflicts: where two releases disagree. The kidney cohort's real two differ in exactly 3 / 6 / 6 / 3 values."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from lims.demo.kirc import cohort
from lims.models.outcomes import Outcome, OutcomeRelease
from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from lims.settling import Conflict, conflicts
from specimens.enrolling import NewPatient, enrol_patients
from tests.cast import AT, Cast, make_cast
from tests.stories import House, a_house, a_patient


def imported(cast: Cast, house: House, name: str, rows: list[NewOutcome]) -> OutcomeRelease:
    return import_release(
        by=cast.statistician, at=AT, trial=house.trial, name=name, source="a registry", cut_on=date(2016, 1, 1),
        sha256=name[-1] * 64, rows=rows,
    )  # fmt: skip


@pytest.fixture
def place(db: None) -> tuple[Cast, House]:
    return make_cast(), a_house()


def test_what_differs_is_told_with_both_values(place: Any) -> None:
    cast, house = place
    a_patient(cast, house)
    a = imported(cast, house, "release a", [NewOutcome("CWG-0187", vital_status="Alive", os_time=5, os_event=False,
                                                        time_origin="diagnosis")])  # fmt: skip
    b = imported(cast, house, "release b", [NewOutcome("CWG-0187", vital_status="[Unknown]", os_time=5,
                                                        os_event=True, time_origin="diagnosis")])  # fmt: skip
    assert conflicts(trial=house.trial, release_a=a, release_b=b) == [
        Conflict("vital_status", "CWG-0187", "Alive", "[Unknown]"),
        Conflict("os_event", "CWG-0187", "no", "yes"),
    ]


def test_a_patient_in_one_release_alone_is_told(place: Any) -> None:
    cast, house = place
    for study_id in ("CWG-0187", "CWG-0200"):
        a_patient(cast, house, study_id)
    a = imported(cast, house, "release a", [NewOutcome("CWG-0187"), NewOutcome("CWG-0200")])
    b = imported(cast, house, "release b", [NewOutcome("CWG-0200")])
    assert conflicts(trial=house.trial, release_a=a, release_b=b) == [Conflict("listed", "CWG-0187", "yes", "no")]


def test_the_kidney_cohorts_releases_differ_as_measured(place: Any) -> None:
    cast, house = place
    people = [NewPatient(row.barcode, "MERCY") for row in cohort().patients]
    enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=people)
    a, b = (
        imported(cast, house, f"release {name}", [as_released(row) for row in cohort().release(name)])
        for name in ("a", "b")
    )
    found = conflicts(trial=house.trial, release_a=a, release_b=b)
    assert Counter(each.field for each in found) == {
        "vital_status": 3,
        "days_to_death": 6,
        "days_to_last_contact": 6,
        "stage": 3,
    }
    assert Outcome.objects.count() == 2 * 537


def as_released(row: Any) -> NewOutcome:
    return NewOutcome(
        study_id=row.patient,
        vital_status=row.vital_status,
        days_to_death=row.days_to_death_text,
        days_to_last_contact=row.days_to_last_contact_text,
        stage=row.stage,
    )
