"""Recording when systemic therapy began."""

from datetime import date, timedelta

from scoring.models import TherapyStart
from scoring.treating import record_therapy_start
from specimens.errors import Invalid
from specimens.models import Job, LedgerEntry, Patient
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused

STARTED = date(2026, 5, 1)


def test_it_is_recorded_and_the_patient_scored_anew(cast: Cast, patient: Patient) -> None:
    record_therapy_start(by=cast.coordinator, at=AT, patient=patient, started_on=STARTED)
    assert TherapyStart.objects.get().started_on == STARTED
    assert Job.objects.get(kind="therapy started").arguments == {"patient_id": patient.pk}
    entry = LedgerEntry.objects.latest("number")
    assert entry.sentence == "Systemic therapy of CWG-0187 began on 2026-05-01."


def test_a_correction_is_a_further_record(cast: Cast, patient: Patient) -> None:
    record_therapy_start(by=cast.coordinator, at=AT, patient=patient, started_on=STARTED)
    record_therapy_start(by=cast.coordinator, at=AT, patient=patient, started_on=date(2026, 6, 1))
    assert TherapyStart.objects.count() == 2
    entry = LedgerEntry.objects.latest("number")
    assert (entry.was, entry.became) == ({"started_on": "2026-05-01"}, {"started_on": "2026-06-01"})
    with refused("nothing_new", "recorded as 2026-06-01 already"):
        record_therapy_start(by=cast.coordinator, at=AT, patient=patient, started_on=date(2026, 6, 1))


def test_the_future_is_refused(cast: Cast, patient: Patient) -> None:
    with refused("future_date", "lies in the future", Invalid):
        record_therapy_start(by=cast.coordinator, at=AT, patient=patient, started_on=AT.date() + timedelta(days=1))


def test_readers_and_others_do_not(cast: Cast, patient: Patient) -> None:
    for name in ("bench", "reader", "adjudicator", "statistician"):
        with forbidden("Only coordinators record"):
            record_therapy_start(by=getattr(cast, name), at=AT, patient=patient, started_on=STARTED)
