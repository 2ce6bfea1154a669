"""Withdrawing a consent, and what stops with it."""

from datetime import date

from specimens.announcing import Parcel, announce_shipments
from specimens.consenting import withdraw_consent
from specimens.errors import Invalid
from specimens.models import ConsentWithdrawal, Job, LedgerEntry, Patient
from specimens.queries import withdrawn_patients
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import CUT_ON, House, a_received_block, a_run, an_item


def withdraw(by: object, patient: Patient, **changes: object) -> ConsentWithdrawal:
    said = {"consent": patient.consents.get(), "withdrawn_on": date(2026, 11, 20), "reason": "moved away"}
    return withdraw_consent(by=by, at=AT, **(said | changes))


def test_a_withdrawal_is_recorded(cast: Cast, patient: Patient) -> None:
    withdrawal = withdraw(cast.coordinator, patient)
    assert (withdrawal.withdrawn_on, withdrawal.reason) == (date(2026, 11, 20), "moved away")
    assert withdrawn_patients([patient.pk]) == {patient.pk}
    line = LedgerEntry.objects.latest("number")
    assert (line.patient_id, line.reason) == (patient.pk, "moved away")
    assert line.sentence == "CWG-0187 withdrew consent to this study on 2026-11-20."
    assert Job.objects.get(kind="consent changed").arguments == {"patient_id": patient.pk}


def test_everything_stops_with_it(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    cut = Cut(block=block, sections=1, cut_on=CUT_ON)
    slide = cut_sections(by=cast.bench, at=AT, cuts=[cut])[0]
    a_run(cast, cut_sections(by=cast.bench, at=AT, cuts=[cut]), Stain.HE)
    withdraw(cast.coordinator, patient)
    stopped = "is stopped: consent to this study was withdrawn."
    with refused("consent_withdrawn", f"Cutting {stopped}"):
        cut_sections(by=cast.bench, at=AT, cuts=[cut])
    with refused("consent_withdrawn", f"Staining {stopped}"):
        a_run(cast, [slide], Stain.HE)
    parcel = Parcel(sender=house.mercy, receiver=house.core, items=(an_item(patient, label="B9"),))
    with refused("consent_withdrawn", f"Shipping {stopped}"):
        announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])


def test_only_coordinators_record_it(cast: Cast, patient: Patient) -> None:
    for name, person in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only coordinators record a withdrawal"):
                withdraw(person, patient)


def test_a_day_to_come(cast: Cast, patient: Patient) -> None:
    with refused("future_date", "2026-12-01 lies in the future.", Invalid) as refusal:
        withdraw(cast.coordinator, patient, withdrawn_on=date(2026, 12, 1))
    assert refusal.field == "withdrawn_on"


def test_a_day_before_the_consent(cast: Cast, patient: Patient) -> None:
    with refused("before_consent", "Consent was given on 2026-10-22, later than this.", Invalid):
        withdraw(cast.coordinator, patient, withdrawn_on=date(2026, 10, 21))


def test_a_second_withdrawal(cast: Cast, patient: Patient) -> None:
    withdraw(cast.coordinator, patient)
    with refused("withdrawn_already", "This consent was withdrawn already."):
        withdraw(cast.coordinator, patient)
