"""Cases given to readers: by the rule, by hand, to another, handed back; and who may sign then."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lims.people import grant_role
from lims.vocabulary import Role
from scoring.assigning import assign, assign_by_rule, hand_back, reassign, take_back
from scoring.models import Assignment, AssignmentEnd, ReadingCase
from scoring.plans import Plan, plan_of, set_reading_plan
from scoring.qualifying import qualify_by_hand
from scoring.queries import case_for, reading_count, reading_queue
from scoring.rules.vocabulary import Assay
from scoring.turns import standing
from specimens.errors import Forbidden, Invalid, Unknown
from specimens.models import LedgerEntry
from specimens.vocabulary import Stain
from tests.cast import AT, FOUNDER, Cast, person
from tests.refusals import forbidden, refused
from tests.scoring.desk import LATER, a_case, a_tumour, both_sign, signs
from tests.stories import House


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house)


def by_rule(cast: Cast, *cases: ReadingCase) -> list[Assignment]:
    return assign_by_rule(by=cast.coordinator, at=AT, cases=cases).made


def to(cast: Cast, case: ReadingCase, who: object, reason: str = "asked for it") -> Assignment:
    return assign(by=cast.coordinator, at=AT, case=case, reader_id=who.pk, reason=reason)


def held(case: ReadingCase) -> set[int]:
    return set(standing().filter(case=case).values_list("reader_id", flat=True))


def test_the_rule_fills_both_places_and_balances(cast: Cast, house: House) -> None:
    cases = [a_case(cast, house, specimen=a_tumour(cast, house, f"CWG-{n}")) for n in range(3)]
    made = by_rule(cast, *cases)
    assert len(made) == 6
    readers = {cast.reader.pk, cast.second_reader.pk, cast.third_reader.pk}
    assert {each.reader_id for each in made} == readers
    assert all(len(held(case)) == 2 for case in cases)
    assert len({frozenset(held(case)) for case in cases}) == 3, "not the same pair always"
    assert by_rule(cast, *cases) == [], "nothing is given out twice"
    assert LedgerEntry.objects.filter(deed="assign case").count() == 6


def test_only_who_has_the_case_sees_and_signs_it(cast: Cast, house: House, case: ReadingCase) -> None:
    to(cast, case, cast.reader)
    assert {row.code for row in reading_queue(cast.third_reader)} == {case.code}, "one place was given to nobody"
    to(cast, case, cast.second_reader)
    assert reading_queue(cast.third_reader) == []
    assert reading_count(cast.third_reader) == 0
    with refused("not_assigned", "given to"):
        signs(cast.third_reader, case)
    assert "given to other readers" in case_for(cast.third_reader, case.code).may_sign
    assert reading_count(cast.reader) == 1
    both_sign(cast, case)


def test_a_kept_place_is_not_taken_by_the_pool(cast: Cast, case: ReadingCase) -> None:
    to(cast, case, cast.reader)
    signs(cast.third_reader, case)
    assert reading_queue(cast.second_reader) == []
    with refused("not_assigned", "given to"):
        signs(cast.second_reader, case)
    signs(cast.reader, case)


def test_nothing_shows_whether_the_other_has_read(cast: Cast, case: ReadingCase) -> None:
    by_rule(cast, case)
    first, second = (u for u in (cast.reader, cast.second_reader, cast.third_reader) if u.pk in held(case))
    third = next(u for u in (cast.reader, cast.second_reader, cast.third_reader) if u.pk not in held(case))
    before = [reading_queue(second), case_for(second, case.code), reading_queue(third)]
    signs(first, case)
    assert [reading_queue(second), case_for(second, case.code), reading_queue(third)] == before


def test_by_hand_needs_a_reason_a_reader_and_a_place(cast: Cast, case: ReadingCase) -> None:
    with refused("reason_missing", "Say why", Invalid):
        to(cast, case, cast.reader, " ")
    for nobody in (cast.adjudicator, cast.coordinator):
        with pytest.raises(Unknown, match="no such reader"):
            to(cast, case, nobody)
    to(cast, case, cast.reader)
    with refused("assigned_already", "already"):
        to(cast, case, cast.reader)
    to(cast, case, cast.second_reader)
    with refused("readers_full", "take it back from one of them first"):
        to(cast, case, cast.third_reader)


def test_who_may_give_out(cast: Cast, house: House, case: ReadingCase) -> None:
    lead = person("lena", "Lena Haas", Role.LEAD_PATHOLOGIST)
    hospital = person("hugh", "Hugh Okello", Role.COORDINATOR, house.mercy)
    for other in (cast.reader, cast.adjudicator, cast.bench, cast.statistician, cast.administrator):
        with forbidden("Only coordinators and the lead pathologist give cases to readers."):
            assign_by_rule(by=other, at=AT, cases=[case])
    with refused("core_only", "for the core's own people", Forbidden):
        assign_by_rule(by=hospital, at=AT, cases=[case])
    assert len(assign_by_rule(by=lead, at=AT, cases=[case]).made) == 2


def test_taken_back_and_given_to_another(cast: Cast, case: ReadingCase) -> None:
    first = to(cast, case, cast.reader)
    to(cast, case, cast.second_reader)
    with refused("assigned_already", "already"):
        reassign(by=cast.coordinator, at=AT, assignment=first, reader_id=cast.second_reader.pk, reason="on leave")
    assert held(case) == {cast.reader.pk, cast.second_reader.pk}, "all of it or nothing"
    reassign(by=cast.coordinator, at=AT, assignment=first, reader_id=cast.third_reader.pk, reason="on leave")
    assert held(case) == {cast.second_reader.pk, cast.third_reader.pk}
    assert AssignmentEnd.objects.get().reason == "on leave"
    with refused("taken_back_already", "already"):
        take_back(by=cast.coordinator, at=AT, assignment=first, reason="again")


def test_what_is_read_cannot_be_taken_back(cast: Cast, case: ReadingCase) -> None:
    mine = to(cast, case, cast.reader)
    signs(cast.reader, case)
    with refused("read_already", "it is read"):
        take_back(by=cast.coordinator, at=LATER, assignment=mine, reason="too late")


def test_handed_back_and_not_given_again(cast: Cast, case: ReadingCase) -> None:
    by_rule(cast, case)
    reader = next(u for u in (cast.reader, cast.second_reader, cast.third_reader) if u.pk in held(case))
    hand_back(by=reader, at=AT, case=case, reason="on leave for three weeks")
    assert len(held(case)) == 1
    with refused("not_assigned", "nothing to hand back"):
        hand_back(by=reader, at=AT, case=case, reason="again")
    by_rule(cast, case)
    assert reader.pk not in held(case)
    assert len(held(case)) == 2


def test_too_few_readers_leave_the_case_and_name_it(cast: Cast, case: ReadingCase) -> None:
    lead = person("lena", "Lena Haas", Role.LEAD_PATHOLOGIST)
    until = AT.date() + timedelta(days=90)
    qualify_by_hand(
        by=lead, at=AT, reader_id=cast.reader.pk, assay=Assay.HISTOLOGY, valid_until=until, reason="validated"
    )
    out = assign_by_rule(by=lead, at=AT, cases=[case])
    assert (out.made, out.left) == ([], [case.code])
    with refused("not_qualified", "is not qualified for this assay version today"):
        to(cast, case, cast.second_reader)
    to(cast, case, cast.reader)


def test_a_plan_gives_cases_out_when_they_open(cast: Cast, house: House) -> None:
    said = {"by": cast.coordinator, "at": AT, "trial": house.trial, "repeat_share": Decimal("0.2"), "wash_out_days": 21}
    assert plan_of(house.trial.pk) == Plan()
    set_reading_plan(assigns=True, **said)
    assert plan_of(house.trial.pk) == Plan(True, Decimal("0.2"), 21)
    assert len(held(a_case(cast, house, Stain.CAIX))) == 2
    with refused("nothing_new", "already"):
        set_reading_plan(assigns=True, **said)
    with refused("share_of_one", "between 0 and 100", Invalid):
        set_reading_plan(assigns=True, **said | {"repeat_share": Decimal("1.1")})
    with refused("wash_out", "1 to 3650 days", Invalid):
        set_reading_plan(assigns=True, **said | {"wash_out_days": 0})


def test_each_reader_has_an_order_of_their_own_that_stays(cast: Cast, house: House) -> None:
    for number in range(12):
        a_case(cast, house, specimen=a_tumour(cast, house, f"CWG-{number}"))
    opened = list(ReadingCase.objects.order_by("id").values_list("code", flat=True))
    mine, others = ([row.code for row in reading_queue(who)] for who in (cast.reader, cast.second_reader))
    assert sorted(mine) == sorted(others) == sorted(opened)
    assert len({tuple(mine), tuple(others), tuple(opened)}) == 3
    signs(cast.reader, ReadingCase.objects.get(code=mine[4]))
    assert [row.code for row in reading_queue(cast.reader)] == mine[:4] + mine[5:]
    assert {row.opened_at for row in reading_queue(cast.reader)} == {None}


def test_who_reads_gives_out_nothing(cast: Cast, case: ReadingCase) -> None:
    grant_role(by=FOUNDER, at=AT, user=cast.third_reader, role=Role.LEAD_PATHOLOGIST)
    with refused("reads_too", "somebody who reads none gives them out", Forbidden):
        assign_by_rule(by=cast.third_reader, at=AT, cases=[case])


def test_a_lead_is_no_adjudicator_and_never_an_analyst(cast: Cast) -> None:
    said = {"by": FOUNDER, "at": AT}
    grant_role(user=cast.reader, role=Role.LEAD_PATHOLOGIST, **said)
    with refused("names_known", "an adjudicator decides between reads without names"):
        grant_role(user=cast.adjudicator, role=Role.LEAD_PATHOLOGIST, **said)
    for other in (cast.statistician, cast.coordinator):
        with refused("roles_exclude", "Use a second person"):
            grant_role(user=other, role=Role.LEAD_PATHOLOGIST, **said)
