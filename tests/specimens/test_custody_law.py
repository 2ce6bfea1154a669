"""The law of custody: what may follow on what, told step by step, and that the legs leave no gap."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specimens.custody_law import Parcel, Replayed, Step, replay
from specimens.vocabulary import CustodyKind as Kind
from specimens.vocabulary import Whereabouts

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
MERCY, CORE, LAKE = 1, 2, 3
IN, BACK, ASTRAY = Parcel(10, MERCY, CORE), Parcel(11, CORE, MERCY), Parcel(12, LAKE, CORE)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def told(*steps: tuple[str, int | None, Parcel | None], beginning: str = Kind.COLLECTED) -> Replayed:
    """What the law says of a thing that Mercy had and that these steps happened to, a day apart."""
    begun = Step(beginning, MERCY, day(0))
    return replay([begun, *(Step(kind, who, day(n), parcel) for n, (kind, who, parcel) in enumerate(steps, 1))])


OUT, CAME = (Kind.SHIPPED, CORE, IN), (Kind.RECEIVED, CORE, IN)
HOME, HOME_AGAIN = (Kind.SHIPPED, MERCY, BACK), (Kind.RETURNED, MERCY, BACK)


def test_there_and_back_is_whole() -> None:
    now = told(OUT, CAME, HOME, HOME_AGAIN)
    assert (now.findings, now.where, now.holder) == ([], Whereabouts.RETURNED, MERCY)
    assert [(leg.holder, leg.where) for leg in now.legs] == [
        (MERCY, "held"), (CORE, "on_its_way"), (CORE, "held"), (MERCY, "on_its_way"), (MERCY, "returned"),
    ]  # fmt: skip
    assert all(a.until == b.since for a, b in zip(now.legs, now.legs[1:], strict=False))


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([CAME, CAME], "not_shipped"),
        ([OUT, OUT], "on_its_way"),
        ([OUT, (Kind.RECEIVED, CORE, ASTRAY)], "other_parcel"),
        ([OUT, (Kind.RECEIVED, LAKE, IN)], "wrong_holder"),
        ([HOME], "not_the_holder"),
        ([(Kind.SHIPPED, CORE, None)], "no_parcel"),
        ([(Kind.SHIPPED, LAKE, IN)], "wrong_holder"),
        ([(Kind.RECEIVED, CORE, None)], "no_parcel"),
        ([OUT, (Kind.STAINED, CORE, None)], "not_there"),
        ([OUT, CAME, (Kind.STAINED, MERCY, None)], "not_there"),
        ([OUT, CAME, (Kind.STAINED, CORE, None), (Kind.STAINED, CORE, None)], "stained_twice"),
        ([OUT, CAME, (Kind.DESTROYED, CORE, None), (Kind.STAINED, CORE, None)], "after_the_end"),
        ([OUT, CAME, (Kind.CONSUMED, CORE, None), HOME], "after_the_end"),
        ([OUT, (Kind.DESTROYED, CORE, None)], "not_there"),
        ([OUT, CAME, (Kind.SECTIONED, CORE, None)], "begun_twice"),
        ([OUT, CAME, (Kind.LOST, CORE, None), HOME], "lost"),
        ([OUT, CAME, (Kind.LOST, MERCY, None)], "wrong_holder"),
        ([OUT, CAME, (Kind.LOST, CORE, None), (Kind.LOST, CORE, None)], "lost_twice"),
        ([OUT, CAME, (Kind.FOUND, CORE, None)], "not_lost"),
        ([OUT, CAME, HOME, HOME_AGAIN, (Kind.STAINED, CORE, None)], "not_there"),
    ],
)
def test_what_cannot_be_is_named(steps: list[tuple[str, int, Parcel | None]], code: str) -> None:
    if code == "not_shipped":
        steps = [(Kind.SHIPPED, LAKE, Parcel(9, MERCY, LAKE)), (Kind.RECEIVED, LAKE, Parcel(9, MERCY, LAKE)), CAME]
    found = told(*steps).findings
    assert [finding.code for finding in found] == [code]
    assert found[0].sentence.startswith("It was ")


def test_a_thing_nobody_held_first() -> None:
    assert [f.code for f in replay([]).findings] == ["no_beginning"]
    assert [f.code for f in replay([Step(*CAME[:2], day(1), IN)]).findings] == ["no_beginning"]


def test_an_earlier_day_is_named_but_a_beginning_nobody_dated_makes_way() -> None:
    late = [Step(Kind.COLLECTED, MERCY, day(5)), Step(Kind.SHIPPED, CORE, day(2), IN)]
    assert [f.code for f in replay(late).findings] == ["time_order"]
    vague = [Step(Kind.COLLECTED, MERCY, day(5), vague=True), *late[1:]]
    now = replay(vague)
    assert (now.findings, now.legs[0].since, now.legs[0].until) == ([], day(2), day(2))


def test_what_a_closed_parcel_missed_is_with_its_sender() -> None:
    closed = Parcel(10, MERCY, CORE, closed_at=day(3))
    out = (Kind.SHIPPED, CORE, closed)
    now = told(out)
    assert (now.where, now.holder, now.findings) == (Whereabouts.MISSING, MERCY, [])
    assert [(leg.holder, leg.since) for leg in now.legs] == [(MERCY, day(0)), (CORE, day(1)), (MERCY, day(3))]
    late = replay([Step(Kind.COLLECTED, MERCY, day(0)), Step(*out[:2], day(1), closed),
                   Step(Kind.RECEIVED, CORE, day(6), closed)])  # fmt: skip
    assert (late.where, late.holder, late.findings) == (Whereabouts.HELD, CORE, [])
    found = replay([Step(Kind.COLLECTED, MERCY, day(0)), Step(*out[:2], day(1), closed),
                    Step(Kind.LOST, MERCY, day(6)), Step(Kind.FOUND, MERCY, day(8)),
                    Step(Kind.SHIPPED, CORE, day(9), Parcel(13, MERCY, CORE))])  # fmt: skip
    assert (found.where, found.findings) == (Whereabouts.ON_ITS_WAY, [])


def test_a_receipt_that_was_taken_back_puts_it_on_its_way_again() -> None:
    assert told(OUT, CAME, OUT, CAME).findings == []


def test_the_owner_may_lend_again() -> None:
    again = Parcel(14, MERCY, CORE)
    now = told(OUT, CAME, HOME, HOME_AGAIN, (Kind.SHIPPED, CORE, again), (Kind.RECEIVED, CORE, again))
    assert (now.findings, now.where) == ([], Whereabouts.HELD)


anything = st.builds(
    Step,
    st.sampled_from(Kind),
    st.sampled_from([MERCY, CORE, LAKE]),
    st.integers(-3, 20).map(day),
    st.sampled_from([None, IN, BACK, ASTRAY, Parcel(15, MERCY, CORE, day(4))]),
)


@given(st.lists(anything, max_size=12))
def test_one_holder_at_every_instant_whatever_is_told(steps: list[Step]) -> None:
    """Even of nonsense the legs follow on one another without a gap or an overlap."""
    legs = replay(steps).legs
    assert all(a.until == b.since for a, b in itertools.pairwise(legs))
    assert all(leg.until is None or leg.until >= leg.since for leg in legs)
    assert not legs or legs[-1].until is None
