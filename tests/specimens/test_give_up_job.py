"""A job is given up with a reason; whoever is at it finds that it is nobody's."""

import pytest

from specimens import jobs
from specimens.errors import Forbidden, Refused
from specimens.models import Job, LedgerEntry
from specimens.tending import give_up_job
from tests.cast import AT, Cast

KIND = "nobody does this"


@pytest.fixture
def job(db: None) -> Job:
    jobs.ask(KIND, key="1", arguments={})
    return Job.objects.get()


def test_it_is_done_no_more_and_says_why(cast: Cast, job: Job) -> None:
    given_up = give_up_job(by=cast.administrator, at=AT, job=job, reason="asked for by mistake")
    assert given_up.parked_at is not None
    assert given_up.cause.startswith("Given up by ")
    assert given_up.cause.endswith(": asked for by mistake")
    assert jobs.work_off() == 0
    assert LedgerEntry.objects.latest("number").deed == "give up job"


def test_its_worker_undoes_what_it_did(cast: Cast, job: Job) -> None:
    jobs.does(KIND, lambda: bool(give_up_job(by=cast.administrator, at=AT, job=job, reason="stop it")))  # type: ignore[arg-type, return-value]
    try:
        assert not jobs.perform(job.key), "its lease was taken away"
    finally:
        jobs.DOERS.pop(KIND)
    assert Job.objects.get().done_at is None


@pytest.mark.parametrize(("said", "code"), [({"done_at": AT}, "job_done"), ({"parked_at": AT}, "job_given_up")])
def test_there_is_nothing_to_give_up(cast: Cast, job: Job, said: dict[str, object], code: str) -> None:
    Job.objects.update(**said)
    with pytest.raises(Refused) as refusal:
        give_up_job(by=cast.administrator, at=AT, job=job, reason="why not")
    assert refusal.value.code == code


def test_only_an_administrator(cast: Cast, job: Job) -> None:
    with pytest.raises(Forbidden):
        give_up_job(by=cast.bench, at=AT, job=job, reason="please")
