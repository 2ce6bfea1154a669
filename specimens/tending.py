"""What a person decides about a job: have it tried again now, or give it up."""

from datetime import datetime

from django.utils import timezone

from specimens import jobs, ledger
from specimens.actors import Actor, name_of
from specimens.deeds import deed, require, unfit
from specimens.errors import Invalid, Refused
from specimens.job_desk import JobState, state_of
from specimens.models import Job

ONLY_ADMINISTRATORS = "Only an administrator tends jobs."
MOST = 500


@deed
def retry_job(*, by: Actor, at: datetime, job: Job, reason: str) -> Job:
    """Have a job that failed or was given up tried again at once, with all its attempts before it."""
    require(by, "lims.administer", ONLY_ADMINISTRATORS)
    reason, now = said(reason), locked(job)
    state = state_of(now, timezone.now())
    if state is JobState.DONE:
        raise Refused("job_done", "This job is done; what it did is not done again.")
    if state is JobState.WORKING:
        raise Refused("job_working", "A worker is at it: see what becomes of it first.")
    if state is JobState.WAITING:
        raise Refused("job_waiting", "It waits for a worker already; there is nothing to repeat.")
    jobs.due_at_once(Job.objects.filter(pk=now.pk))
    write(by, at, now, "retry job", "A job is tried again.", reason)
    return locked(job)


@deed
def give_up_job(*, by: Actor, at: datetime, job: Job, reason: str) -> Job:
    """Take a job out of the queue; a worker in the middle of it finds that it is nobody's and undoes its work."""
    require(by, "lims.administer", ONLY_ADMINISTRATORS)
    reason, now = said(reason), locked(job)
    state = state_of(now, timezone.now())
    if state is JobState.DONE:
        raise Refused("job_done", "This job is done; there is nothing left to give up.")
    if state is JobState.GIVEN_UP:
        raise Refused("job_given_up", "This job was given up already.")
    jobs.shelve(Job.objects.filter(pk=now.pk), f"Given up by {name_of(by)}: {reason}")
    write(by, at, now, "give up job", "A job was given up.", reason)
    return locked(job)


def said(reason: str) -> str:
    if not reason.strip():
        raise Invalid("reason_needed", "Say why; the ledger keeps it.", field="reason")
    if unfitting := unfit(" ".join(reason.split()), MOST):
        raise Invalid("reason_unfit", unfitting, field="reason")
    return " ".join(reason.split())


def locked(job: Job) -> Job:
    return Job.objects.select_for_update().get(pk=job.pk)


def write(by: Actor, at: datetime, job: Job, deed: str, sentence: str, reason: str) -> None:
    ledger.write([ledger.line(deed, job, sentence, reason=reason)], by=by, at=at)
