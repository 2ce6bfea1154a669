"""Parcels answer requests: what is announced counts as shipped, what is received as received."""

from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.models import Patient, Shipment, ShipmentItem
from specimens.receiving import ReceivedItem, add_unannounced, receive_items
from specimens.requesting import cancel
from specimens.second_looks import void_receipt
from specimens.vocabulary import ItemKind
from tests.cast import AT, Cast
from tests.specimens.chase import a_request, state
from tests.stories import House, a_patient, an_announced_parcel, an_item


def receive(cast: Cast, parcel: Shipment, *lines: int) -> None:
    receive_items(by=cast.coordinator, at=AT, shipment=parcel, items=[ReceivedItem(line=n) for n in lines])


def test_shipped_then_partly_then_wholly_received(cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient)
    parcel = an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in (1, 2)])
    assert state(request) == "shipped"
    receive(cast, parcel, 1)
    assert state(request) == "partly_received"
    receive(cast, parcel, 2)
    assert state(request) == "received"


def test_only_the_patient_s_own_open_request_is_answered(cast: Cast, house: House, patient: Patient) -> None:
    other = a_patient(cast, house, "CWG-0002")
    ended, far, strange = (
        a_request(cast, house, patient),
        a_request(cast, house, patient, holding_site=house.lakeshore),
        a_request(cast, house, other),
    )
    cancel(by=cast.coordinator, at=AT, requests=[ended], reason="asked elsewhere")
    an_announced_parcel(cast, house, an_item(patient), an_item(patient, kind=ItemKind.ALIQUOT, label="T1"))
    assert not ShipmentItem.objects.filter(request__isnull=False).exists()
    assert [state(r) for r in (ended, far, strange)] == ["cancelled", "asked", "asked"]


def test_the_hospital_that_holds_is_asked_and_another_sends(cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient, holding_site=house.lakeshore)
    parcel = Parcel(sender=house.mercy, receiver=house.core, holding_site=house.lakeshore, items=(an_item(patient),))
    announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])
    assert state(request) == "shipped"


def test_what_comes_unannounced_answers_too(cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient)
    parcel = an_announced_parcel(cast, house, an_item(a_patient(cast, house, "CWG-0002")))
    add_unannounced(by=cast.coordinator, at=AT, shipment=parcel, item=an_item(patient))
    assert state(request) == "received"


def test_a_receipt_taken_back_does_not_count(cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient)
    parcel = an_announced_parcel(cast, house, an_item(patient))
    receive(cast, parcel, 1)
    receipt = parcel.items.get().receipts.get()
    void_receipt(by=cast.coordinator, at=AT, receipt=receipt, reason="another parcel's")
    assert state(request) == "shipped"


def test_tissue_that_came_before_it_was_asked_for(cast: Cast, house: House, patient: Patient) -> None:
    request = a_request(cast, house, patient, send=False)
    receive(cast, an_announced_parcel(cast, house, an_item(patient)), 1)
    assert state(request) == "received"
    later = a_request(cast, house, patient)
    an_announced_parcel(cast, house, an_item(patient, label="A2"))
    assert (state(request), state(later), later.round) == ("received", "shipped", 2)


def test_a_known_block_sent_again_answers_too(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    receive(cast, parcel, 1)
    block = parcel.items.get().block
    request = a_request(cast, house, patient)
    back = Parcel(
        sender=house.core, receiver=house.mercy, items=(AnnouncedItem(kind=ItemKind.BLOCK, label="A1", block=block),)
    )
    announce_shipments(by=cast.coordinator, at=AT, parcels=[back])
    assert state(request) == "asked", "what the core sends answers nobody's request"
