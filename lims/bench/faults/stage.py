"""What a fault happens to: read specimens that ask for their scores, real workers, a real server, a broker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from lims import tokens
from lims.bench import house
from lims.bench.faults.broker import Broker
from lims.bench.processes import database_url, free_port, wait_until
from lims.bench.seeding import Seeder
from scoring.assessing import WORKER, assess_specimens
from scoring.models import PatientScore, Score
from scoring.signing import CONCLUDED
from specimens import jobs
from specimens.models import Job, LedgerEntry, LedgerHead, Patient, Specimen

LEASE_SECONDS, SWEEP_SECONDS, PATIENCE = 2, 0.5, 90.0
Said = set[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Lot:
    """Specimens that ask for scores, by which jobs, and what the scores must be."""

    specimens: list[int]
    asking: dict[str, list[int]]
    expected: Said

    @property
    def keys(self) -> list[str]:
        return [f"{CONCLUDED}:{key}" for key in self.asking]


class Stage:
    """`size` specimens are at stake in each timing. `server` and `worker` stand while a kind of fault is tried.
    `again` counts the jobs that a fault struck in mid-work: they were begun more than once, or handed back."""

    def __init__(self, broker: Broker, size: int, seed: int) -> None:
        self.broker, self.size = broker, size
        self.dice = Random(seed)  # noqa: S311 - moments, not secrets
        self.house = house.build()
        self.seeder = Seeder(self.house)
        self.token = tokens.make(by=self.house.coordinator, at=house.AT, lifetime=timedelta(days=3650))
        self.worker: subprocess.Popen[bytes] | None = None
        self.server: subprocess.Popen[bytes] | None = None
        self.port, self.again = 0, 0

    # ---- work ----
    def lot(self, size: int = 0, *, together: bool = False) -> Lot:
        """Specimens read and not scored; their jobs, one each or one for all, are asked for and nudged."""
        lot = self.lot_to_come(size, together=together)
        self.ask(lot)
        return lot

    def lot_to_come(self, size: int = 0, *, together: bool = False) -> Lot:
        """The same before anybody has asked."""
        specimens = self.seeder.add(size or self.size)
        lots = [specimens] if together else [[each] for each in specimens]
        return Lot(specimens, {f"fault:{lot[0]}": lot for lot in lots}, clean_run(specimens))

    def ask(self, lot: Lot) -> None:
        wanted = [(key, {"specimen_ids": specimens}) for key, specimens in lot.asking.items()]
        with transaction.atomic():
            jobs.ask_many(CONCLUDED, wanted, queue="bulk")

    def soon(self, most: float) -> float:
        """Wait a random moment of at most so many seconds; gives how long."""
        moment = self.dice.uniform(0, most)
        time.sleep(moment)
        return moment

    def begun(self, lot: Lot) -> None:
        """Wait until somebody is at the lot."""
        self.until(lambda: self.jobs(lot).filter(attempts__gt=0).exists(), each=0.002)

    def jobs(self, lot: Lot) -> QuerySet[Job]:
        return Job.objects.filter(key__in=lot.keys)

    def done(self, lot: Lot) -> bool:
        return self.jobs(lot).filter(done_at__isnull=False).count() == len(lot.asking)

    def until(self, holds: Callable[[], bool], *, sweeping: bool = False, each: float = 0.02) -> None:
        """Wait for it, through a database that is away now and then; `sweeping` as the clock does."""
        end, next_sweep = time.monotonic() + PATIENCE, 0.0
        while time.monotonic() < end:
            try:
                if holds():
                    return
                if sweeping and time.monotonic() > next_sweep:
                    jobs.sweep()
                    next_sweep = time.monotonic() + SWEEP_SECONDS
            except DatabaseError:
                connection.close()
            time.sleep(each)
        raise AssertionError("it did not come about in time")

    def settled(self, lot: Lot, attempts: int | None = None) -> None:
        """Wait until the lot is scored: nothing lost, doubled or wrong. `attempts` is what each job may have taken."""
        self.until(lambda: self.done(lot), sweeping=True)
        scores, said = Score.objects.filter(specimen_id__in=lot.specimens).count(), said_of(lot.specimens)
        assert scores >= len(lot.specimens), f"lost: {len(lot.specimens) - scores} scores"
        assert scores == len(lot.specimens), f"doubled: {scores - len(lot.specimens)} scores"
        assert said == lot.expected, "wrong: the scores are not those of an undisturbed run"
        patients = Specimen.objects.filter(pk__in=lot.specimens).values("patient_id")
        lines = LedgerEntry.objects.filter(deed="score patient", patient_id__in=patients).count()
        assert lines == len(lot.specimens), f"the ledger has {lines} lines for {len(lot.specimens)} scores"
        self.again += self.jobs(lot).filter(attempts__gt=1).count()
        tries = set(self.jobs(lot).values_list("attempts", flat=True))
        assert attempts is None or tries == {attempts}, f"attempts: {tries}"

    def forget(self) -> None:
        """After a violation: the next timing does not inherit its jobs."""
        Job.objects.filter(done_at__isnull=True).delete()

    # ---- processes ----
    @contextmanager
    def working(self, *more: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker of two processes, as docker-compose.yml runs it."""
        told = ("celery", "-A", "config", "worker", "--queues", "interactive,bulk,images", "--concurrency", "2")
        with self.process(*told, "--loglevel", "ERROR", *more, **environment) as process:
            self.worker = process
            yield process

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[bytes]]:
        """The site behind gunicorn, one process of four threads; a killed one is followed by another."""
        self.port = free_port()
        told = ("gunicorn", "config.wsgi:application", "--preload", "--worker-class", "gthread", "--workers", "1")
        more = ("--threads", "4", "--no-control-socket", "--log-level", "critical", "--timeout", "60")
        with self.process(*told, *more, "--bind", f"127.0.0.1:{self.port}") as process:
            self.server = process
            wait_until(lambda: bool(children(process)))
            yield process

    @contextmanager
    def process(self, *command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        surroundings = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": self.broker.url,
            "PARAFFIN_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PYTHONWARNINGS": "ignore",
            **environment,
        }
        mortal = ["setpriv", "--pdeathsig", "KILL"]  # it ends with us, whatever ends us
        started = subprocess.Popen(  # noqa: S603 - our own words
            [*mortal, sys.executable, "-m", *command], cwd=settings.BASE_DIR, env=surroundings,
            start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield started
        finally:
            kill_all(started)

    # ---- the one lock that every deed takes last ----
    @contextmanager
    def ledger_held(self) -> Iterator[None]:
        """Whoever writes waits just before its commit, until the block ends."""
        LedgerHead.objects.get_or_create(pk=1, defaults={"number": 0, "hash": "0" * 64})
        with transaction.atomic():
            LedgerHead.objects.select_for_update().get(pk=1)
            yield

    def a_patient(self) -> Patient:
        """One whom nobody has scored, for a consent to be recorded of."""
        (specimen,) = self.seeder.add(1)
        return Specimen.objects.select_related("patient__trial").get(pk=specimen).patient


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes in which it does its work."""
    try:
        return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """As when a machine dies: the process and all that it started, at once."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait(15)


def said_of(specimens: list[int]) -> Said:
    """What is said of these specimens and their patients, without ids of scores, which differ from run to run."""
    scores = Score.objects.filter(specimen_id__in=specimens)
    own = scores.values_list("specimen_id", "digest", "risk", "caix_level", "eligibility", "reasons", "missing")
    owners = Specimen.objects.filter(pk__in=specimens).values("patient_id")
    patients = PatientScore.objects.filter(patient_id__in=owners)
    return {*own, *patients.values_list("patient_id", "score__digest", "basis", "because", "edition")}


def clean_run(specimens: list[int]) -> Said:
    """What the same reads come to when nothing goes wrong: computed here, and taken back."""
    with transaction.atomic():
        assess_specimens(by=WORKER, at=timezone.now(), specimen_ids=specimens)
        clean = said_of(specimens)
        transaction.set_rollback(True)
    return clean
