"""Recording a consent."""

from datetime import date

from specimens.consenting import give_consent
from specimens.errors import Invalid
from specimens.models import Consent, Job, LedgerEntry, Patient
from specimens.vocabulary import ConsentScope
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused


def give(by: object, patient: Patient, **changes: object) -> Consent:
    said = {"scope": ConsentScope.FUTURE_RESEARCH, "version": " 2 ", "given_on": date(2026, 11, 1)}
    return give_consent(by=by, at=AT, patient=patient, **(said | changes))


def test_a_consent_is_recorded(cast: Cast, patient: Patient) -> None:
    given = give(cast.coordinator, patient)
    assert (given.scope, given.version, given.recorded_by) == ("future_research", "2", cast.coordinator)
    line = LedgerEntry.objects.latest("number")
    assert line.patient_id == patient.pk
    assert line.sentence == "CWG-0187 consented to future research (form 2) on 2026-11-01."
    assert Job.objects.get(kind="consent changed").arguments == {"patient_id": patient.pk}


def test_only_coordinators_record_it(cast: Cast, patient: Patient) -> None:
    for name, person in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only coordinators record consent"):
                give(person, patient)


def test_a_day_to_come(cast: Cast, patient: Patient) -> None:
    with refused("future_date", "2026-11-24 lies in the future.", Invalid) as refusal:
        give(cast.coordinator, patient, given_on=date(2026, 11, 24))
    assert refusal.field == "given_on"


def test_no_version(cast: Cast, patient: Patient) -> None:
    with refused("no_version", "Give the version of the consent form.", Invalid):
        give(cast.coordinator, patient, version="  ")


def test_a_version_too_long(cast: Cast, patient: Patient) -> None:
    with refused("invalid", "version: ", Invalid) as refusal:
        give(cast.coordinator, patient, version="v" * 41)
    assert refusal.field == "version"


def test_the_same_consent_again(cast: Cast, patient: Patient) -> None:
    give(cast.coordinator, patient)
    with refused("consent_once", "This consent is recorded already."):
        give(cast.coordinator, patient)
