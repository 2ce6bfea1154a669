"""Who does what just now: the lease of a job, renewed while its work goes on, and the watch that one process keeps.

Both are rows that somebody holds until a moment. Who dies stops renewing, and the moment comes by itself.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from specimens.models.jobs import Job, Watch

log = logging.getLogger(__name__)
CLOCK = "clock"
WATCH_SECONDS = 45


def who() -> str:
    """A name for one claim: host, process, and something that no other claim has."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(6)}"


@contextmanager
def beating(job: Job) -> Iterator[None]:
    """Renew the job's lease while the block runs, three times in its length, up to the longest that work may take."""
    stopped = threading.Event()
    heart = threading.Thread(target=beat_until, args=(stopped, job), name=f"heart of {job.key}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        stopped.set()
        heart.join()


def beat_until(stopped: threading.Event, job: Job) -> None:
    """On a connection of its own: the work's is in a transaction. Short work ends before the first beat."""
    length = settings.PARAFFIN_JOB_LEASE_SECONDS
    ends = time.monotonic() + settings.CELERY_TASK_TIME_LIMIT
    try:
        while not stopped.wait(length / 3) and time.monotonic() < ends:
            if not renew(job, length):
                return
    finally:
        connections.close_all()


def renew(job: Job, seconds: float) -> bool:
    """Hold the job so much longer; False when it is not its holder's any more."""
    try:
        mine = Job.objects.filter(pk=job.pk, holder=job.holder, done_at__isnull=True, parked_at__isnull=True)
        return bool(mine.update(lease_until=timezone.now() + timedelta(seconds=seconds)))
    except DatabaseError as error:  # a database that is busy or away is asked again at the next beat
        log.warning("lease of %s not renewed: %s", job.key, error)
        connections.close_all()
        return True


# ---- what only one process does ----
def keep_watch(name: str, holder: str, seconds: float = WATCH_SECONDS) -> bool:
    """Take the watch, or keep it, for so long from now; False while another holds it."""
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    if Watch.objects.filter(name=name, holder=holder).update(until=until):
        return True
    if Watch.objects.filter(name=name, until__lt=now).update(holder=holder, until=until):
        return True
    made = Watch(name=name, holder=holder, until=until)
    Watch.objects.bulk_create([made], ignore_conflicts=True)
    return Watch.objects.filter(name=name, holder=holder).exists()


def leave_watch(name: str, holder: str) -> None:
    """Leave it to whoever comes next."""
    Watch.objects.filter(name=name, holder=holder).update(until=timezone.now() - timedelta(seconds=1))
