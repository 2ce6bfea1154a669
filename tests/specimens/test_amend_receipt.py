"""A second look at an item: the first stays on record, quarantine follows the last."""

from datetime import timedelta

import pytest

from specimens.errors import Invalid, Refused
from specimens.models import ItemQuery, ItemReceipt, LedgerEntry, Patient, Shipment
from specimens.queries import kept_apart
from specimens.receipts import Look
from specimens.receiving import ReceivedItem, quarantined, receive_items, settle_quarantine
from specimens.second_looks import amend_receipt, keep_apart_and_ask, receive_or_look_again
from specimens.vocabulary import Condition, QuarantineOutcome
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, an_announced_parcel, an_item

LATER = AT + timedelta(minutes=5)
WRONG = Look(Condition.LABEL_MISMATCH, 1)


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in (1, 2)])


@pytest.fixture
def receipt(cast: Cast, parcel: Shipment) -> ItemReceipt:
    return receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])[0]


def test_damage_seen_later(cast: Cast, receipt: ItemReceipt) -> None:
    broken = Look(Condition.BROKEN, 2)
    amend_receipt(by=cast.coordinator, at=LATER, receipt=receipt, look=broken, note="cracked corner")
    assert ItemReceipt.objects.get().condition == "intact"
    assert not quarantined(receipt)
    line = LedgerEntry.objects.get(deed="amend receipt")
    assert (line.was["condition"], line.became["condition"], line.became["note"]) == (
        "intact",
        "broken",
        "cracked corner",
    )


def test_a_mismatch_seen_later_keeps_it_apart_and_a_better_look_frees_it(cast: Cast, receipt: ItemReceipt) -> None:
    block = receipt.item.block
    assert block
    amend_receipt(by=cast.bench, at=LATER, receipt=receipt, look=WRONG)
    assert quarantined(receipt)
    assert kept_apart(blocks=[block.pk]) == {("block", block.pk)}
    amend_receipt(by=cast.bench, at=LATER, receipt=receipt, look=Look(Condition.INTACT, 2), reason="read it again")
    assert kept_apart(blocks=[block.pk]) == set()


def test_what_was_settled_is_not_doubted_by_a_second_look(cast: Cast, receipt: ItemReceipt) -> None:
    amend_receipt(by=cast.bench, at=LATER, receipt=receipt, look=WRONG)
    settle_quarantine(by=cast.bench, at=LATER, receipt=receipt, outcome=QuarantineOutcome.ACCEPTED, reason="by phone")
    with refused("settled_already", "left quarantine as accepted: take its receipt back"):
        amend_receipt(by=cast.bench, at=LATER, receipt=receipt, look=Look(Condition.LABEL_MISMATCH, 0))
    amend_receipt(by=cast.bench, at=LATER, receipt=receipt, look=Look(Condition.WET, 2))


def test_what_is_wrong_with_a_look(cast: Cast, receipt: ItemReceipt) -> None:
    with refused("identifiers", "Two identifiers are compared", Invalid):
        amend_receipt(by=cast.bench, at=LATER, receipt=receipt, look=Look(Condition.WET, 3))
    with refused("nothing_new", "is on record so already."):
        amend_receipt(by=cast.bench, at=LATER, receipt=receipt, look=Look(Condition.INTACT, 2))
    with forbidden("Only the core's coordinators and bench receive parcels"):
        amend_receipt(by=cast.reader, at=LATER, receipt=receipt, look=WRONG)


def test_quarantine_and_ask_in_one_go(cast: Cast, parcel: Shipment, receipt: ItemReceipt) -> None:
    query = keep_apart_and_ask(by=cast.bench, at=LATER, item=receipt.item, question="Whose is it?")
    assert quarantined(receipt)
    assert ItemQuery.objects.get() == query
    with refused("not_here", "is not here: ask its sender without keeping it apart."):
        keep_apart_and_ask(by=cast.bench, at=LATER, item=parcel.items.get(line=2), question="Where is it?")


def test_a_condition_scanned_before_an_item(cast: Cast, parcel: Shipment) -> None:
    wet = ReceivedItem(line=1, condition=Condition.WET)
    receive_or_look_again(by=cast.bench, at=AT, shipment=parcel, item=wet)
    with pytest.raises(Refused, match="was received so already, by Rose Achebe"):
        receive_or_look_again(by=cast.bench, at=LATER, shipment=parcel, item=wet)
    receive_or_look_again(
        by=cast.bench, at=LATER, shipment=parcel, item=ReceivedItem(line=1, condition=Condition.BROKEN)
    )
    receipt = ItemReceipt.objects.get()
    assert (receipt.condition, receipt.amendments.get().condition) == ("wet", "broken")
