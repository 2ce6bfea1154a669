"""Real workers in processes of their own, beside a broker that only the test knows."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from lims.bench.faults.broker import Broker, own_broker, point_at
from lims.bench.faults.stage import children
from specimens import jobs
from specimens.models import Job

__all__ = ["Broker", "all_done", "children", "end", "own_broker", "point_at", "until", "worker"]
LEASE_SECONDS = 2
PATIENCE_SECONDS = 180
ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def worker(broker: Broker, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """One worker for every queue, on the test's database and broker; `more` is environment."""
    command = [
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "--queues",
        "interactive,bulk,images",
        "--concurrency",
        "2",
    ]
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(address),
        "REDIS_URL": broker.url,
        "PARAFFIN_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        end(process, signal.SIGTERM)


def end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Send `how` to the worker and every child of it, and see it gone."""
    try:
        os.killpg(process.pid, how)
    except ProcessLookupError:
        return
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(15)


def until(holds: Callable[[], bool], *, sweeping: bool = False, each: float = 0.02) -> None:
    """Wait for it; with `sweeping`, look for lost work now and then, as the clock does."""
    end, next_sweep = time.monotonic() + PATIENCE_SECONDS, 0.0
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        if sweeping and time.monotonic() > next_sweep:
            jobs.sweep()
            next_sweep = time.monotonic() + 3
        time.sleep(each)


def all_done() -> bool:
    return not Job.objects.filter(done_at__isnull=True).exists()
