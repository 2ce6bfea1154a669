"""A slide refused from the desk: the bench's order, the reader unknown to it, and the case the new slide opens."""

import pytest

from scoring.drafts import draft_of, save_draft
from scoring.duties import run_stained
from scoring.models import Draft, ReadingCase, SlideRefusal
from scoring.queries import reading_queue
from scoring.refusing import asked_by, refuse_slide
from scoring.vocabulary import Wish
from specimens import ledger
from specimens.cutting_desk import cutting_list
from specimens.errors import Invalid, Refused
from specimens.models import CuttingOrder, LedgerEntry
from specimens.ordering import cancel_order, exhaust_block
from specimens.sectioning import Cut, cut_sections
from specimens.staining import record_controls
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.scoring.desk import LATER, LOW, a_case, both_sign, signs
from tests.stories import PASSED, STAINED_ON, House, a_run


@pytest.fixture(params=[Stain.HE, Stain.CAIX])
def case(request: pytest.FixtureRequest, cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house, request.param)


def refuses(person: object, case: ReadingCase, wish: Wish = Wish.RECUT, reason: str = "folded") -> SlideRefusal:
    return refuse_slide(by=person, at=LATER, case=case, wish=wish, reason=reason)


def test_the_bench_sees_it_at_once_with_its_reason(cast: Cast, case: ReadingCase) -> None:
    refusal = refuses(cast.reader, case)
    (row,) = cutting_list().rows
    order = row.order
    assert refusal.order == order
    assert (order.sections, order.replaces) == (1, case.slide)
    assert order.stain == (Stain.HE if case.assay == "histology" else Stain.CAIX)
    assert order.reason == "A reader asks for a recut: folded"
    assert list(ledger.verify()) == []


def test_the_bench_does_not_learn_which_reader(cast: Cast, case: ReadingCase) -> None:
    refuses(cast.reader, case)
    assert CuttingOrder.objects.get().ordered_by is None
    lines = LedgerEntry.objects.filter(thing__startswith="specimens.", deed="order sections")
    assert [line.actor_name for line in lines] == ["a reader"]
    assert LedgerEntry.objects.get(deed="refuse slide").actor_id == cast.reader.pk


def test_the_reader_learns_what_became_of_it(cast: Cast, case: ReadingCase) -> None:
    order = refuses(cast.reader, case).order
    assert "the bench has it on its list" in asked_by(cast.reader)[case.code]
    assert asked_by(cast.second_reader) == {}
    cancel_order(by=cast.bench, at=AT, order=order, reason="block BL is broken")
    assert asked_by(cast.reader) == {case.code: ""}
    assert signs(cast.reader, case)


def test_once_for_each_reader(cast: Cast, case: ReadingCase) -> None:
    refuses(cast.reader, case)
    with pytest.raises(Refused, match="asked for another slide of case") as refused:
        refuses(cast.reader, case)
    assert refused.value.code == "slide_refused_once"
    assert CuttingOrder.objects.count() == 1


def test_a_second_reader_cannot_tell_that_another_asked(cast: Cast, case: ReadingCase) -> None:
    """The order that is open is joined; nothing of the answer differs."""
    first, second = refuses(cast.reader, case), refuses(cast.second_reader, case, Wish.RESTAIN, "too pale")
    assert first.order == second.order
    assert CuttingOrder.objects.count() == 1
    assert asked_by(cast.second_reader) == asked_by(cast.reader)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 401, "a\0b"])
def test_the_bench_needs_a_reason_it_can_read(cast: Cast, case: ReadingCase, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        refuses(cast.reader, case, reason=reason)
    assert refused.value.field == "reason"
    assert not CuttingOrder.objects.exists()


def test_after_signing_it_is_too_late(cast: Cast, case: ReadingCase) -> None:
    signs(cast.reader, case)
    with pytest.raises(Refused, match="read this case already"):
        refuses(cast.reader, case)


@pytest.mark.parametrize("who", ["coordinator", "bench", "statistician", "administrator", "adjudicator"])
def test_it_is_the_readers_to_ask(cast: Cast, case: ReadingCase, who: str) -> None:
    with pytest.raises(Refused):
        refuses(getattr(cast, who), case)
    assert not SlideRefusal.objects.exists()


def test_who_decides_may_ask_while_the_readers_differ(cast: Cast, house: House) -> None:
    case = a_case(cast, house, Stain.CAIX)
    both_sign(cast, case, second=LOW)
    assert refuses(cast.adjudicator, case).reader == cast.adjudicator


def test_where_nothing_is_left_to_cut_it_says_so_without_naming_the_block(cast: Cast, case: ReadingCase) -> None:
    exhaust_block(by=cast.bench, at=AT, block=case.slide.block)
    with pytest.raises(Refused, match="No other slide can be cut") as refused:
        refuses(cast.reader, case)
    assert str(case.slide.block) not in refused.value.sentence
    assert not SlideRefusal.objects.exists()


def test_the_new_slide_opens_a_new_case_and_the_old_draft_stays_readable(cast: Cast, case: ReadingCase) -> None:
    save_draft(by=cast.reader, at=LATER, case=case, typed={"comment": "folded over"}, version=0)
    order = refuses(cast.reader, case).order
    cut = Cut(block=order.block, order=order, sections=1, cut_on=STAINED_ON)
    slides = cut_sections(by=cast.bench, at=LATER, cuts=[cut])
    assert "it is cut" in asked_by(cast.reader)[case.code]
    run = a_run(cast, slides, Stain(order.stain))
    record_controls(by=cast.bench, at=AT, run=run, results=PASSED, observed_on=STAINED_ON)
    run_stained(run.pk)
    run_stained(run.pk)
    new = ReadingCase.objects.exclude(pk=case.pk).get()
    assert new.slide == slides[0]
    assert [row.code for row in reading_queue(cast.second_reader)] == [new.code]
    with pytest.raises(Refused, match="is history"):
        signs(cast.second_reader, case)
    assert draft_of(cast.reader, case.pk).typed == {"comment": "folded over"}  # type: ignore[union-attr]
    assert Draft.objects.count() == 1


def test_the_refused_slides_own_run_opens_nothing_anew(cast: Cast, case: ReadingCase) -> None:
    refuses(cast.reader, case)
    run_stained(case.slide.staining.run_id)
    assert ReadingCase.objects.count() == 1
