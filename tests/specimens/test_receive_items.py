"""Receiving the lines of a parcel, and being done with it."""

import pytest

from specimens.announcing import AnnouncedItem
from specimens.errors import Rejected
from specimens.models import ItemReceipt, LedgerEntry, Patient, Shipment
from specimens.queries import latest_events
from specimens.receiving import ReceivedItem, add_unannounced, close_shipment, receive_items
from specimens.vocabulary import Condition, ItemKind
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, an_announced_parcel, an_item


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    """Three blocks and an aliquot under way from Mercy General."""
    blocks = [an_item(patient, label=label) for label in ("A1", "A2", "A3")]
    return an_announced_parcel(cast, house, *blocks, AnnouncedItem(kind=ItemKind.ALIQUOT, label="tube 7"))


def test_items_are_received_with_their_condition(cast: Cast, house: House, parcel: Shipment) -> None:
    items = [
        ReceivedItem(line=2, condition=Condition.WET, note=" thawed ", synthetic=True),
        ReceivedItem(line=1),
        ReceivedItem(line=4, identifiers_agree=1),
    ]
    wet, whole, tube = receive_items(by=cast.bench, at=AT, shipment=parcel, items=items)
    assert (wet.item.label, wet.condition, wet.note, wet.synthetic) == ("A2", "wet", "thawed", True)
    assert (whole.item.label, whole.condition, whole.received_by) == ("A1", "intact", cast.bench)
    assert (tube.item.label, tube.identifiers_agree) == ("tube 7", 1)
    event = latest_events(blocks=[whole.item.block_id])["block", whole.item.block_id]
    assert (event.kind, event.holder, event.shipment) == ("received", house.core, parcel)
    said = list(LedgerEntry.objects.filter(deed="receive item").order_by("number"))
    assert said[0].sentence == f"A2 was received in parcel {parcel}: wet."
    assert [line.patient_id for line in said] == [whole.item.block.specimen.patient_id] * 2 + [None]


def test_a_parcel_one_short_one_extra_one_broken_is_received_and_closed(
    cast: Cast, parcel: Shipment, patient: Patient
) -> None:
    items = [ReceivedItem(line=1, condition=Condition.BROKEN), ReceivedItem(line=2), ReceivedItem(line=4)]
    receive_items(by=cast.coordinator, at=AT, shipment=parcel, items=items)
    extra = add_unannounced(by=cast.coordinator, at=AT, shipment=parcel, item=an_item(patient, label="A9"))
    closure = close_shipment(by=cast.coordinator, at=AT, shipment=parcel, note="Mercy was asked for A3")
    assert closure.missing == 1
    assert (extra.item.announced, extra.item.line) == (False, 5)
    line = LedgerEntry.objects.latest("number")
    assert line.sentence == f"Parcel {parcel} was closed with 1 missing."
    assert line.became == {"missing": ["A3"]}
    assert ItemReceipt.objects.filter(item__shipment=parcel).count() == 4


def test_what_was_missing_comes_late(cast: Cast, parcel: Shipment) -> None:
    receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=n) for n in (1, 2, 4)])
    close_shipment(by=cast.bench, at=AT, shipment=parcel)
    late = receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=3)])
    assert late[0].item.label == "A3"


def test_who_may_receive(cast: Cast, parcel: Shipment) -> None:
    for name, person in cast.everybody().items():
        if name not in ("coordinator", "bench"):
            with forbidden("Only the core's coordinators and bench receive parcels"):
                receive_items(by=person, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])


def test_every_fault_is_named_and_nothing_is_received(cast: Cast, parcel: Shipment) -> None:
    receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=2)])
    items = [
        ReceivedItem(line=1),
        ReceivedItem(line=9),
        ReceivedItem(line=2),
        ReceivedItem(line=3, identifiers_agree=3),
        ReceivedItem(line=1),
    ]
    with refused("receipt_refused", "(3 more)", Rejected) as refusal:
        receive_items(by=cast.bench, at=AT, shipment=parcel, items=items)
    assert refusal.places == [(2, "line"), (3, "line"), (4, "identifiers_agree"), (0, "line")]
    assert [problem.sentence for problem in refusal.problems] == [
        f"Parcel {parcel} has no line 9; add what was not announced as such.",
        f"A2 of parcel {parcel} was received already, by Rose Achebe, 2026-11-23 09:00:00 UTC.",
        "Two identifiers are compared: 0, 1 or 2 of them agree.",
        "Line 1 is in hand twice.",
    ]


@pytest.mark.parametrize("line", [0, -1, 2**31, 2**63, 2**70])
def test_a_line_that_no_parcel_has(cast: Cast, parcel: Shipment, line: int) -> None:
    with refused("receipt_refused", f"has no line {line};", Rejected):
        receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=line)])


def test_a_condition_that_is_none(cast: Cast, parcel: Shipment) -> None:
    with refused("receipt_condition_known", "condition must be one of: intact, broken, wet, label_mismatch."):
        receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1, condition="melted")])  # type: ignore[arg-type]
