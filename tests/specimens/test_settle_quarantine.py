"""Settling what was kept apart."""

from datetime import date

import pytest

from specimens.errors import Invalid, Rejected
from specimens.models import ItemReceipt, LedgerEntry, Patient, QuarantineDecision
from specimens.receiving import ReceivedItem, quarantined, receive_items, settle_quarantine
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import Condition, ItemKind, QuarantineOutcome, Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import ARRIVED, CUT_ON, House, a_lot, a_run, an_announced_parcel, an_item

ACCEPTED, REJECTED = QuarantineOutcome.ACCEPTED, QuarantineOutcome.REJECTED


@pytest.fixture
def doubtful(cast: Cast, house: House, patient: Patient) -> ItemReceipt:
    """A block whose label does not match."""
    parcel = an_announced_parcel(cast, house, an_item(patient))
    items = [ReceivedItem(line=1, condition=Condition.LABEL_MISMATCH)]
    return receive_items(by=cast.bench, at=ARRIVED, shipment=parcel, items=items)[0]


def settle(
    by: object, receipt: ItemReceipt, outcome: QuarantineOutcome = ACCEPTED, **changes: object
) -> QuarantineDecision:
    return settle_quarantine(
        by=by, at=AT, receipt=receipt, outcome=outcome, **({"reason": "Mercy confirmed"} | changes)
    )


def test_an_accepted_block_may_be_cut(cast: Cast, doubtful: ItemReceipt) -> None:
    cut = Cut(block=doubtful.item.block, sections=1, cut_on=CUT_ON)
    assert quarantined(doubtful)
    with refused("cutting_refused", "is in quarantine: settle that first.", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[cut])
    decision = settle(cast.coordinator, doubtful)
    assert (decision.outcome, decision.decided_by) == ("accepted", cast.coordinator)
    assert not quarantined(doubtful)
    assert len(cut_sections(by=cast.bench, at=AT, cuts=[cut])) == 1
    line = LedgerEntry.objects.get(deed="settle quarantine")
    assert (line.sentence, line.reason) == ("A1 left quarantine: accepted.", "Mercy confirmed")


def test_a_rejected_block_is_never_cut(cast: Cast, doubtful: ItemReceipt) -> None:
    settle(cast.coordinator, doubtful, REJECTED)
    cut = Cut(block=doubtful.item.block, sections=1, cut_on=CUT_ON)
    with refused("cutting_refused", "is in quarantine", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[cut])


def test_a_slide_in_quarantine_is_not_stained(cast: Cast, house: House, patient: Patient) -> None:
    glass = an_item(patient, kind=ItemKind.UNSTAINED_SLIDE, label="u1", block_label="A1", cut_on=date(2026, 11, 1))
    parcel = an_announced_parcel(cast, house, glass)
    items = [ReceivedItem(line=1, identifiers_agree=1)]
    receipt = receive_items(by=cast.bench, at=ARRIVED, shipment=parcel, items=items)[0]
    a_lot(cast, Stain.CAIX)
    with refused("staining_refused", "is in quarantine: settle that first.", Rejected):
        a_run(cast, [receipt.item.slide], Stain.CAIX)
    settle(cast.coordinator, receipt)
    assert a_run(cast, [receipt.item.slide], Stain.CAIX).stainings.count() == 1


def test_who_may_settle(cast: Cast, doubtful: ItemReceipt) -> None:
    for name, person in cast.everybody().items():
        if name not in ("coordinator", "bench"):
            with forbidden("Only the core's coordinators and bench"):
                settle(person, doubtful)


def test_no_reason(cast: Cast, doubtful: ItemReceipt) -> None:
    with refused("reason_missing", "Say how the mismatch was settled.", Invalid) as refusal:
        settle(cast.coordinator, doubtful, reason=" ")
    assert refusal.field == "reason"


def test_settled_already(cast: Cast, doubtful: ItemReceipt) -> None:
    settle(cast.coordinator, doubtful)
    with refused("not_in_quarantine", "A1 is not in quarantine."):
        settle(cast.coordinator, doubtful, REJECTED)


def test_an_item_that_was_never_in_doubt(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    receipt = receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])[0]
    with refused("not_in_quarantine", "A1 is not in quarantine."):
        settle(cast.coordinator, receipt)
