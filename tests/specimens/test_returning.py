"""Tissue goes back: one parcel an owner, what should wait, the confirmation, and what is lost on the way."""

from datetime import date
from decimal import Decimal

import pytest

from specimens import custody_check
from specimens.errors import Forbidden, Invalid, Rejected
from specimens.losing import declare_found, declare_lost, whereabouts
from specimens.models import Block, CustodyEvent, CuttingOrder, Letter, Patient, Shipment
from specimens.queries import latest_events
from specimens.receiving import ReceivedItem, receive_items
from specimens.returning import Return, confirm_return, send_back, waiting
from specimens.standing import key_of
from specimens.vocabulary import Condition, CustodyKind, Stain, Whereabouts
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.specimens.loans import BACK_AT, mercy_coordinator, sent_back
from tests.stories import House, a_patient, a_received_block, an_announced_parcel, an_item

TODAY = AT.date()


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


def test_one_parcel_goes_to_each_owner(cast: Cast, house: House, block: Block) -> None:
    other = a_patient(cast, house, "CWG-0200", "LAKE")
    item = an_item(other)
    from specimens.announcing import Parcel, announce_shipments

    parcel = Parcel(sender=house.lakeshore, receiver=house.core, items=(item,), sent_on=date(2026, 11, 4))
    far = announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])[0]
    receive_items(by=cast.bench, at=AT, shipment=far, items=[ReceivedItem(line=1)])
    theirs = far.items.get().block
    what = Return(things=[block, theirs], sent_on=TODAY, courier="FedEx", tracking="77")
    back = send_back(by=cast.coordinator, at=AT, what=what)
    assert [(p.sender, p.receiver, p.items.get().label) for p in back] == [
        (house.core, house.mercy, "A1"), (house.core, house.lakeshore, "A1"),
    ]  # fmt: skip
    assert Letter.objects.filter(purpose="return").count() == 2
    assert "A1" in Letter.objects.first().body


def test_who_sends_back(cast: Cast, house: House, block: Block) -> None:
    for name, someone in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only the core's coordinators send tissue back."):
                send_back(by=someone, at=AT, what=Return(things=[block]))
    cora = mercy_coordinator(house)
    with refused("core_only", "Sending tissue back is for the core's own people.", Forbidden):
        send_back(by=cora, at=AT, what=Return(things=[block]))
    with refused("return_refused", "Choose at least one", Rejected):
        send_back(by=cast.coordinator, at=AT, what=Return(things=[]))


def test_what_is_not_here_does_not_go_back(cast: Cast, house: House, patient: Patient, block: Block) -> None:
    away = an_announced_parcel(cast, house, an_item(patient, label="A2")).items.get().block
    with refused("return_refused", f"{away} is not at the core", Rejected) as refusal:
        send_back(by=cast.coordinator, at=AT, what=Return(things=[block, away]))
    assert refusal.places == [(2, "things")]
    sent_back(cast, block)
    with refused("return_refused", "is not at the core", Rejected):
        sent_back(cast, block)


def test_what_should_wait_needs_a_reason(cast: Cast, house: House, patient: Patient, block: Block) -> None:
    CuttingOrder.objects.create(
        accession="CO-000001-X", block=block, sections=3, thickness_um=Decimal(4), ordered_at=AT,
        ordered_by=cast.coordinator,
    )  # fmt: skip
    parcel = an_announced_parcel(cast, house, an_item(patient, label="A2"))
    doubtful = [ReceivedItem(line=1, condition=Condition.LABEL_MISMATCH)]
    receive_items(by=cast.bench, at=AT, shipment=parcel, items=doubtful)
    apart = parcel.items.get().block
    assert waiting([block, apart]) == {
        key_of(block): "cutting order CO-000001-X is open", key_of(apart): "it is in quarantine",
    }  # fmt: skip
    with refused("return_refused", "should wait, cutting order CO-000001-X is open: say why", Rejected):
        sent_back(cast, block)
    back = sent_back(cast, block, reasons={key_of(block): "recalled"})
    assert back.items.count() == 1
    end = CuttingOrder.objects.get().end
    assert (end.cut, end.reason) == (False, f"Block {block} was sent back to its owner.")


def test_a_case_that_is_not_concluded_keeps_the_glass(cast: Cast, house: House) -> None:
    from tests.scoring.desk import a_case, both_sign

    case = a_case(cast, house, Stain.HE)
    slide = case.slide
    assert set(waiting([slide, slide.block])) == {key_of(slide), key_of(slide.block)}
    both_sign(cast, case)
    assert waiting([slide, slide.block]) == {}


def test_the_owner_confirms(cast: Cast, house: House, patient: Patient, block: Block) -> None:
    second = a_received_block(cast, house, patient, label="A2")
    parcel = sent_back(cast, block, second)
    cora = mercy_coordinator(house)
    confirm_return(by=cora, at=BACK_AT, shipment=parcel, lines=[1])
    last = latest_events(blocks=[block.pk, second.pk])
    assert [last["block", b.pk].kind for b in (block, second)] == ["returned", "shipped"]
    assert last["block", block.pk].holder == house.mercy
    assert not hasattr(Shipment.objects.get(pk=parcel.pk), "closure")
    confirm_return(by=cora, at=BACK_AT, shipment=parcel, lines=[2], broken=[2])
    assert Shipment.objects.get(pk=parcel.pk).closure.missing == 0
    with refused("nothing_chosen", "Everything in it was confirmed already.", Invalid):
        confirm_return(by=cora, at=BACK_AT, shipment=parcel)
    assert list(custody_check.walk()) == []


def test_the_core_says_how_it_was_told(cast: Cast, block: Block) -> None:
    parcel = sent_back(cast, block)
    with refused("note_missing", "Say how the owner told you", Invalid) as refusal:
        confirm_return(by=cast.coordinator, at=BACK_AT, shipment=parcel)
    assert refusal.field == "note"
    confirm_return(by=cast.coordinator, at=BACK_AT, shipment=parcel, note="fax of 2026-11-24")


def test_what_is_no_return_is_not_confirmed(cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    with refused("no_return", "is received at the goods desk."):
        confirm_return(by=cast.coordinator, at=AT, shipment=parcel, note="x")


def test_lost_and_found(cast: Cast, block: Block) -> None:
    declare_lost(by=cast.bench, at=AT, thing=block, reason="not in drawer 4")
    assert whereabouts(block).where is Whereabouts.LOST
    with refused("not_here", "is lost: it cannot be lost."):
        declare_lost(by=cast.bench, at=AT, thing=block, reason="again")
    with refused("return_refused", "is not at the core", Rejected):
        sent_back(cast, block)
    with refused("reason_missing", "Say where it was found.", Invalid):
        declare_found(by=cast.bench, at=AT, thing=block, reason="")
    declare_found(by=cast.bench, at=AT, thing=block, reason="drawer 5")
    assert whereabouts(block).where is Whereabouts.HELD
    with refused("not_lost", "nobody misses it."):
        declare_found(by=cast.bench, at=AT, thing=block, reason="x")
    assert [e.kind for e in CustodyEvent.objects.filter(block=block).order_by("id")][-2:] == [
        CustodyKind.LOST, CustodyKind.FOUND,
    ]  # fmt: skip
    assert list(custody_check.walk()) == []
