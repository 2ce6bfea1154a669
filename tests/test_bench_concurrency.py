"""The bench, many hands at once: an order is cut once, a slide stained once, a block ordered from once."""

from functools import partial

import pytest

from specimens import ledger
from specimens.disposing import answer_disposals, propose_disposal
from specimens.models import Block, CustodyEvent, CuttingEnd, CuttingOrder, Patient, Slide, Staining
from specimens.ordering import NewOrder, cancel_order, exhaust_block, order_sections, order_usual
from specimens.sectioning import Cut, cut_sections
from specimens.staining import NewRun, stain_run
from specimens.vocabulary import DisposalKind, Stain
from tests.cast import AT, Cast
from tests.stories import CONTROL_SLIDES, CUT_ON, STAINED_ON, House, a_lot, a_received_block, a_stained_slide
from tests.together import at_once, done, refusals

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


@pytest.fixture(autouse=True)
def the_ledger_holds() -> object:
    yield
    assert list(ledger.verify()) == []


def test_an_order_is_cut_or_cancelled_once(cast: Cast, block: Block) -> None:
    order = order_sections(by=cast.bench, at=AT, orders=[NewOrder(block, 2, Stain.HE)])[0]
    cut = partial(cut_sections, by=cast.bench, at=AT, cuts=[Cut(block, 2, CUT_ON, order=order)])
    cancel = partial(cancel_order, by=cast.coordinator, at=AT, order=order, reason="ordered twice")
    given = at_once([cut, cancel] * 4)
    assert (len(done(given)), CuttingEnd.objects.count()) == (1, 1)
    assert Slide.objects.count() == (2 if CuttingEnd.objects.get().cut else 0)
    assert {refusal.status for refusal in refusals(given)} == {409}


def test_the_usual_is_ordered_once(cast: Cast, block: Block) -> None:
    given = at_once([lambda: order_usual(by=cast.bench, at=AT, blocks=[block])] * 8)
    assert (len(done(given)), CuttingOrder.objects.count()) == (1, 2)


def test_a_slide_is_replaced_once_from_either_of_two_blocks(
    cast: Cast, house: House, patient: Patient, block: Block
) -> None:
    slide, sister = a_stained_slide(cast, block), a_received_block(cast, house, patient, label="A2")
    orders = [NewOrder(each, 1, Stain.HE, replaces=slide, reason="folded") for each in (block, sister)]
    given = at_once([partial(order_sections, by=cast.bench, at=AT, orders=[order]) for order in orders * 4])
    assert (len(done(given)), CuttingOrder.objects.count()) == (1, 1)


def test_a_block_used_up_leaves_no_order_open(cast: Cast, block: Block) -> None:
    order = partial(order_sections, by=cast.bench, at=AT, orders=[NewOrder(block, 1)])
    at_once([order, partial(exhaust_block, by=cast.bench, at=AT, block=block)] * 4)
    assert not CuttingOrder.objects.filter(end__isnull=True).exists()


def test_two_runs_race_for_the_last_slide(cast: Cast, block: Block) -> None:
    slide = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block, 1, CUT_ON)])[0]
    run = NewRun(a_lot(cast, Stain.CAIX), [slide], STAINED_ON, controls=CONTROL_SLIDES)
    given = at_once([lambda: stain_run(by=cast.bench, at=AT, run=run)] * 8)
    assert (len(done(given)), Staining.objects.count()) == (1, 1)
    assert {(refusal.status, refusal.sentence) for refusal in refusals(given)} == {
        (409, f"Row 1, slide: Slide {slide} is stained already; a restain takes a new section.")
    }


def test_a_slide_is_destroyed_before_its_stain_or_after_it(cast: Cast, block: Block) -> None:
    slides = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block, 4, CUT_ON)])
    lot, deeds = a_lot(cast, Stain.CAIX), []
    for slide in slides:
        proposal = propose_disposal(by=cast.bench, at=AT, things=[slide], kind=DisposalKind.DESTROYED, reason="broken")[
            0
        ]
        deeds += [
            partial(answer_disposals, by=cast.coordinator, at=AT, disposals=[proposal], confirmed=True),
            partial(stain_run, by=cast.bench, at=AT, run=NewRun(lot, [slide], STAINED_ON, controls=CONTROL_SLIDES)),
        ]
    at_once(deeds)
    for slide in slides:
        kinds = list(CustodyEvent.objects.filter(slide=slide).order_by("id").values_list("kind", flat=True))
        assert kinds[-1] == "destroyed", "nothing happens to a slide that is no more"
