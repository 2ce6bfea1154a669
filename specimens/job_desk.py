"""The job table for who tends it: what waits, what is being done, what fails and why, and how far it is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.jobs import DOERS, STEPPERS
from specimens.models import Job

DONE_LATELY = timedelta(days=1)
Teller = Callable[[dict[str, Any]], tuple[int, int]]
TELLERS: dict[str, Teller] = {}


class JobState(StrEnum):
    """Each job is in exactly one; who worked on it and died has left it waiting."""

    WAITING = "waiting"
    WORKING = "working"
    FAILING = "failing"
    GIVEN_UP = "given_up"
    DONE = "done"


def state_of(job: Job, now: datetime) -> JobState:
    if job.done_at:
        return JobState.DONE
    if job.parked_at:
        return JobState.GIVEN_UP
    if job.lease_until and job.lease_until >= now:
        return JobState.WORKING
    return JobState.FAILING if job.cause else JobState.WAITING


def is_in(state: JobState, now: datetime) -> Q:
    """The same as a condition of the database."""
    undone = Q(done_at__isnull=True, parked_at__isnull=True)
    held = Q(lease_until__isnull=False, lease_until__gte=now)
    conditions = {
        JobState.DONE: Q(done_at__isnull=False),
        JobState.GIVEN_UP: Q(done_at__isnull=True, parked_at__isnull=False),
        JobState.WORKING: undone & held,
        JobState.FAILING: undone & ~held & ~Q(cause=""),
        JobState.WAITING: undone & ~held & Q(cause=""),
    }
    return conditions[state]


def jobs_listed(now: datetime, kind: str = "") -> QuerySet[Job]:
    """All that is undone, and what was done in the last day; of one kind when told."""
    found = Job.objects.filter(Q(done_at__isnull=True) | Q(done_at__gte=now - DONE_LATELY))
    return found.filter(kind=kind) if kind else found


def job_list(state: JobState, *, kind: str = "", before_id: int | None = None) -> Page[Job]:
    now = timezone.now()
    return paged(jobs_listed(now, kind).filter(is_in(state, now)), before_id)


def job_states(kind: str = "") -> dict[JobState, int]:
    """How many are in each state, of those that the list shows. One query."""
    now = timezone.now()
    counted = jobs_listed(now, kind).aggregate(
        **{state.name: Count("pk", filter=is_in(state, now)) for state in JobState}
    )
    return {state: counted[state.name] for state in JobState}


def every_job() -> QuerySet[Job]:
    return Job.objects.all()


def job(pk: int) -> Job:
    found = Job.objects.filter(pk=pk).first()
    if found is None:
        raise Unknown("unknown_job", "There is no such job.")
    return found


def kinds() -> list[str]:
    """Every kind of work that somebody here does."""
    return sorted({*DOERS, *STEPPERS})


# ---- progress ----
def tells(kind: str, teller: Teller) -> None:
    """Register who knows how far work of this kind is: arguments in; done and total out, (0, 0) when unknown."""
    TELLERS[kind] = teller


def progress_of(job: Job, now: datetime) -> tuple[int, int]:
    """How much of how much is done of a job that is being worked at; (0, 0) where nobody can tell."""
    teller = TELLERS.get(job.kind)
    if teller is None or state_of(job, now) is not JobState.WORKING:
        return 0, 0
    return teller(job.arguments)
