"""Clinical facts that decide which specimen speaks for a patient. Never shown to readers."""

from datetime import date, datetime

from scoring.models import TherapyStart
from specimens import jobs, ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, require
from specimens.errors import Invalid, Refused
from specimens.models import Patient


@deed
def record_therapy_start(*, by: Actor, at: datetime, patient: Patient, started_on: date) -> TherapyStart:
    """Record when systemic therapy began; the latest record counts, and the patient is scored anew."""
    require(by, "specimens.enrol", "Only coordinators record the start of therapy.")
    if started_on > at.date():
        raise Invalid("future_date", f"{started_on} lies in the future.", field="started_on")
    Patient.objects.select_for_update().get(pk=patient.pk)
    before = TherapyStart.objects.filter(patient=patient).order_by("-id").first()
    if before and before.started_on == started_on:
        raise Refused("nothing_new", f"The start of therapy is recorded as {started_on} already.")
    start = TherapyStart.objects.create(
        patient=patient, started_on=started_on, recorded_at=at, recorded_by_id=person_id(by)
    )
    jobs.ask("therapy started", key=f"{patient.pk}:{start.pk}", arguments={"patient_id": patient.pk})
    said = ledger.line(
        "record therapy start",
        patient,
        f"Systemic therapy of {patient} began on {started_on}.",
        patient_id=patient.pk,
        was={"started_on": str(before.started_on)} if before else None,
        became={"started_on": str(started_on)},
    )
    ledger.write([said], by=by, at=at)
    return start
