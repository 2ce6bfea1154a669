"""Leases are renewed while work goes on, and a watch has one keeper."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import LazySettings
from django.utils import timezone

from config.celery import app
from specimens import jobs
from specimens.clock import LOOK_AGAIN_SECONDS, Leading
from specimens.leases import CLOCK, WATCH_SECONDS, keep_watch, leave_watch, who
from specimens.models import Job, Watch
from tests.together import at_once

KIND = "look out of the window"
SEEN: list[Job] = []


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    SEEN.clear()
    yield
    jobs.DOERS.pop(KIND, None)
    jobs.STEPPERS.pop(KIND, None)


def ask() -> Job:
    jobs.ask(KIND, key="1", arguments={})
    return Job.objects.get(key=f"{KIND}:1")


@pytest.mark.django_db(transaction=True)
def test_work_that_outlasts_its_lease_keeps_it(settings: LazySettings) -> None:
    settings.PARAFFIN_JOB_LEASE_SECONDS = 1

    def look() -> None:
        time.sleep(2.5)
        SEEN.append(Job.objects.get())
        assert not jobs.due().exists(), "nobody else may have it"

    jobs.does_in_steps(KIND, look)
    assert jobs.perform(ask().key)
    assert SEEN[0].lease_until is not None
    assert SEEN[0].lease_until > timezone.now() - timedelta(seconds=0.5)
    assert (Job.objects.get().attempts, Job.objects.get().holder) == (1, "")


@pytest.mark.django_db(transaction=True)
def test_work_that_hangs_is_given_to_another(settings: LazySettings) -> None:
    settings.PARAFFIN_JOB_LEASE_SECONDS, settings.CELERY_TASK_TIME_LIMIT = 0.6, 0.1

    def hang() -> None:
        time.sleep(1)
        SEEN.extend(jobs.due())

    jobs.does_in_steps(KIND, hang)
    jobs.perform(ask().key)
    assert [job.kind for job in SEEN] == [KIND]


def test_a_worker_told_to_end_hands_its_job_back(db: None) -> None:
    def end() -> None:
        raise SystemExit(-241)

    jobs.does(KIND, end)
    job = ask()
    with pytest.raises(SystemExit):
        jobs.perform(job.key)
    job.refresh_from_db()
    assert (job.attempts, job.lease_until, job.holder, job.cause) == (0, None, "", "")
    assert list(jobs.due()) == [job]


def test_work_that_takes_too_long_says_so(db: None) -> None:
    def hang() -> None:
        raise SoftTimeLimitExceeded

    jobs.does(KIND, hang)
    job = ask()
    assert not jobs.perform(job.key)
    job.refresh_from_db()
    assert job.cause == "It took longer than a piece of work may: 540 seconds."
    assert job.attempts == 1


def test_a_stopped_job_is_not_its_worker_s_any_more(db: None) -> None:
    def be_stopped() -> None:
        assert jobs.stop(KIND, "Stopped by Ada.") == 1

    jobs.does_in_steps(KIND, be_stopped)
    job = ask()
    assert not jobs.perform(job.key)
    job.refresh_from_db()
    assert (job.done_at, job.cause) == (None, "Stopped by Ada.")
    assert jobs.again(KIND) == 1
    assert list(jobs.due()) == [job]


def test_a_watch_has_one_keeper(db: None) -> None:
    me, another = who(), who()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert keep_watch(CLOCK, me)
        assert not keep_watch(CLOCK, another)
        clock.shift(WATCH_SECONDS - 1)
        assert keep_watch(CLOCK, me), "who says so again keeps it"
        clock.shift(WATCH_SECONDS)
        assert not keep_watch(CLOCK, another), "not before its time has passed"
        clock.shift(1)
        assert keep_watch(CLOCK, another)
        assert not keep_watch(CLOCK, me)
        leave_watch(CLOCK, me)
        assert not keep_watch(CLOCK, me), "nobody leaves another's watch"
        leave_watch(CLOCK, another)
        assert keep_watch(CLOCK, me)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_come_at_once_one_keeps_it() -> None:
    for _ in range(3):
        kept = at_once([lambda: keep_watch(CLOCK, who())] * 6)
        assert kept.count(True) == 1
        Watch.objects.update(until=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db(transaction=True)
def test_of_two_clocks_one_sends(tmp_path: Path) -> None:
    first, second = (Leading(app, lazy=True, schedule_filename=f"{tmp_path}/{n}") for n in (1, 2))
    assert first.leads()
    assert not second.leads()
    assert second.tick() == LOOK_AGAIN_SECONDS
    leave_watch(CLOCK, first.me)
    assert second.leads()
