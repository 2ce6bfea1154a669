"""Other processes beside the one that measures: a worker and a web server, on the same database and broker."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import quote

from django.conf import settings
from django.db import connection

PATIENCE = 60.0


@contextmanager
def worker(*more: str, concurrency: int = 2) -> Iterator[None]:
    """A Celery worker of so many processes for every kind of work; `more` are words of its command."""
    queues = "interactive,bulk,images"
    with running("celery", "-A", "config", "worker", "--queues", queues, "--concurrency", str(concurrency),
                 "--without-gossip", "--without-mingle", "--loglevel", "ERROR", *more):  # fmt: skip
        yield


@contextmanager
def server(database: str = "") -> Iterator["Caller"]:
    """The API behind gunicorn with the plain view beside it, on this database or another of the same cluster."""
    port = free_port()
    with running("gunicorn", "lims.bench.wsgi:application", "--worker-class", "gthread", "--workers", "1",
                 "--threads", "2", "--no-control-socket", "--timeout", "300", "--keep-alive", "300",
                 "--log-level", "warning", "--bind", f"127.0.0.1:{port}", database=database):  # fmt: skip
        wait_until(lambda: answers(port))
        with closing(HTTPConnection("127.0.0.1", port, timeout=300)) as kept:
            yield Caller(kept)


class Caller:
    """One kept connection to the server."""

    def __init__(self, connection: HTTPConnection) -> None:
        self.connection = connection

    def get(self, path: str, token: str, take: Callable[[bytes], object]) -> int:
        """Hand the body of `path` to `take` piece by piece; returns how many bytes came."""
        self.connection.request("GET", path, headers={"Authorization": f"Token {token}"})
        answer = self.connection.getresponse()
        size = 0
        while piece := answer.read(1 << 16):
            take(piece)
            size += len(piece)
        assert answer.status == 200, f"{path} answered {answer.status}"
        return size


@contextmanager
def running(module: str, *arguments: str, database: str = "") -> Iterator[None]:
    """`python -m module` until the block ends."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(database),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-m", module, *arguments]
    started = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        yield
    finally:
        started.terminate()
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def database_url(name: str = "") -> str:
    """Where this process's own connection leads, for a process that is to meet the same rows; or beside it."""
    told = connection.settings_dict
    secret = quote(told["PASSWORD"], safe="")
    return f"postgres://{told['USER']}:{secret}@{told['HOST']}:{told['PORT']}/{name or told['NAME']}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def wait_until(true: Callable[[], bool], patience: float = PATIENCE, pause: float = 0.05) -> None:
    """Return as soon as `true()` is; AssertionError when patience ends."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "What was started did not become ready in time: its errors are above."
        time.sleep(pause)
