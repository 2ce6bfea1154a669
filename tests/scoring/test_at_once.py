"""Signatures at the same instant: the database decides, and who comes too late gets a sentence."""

from collections.abc import Callable, Sequence
from threading import Barrier, Thread

import pytest
from django.db import connection

from scoring.assessing import WORKER, assess_specimens
from scoring.assigning import assign_by_rule
from scoring.drafts import Kept, save_draft
from scoring.models import Assignment, Comparison, Draft, PatientScore, Read, Score, SlideRefusal
from scoring.refusing import refuse_slide
from scoring.vocabulary import Wish
from specimens import ledger
from specimens.errors import Refused
from specimens.models import CuttingOrder
from tests.cast import Cast
from tests.scoring.desk import LATER, PAPILLARY, a_case, a_tumour, both_sign, corrects, decides, signs
from tests.stories import House

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(deeds: Sequence[Callable[[], object]]) -> list[object]:
    """What each deed gave or was refused with; they start together, each on a connection of its own."""
    gate, given = Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int, deed: Callable[[], object]) -> None:
        gate.wait()
        try:
            given[place] = deed()
        except Refused as refusal:
            given[place] = refusal
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def kept(given: Sequence[object]) -> list[Read]:
    return [each for each in given if isinstance(each, Read)]


def refusals(given: Sequence[object]) -> set[str]:
    return {each.code for each in given if isinstance(each, Refused)}


def test_both_readers_sign_at_the_same_instant(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    given = at_once([lambda: signs(cast.reader, case), lambda: signs(cast.second_reader, case, **PAPILLARY)])
    assert sorted(read.slot for read in kept(given)) == [1, 2]
    assert Comparison.objects.get().discordances == ["papillary", "risk"]
    assert list(ledger.verify()) == []


def test_one_reader_signs_many_times(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    given = at_once([lambda: signs(cast.reader, case)] * 8)
    assert len(kept(given)) == Read.objects.count() == 1
    assert refusals(given) == {"read_reader_once"}


def test_three_readers_for_two_places(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    readers = (cast.reader, cast.second_reader, cast.third_reader)
    given = at_once([lambda who=who: signs(who, case) for who in readers])
    assert len(kept(given)) == Read.objects.count() == 2
    assert refusals(given) == {"read_slot_once"}
    assert Comparison.objects.count() == 1


def test_a_disagreement_is_decided_once(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    given = at_once([lambda: decides(cast.adjudicator, case)] * 4)
    assert len(kept(given)) == Read.objects.filter(slot=3).count() == 1
    assert refusals(given) == {"not_discordant"}


def test_a_read_is_superseded_once(cast: Cast, house: House) -> None:
    read = signs(cast.reader, a_case(cast, house))
    given = at_once([lambda: corrects(cast.reader, read, fuhrman="3")] * 4)
    assert len(kept(given)) == 1
    assert Read.objects.count() == 2
    assert refusals(given) == {"superseded"}


def test_a_decision_and_a_correction_cross(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    first, _ = both_sign(cast, case, second=PAPILLARY)
    at_once([lambda: decides(cast.adjudicator, case), lambda: corrects(cast.reader, first, **PAPILLARY)])
    assert list(Comparison.objects.order_by("id").values_list("discordant", flat=True)) == [True, False]


def test_workers_score_the_same_at_once(cast: Cast, house: House) -> None:
    tumours = [a_tumour(cast, house, study_id=f"CWG-{number}") for number in range(3)]
    for tumour in tumours:
        both_sign(cast, a_case(cast, house, specimen=tumour))
    ids = [tumour.pk for tumour in tumours]
    given = at_once(
        [
            lambda order=order: assess_specimens(by=WORKER, at=LATER, specimen_ids=order)
            for order in (ids, ids[::-1], ids, ids[::-1])
        ]
    )
    assert sorted(given) == [0, 0, 0, 3]
    assert (Score.objects.count(), PatientScore.objects.count()) == (3, 3)
    assert list(ledger.verify()) == []


def test_a_case_is_given_out_once_by_two_at_once(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    deeds = [lambda: assign_by_rule(by=cast.coordinator, at=LATER, cases=[case])] * 4
    given = at_once(deeds)
    assert sorted(len(each.made) for each in given) == [0, 0, 0, 2]
    assert Assignment.objects.count() == 2


def test_a_draft_saved_at_the_instant_of_the_signature_never_outlives_it(cast: Cast, house: House) -> None:
    for study_id in ("CWG-0300", "CWG-0301", "CWG-0302"):
        case = a_case(cast, house, specimen=a_tumour(cast, house, study_id))

        def saves(case: object = case) -> object:
            return save_draft(by=cast.reader, at=LATER, case=case, typed={"comment": "x"}, version=0, window="w")

        given = at_once([lambda case=case: signs(cast.reader, case), saves])
        assert len(kept(given)) == 1
        assert not Draft.objects.exists()


def test_two_windows_save_at_the_same_instant_and_one_is_told(cast: Cast, house: House) -> None:
    case = a_case(cast, house)

    def saves(window: str) -> object:
        return save_draft(by=cast.reader, at=LATER, case=case, typed={"comment": window}, version=0, window=window)

    given = at_once([lambda: saves("one"), lambda: saves("two")])
    assert len([each for each in given if isinstance(each, Kept)]) == 1
    assert refusals(given) == {"draft_older"}
    assert Draft.objects.get().version == 1


def test_both_readers_ask_for_another_slide_at_the_same_instant(cast: Cast, house: House) -> None:
    case = a_case(cast, house)

    def asks(person: object) -> object:
        return refuse_slide(by=person, at=LATER, case=case, wish=Wish.RECUT, reason="folded")

    given = at_once([lambda: asks(cast.reader), lambda: asks(cast.second_reader), lambda: asks(cast.reader)])
    assert refusals(given) == {"slide_refused_once"}
    assert (SlideRefusal.objects.count(), CuttingOrder.objects.count()) == (2, 1)
    assert list(ledger.verify()) == []
