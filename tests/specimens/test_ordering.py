"""Ordering sections, cancelling orders, blocks that are used up, and cuts that end an order."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from lims.vocabulary import Role
from specimens import ledger
from specimens.announcing import AnnouncedItem
from specimens.consenting import withdraw_consent
from specimens.cutting_desk import in_state
from specimens.errors import Forbidden, Invalid, Refused, Rejected
from specimens.models import Block, BlockExhaustion, CuttingEnd, CuttingOrder, LedgerEntry, Patient, Slide
from specimens.ordering import NewOrder, cancel_order, exhaust_block, order_sections, order_usual, state_of
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import OrderState, Stain
from tests.cast import AT, Cast, person
from tests.refusals import forbidden, refused
from tests.stories import (
    CUT_ON,
    House,
    a_patient,
    a_received_block,
    a_stained_slide,
    an_announced_parcel,
    an_item,
)

WANTED = date(2026, 11, 27)


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


@pytest.fixture
def wanted(block: Block) -> NewOrder:
    return NewOrder(block, 3, Stain.CAIX, Decimal("4.5"), "3 levels, 50 µm apart", WANTED)


def placed(cast: Cast, *orders: NewOrder) -> list[CuttingOrder]:
    return order_sections(by=cast.coordinator, at=AT, orders=orders)


def test_orders_are_placed_all_at_once(cast: Cast, wanted: NewOrder) -> None:
    made = placed(cast, wanted, replace(wanted, stain=Stain.HE, sections=1))
    assert [order.accession[:9] for order in made] == ["CO-000001", "CO-000002"]
    kept = CuttingOrder.objects.get(pk=made[0].pk)
    assert (kept.sections, kept.stain, kept.thickness_um, kept.wanted_by) == (3, "caix", Decimal("4.5"), WANTED)
    assert (kept.levels, kept.ordered_by) == ("3 levels, 50 µm apart", cast.coordinator)
    lines = LedgerEntry.objects.filter(deed="order sections").order_by("number")
    assert lines[0].sentence == f"Order {made[0]}: 3 sections of block {wanted.block} for CA-IX."
    assert lines[1].sentence == f"Order {made[1]}: 1 section of block {wanted.block} for H&E."
    assert list(ledger.verify()) == []


def test_a_block_on_its_way_is_ordered_from(cast: Cast, house: House, patient: Patient) -> None:
    coming = an_announced_parcel(cast, house, an_item(patient)).items.get().block
    assert placed(cast, NewOrder(coming, 1))[0].block == coming


def test_who_orders(cast: Cast, wanted: NewOrder, house: House) -> None:
    for name, user in cast.everybody().items():
        if name not in ("bench", "coordinator"):
            with forbidden("Only coordinators and histotechnologists order sections."):
                order_sections(by=user, at=AT, orders=[wanted])
    hospital = person("hugh", "Hugh Mercer", Role.COORDINATOR, house.mercy)
    with refused("other_site", "Ordering sections at CWG core is for its own people", Forbidden):
        order_sections(by=hospital, at=AT, orders=[wanted])


@pytest.mark.parametrize(
    ("field", "changes", "words"),
    [
        ("sections", {"sections": 0}, "Order between 1 and 60 sections, not 0."),
        ("sections", {"sections": 61}, "not 61."),
        ("thickness_um", {"thickness_um": Decimal("0.5")}, "1 to 100 micrometres"),
        ("levels", {"levels": "x" * 61}, "At most 60 characters fit here"),
        ("reason", {"reason": "a\0b"}, "Only printable characters"),
        ("wanted_by", {"wanted_by": date(2026, 11, 22)}, "2026-11-22 lies in the past."),
    ],
)
def test_an_order_that_cannot_be(
    cast: Cast, wanted: NewOrder, field: str, changes: dict[str, object], words: str
) -> None:
    with refused("order_refused", words, Rejected) as refusal:
        placed(cast, wanted, replace(wanted, **changes))  # type: ignore[arg-type]
    assert refusal.places == [(2, field)]


def test_nothing_and_too_much_are_refused(cast: Cast, house: House, wanted: NewOrder) -> None:
    with refused("order_refused", "Order at least one section.", Rejected):
        placed(cast)
    with refused("order_refused", "Order at most 200 lines at a time, not 201.", Rejected):
        placed(cast, *[wanted] * 201)


def test_consent_withdrawn_stops_orders_and_lets_them_be_cancelled(
    cast: Cast, patient: Patient, wanted: NewOrder
) -> None:
    order = placed(cast, wanted)[0]
    withdraw_consent(by=cast.coordinator, at=AT, consent=patient.consents.get(), withdrawn_on=CUT_ON)
    with refused("consent_withdrawn", "Cutting is stopped"):
        placed(cast, wanted)
    assert not cancel_order(by=cast.bench, at=AT, order=order, reason="consent withdrawn").cut


# ---- recuts and restains ----
def test_a_restain_replaces_a_slide_once(cast: Cast, house: House, patient: Patient, block: Block) -> None:
    slide = a_stained_slide(cast, block, Stain.CAIX)
    again = NewOrder(block, 1, Stain.CAIX, replaces=slide, reason="positive control failed")
    with refused("order_refused", f"Say why slide {slide} is replaced.", Rejected) as refusal:
        placed(cast, replace(again, reason=" "))
    assert refusal.places == [(1, "reason")]
    with refused("order_refused", "being replaced already by a line of this list.", Rejected):
        placed(cast, again, again)
    order = placed(cast, again)[0]
    with refused("order_refused", f"Slide {slide} is being replaced already by {order}.", Rejected):
        placed(cast, again)
    cancel_order(by=cast.bench, at=AT, order=order, reason="a spare section was found")
    assert placed(cast, again)[0].replaces == slide
    other = a_received_block(cast, house, a_patient(cast, house, "CWG-0200"))
    with refused("order_refused", "is another specimen's", Rejected):
        placed(cast, replace(again, block=other))


# ---- the usual ----
def test_the_usual_is_one_he_and_two_caix(cast: Cast, house: House, patient: Patient, block: Block) -> None:
    second = a_received_block(cast, house, patient, label="A2")
    made = order_usual(by=cast.bench, at=AT, blocks=[block, second, block])
    assert [(o.block, o.stain, o.sections) for o in made] == [
        (b, stain, number) for b in (block, second) for stain, number in (("he", 1), ("caix", 2))
    ]
    with refused("order_refused", f"Block {second} has sections cut or ordered already", Rejected) as refusal:
        order_usual(by=cast.bench, at=AT, blocks=[second])
    assert refusal.places == [(1, "blocks")]


# ---- the end of an order ----
def test_a_cut_ends_its_order(cast: Cast, wanted: NewOrder) -> None:
    order = placed(cast, wanted)[0]
    slides = cut_sections(by=cast.bench, at=AT, cuts=[Cut(wanted.block, 3, CUT_ON, order=order)])
    assert {slide.order for slide in Slide.objects.all()} == {order}
    assert len(slides) == 3
    end = CuttingEnd.objects.get(order=order)
    assert (end.cut, end.reason, end.ended_by) == (True, "", cast.bench)
    assert LedgerEntry.objects.get(deed="end cutting order").sentence.endswith("was cut.")
    with refused("cutting_refused", f"Order {order} was cut already.", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[Cut(wanted.block, 3, CUT_ON, order=order)])
    with refused("order_ended", f"Order {order} was cut already."):
        cancel_order(by=cast.bench, at=AT, order=order, reason="too late")


def test_one_order_is_not_cut_twice_in_one_go(cast: Cast, wanted: NewOrder) -> None:
    cut = Cut(wanted.block, 3, CUT_ON, order=placed(cast, wanted)[0])
    with refused("cutting_refused", "was cut already", Rejected) as refusal:
        cut_sections(by=cast.bench, at=AT, cuts=[cut, cut])
    assert refusal.places == [(2, "order")]


def test_fewer_sections_say_why(cast: Cast, wanted: NewOrder) -> None:
    order = placed(cast, wanted)[0]
    cut = Cut(wanted.block, 1, CUT_ON, order=order)
    with refused("cutting_refused", "1 of 3 sections: say why fewer.", Rejected) as refusal:
        cut_sections(by=cast.bench, at=AT, cuts=[cut])
    assert refusal.places == [(1, "shortfall")]
    cut_sections(by=cast.bench, at=AT, cuts=[replace(cut, shortfall="folds", reorder_rest=True)])
    rest = CuttingOrder.objects.get(end__isnull=True)
    assert (rest.sections, rest.stain, rest.reason, rest.wanted_by) == (2, "caix", "folds", WANTED)
    assert CuttingEnd.objects.get(order=order).reason == "folds"


@pytest.mark.parametrize(
    ("field", "changes", "words"),
    [
        ("reorder_rest", {"sections": 3, "reorder_rest": True}, "nothing is left to order anew."),
        (
            "reorder_rest",
            {"sections": 1, "shortfall": "thin", "reorder_rest": True, "used_up": True},
            "cannot be ordered anew.",
        ),
        ("shortfall", {"sections": 1, "shortfall": "x" * 501}, "At most 500 characters"),
    ],
)
def test_a_partial_cut_that_cannot_be(
    cast: Cast, wanted: NewOrder, field: str, changes: dict[str, object], words: str
) -> None:
    cut = Cut(wanted.block, 3, CUT_ON, order=placed(cast, wanted)[0])
    with refused("cutting_refused", words, Rejected) as refusal:
        cut_sections(by=cast.bench, at=AT, cuts=[replace(cut, **changes)])  # type: ignore[arg-type]
    assert refusal.places == [(1, field)]


def test_an_order_of_another_block(cast: Cast, house: House, patient: Patient, wanted: NewOrder) -> None:
    other = a_received_block(cast, house, patient, label="A2")
    order = placed(cast, wanted)[0]
    with refused("cutting_refused", f"is for block {wanted.block}, not for {other}.", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[Cut(other, 3, CUT_ON, order=order)])


def test_an_order_is_cancelled_with_a_reason(cast: Cast, wanted: NewOrder) -> None:
    order = placed(cast, wanted)[0]
    with refused("reason_missing", "Say why the order is cancelled.", Invalid):
        cancel_order(by=cast.coordinator, at=AT, order=order, reason=" ")
    with forbidden("Only coordinators and histotechnologists"):
        cancel_order(by=cast.statistician, at=AT, order=order, reason="no")
    assert not cancel_order(by=cast.coordinator, at=AT, order=order, reason="ordered twice").cut
    with refused("order_ended", "was cancelled already."):
        cancel_order(by=cast.coordinator, at=AT, order=order, reason="again")
    with refused("cutting_refused", f"Order {order} was cancelled already.", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[Cut(wanted.block, 3, CUT_ON, order=order)])


def test_states_of_orders_agree_with_the_database(cast: Cast, wanted: NewOrder) -> None:
    fresh, cut, cancelled = placed(cast, wanted, wanted, wanted)
    cut_sections(by=cast.bench, at=AT, cuts=[Cut(wanted.block, 3, CUT_ON, order=cut)])
    cancel_order(by=cast.bench, at=AT, order=cancelled, reason="ordered twice")
    for order, state in ((fresh, OrderState.OPEN), (cut, OrderState.CUT), (cancelled, OrderState.CANCELLED)):
        again = CuttingOrder.objects.select_related("end").get(pk=order.pk)
        assert state_of(getattr(again, "end", None)) is state
        assert list(in_state(CuttingOrder.objects.all(), state)) == [order]


# ---- used up ----
def test_a_block_used_up_takes_no_order_and_no_cut(cast: Cast, wanted: NewOrder) -> None:
    order, block = placed(cast, wanted)[0], wanted.block
    with forbidden("Only histotechnologists say that a block is used up."):
        exhaust_block(by=cast.coordinator, at=AT, block=block)
    assert exhaust_block(by=cast.bench, at=AT, block=block, note="down to the cassette").note == "down to the cassette"
    assert CuttingEnd.objects.get(order=order).reason == f"Block {block} is used up."
    with refused("order_refused", f"Block {block} is used up: ask for more tissue instead.", Rejected):
        placed(cast, wanted)
    with refused("cutting_refused", f"Block {block} is used up: nothing more is cut from it.", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[Cut(block, 1, CUT_ON)])
    with refused("exhausted_already", "is recorded as used up already."):
        exhaust_block(by=cast.bench, at=AT, block=block)


def test_the_last_cut_uses_a_block_up(cast: Cast, wanted: NewOrder) -> None:
    order, later = placed(cast, wanted, replace(wanted, stain=Stain.HE))
    cut = Cut(wanted.block, 2, CUT_ON, order=order, shortfall="nothing left", used_up=True)
    with refused("cutting_refused", "is used up", Rejected) as refusal:
        cut_sections(by=cast.bench, at=AT, cuts=[cut, Cut(wanted.block, 1, CUT_ON)])
    assert refusal.places == [(2, "block")]
    cut_sections(by=cast.bench, at=AT, cuts=[cut])
    assert BlockExhaustion.objects.get().note == "nothing left"
    ends = dict(CuttingEnd.objects.values_list("order_id", "cut"))
    assert ends == {order.pk: True, later.pk: False}


def test_a_wrong_state_is_a_conflict_and_a_typo_is_not(cast: Cast, wanted: NewOrder) -> None:
    exhaust_block(by=cast.bench, at=AT, block=wanted.block)
    with pytest.raises(Refused) as conflict:
        placed(cast, wanted)
    with pytest.raises(Refused) as typo:
        placed(cast, wanted, replace(wanted, sections=0))
    assert (conflict.value.status, typo.value.status) == (409, 400)


def test_a_block_that_went_home_is_not_cut(cast: Cast, house: House, wanted: NewOrder) -> None:
    order = placed(cast, wanted)[0]
    home = AnnouncedItem(block=wanted.block, kind="block", label="A1")  # type: ignore[arg-type]
    an_announced_parcel(cast, replace(house, mercy=house.core, core=house.mercy), home, sent_on=None)
    with refused("cutting_refused", "is not at the core", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[Cut(wanted.block, 3, CUT_ON, order=order)])
    assert not CuttingEnd.objects.exists()
