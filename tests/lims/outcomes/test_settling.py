"""decide_conflicts and settle_releases: who is right is recorded with its reason; a third release comes of it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.models.outcome_variables import OutcomeDecision
from lims.models.outcomes import Outcome, OutcomeRelease
from lims.outcome_rows import NewOutcome, NewValue
from lims.outcome_variables import declare_variable
from lims.outcomes import import_release, latest_releases
from lims.settling import Choice, decide_conflicts, decisions, settle_releases, settled_rows
from specimens import ledger
from specimens.errors import Forbidden, Refused, Rejected
from tests.cast import AT, Cast, make_cast
from tests.stories import House, a_house, a_patient

ALIVE = NewOutcome("CWG-0187", vital_status="Alive", os_time=500, os_event=False, time_origin="diagnosis")
DEAD = NewOutcome("CWG-0187", vital_status="Dead", os_time=620, os_event=True, time_origin="diagnosis")


class Pair:
    """Two releases of one trial that disagree."""

    def __init__(self, a: list[NewOutcome], b: list[NewOutcome]) -> None:
        self.cast: Cast = make_cast()
        self.house: House = a_house()
        for study_id in sorted({row.study_id for row in (*a, *b)}):
            a_patient(self.cast, self.house, study_id)
        declare_variable(
            by=self.cast.statistician, at=AT, trial=self.house.trial, name="event", label="An event", kind="flag",
            source="the protocol",
        )  # fmt: skip
        self.a, self.b = (self.imported(name, rows) for name, rows in (("release a", a), ("release b", b)))

    def imported(self, name: str, rows: list[NewOutcome]) -> OutcomeRelease:
        return import_release(
            by=self.cast.statistician, at=AT, trial=self.house.trial, name=name, source="a registry",
            cut_on=date(2016, 1, 1), sha256=name[-1] * 64, rows=rows,
        )  # fmt: skip

    def decide(self, *choices: tuple[str, str, bool], reason: str = "the death certificate", by: Any = None) -> int:
        return decide_conflicts(
            by=by or self.cast.statistician, at=AT, release_a=self.a, release_b=self.b, reason=reason,
            choices=[Choice(*choice) for choice in choices],
        )  # fmt: skip

    def settle(self, name: str = "settled") -> OutcomeRelease:
        return settle_releases(by=self.cast.statistician, at=AT, release_a=self.a, release_b=self.b, name=name)


FIELDS = ("vital_status", "os_time", "os_event")


@pytest.fixture
def pair(db: None) -> Pair:
    return Pair([ALIVE], [DEAD])


def test_what_was_decided_becomes_a_release_of_its_own(pair: Pair) -> None:
    assert pair.decide(*(("CWG-0187", field, False) for field in FIELDS)) == 3
    release = pair.settle()
    told = Outcome.objects.get(release=release)
    assert (told.vital_status, told.os_time, told.os_event) == ("Alive", 500, False)
    assert release.source == "release a and release b, settled by 3 decisions"
    assert latest_releases()[pair.house.trial.pk] == release.pk
    assert (Outcome.objects.get(release=pair.a).os_time, Outcome.objects.get(release=pair.b).os_time) == (500, 620)
    assert list(ledger.verify()) == []


def test_a_later_word_replaces_an_earlier_one_and_both_stay(pair: Pair) -> None:
    pair.decide(*(("CWG-0187", field, False) for field in FIELDS))
    pair.decide(*(("CWG-0187", field, True) for field in FIELDS), reason="the site called back")
    assert {each.takes_b for each in decisions(pair.a, pair.b).values()} == {True}
    assert OutcomeDecision.objects.count() == 6
    assert Outcome.objects.get(release=pair.settle()).os_time == 620


def test_a_patient_in_one_release_alone_is_kept_or_not(db: None) -> None:
    pair = Pair([ALIVE, NewOutcome("CWG-0200", stage="I")], [ALIVE])
    pair.decide(("CWG-0200", "listed", False))
    assert Outcome.objects.filter(release=pair.settle()).count() == 2


def test_a_time_brings_the_day_it_counts_from(db: None) -> None:
    pair = Pair([DEAD], [NewOutcome("CWG-0187")])
    pair.decide(*(("CWG-0187", field, False) for field in FIELDS))
    assert Outcome.objects.get(release=pair.settle()).time_origin == "diagnosis"


def test_declared_variables_are_compared_and_settled_too(db: None) -> None:
    one, other = (NewOutcome("CWG-0187", values=(NewValue("event", "", said),)) for said in "01")
    pair = Pair([one], [other])
    pair.decide(("CWG-0187", "event", False))
    assert [each.value for each in Outcome.objects.get(release=pair.settle()).values.all()] == ["0"]


def test_an_open_conflict_is_named(pair: Pair) -> None:
    pair.decide(("CWG-0187", "vital_status", True))
    with pytest.raises(Refused, match="Still to be decided: os_time of CWG-0187, os_event of CWG-0187"):
        pair.settle()


def test_what_cannot_stand_together_is_refused(db: None) -> None:
    pair = Pair([NewOutcome("CWG-0187")], [DEAD])
    pair.decide(
        ("CWG-0187", "vital_status", True), ("CWG-0187", "os_time", False), ("CWG-0187", "os_event", True),
    )  # fmt: skip
    with pytest.raises(Rejected, match="An event flag needs its time"):
        pair.settle()
    assert OutcomeRelease.objects.count() == 2


@pytest.mark.parametrize(
    ("choices", "reason", "code"),
    [
        ([("CWG-0187", "stage", True)], "why", "no_such_conflict"),
        ([("CWG-0404", "os_time", True)], "why", "no_such_conflict"),
        ([("CWG-0187", "os_time", True)], "  ", "reason_missing"),
        ([], "why", "nothing_chosen"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(pair: Pair, choices: list[Any], reason: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        pair.decide(*choices, reason=reason)
    assert refused.value.code == code
    assert not OutcomeDecision.objects.exists()


def test_only_a_statistician_decides_and_once_settled_it_stands(pair: Pair) -> None:
    with pytest.raises(Forbidden):
        pair.decide(("CWG-0187", "os_time", True), by=pair.cast.coordinator)
    pair.decide(*(("CWG-0187", field, True) for field in FIELDS))
    pair.settle()
    for again in (lambda: pair.decide(("CWG-0187", "os_time", True)), lambda: pair.settle("another")):
        with pytest.raises(Refused):
            again()


def test_two_that_say_the_same_leave_nothing_to_settle(db: None) -> None:
    with pytest.raises(Refused, match="say the same of every patient"):
        Pair([ALIVE], [ALIVE]).settle()


WORDS = st.sampled_from(["", "I", "II"])
ROWS = st.dictionaries(
    st.sampled_from(["P1", "P2", "P3"]), st.builds(lambda stage, arm: {"stage": stage, "arm": arm}, WORDS, WORDS)
)


@given(a=ROWS, b=ROWS, takes_b=st.booleans())
def test_always_taking_one_side_gives_that_side(a: Any, b: Any, takes_b: bool) -> None:
    one, other = ({who: NewOutcome(who, **said) for who, said in side.items()} for side in (a, b))
    chosen = {(who, "listed"): takes_b for who in one.keys() ^ other.keys()}
    chosen |= {(who, field): takes_b for who in one.keys() & other.keys() for field in ("stage", "arm")
               if getattr(one[who], field) != getattr(other[who], field)}  # fmt: skip
    side = other if takes_b else one
    assert settled_rows(one, other, chosen) == [side[who] for who in sorted(side)]
