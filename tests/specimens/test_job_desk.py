"""A job is in one state, and function and database agree which; the counts are those of the rows."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from specimens.job_desk import JobState, is_in, job_list, job_states, progress_of, state_of, tells
from specimens.models import Job
from tests.cast import AT

EARLIER, LATER = AT - timedelta(seconds=1), AT + timedelta(seconds=1)
CASES: list[tuple[dict[str, Any], JobState]] = [
    ({}, JobState.WAITING),
    ({"due_at": LATER}, JobState.WAITING),
    ({"lease_until": EARLIER, "attempts": 1}, JobState.WAITING),
    ({"lease_until": AT, "attempts": 1}, JobState.WORKING),
    ({"lease_until": LATER, "cause": "it failed before"}, JobState.WORKING),
    ({"cause": "it failed", "due_at": LATER}, JobState.FAILING),
    ({"cause": "it failed", "lease_until": EARLIER}, JobState.FAILING),
    ({"parked_at": EARLIER, "cause": "too often"}, JobState.GIVEN_UP),
    ({"parked_at": EARLIER, "done_at": AT}, JobState.DONE),
    ({"done_at": EARLIER}, JobState.DONE),
]


def a_job(key: str, **said: Any) -> Job:
    return Job.objects.create(**{"kind": "k", "key": key, "arguments": {}, "asked_at": AT, "due_at": AT} | said)


@pytest.mark.parametrize(("said", "state"), CASES)
def test_function_and_database_agree(db: None, said: dict[str, Any], state: JobState) -> None:
    job = a_job("1", **said)
    assert state_of(job, AT) is state
    assert [each for each in JobState if Job.objects.filter(is_in(each, AT))] == [state]


def test_the_counts_are_those_of_the_rows(db: None) -> None:
    for n, (said, _) in enumerate(CASES):
        a_job(f"a{n}", **said)
        a_job(f"b{n}", **said | {"kind": "another"})
    a_job("long ago", done_at=AT - timedelta(days=2))
    with time_machine.travel(AT, tick=False):
        for kind in ("", "another", "none such"):
            rows = {state: len(job_list(state, kind=kind).rows) for state in JobState}
            assert rows == job_states(kind)
        assert sum(job_states().values()) == 2 * len(CASES)


def test_progress_is_told_of_what_is_being_done(db: None) -> None:
    tells("told of", lambda arguments: (arguments["n"], 10))
    job = a_job("1", kind="told of", arguments={"n": 3}, lease_until=LATER)
    assert progress_of(job, AT) == (3, 10)
    assert progress_of(job, LATER + timedelta(seconds=1)) == (0, 0)
    assert progress_of(a_job("2", lease_until=LATER), AT) == (0, 0)
