"""Faults of workers and of the broker between them and the job table."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.conf import settings
from django.db import connections, transaction

from lims.bench.faults.poison import POISON
from lims.bench.faults.stage import LEASE_SECONDS, Lot, Stage, children, kill_all
from specimens import jobs
from specimens.models import Job
from specimens.tasks import perform_job


def child_killed(stage: Stage) -> None:
    """1. kill -9 of the process that does the work, in the middle of it."""
    lot = stage.lot()
    stage.begun(lot)
    stage.soon(0.15)
    assert stage.worker
    if found := children(stage.worker):
        os.kill(stage.dice.choice(found), signal.SIGKILL)
    stage.settled(lot)
    assert max(stage.jobs(lot).values_list("attempts", flat=True)) <= 2


def worker_killed(stage: Stage) -> None:
    """2. kill -9 of the whole worker, in the middle of its work; another comes within the lease, not in an hour."""
    with stage.working() as worker:
        lot = stage.lot()
        stage.begun(lot)
        stage.soon(0.3)
        kill_all(worker)
        held = stage.jobs(lot).filter(done_at=None, lease_until__isnull=False).count()
        assert held <= 2, f"{held} jobs held by two processes"
    with stage.working():
        stage.until(lambda: bool(stage.worker and children(stage.worker)))
        began = time.monotonic()
        stage.settled(lot)
        assert time.monotonic() - began < 30, "the lease of the dead lasted too long"


def worker_ended(stage: Stage) -> None:
    """5. SIGTERM in the middle of one long job: it is finished, or handed back whole without an attempt counted."""
    with stage.working(REMAP_SIGTERM="SIGQUIT", PARAFFIN_SHUTDOWN_SECONDS="0.5") as worker:
        if stage.dice.random() < 0.5:
            with held_in_mid_work(stage) as lot:
                end(stage, worker)
        else:
            lot = stage.lot(5 * stage.size, together=True)
            stage.begun(lot)
            end(stage, worker)
        job = stage.jobs(lot).get()
        stage.again += job.done_at is None
        assert (job.done_at is None) != (job.attempts == 1 and job.lease_until is None), (
            f"neither finished nor handed back: {job.attempts} attempts, leased until {job.lease_until}"
        )
    with stage.working():
        stage.settled(lot, attempts=1)


def end(stage: Stage, worker: subprocess.Popen[bytes]) -> None:
    stage.soon(0.2)
    worker.send_signal(signal.SIGTERM)
    worker.wait(20)


def broker_flushed(stage: Stage) -> None:
    """6. FLUSHALL with a hundred jobs queued, at some moment of the work."""
    lot = stage.lot(100 if stage.size > 5 else stage.size)
    stage.soon(0.5)
    stage.broker.redis.flushall()
    stage.settled(lot, attempts=1)


def broker_restarted(stage: Stage) -> None:
    """8. Redis ends in mid-consumption and comes back empty; the worker connects again."""
    lot = stage.lot()
    stage.soon(0.3)
    stage.broker.stop()
    stage.soon(0.5)
    stage.broker.start()
    stage.settled(lot)
    assert stage.worker
    assert stage.worker.poll() is None, "the worker gave up"


def delivered_again(stage: Stage) -> None:
    """10. Each message two to ten times, some of them at once."""
    lot = stage.lot()
    copies = [key for key in lot.keys for _ in range(stage.dice.randint(1, 9))]
    stage.dice.shuffle(copies)
    with ThreadPoolExecutor(5) as many:
        list(many.map(lambda key: perform_job.apply_async((key,), queue="bulk"), copies))
        stage.soon(0.2)
        list(many.map(done_here, lot.keys[:5]))
    stage.settled(lot, attempts=1)


def done_here(key: str) -> None:
    try:
        jobs.perform(key)
    finally:
        connections.close_all()


def longer_than_its_lease(stage: Stage) -> None:
    """11. Work that outlasts the broker's patience and its lease, told of again meanwhile: the copy finds it taken."""
    with held_in_mid_work(stage) as lot:
        end = time.monotonic() + LEASE_SECONDS + 1
        while time.monotonic() < end:
            stage.soon(0.6)
            jobs.nudge(lot.keys[0], "bulk")
            jobs.nudge(lot.keys[0], "interactive")
    stage.settled(lot, attempts=1)


@contextmanager
def held_in_mid_work(stage: Stage) -> Iterator[Lot]:
    """One job whose worker waits before its commit, as long as the block goes on."""
    ready, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with stage.ledger_held():
                ready.set()
                over.wait(60)
        finally:
            connections.close_all()

    lot = stage.lot_to_come(together=True)
    holding = threading.Thread(target=hold, daemon=True)
    holding.start()
    try:
        assert ready.wait(20), "nobody could hold the ledger"
        stage.ask(lot)
        stage.begun(lot)
        yield lot
    finally:
        over.set()
        holding.join()


def poisoned(stage: Stage) -> None:
    """12. Work that kills its worker each time is given up with its cause; the others flow."""
    name = f"{stage.dice.random()}"
    with transaction.atomic():
        jobs.ask(POISON, key=name, arguments={}, queue="bulk")
    lot = stage.lot()
    stage.settled(lot)
    key = f"{POISON}:{name}"
    stage.until(lambda: Job.objects.get(key=key).parked_at is not None, sweeping=True)
    job = Job.objects.get(key=key)
    assert job.cause == "Its worker died each time it was tried."
    assert job.attempts == settings.PARAFFIN_JOB_ATTEMPTS + 1
