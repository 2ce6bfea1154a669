"""Taking a receipt back: the item is as it was before, nothing is hidden, and it can be received again."""

from datetime import timedelta

import pytest

from specimens.errors import Invalid, Rejected
from specimens.models import Block, CustodyEvent, ItemReceipt, LedgerEntry, Patient, ReceiptVoid, Shipment
from specimens.queries import kept_apart, latest_events
from specimens.receipts import standing
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from specimens.second_looks import void_receipt
from specimens.sectioning import Cut, cut_sections
from specimens.strangers import receive_stranger
from specimens.vocabulary import Condition
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, an_announced_parcel, an_item
from tests.together import at_once, done, refusals

LATER = AT + timedelta(minutes=5)


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in (1, 2)])


def scan(cast: Cast, parcel: Shipment, line: int = 1, **look: object) -> ItemReceipt:
    return receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=line, **look)])[0]  # type: ignore[arg-type]


def undo(cast: Cast, receipt: ItemReceipt, reason: str = "wrong item scanned") -> ReceiptVoid:
    return void_receipt(by=cast.bench, at=LATER, receipt=receipt, reason=reason)


def test_it_is_on_its_way_again_and_is_received_anew(cast: Cast, parcel: Shipment) -> None:
    receipt = scan(cast, parcel, condition=Condition.LABEL_MISMATCH)
    undo(cast, receipt)
    block = receipt.item.block
    assert block
    last = latest_events(blocks=[block.pk])["block", block.pk]
    assert (last.kind, last.shipment, last.holder) == ("shipped", parcel, parcel.receiver)
    assert kept_apart(blocks=[block.pk]) == set()
    assert not standing().exists()
    again = receive_items(by=cast.coordinator, at=LATER, shipment=parcel, items=[ReceivedItem(line=1)])[0]
    assert (again.attempt, list(standing())) == (2, [again])
    assert ItemReceipt.objects.count() == 2
    line = LedgerEntry.objects.get(deed="take back receipt")
    assert (line.reason, line.was["condition"], line.thing) == (
        "wrong item scanned",
        "label_mismatch",
        "specimens.block",
    )


def test_what_is_taken_back_is_missing_when_the_parcel_closes(cast: Cast, parcel: Shipment) -> None:
    undo(cast, scan(cast, parcel))
    scan(cast, parcel, 2)
    assert close_shipment(by=cast.bench, at=LATER, shipment=parcel).missing == 1


def test_a_reason_and_a_standing_receipt_are_needed(cast: Cast, parcel: Shipment) -> None:
    receipt = scan(cast, parcel)
    with refused("reason_missing", "Say why the receipt is taken back.", Invalid) as refusal:
        undo(cast, receipt, " ")
    assert refusal.field == "reason"
    undo(cast, receipt)
    with refused("taken_back", "was taken back; scan the item again."):
        undo(cast, receipt)


def test_who_may(cast: Cast, parcel: Shipment) -> None:
    receipt = scan(cast, parcel)
    for name, person in cast.everybody().items():
        if name not in ("coordinator", "bench"):
            with forbidden("Only the core's coordinators and bench receive parcels"):
                void_receipt(by=person, at=LATER, receipt=receipt, reason="x")


def test_a_block_that_was_cut_stays_received(cast: Cast, parcel: Shipment) -> None:
    receipt = scan(cast, parcel)
    cut_sections(by=cast.bench, at=LATER, cuts=[Cut(block=receipt.item.block, sections=1, cut_on=LATER.date())])
    with refused("used_since", "has been worked on or moved since it was received"):
        undo(cast, receipt)


def test_a_stranger_goes_back_to_the_parcel_that_announced_it(
    cast: Cast, house: House, patient: Patient, parcel: Shipment
) -> None:
    other = an_announced_parcel(cast, house, an_item(patient, label="B1"))
    block = other.items.get().block
    assert block
    undo(cast, receive_stranger(by=cast.bench, at=AT, shipment=parcel, thing=block))
    last = CustodyEvent.objects.filter(block=block).latest("id")
    assert (last.kind, last.shipment) == ("shipped", other)
    assert scan(cast, other).item.block == block


def test_a_block_whose_receipt_was_taken_back_is_not_cut(cast: Cast, parcel: Shipment) -> None:
    receipt = scan(cast, parcel)
    undo(cast, receipt)
    with refused("cutting_refused", "", Rejected):
        cut_sections(by=cast.bench, at=LATER, cuts=[Cut(block=receipt.item.block, sections=1, cut_on=LATER.date())])
    assert Block.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_of_many_hands_takes_it_back_and_one_receives_it_again(cast: Cast, parcel: Shipment) -> None:
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    receipt = scan(cast, parcel)
    given = at_once([lambda: undo(cast, receipt)] * 6)
    assert (len(done(given)), ReceiptVoid.objects.count()) == (1, 1)
    assert {each.code for each in refusals(given)} == {"taken_back"}
    given = at_once([lambda: scan(cast, parcel)] * 6)
    assert (len(done(given)), standing().count()) == (1, 1)
