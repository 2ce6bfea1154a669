"""The state of a received item: the pure function and the SQL say the same of every combination."""

from itertools import product

import pytest

from specimens.models import ItemReceipt, Patient, QuarantineDecision, ReceiptAmendment, Shipment, ShipmentItem
from specimens.parcel_desk import items_of
from specimens.receipt_desk import desk_of, tally_of
from specimens.receipts import ItemState, Look, held_back, look_of, seen, standing_of, state_of
from specimens.receiving import ReceivedItem, receive_items
from specimens.vocabulary import Condition, QuarantineOutcome
from tests.cast import AT, Cast
from tests.stories import House, an_announced_parcel, an_item

LOOKS = [Look(c, a, k) for c, a, k in product(Condition, (0, 1, 2), (False, True))]
OUTCOMES = ["", QuarantineOutcome.ACCEPTED, QuarantineOutcome.REJECTED]


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in range(3)])


@pytest.mark.parametrize("amended", [False, True])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_sql_and_the_function_agree(cast: Cast, house: House, patient: Patient, amended: bool, outcome: str) -> None:
    from specimens.actors import acting

    labels = [f"L{n}" for n in range(len(LOOKS))]
    parcel = an_announced_parcel(cast, house, *[an_item(patient, label=label) for label in labels])
    wanted = {}
    with acting(cast.bench):
        for item, look in zip(parcel.items.order_by("line"), LOOKS, strict=True):
            first = Look(Condition.INTACT, 2) if amended else look
            receipt = ItemReceipt.objects.create(
                item=item, condition=first.condition, identifiers_agree=first.agree, apart=first.apart,
                received_at=AT, received_by=cast.bench,
            )  # fmt: skip
            if amended:
                ReceiptAmendment.objects.create(
                    receipt=receipt, condition=look.condition, identifiers_agree=look.agree, apart=look.apart,
                    amended_at=AT, amended_by=cast.bench,
                )  # fmt: skip
            if outcome:
                QuarantineDecision.objects.create(
                    receipt=receipt, outcome=outcome, reason="x", decided_at=AT, decided_by=cast.bench
                )
            wanted[receipt.pk] = state_of(True, look, outcome)
            assert look_of(receipt) == look
    assert dict(seen().values_list("pk", "state")) == wanted
    held = {pk for pk, state in wanted.items() if state in (ItemState.QUARANTINED, ItemState.REJECTED)}
    assert {receipt.pk for receipt in held_back()} == held
    ShipmentItem.objects.filter(shipment=parcel).update(announced=False)
    assert {row.state for row in items_of(parcel)} >= ({"accepted"} if outcome == "accepted" else set())


def test_without_a_receipt() -> None:
    assert state_of(True, None, "") == ItemState.MISSING
    assert state_of(True, None, "", elsewhere=True) == ItemState.ELSEWHERE
    assert state_of(False, None, "") == ItemState.NOT_HERE


def test_the_sums_add_up(cast: Cast, parcel: Shipment) -> None:
    items = [ReceivedItem(line=1), ReceivedItem(line=2, condition=Condition.BROKEN)]
    receive_items(by=cast.bench, at=AT, shipment=parcel, items=items)
    sums = tally_of(parcel, 0)
    assert (sums.announced, sums.intact, sums.damaged, sums.apart, sums.missing, sums.added) == (3, 1, 1, 0, 1, 0)
    assert sums.announced == sums.intact + sums.damaged + sums.apart + sums.missing + sums.elsewhere
    desk = desk_of(parcel, cast.bench.pk)
    assert [row.state for row in desk.needing] == ["damaged", "missing"]
    assert [row.state for row in desk.quiet] == ["here"]
    assert desk.last
    assert desk.last.line == 2
    assert set(standing_of([item.pk for item in parcel.items.all()])) == {
        item.pk for item in parcel.items.filter(line__in=[1, 2])
    }
