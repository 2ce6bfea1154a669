"""The commands of docker-compose.yml, each run as it stands there against real PostgreSQL and Redis."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg
import pytest
import redis
import yaml
from django.conf import settings
from psycopg import sql

from lims.embedded import QUEUES
from tests.servers import redis_database

pytestmark = pytest.mark.server

ROOT = Path(settings.BASE_DIR)
PARTS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
PATIENCE = 180.0
RUN = ("web", "worker", "worker-bulk", "worker-images", "beat")


class House:
    """One deployment on this machine: its environment, its folder, and a port in place of 8000."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.port = free_port()

    def words(self, command: str | list[str]) -> list[str]:
        """The words of a command of the compose file, with this machine's port and folder."""
        if isinstance(command, list):
            kind, *words = command
            words = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        else:
            words = shlex.split(command)
        return [
            word.replace("$$", "$")
            .replace("0.0.0.0:8000", f"127.0.0.1:{self.port}")
            .replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
            .replace("/var/lib/paraffin", str(self.folder))
            for word in words
        ]

    def run(self, command: str | list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words(command),
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    @contextmanager
    def running(self, part: str) -> Iterator[subprocess.Popen[bytes]]:
        """The process of a part, stopped at the end as the engine stops it: politely, by SIGTERM."""
        log = self.folder / f"{part}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                self.words(PARTS[part]["command"]),
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            finally:
                process.kill()

    def is_healthy(self, part: str) -> bool:
        return self.run(PARTS[part]["healthcheck"]["test"]).returncode == 0

    def until(self, part: str, happens: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not happens():
            log = (self.folder / f"{part}.log").read_text()
            assert time.monotonic() < end, f"{part} gave no sign of life:\n{log[-4000:]}"
            time.sleep(0.3)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of an empty database, dropped afterwards."""
    server, name = os.environ["DATABASE_URL"].rsplit("/", 1)
    new = f"{name}_deployment_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(new))
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(new)))
        try:
            yield f"{server}/{new}"
        finally:
            connection.execute(drop)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A migrated deployment with the environment that the compose file gives its services."""
    folder = tmp_path_factory.mktemp("deployment")
    queue = 8 + int(urlsplit(os.environ["REDIS_URL"]).path.strip("/"))  # beside this test process's own
    (folder / "beat").mkdir()
    with fresh_database() as database:
        house = House(
            folder,
            {
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "SECRET_KEY": "only-for-this-test-of-the-deployment",
                "DATABASE_URL": database,
                "REDIS_URL": redis_database(os.environ["REDIS_URL"], queue),
                "ALLOWED_HOSTS": "paraffin.example.org,127.0.0.1",
                "PARAFFIN_HTTPS": "true",
                "PARAFFIN_EMBEDDED": "false",
                "PARAFFIN_VAR": str(folder),
                "MEDIA_ROOT": str(folder / "media"),
                "STATIC_ROOT": str(folder / "static"),
                "REMAP_SIGTERM": PARTS["worker"]["environment"]["REMAP_SIGTERM"],
            },
        )
        for command in ("python manage.py collectstatic --noinput", PARTS["migrate"]["command"]):
            done = house.run(command)
            assert done.returncode == 0, done.stderr
        yield house


def test_web_worker_and_beat_start_answer_and_stop(house: House) -> None:
    with ExitStack() as stack:
        processes = {name: stack.enter_context(house.running(name)) for name in RUN}
        for name in processes:
            house.until(name, lambda name=name: house.is_healthy(name))  # type: ignore[misc]
        with urlopen(f"http://127.0.0.1:{house.port}/health/", timeout=5) as answer:
            assert answer.status == 200
    assert {name: process.returncode for name, process in processes.items()} == dict.fromkeys(RUN, 0)


def test_every_queue_has_its_worker() -> None:
    served = re.findall(r"--queues (\S+)", " ".join(PARTS[name]["command"] for name in RUN))
    assert sorted(served) == sorted(QUEUES)


def test_migrating_again_changes_nothing(house: House) -> None:
    again = house.run(PARTS["migrate"]["command"])
    assert again.returncode == 0, again.stderr
    assert "No migrations to apply." in again.stdout


def test_a_stopped_worker_and_web_are_not_healthy(house: House) -> None:
    assert not house.is_healthy("web")
    assert not house.is_healthy("worker")


def test_production_refuses_to_start_without_its_key(house: House) -> None:
    del house.environment["SECRET_KEY"]
    refused = house.run("python manage.py check")
    house.environment["SECRET_KEY"] = "only-for-this-test-of-the-deployment"
    assert refused.returncode != 0
    assert "SECRET_KEY must be set" in refused.stderr


def test_redis_keeps_its_queue_on_disk(tmp_path: Path) -> None:
    port = free_port()
    command = PARTS["redis"]["command"].replace("${REDIS_PASSWORD:?set REDIS_PASSWORD}", "secret")
    words = [*shlex.split(command), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        try:
            server = redis.Redis(port=port, password="secret", decode_responses=True)
            end = time.monotonic() + PATIENCE
            while not answers(server):
                assert time.monotonic() < end, "Redis gave no sign of life."
                time.sleep(0.1)
            assert server.config_get("appendonly") == {"appendonly": "yes"}
            server.close()
        finally:
            process.terminate()


def answers(server: redis.Redis) -> bool:
    try:
        return bool(server.ping())
    except redis.ConnectionError:
        return False
