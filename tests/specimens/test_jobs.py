"""The job table: asked once, claimed by one, done with its work or not at all, never lost."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connections, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from config.celery import app
from specimens import jobs
from specimens.consenting import give_consent
from specimens.enrolling import add_institution
from specimens.models import Institution, Job, Patient
from specimens.tasks import perform_job
from specimens.vocabulary import ConsentScope, InstitutionRole
from tests.cast import AT, FOUNDER, Cast
from tests.workers import point_at

KIND = "found an institution"


def found(code: str) -> None:
    """Work that shows: doing it twice would be refused, and doing half of it would be seen."""
    add_institution(by=FOUNDER, at=AT, code=code, name=code, roles=[InstitutionRole.HOLDING])


def break_down(code: str) -> None:
    found(f"{code}-HALF")
    raise RuntimeError("the stainer is on fire")


@pytest.fixture
def work() -> Iterator[Callable[..., None]]:
    """Registers a doer of the test's own kind of work; forgotten afterwards."""

    def does(doer: Callable[..., None] = found) -> None:
        jobs.does(KIND, doer)

    yield does
    jobs.DOERS.pop(KIND, None)


def ask(code: str = "A") -> Job:
    jobs.ask(KIND, key=code, arguments={"code": code})
    return Job.objects.get(key=f"{KIND}:{code}")


def test_a_job_is_done_once(db: None, work: Callable[..., None]) -> None:
    work()
    job = ask()
    assert jobs.perform(job.key)
    assert not jobs.perform(job.key)
    job.refresh_from_db()
    assert job.done_at is not None
    assert (job.attempts, job.lease_until, job.parked_at, job.cause) == (1, None, None, "")
    assert Institution.objects.count() == 1


def test_asking_twice_is_asking_once(db: None, work: Callable[..., None]) -> None:
    work()
    assert ask().pk == ask().pk
    jobs.ask_many(KIND, [("A", {"code": "A"}), ("B", {"code": "B"}), ("B", {"code": "B"})])
    assert Job.objects.count() == 2
    assert jobs.work_off() == 2
    ask()
    assert jobs.work_off() == 0


def test_several_duties_of_one_kind_are_one_piece_of_work(db: None, work: Callable[..., None]) -> None:
    work(lambda code: found(f"{code}1"))
    work(break_down)
    job = ask()
    assert not jobs.perform(job.key)
    assert not Institution.objects.exists()


def test_a_refused_deed_asks_for_nothing(db: None) -> None:
    with transaction.atomic():
        ask()
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_a_claimed_job_is_nobody_else_s(db: None, work: Callable[..., None]) -> None:
    work()
    job = ask()
    first = jobs.claim(job.key)
    assert first is not None
    assert first.lease_until > timezone.now()
    assert jobs.claim(job.key) is None
    assert not jobs.perform(job.key)
    assert jobs.sweep() == 0


def test_a_job_nobody_knows(db: None) -> None:
    assert jobs.claim("no such job") is None
    assert not jobs.perform("no such job")


def test_a_failing_job_comes_back_later_and_later_and_is_parked(
    db: None, work: Callable[..., None], settings: LazySettings
) -> None:
    work(break_down)
    job, waits = ask(), []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for attempt in range(1, settings.PARAFFIN_JOB_ATTEMPTS + 1):
            assert not jobs.perform(job.key)
            job.refresh_from_db()
            assert (job.attempts, job.lease_until, job.cause) == (
                attempt,
                None,
                "RuntimeError: the stainer is on fire",
            )
            if job.parked_at is None:
                waits.append((job.due_at - timezone.now()).total_seconds())
                assert not jobs.perform(job.key), "not before its time"
                clock.shift(job.due_at - timezone.now())
    assert waits == [5, 10, 20, 40]
    assert job.parked_at is not None
    assert job.done_at is None
    assert not Institution.objects.exists(), "what it did by half was rolled back each time"
    assert jobs.work_off() == jobs.sweep() == 0


def test_a_job_of_a_kind_that_nobody_does(db: None) -> None:
    job = ask()
    assert not jobs.perform(job.key)
    job.refresh_from_db()
    assert job.cause.startswith("KeyError")


def test_a_lease_that_ran_out_is_taken_over(db: None, work: Callable[..., None], settings: LazySettings) -> None:
    work()
    job = ask()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert jobs.claim(job.key)
        clock.shift(settings.PARAFFIN_JOB_LEASE_SECONDS)
        assert not jobs.perform(job.key)
        clock.shift(1)
        assert jobs.sweep() == 1
        assert jobs.perform(job.key)
    job.refresh_from_db()
    assert (job.attempts, Institution.objects.count()) == (2, 1)


def test_a_job_whose_worker_dies_each_time_is_parked(
    db: None, work: Callable[..., None], settings: LazySettings
) -> None:
    work()
    job = ask()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(settings.PARAFFIN_JOB_ATTEMPTS):
            assert jobs.claim(job.key), "a worker took it and was never heard of again"
            clock.shift(settings.PARAFFIN_JOB_LEASE_SECONDS + 1)
        assert not jobs.perform(job.key)
    job.refresh_from_db()
    assert job.parked_at is not None
    assert job.cause == "Its worker died each time it was tried."
    assert not Institution.objects.exists()


def overtaken(settings: LazySettings, then: Callable[[str], None]) -> Callable[[str], None]:
    """Work that outlasts its lease: meanwhile somebody else claims the job."""

    def doer(code: str) -> None:
        found(code)
        with time_machine.travel(timezone.now() + timedelta(seconds=settings.PARAFFIN_JOB_LEASE_SECONDS + 1)):
            assert jobs.claim(f"{KIND}:{code}")
        then(code)

    return doer


def test_who_lost_the_lease_undoes_the_work(db: None, work: Callable[..., None], settings: LazySettings) -> None:
    work(overtaken(settings, then=lambda code: None))
    job = ask()
    assert not jobs.perform(job.key)
    assert not Institution.objects.exists()


@pytest.mark.server
def test_who_failed_after_losing_the_lease_leaves_the_other_s_alone(
    transactional_db: None, work: Callable[..., None], settings: LazySettings
) -> None:
    def lose_then_fail(code: str) -> None:
        with ThreadPoolExecutor(1) as other:
            other.submit(claimed_later, f"{KIND}:{code}", settings.PARAFFIN_JOB_LEASE_SECONDS + 1).result()
        raise RuntimeError("too late")

    work(lose_then_fail)
    job = ask()
    assert not jobs.perform(job.key)
    job.refresh_from_db()
    assert (job.attempts, job.cause) == (2, "")
    assert job.lease_until is not None
    assert job.lease_until > timezone.now() + timedelta(seconds=settings.PARAFFIN_JOB_LEASE_SECONDS)


def claimed_later(key: str, seconds: int) -> None:
    try:
        with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
            assert jobs.claim(key)
    finally:
        connections.close_all()


def test_ten_deliveries_at_once_have_one_effect(transactional_db: None, work: Callable[..., None]) -> None:
    work()
    job = ask()

    def deliver(_: int) -> None:
        try:
            perform_job(job.key)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as many:
        list(many.map(deliver, range(10)))
    job.refresh_from_db()
    assert job.done_at is not None
    assert (job.attempts, Institution.objects.count()) == (1, 1)


@pytest.fixture
def broker_away() -> Iterator[None]:
    """The broker's address answers nobody."""
    before = app.conf.broker_url
    point_at("redis://127.0.0.1:9/0")
    yield
    point_at(before)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_fails_nothing(cast: Cast, patient: Patient, broker_away: None) -> None:
    with pytest.raises(BrokerAway):
        perform_job.apply_async(("x",), retry=False)
    began = time.monotonic()
    give_consent(by=cast.coordinator, at=AT, patient=patient, scope=ConsentScope.FUTURE_RESEARCH, version="2",
                 given_on=AT.date())  # fmt: skip
    assert time.monotonic() - began < 3, "nobody waits for a broker that is away"
    assert patient.consents.count() == 2
    job = Job.objects.get(kind="consent changed")
    assert job.done_at is None
    assert jobs.work_off() == 1
    job.refresh_from_db()
    assert job.done_at is not None


def test_the_sweep_asks_what_nobody_asked_for(db: None, work: Callable[..., None]) -> None:
    work()

    def look() -> None:
        ask("LOST")

    jobs.finds(look)
    jobs.finds(look)
    try:
        assert jobs.FINDERS.count(look) == 1
        assert jobs.sweep() == 1
    finally:
        jobs.FINDERS.remove(look)
    assert jobs.work_off() == 1
    assert Institution.objects.get().code == "LOST"
