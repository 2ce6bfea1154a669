"""A broker of the test's own, to be flushed and stopped, and real workers in processes of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis
from django.db import connection

from config.celery import app
from specimens import jobs
from specimens.models import Job

LEASE_SECONDS = 2
PATIENCE_SECONDS = 180
ROOT = Path(__file__).resolve().parent.parent


class Broker:
    """Redis on a free port of the loopback, keeping nothing on disk."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.redis = redis.Redis(port=self.port)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        found = shutil.which("redis-server")
        assert found, "redis-server is missing: apt-get install redis-server, or run bin/test, which does."
        said = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([found, *said], cwd="/tmp", stdout=subprocess.DEVNULL)
        until(self.answers)

    def answers(self) -> bool:
        try:
            return bool(self.redis.ping())
        except redis.ConnectionError:
            return False

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def waiting(self) -> int:
        """Messages that no worker has taken."""
        return sum(int(self.redis.llen(queue)) for queue in ("interactive", "bulk", "images"))


@contextmanager
def own_broker() -> Iterator[Broker]:
    """Point this process's nudges at a broker that only this test knows."""
    broker, before = Broker(), app.conf.broker_url
    broker.start()
    try:
        point_at(broker.url)
        yield broker
    finally:
        point_at(before)
        broker.redis.close()
        broker.stop()


def point_at(url: str) -> None:
    app.conf.broker_url = url
    app._after_fork()  # forget the connections to the broker before


@contextmanager
def worker(broker: Broker, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The very command that docker-compose.yml runs, on the test's database and broker; `more` is environment."""
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


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes in which this worker does its work."""
    try:
        return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


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
