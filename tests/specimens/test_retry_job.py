"""A job is tried again by an administrator, with a reason, when there is something to try."""

from datetime import timedelta

import pytest
from django.utils import timezone

from specimens import jobs
from specimens.errors import Forbidden, Refused
from specimens.models import Job, LedgerEntry
from specimens.tending import retry_job
from tests.cast import AT, Cast


@pytest.fixture
def job(db: None) -> Job:
    jobs.ask("nobody does this", key="1", arguments={})
    return Job.objects.get()


def test_a_job_given_up_is_due_again_with_all_its_attempts(cast: Cast, job: Job) -> None:
    Job.objects.update(parked_at=AT, attempts=5, cause="ValueError: no such edition")
    again = retry_job(by=cast.administrator, at=AT, job=job, reason="the edition\n is there now")
    assert (again.parked_at, again.attempts, again.cause) == (None, 0, "")
    assert list(jobs.due()) == [job]
    line = LedgerEntry.objects.latest("number")
    assert (line.deed, line.label, line.reason) == ("retry job", job.key, "the edition is there now")


def test_a_failing_job_does_not_wait_for_its_time(cast: Cast, job: Job) -> None:
    Job.objects.update(attempts=3, cause="it failed", due_at=timezone.now() + timedelta(hours=1))
    retry_job(by=cast.administrator, at=AT, job=job, reason="mended")
    assert list(jobs.due()) == [job]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "job_waiting"),
        ({"done_at": AT}, "job_done"),
        ({"lease_until": AT + timedelta(days=36500), "cause": "before"}, "job_working"),
    ],
)
def test_there_is_nothing_to_try(cast: Cast, job: Job, said: dict[str, object], code: str) -> None:
    Job.objects.update(**said)
    with pytest.raises(Refused) as refusal:
        retry_job(by=cast.administrator, at=AT, job=job, reason="why not")
    assert refusal.value.code == code


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_reason_is_needed(cast: Cast, job: Job, reason: str) -> None:
    Job.objects.update(parked_at=AT)
    with pytest.raises(Refused) as refusal:
        retry_job(by=cast.administrator, at=AT, job=job, reason=reason)
    assert refusal.value.field == "reason"


def test_only_an_administrator(cast: Cast, job: Job) -> None:
    Job.objects.update(parked_at=AT)
    with pytest.raises(Forbidden):
        retry_job(by=cast.coordinator, at=AT, job=job, reason="please")
