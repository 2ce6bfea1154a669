"""The outbox: deeds ask for work in their own transaction, workers claim it, the sweeper re-sends what is due.

A floor that does work registers it here by name, so that a deed below may ask for what a floor above does.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from specimens.leases import beating, who
from specimens.models.jobs import Job

log = logging.getLogger(__name__)
Doer = Callable[..., None]
DOERS: dict[str, list[Doer]] = {}
STEPPERS: dict[str, Doer] = {}
FINDERS: list[Callable[[], None]] = []
BACKOFF = timedelta(seconds=5)
NOW = timedelta(0)


class LeaseLost(Exception):
    """Another worker holds this job now; what was done here is rolled back."""


def does(kind: str, doer: Doer) -> None:
    """Register `doer` for jobs of `kind`. Several may share one kind; they run in one transaction."""
    doers = DOERS.setdefault(kind, [])
    if doer not in doers:
        doers.append(doer)


def does_in_steps(kind: str, stepper: Doer) -> None:
    """Register the one doer of a kind of work that cannot be rolled back, such as speaking to a mail server.

    It runs outside the job's transaction and commits as it goes. Told twice, or after a death in the middle, it
    must find in the database what was done already; the lease, renewed while it works, keeps others away.
    """
    STEPPERS[kind] = stepper


def finds(finder: Callable[[], None]) -> None:
    """Register a finder: asked at each sweep, it looks in the database for work that nobody asked for."""
    if finder not in FINDERS:
        FINDERS.append(finder)


def ask(kind: str, *, key: str, arguments: dict[str, Any], queue: str = "interactive", after: timedelta = NOW) -> None:
    """Ask once for a piece of work; the same key twice is the same work. With `after`, not before that long."""
    ask_many(kind, [(key, arguments)], queue=queue, after=after)


def ask_many(kind: str, wanted: list[tuple[str, dict[str, Any]]], *, queue: str = "bulk",
             after: timedelta = NOW) -> None:  # fmt: skip
    """Write the jobs in the caller's transaction and nudge the workers once it has committed; what is for later
    waits for the sweep."""
    now = timezone.now()
    rows = [
        Job(kind=kind, key=f"{kind}:{key}", arguments=arguments, queue=queue, asked_at=now, due_at=now + after)
        for key, arguments in wanted
    ]
    Job.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if not after:
        for row in rows:
            transaction.on_commit(partial(nudge, row.key, queue), robust=True)


def nudge(key: str, queue: str) -> None:
    """Tell the workers of a job. A broker that is away delays it until the next sweep and fails nothing."""
    from specimens.tasks import perform_job

    try:
        perform_job.apply_async((key,), queue=queue, retry=False)
    except Exception as error:  # any transport's own error: the job table keeps the job
        log.warning("nudge for %s not sent: %s", key, error)


def due() -> QuerySet[Job]:
    """Jobs that nobody holds and whose time has come."""
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return Job.objects.filter(free, done_at__isnull=True, parked_at__isnull=True, due_at__lte=now)


def claim(key: str) -> Job | None:
    """Take the job with a lease, or None when it is done, parked, or another worker's."""
    until, holder = timezone.now() + timedelta(seconds=settings.PARAFFIN_JOB_LEASE_SECONDS), who()
    mine = due().filter(key=key).update(lease_until=until, holder=holder, attempts=F("attempts") + 1)
    return Job.objects.filter(key=key, holder=holder).first() if mine else None


def perform(key: str) -> bool:
    """Do the job if it can be claimed. Its work and its mark of being done commit together; work in steps
    commits by itself, before the mark. Meanwhile its lease is renewed."""
    job = claim(key)
    if job is None:
        return False
    if job.attempts > settings.PARAFFIN_JOB_ATTEMPTS:
        park(job, job.cause or "Its worker died each time it was tried.")
        return False
    try:
        with beating(job):
            work_at(job)
    except LeaseLost:
        return False
    except SoftTimeLimitExceeded:
        put_back(job, f"It took longer than a piece of work may: {settings.CELERY_TASK_SOFT_TIME_LIMIT} seconds.")
        return False
    except Exception as error:
        log.exception("job %s failed", key)
        put_back(job, f"{type(error).__name__}: {error}"[:2000].replace("\0", ""))
        return False
    except BaseException:  # this process is told to end
        hand_back(job)
        raise
    return True


def work_at(job: Job) -> None:
    stepper = STEPPERS.get(job.kind)
    if stepper:
        stepper(**job.arguments)
    with transaction.atomic():
        for doer in () if stepper else DOERS[job.kind]:
            doer(**job.arguments)
        if not still_mine(job).update(done_at=timezone.now(), lease_until=None, holder="", cause=""):
            raise LeaseLost(job.key)


def still_mine(job: Job) -> QuerySet[Job]:
    """The job's row while nobody else has claimed it since and nobody has stopped it."""
    return Job.objects.filter(pk=job.pk, done_at__isnull=True, holder=job.holder)


def put_back(job: Job, cause: str) -> None:
    """Release a failed job: later and later, and after too many attempts to the parking place."""
    if job.attempts >= settings.PARAFFIN_JOB_ATTEMPTS:
        park(job, cause)
        return
    let_go(job, due_at=timezone.now() + BACKOFF * 2 ** (job.attempts - 1), cause=cause)


def park(job: Job, cause: str) -> None:
    let_go(job, parked_at=timezone.now(), cause=cause)


def hand_back(job: Job) -> None:
    """Give up an unfinished job because this process ends: it is due at once, and it was no failed attempt."""
    if not connection.in_atomic_block:
        connection.close()  # it may have been cut off in the middle of a question
    with suppress(DatabaseError):  # then its lease runs out
        let_go(job, due_at=timezone.now(), attempts=F("attempts") - 1)


def let_go(job: Job, **became: Any) -> None:
    """Release the job; on a new connection when this one died with the work."""
    try:
        still_mine(job).update(lease_until=None, holder="", **became)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        still_mine(job).update(lease_until=None, holder="", **became)


def sweep() -> int:
    """Look for work nobody asked for, then nudge all that is due. Returns how many nudges were sent."""
    for finder in FINDERS:
        finder()
    waiting = list(due().order_by("due_at", "id").values_list("key", "queue")[:1000])
    for key, queue in waiting:
        nudge(key, queue)
    return len(waiting)


def work_off(limit: int = 100_000) -> int:
    """Do everything that is due, here and now; for commands and for an installation without a broker."""
    done = 0
    while done < limit:
        keys = list(due().order_by("due_at", "id").values_list("key", flat=True)[:200])
        if not keys:
            break
        done += sum(perform(key) for key in keys)
    return done


def is_asked(kind: str, key: str) -> bool:
    """Is this piece of work asked for and still to be done?"""
    return Job.objects.filter(key=f"{kind}:{key}", done_at__isnull=True, parked_at__isnull=True).exists()


def asked_for(kind: str, arguments: dict[str, Any]) -> QuerySet[Job]:
    """The undone jobs of this kind with these arguments."""
    return Job.objects.filter(kind=kind, done_at__isnull=True, **{f"arguments__{k}": v for k, v in arguments.items()})


def stop(kind: str, cause: str, **arguments: Any) -> int:
    """Park such jobs, whoever holds them: a worker in the middle of one finds its lease gone. Gives how many."""
    return shelve(asked_for(kind, arguments), cause)


def shelve(undone: QuerySet[Job], cause: str) -> int:
    """Park those of these undone jobs that are not parked yet."""
    waiting = undone.filter(parked_at__isnull=True)
    return waiting.update(parked_at=timezone.now(), lease_until=None, holder="", cause=cause)


def again(kind: str, **arguments: Any) -> int:
    """Take such jobs out of the parking place, to be done now. Gives how many."""
    return due_at_once(asked_for(kind, arguments).filter(parked_at__isnull=False))


def due_at_once(undone: QuerySet[Job]) -> int:
    """Have these undone jobs done now, as if nobody had tried them. Gives how many."""
    found = list(undone.values_list("pk", "key", "queue"))
    Job.objects.filter(pk__in=[pk for pk, _, _ in found]).update(
        parked_at=None, lease_until=None, holder="", attempts=0, due_at=timezone.now(), cause=""
    )
    for _, key, queue in found:
        transaction.on_commit(partial(nudge, key, queue), robust=True)
    return len(found)
