"""Disposal: one person proposes, another confirms, and only then is anything gone."""

import pytest
from django.db import IntegrityError, transaction

from lims.vocabulary import Role
from specimens import disposal_desk
from specimens.actors import acting
from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.deeds import refusal_of
from specimens.disposing import answer_disposals, propose_disposal
from specimens.errors import Forbidden, Invalid, Rejected
from specimens.models import (
    CustodyEvent,
    CuttingEnd,
    CuttingOrder,
    Disposal,
    DisposalAnswer,
    LedgerEntry,
    Loan,
    LoanEvent,
    Patient,
    Slide,
    Standing,
)
from specimens.ordering import NewOrder, order_sections
from specimens.queries import latest_events
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import DisposalKind, ItemKind, Stain
from tests.cast import AT, Cast, person
from tests.drawers import a_drawer, put_away, some_slides
from tests.refusals import forbidden, refused
from tests.stories import CUT_ON, House, a_received_block, an_announced_parcel, an_item

DESTROYED, CONSUMED = DisposalKind.DESTROYED, DisposalKind.CONSUMED


@pytest.fixture
def slides(cast: Cast, house: House, patient: Patient) -> list[Slide]:
    return some_slides(cast, house, patient)


def propose(cast: Cast, *things: object, kind: DisposalKind = DESTROYED) -> list[Disposal]:
    return propose_disposal(by=cast.bench, at=AT, things=things, kind=kind, reason="broken")  # type: ignore[arg-type]


def answer(by: object, disposals: list[Disposal], confirmed: bool = True, reason: str = "") -> list[DisposalAnswer]:
    return answer_disposals(by=by, at=AT, disposals=disposals, confirmed=confirmed, reason=reason)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", DisposalKind)
def test_two_people_end_a_slide(cast: Cast, house: House, slides: list[Slide], kind: DisposalKind) -> None:
    put_away(cast, a_drawer(cast), slides)
    proposals = propose(cast, *slides[:2], kind=kind)
    held = latest_events(slides=[s.pk for s in slides])
    assert {event.kind for event in held.values()} == {"sectioned"}, "nothing has happened to them yet"
    answer(cast.coordinator, proposals)
    held = latest_events(slides=[s.pk for s in slides])
    gone = [held["slide", s.pk] for s in slides[:2]]
    assert {(event.kind, event.holder, event.recorded_by) for event in gone} == {(kind, None, cast.coordinator)}
    assert [row.slide for row in Standing.objects.all()] == [slides[2]]
    line = LedgerEntry.objects.latest("number")
    assert line.sentence == f"{slides[1]} was {kind}, as Rose Achebe had proposed."
    assert (line.reason, line.patient_id) == ("broken", slides[0].block.specimen.patient_id)


def test_what_is_gone_is_worked_on_no_more(cast: Cast, house: House, slides: list[Slide]) -> None:
    block, drawer = slides[0].block, a_drawer(cast)
    answer(cast.coordinator, propose(cast, block, kind=CONSUMED))
    with refused("cutting_refused", "is not at the core", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=1, cut_on=CUT_ON)])
    with refused("putting_refused", f"{block} was consumed: it cannot stand anywhere.", Rejected):
        put_away(cast, drawer, [block])
    with refused("disposal_refused", f"{block} was consumed already", Rejected):
        propose(cast, block)


def test_nobody_confirms_their_own(cast: Cast, slides: list[Slide]) -> None:
    proposals = propose(cast, *slides)
    said = f"You have proposed {slides[0]} yourself: a second person confirms it."
    with refused("answer_refused", said, Rejected) as refusal:
        answer(cast.bench, proposals)
    assert refusal.places == [(1, "disposal"), (2, "disposal"), (3, "disposal")]


def test_the_database_itself_demands_two(cast: Cast, slides: list[Slide]) -> None:
    proposal = propose(cast, slides[0])[0]
    row = DisposalAnswer(
        disposal=proposal, confirmed=True, proposed_by=cast.bench, answered_by=cast.bench, answered_at=AT
    )
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), acting(cast.bench):
        row.save()
    assert refusal_of(caught.value).sentence == "A second person confirms: not the one who proposed it."


def test_the_proposer_withdraws_and_another_refuses(cast: Cast, slides: list[Slide]) -> None:
    one, two, _ = propose(cast, *slides)
    with refused("reason_missing", "Say why it is not disposed of.", Invalid):
        answer(cast.bench, [one], confirmed=False, reason=" ")
    answer(cast.bench, [one], confirmed=False, reason="wrong slide")
    assert "was withdrawn; it stays." in LedgerEntry.objects.latest("number").sentence
    answer(cast.coordinator, [two], confirmed=False, reason="still needed")
    assert "was refused; it stays." in LedgerEntry.objects.latest("number").sentence
    with refused("answer_refused", f"The proposal about {slides[0]} was answered already.", Rejected) as refusal:
        answer(cast.coordinator, [one, two])
    assert refusal.places == [(1, "disposal"), (2, "disposal")]
    again = propose(cast, slides[0])[0]
    with refused("answer_refused", "was answered already.", Rejected):
        answer(cast.coordinator, [one])
    answer(cast.coordinator, [again])


def test_who_proposes_and_answers(cast: Cast, house: House, slides: list[Slide]) -> None:
    proposals = propose(cast, slides[0])
    site = person("cora", "Cora Bell", Role.COORDINATOR, house.mercy)
    with refused("core_only", "for the core's own people", Forbidden):
        propose_disposal(by=site, at=AT, things=slides, kind=DESTROYED, reason="x")
    with refused("core_only", "for the core's own people", Forbidden):
        answer(site, proposals)
    for name, somebody in cast.everybody().items():
        if name not in ("bench", "coordinator"):
            with forbidden("dispose of tissue"):
                propose_disposal(by=somebody, at=AT, things=slides, kind=DESTROYED, reason="x")
            with forbidden("dispose of tissue"):
                answer(somebody, proposals)


def test_a_proposal_that_cannot_be(cast: Cast, house: House, patient: Patient, slides: list[Slide]) -> None:
    with refused("nothing_to_dispose", "Scan at least one", Invalid):
        propose(cast)
    for reason, words in (("", "Say why"), ("x" * 501, "At most 500"), ("a\0b", "printable")):
        with refused("reason_missing" if not reason else "invalid", words, Invalid):
            propose_disposal(by=cast.bench, at=AT, things=slides, kind=DESTROYED, reason=reason)
    propose(cast, slides[0])
    coming = an_announced_parcel(cast, house, an_item(patient, label="Z9")).items.get().block
    with refused("disposal_refused", "", Rejected) as refusal:
        propose(cast, slides[0], slides[1], slides[1], coming)
    assert [problem.sentence for problem in refusal.problems] == [
        f"Rose Achebe has proposed {slides[0]} already: answer that first.",
        f"{slides[1]} stands twice in the list.",
        f"{slides[1]} stands twice in the list.",
        f"{coming} is on its way: nothing is disposed of while it travels.",
    ]
    with refused("nothing_to_answer", "Choose at least one", Invalid):
        answer(cast.coordinator, [])


def test_what_is_sent_meanwhile_is_not_destroyed(cast: Cast, house: House, slides: list[Slide]) -> None:
    proposals = propose(cast, slides[0])
    item = AnnouncedItem(kind=ItemKind.UNSTAINED_SLIDE, label="1", slide=slides[0])
    parcel = Parcel(sender=house.core, receiver=house.mercy, items=(item,))
    announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])
    with refused("answer_refused", "is on its way", Rejected):
        answer(cast.coordinator, proposals)
    answer(cast.coordinator, proposals, confirmed=False, reason="it was sent back")


def test_a_block_on_loan_needs_its_owners_word(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    for kind in DisposalKind:
        with refused("disposal_refused", f"{block} is here on loan from Mercy General: record first", Rejected):
            propose(cast, block, kind=kind)
    item = block.shipment_items.get()
    with transaction.atomic(), acting(cast.coordinator):
        loan, _ = Loan.objects.get_or_create(
            item=item, defaults={"accession": "L-000001-X", "lender": house.mercy, "began_at": AT}
        )
        LoanEvent.objects.create(loan=loan, kind="donated", recorded_at=AT, recorded_by=cast.coordinator)
    answer(cast.coordinator, propose(cast, block))
    assert CustodyEvent.objects.filter(block=block).latest("id").kind == "destroyed"


def test_a_donated_block_that_came_on_loan_before(cast: Cast, house: House, patient: Patient) -> None:
    """What counts are the terms on which it is here now."""
    donated = a_received_block(cast, house, patient, label="D1", terms="donated")
    propose(cast, donated)


def test_python_and_sql_agree_on_the_state(cast: Cast, slides: list[Slide]) -> None:
    one, two, three = propose(cast, *slides)
    answer(cast.coordinator, [one])
    answer(cast.coordinator, [two], confirmed=False, reason="needed")
    wanted = {"waiting": three, "done": one, "refused": two}
    for state, disposal in wanted.items():
        assert list(disposal_desk.in_state(state)) == [disposal]
        assert disposal_desk.state_of(disposal_desk.disposal(disposal.pk)) == state
    assert disposal_desk.waiting_for(cast.coordinator.pk, 9) == [three]
    assert disposal_desk.waiting_for(cast.bench.pk, 9) == []


def test_one_certificate_for_what_was_confirmed_together(cast: Cast, slides: list[Slide]) -> None:
    one, two, _ = propose(cast, *slides)
    answer(cast.coordinator, [one, two])
    assert disposal_desk.confirmed_with(disposal_desk.disposal(two.pk)) == [one, two]


def test_what_was_ordered_of_a_block_ends_with_it(cast: Cast, house: House, slides: list[Slide]) -> None:
    """Whoever opens the cutting list finds nothing on it that cannot be cut."""
    block, other = slides[0].block, a_received_block(cast, house, slides[0].block.specimen.patient, label="A2")
    gone, stays = order_sections(
        by=cast.bench, at=AT, orders=[NewOrder(block, 2, Stain.HE), NewOrder(other, 1, Stain.HE)]
    )
    proposals = propose(cast, block)
    assert not CuttingEnd.objects.exists()
    answer(cast.coordinator, proposals)
    end = CuttingEnd.objects.get()
    assert (end.order, end.cut, end.reason) == (gone, False, f"Block {block} was destroyed.")
    assert LedgerEntry.objects.get(deed="end cutting order").reason == end.reason
    assert CuttingOrder.objects.get(end__isnull=True) == stays
