"""Consent given and withdrawn."""

from datetime import date, datetime

from specimens import jobs, ledger
from specimens.actors import Actor, person_id
from specimens.deeds import checked, deed, demand_reach, local_day, require
from specimens.errors import Invalid, Refused
from specimens.models import Consent, ConsentWithdrawal, Patient
from specimens.queries import withdrawn_patients
from specimens.vocabulary import ConsentScope


@deed
def give_consent(*, by: Actor, at: datetime, patient: Patient, scope: ConsentScope, version: str,
                 given_on: date) -> Consent:  # fmt: skip
    """Record a consent. A withdrawal from this study is final; consent to future research may be given anew."""
    require(by, "specimens.consent", "Only coordinators record consent.")
    demand_reach(by, [patient.treating_site], "Recording consent")
    if scope == ConsentScope.THIS_STUDY and withdrawn_patients({patient.pk}):
        said = f"{patient} withdrew from this study, and that is final here: a new consent is a new enrolment."
        raise Refused("withdrawn_for_good", said)
    if given_on > local_day(at):
        raise Invalid("future_date", f"{given_on} lies in the future.", field="given_on")
    if not version.strip():
        raise Invalid("no_version", "Give the version of the consent form.", field="version")
    given = Consent(
        patient=patient,
        scope=scope,
        version=version.strip(),
        given_on=given_on,
        recorded_at=at,
        recorded_by_id=person_id(by),
    )
    checked(given).save()
    sentence = f"{patient} consented to {scope.replace('_', ' ')} (form {given.version}) on {given_on}."
    jobs.ask("consent changed", key=f"{patient.pk}:given:{given.pk}", arguments={"patient_id": patient.pk})
    ledger.write([ledger.line("give consent", patient, sentence, patient_id=patient.pk)], by=by, at=at)
    return given


@deed
def withdraw_consent(*, by: Actor, at: datetime, consent: Consent, withdrawn_on: date,
                     reason: str = "") -> ConsentWithdrawal:  # fmt: skip
    """Record a withdrawal: cutting, staining, reading and export of this patient's tissue stop at once."""
    require(by, "specimens.consent", "Only coordinators record a withdrawal.")
    demand_reach(by, [consent.patient.treating_site], "Recording a withdrawal")
    if withdrawn_on > local_day(at):
        raise Invalid("future_date", f"{withdrawn_on} lies in the future.", field="withdrawn_on")
    if consent.given_on and withdrawn_on < consent.given_on:
        raise Invalid(
            "before_consent", f"Consent was given on {consent.given_on}, later than this.", field="withdrawn_on"
        )
    if ConsentWithdrawal.objects.filter(consent=consent).exists():
        raise Refused("withdrawn_already", "This consent was withdrawn already.")
    Patient.objects.select_for_update().get(pk=consent.patient_id)
    withdrawal = ConsentWithdrawal.objects.create(
        consent=consent, withdrawn_on=withdrawn_on, recorded_at=at, recorded_by_id=person_id(by), reason=reason
    )
    patient = consent.patient
    sentence = f"{patient} withdrew consent to {consent.scope.replace('_', ' ')} on {withdrawn_on}."
    jobs.ask("consent changed", key=f"{patient.pk}:withdrawn:{withdrawal.pk}", arguments={"patient_id": patient.pk})
    ledger.write(
        [ledger.line("withdraw consent", patient, sentence, patient_id=patient.pk, reason=reason)], by=by, at=at
    )
    return withdrawal


def demand_consent(patient_ids: set[int], what: str) -> None:
    """Refuse `what` (as “Cutting”) when one of the patients has withdrawn from this study.

    Locks the patients until commit, so that a withdrawal comes before the deed or after it, never beside it.
    """
    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=patient_ids).order_by("pk").values_list("pk"))
    if withdrawn_patients(patient_ids):
        raise Refused("consent_withdrawn", f"{what} is stopped: consent to this study was withdrawn.")
