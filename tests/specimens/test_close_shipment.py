"""Being done with a parcel."""

from specimens.models import LedgerEntry, Patient
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, an_announced_parcel, an_item


def test_a_complete_parcel_is_closed(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    receive_items(by=cast.bench, at=AT, shipment=parcel, items=[ReceivedItem(line=1)])
    closure = close_shipment(by=cast.bench, at=AT, shipment=parcel)
    assert (closure.missing, closure.closed_by) == (0, cast.bench)
    assert LedgerEntry.objects.latest("number").sentence == f"Parcel {parcel} was closed, complete."


def test_an_empty_parcel_is_closed_with_everything_missing(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient), an_item(patient, label="A2"))
    assert close_shipment(by=cast.bench, at=AT, shipment=parcel, note="arrived empty").missing == 2
    line = LedgerEntry.objects.latest("number")
    assert (line.became, line.reason) == ({"missing": ["A1", "A2"]}, "arrived empty")


def test_who_may_close(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    for name, person in cast.everybody().items():
        if name not in ("coordinator", "bench"):
            with forbidden("Only the core's coordinators and bench"):
                close_shipment(by=person, at=AT, shipment=parcel)


def test_a_second_closing(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    close_shipment(by=cast.bench, at=AT, shipment=parcel)
    with refused("closed_already", f"Parcel {parcel} was closed already."):
        close_shipment(by=cast.bench, at=AT, shipment=parcel)
