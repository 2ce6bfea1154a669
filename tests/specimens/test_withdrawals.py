"""What a withdrawal stops at once, what it calls for, and what is kept."""

from datetime import timedelta

import pytest

from specimens import withdrawals
from specimens.announcing import Parcel, announce_shipments
from specimens.consenting import give_consent, withdraw_consent
from specimens.enrolling import close_trial
from specimens.models import Block, LedgerEntry, Patient, Slide
from specimens.scope import EVERYTHING
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import ConsentScope, Stain
from tests.cast import AT, FOUNDER, Cast
from tests.refusals import refused
from tests.scoring.desk import a_case, signs
from tests.specimens.loans import returned, sent_back
from tests.stories import House, a_received_block, a_run, an_announced_parcel, an_item

TODAY = AT.date()


def withdraws(cast: Cast, patient: Patient, scope: ConsentScope = ConsentScope.THIS_STUDY) -> None:
    consent = patient.consents.get(scope=scope)
    withdraw_consent(by=cast.coordinator, at=AT, consent=consent, withdrawn_on=TODAY, reason="x")


def tasks() -> list[str]:
    return [patient.study_id for patient in withdrawals.tasks(EVERYTHING)]


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


def test_cutting_staining_and_shipping_stop(cast: Cast, house: House, patient: Patient, block: Block) -> None:
    slide = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=1, cut_on=TODAY)])[0]
    withdraws(cast, patient)
    with refused("consent_withdrawn", "Cutting is stopped: consent to this study was withdrawn."):
        cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=1, cut_on=TODAY)])
    from tests.stories import a_lot

    a_lot(cast, Stain.HE)
    with refused("consent_withdrawn", "Staining is stopped"):
        a_run(cast, [slide], Stain.HE)
    parcel = Parcel(sender=house.mercy, receiver=house.core, items=(an_item(patient, label="A2"),))
    with refused("consent_withdrawn", "Shipping is stopped"):
        announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])


def test_reading_stops_and_what_was_signed_is_kept(cast: Cast, house: House) -> None:
    from scoring.models import Read
    from specimens.errors import Refused
    from tests.scoring.desk import a_tumour

    tumour = a_tumour(cast, house)
    case = a_case(cast, house, Stain.HE, tumour)
    signs(cast.reader, case)
    withdraws(cast, tumour.patient)
    with pytest.raises(Refused, match="consent was withdrawn"):
        signs(cast.second_reader, case)
    assert Read.objects.filter(case=case).count() == 1
    assert LedgerEntry.objects.filter(patient_id=tumour.patient_id, deed="withdraw consent").count() == 1


def test_a_task_lasts_until_nothing_is_left(cast: Cast, house: House, patient: Patient, block: Block) -> None:
    cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=1, cut_on=TODAY)])
    slide = Slide.objects.get()
    assert tasks() == []
    withdraws(cast, patient)
    assert tasks() == ["CWG-0187"]
    rows = withdrawals.left_of(patient, house.core.pk)
    assert [(row.kind, row.here, row.owner) for row in rows] == [
        ("block", True, "Mercy General"), ("slide", True, "Mercy General"),
    ]  # fmt: skip
    returned(cast, block)
    assert tasks() == ["CWG-0187"]
    parcel = sent_back(cast, slide, sent_on=TODAY)
    assert tasks() == []
    assert parcel.items.get().slide == slide


def test_what_is_on_its_way_counts(cast: Cast, house: House, patient: Patient) -> None:
    an_announced_parcel(cast, house, an_item(patient))
    withdraws(cast, patient)
    assert tasks() == ["CWG-0187"]
    assert [row.coming for row in withdrawals.left_of(patient, house.core.pk)] == [True]


def test_future_research_calls_for_the_leftover_once_the_trial_is_closed(
    cast: Cast, house: House, patient: Patient, block: Block
) -> None:
    scope = ConsentScope.FUTURE_RESEARCH
    give_consent(by=cast.coordinator, at=AT, patient=patient, scope=scope, version="1", given_on=TODAY)
    withdraws(cast, patient, scope)
    assert tasks() == []
    cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=1, cut_on=TODAY)])
    close_trial(by=FOUNDER, at=AT, trial=house.trial, closed_on=TODAY, reason="it is over")
    assert tasks() == ["CWG-0187"]
    give_consent(by=cast.coordinator, at=AT + timedelta(days=1), patient=patient, scope=scope, version="2",
                 given_on=TODAY)  # fmt: skip
    assert tasks() == []
