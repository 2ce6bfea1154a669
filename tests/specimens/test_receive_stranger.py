"""Something on record that the parcel did not announce."""

import pytest

from specimens.errors import Rejected
from specimens.models import ItemReceipt, Patient, Shipment
from specimens.queries import kept_apart
from specimens.receipt_desk import tally_of
from specimens.receipts import explained
from specimens.receiving import ReceivedItem, close_shipment, quarantined, receive_items, settle_quarantine
from specimens.strangers import receive_stranger
from specimens.vocabulary import QuarantineOutcome
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_received_block, an_announced_parcel, an_item


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, an_item(patient))


@pytest.fixture
def other(cast: Cast, house: House, patient: Patient) -> Shipment:
    """Two more blocks of the same sender, announced in a parcel of their own."""
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"B{n}") for n in (1, 2)])


def test_it_is_kept_apart_until_it_is_accepted_here(cast: Cast, parcel: Shipment, other: Shipment) -> None:
    line = other.items.get(line=1)
    assert line.block
    receipt = receive_stranger(by=cast.bench, at=AT, shipment=parcel, thing=line.block)
    assert (receipt.item.announced, receipt.item.label, receipt.item.terms) == (False, "B1", "loan")
    assert receipt.note == f"not announced here: announced in {other}"
    assert quarantined(receipt)
    assert kept_apart(blocks=[line.block.pk])
    settle_quarantine(by=cast.bench, at=AT, receipt=receipt, outcome=QuarantineOutcome.ACCEPTED, reason="accepted here")
    assert not kept_apart(blocks=[line.block.pk])


def test_the_line_that_announced_it_is_explained(cast: Cast, parcel: Shipment, other: Shipment) -> None:
    line = other.items.get(line=1)
    assert line.block
    receive_stranger(by=cast.bench, at=AT, shipment=parcel, thing=line.block, accepted=True)
    assert explained([other.pk, parcel.pk]) == {line.pk: other.pk}
    sums = tally_of(other, 1)
    assert (sums.announced, sums.missing, sums.elsewhere, sums.here) == (2, 1, 1, 0)
    assert close_shipment(by=cast.bench, at=AT, shipment=other).missing == 1
    with refused("receipt_refused", "any more: it was received since.", Rejected):
        receive_items(by=cast.bench, at=AT, shipment=other, items=[ReceivedItem(line=1)])


def test_what_cannot_be_in_this_parcel(cast: Cast, house: House, patient: Patient, parcel: Shipment) -> None:
    own = parcel.items.get().block
    assert own
    with refused("in_this_parcel", f"is a line of parcel {parcel}: scan it again."):
        receive_stranger(by=cast.bench, at=AT, shipment=parcel, thing=own)
    here = a_received_block(cast, house, patient, label="C1")
    with refused("held_elsewhere", "it was received and is held by CWG core."):
        receive_stranger(by=cast.bench, at=AT, shipment=parcel, thing=here)
    assert ItemReceipt.objects.count() == 1


def test_who_may(cast: Cast, parcel: Shipment, other: Shipment) -> None:
    block = other.items.get(line=1).block
    assert block
    with forbidden("Only the core's coordinators and bench receive parcels"):
        receive_stranger(by=cast.statistician, at=AT, shipment=parcel, thing=block)
