"""A Redis of the suite's own, to be flushed, filled, frozen and stopped."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from celery import current_app

from lims.bench.processes import free_port, wait_until

QUEUES = ("interactive", "bulk", "images")


class Broker:
    """Redis on a free port of the loopback, keeping nothing on disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.redis = redis.Redis(port=self.port, socket_timeout=10)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        found = shutil.which("redis-server")
        assert found, "redis-server is missing: apt-get install redis-server, or run bin/test, which does."
        said = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([found, *said], cwd="/tmp", stdout=subprocess.DEVNULL)  # noqa: S108, S603
        wait_until(self.answers)

    def answers(self) -> bool:
        try:
            return bool(self.redis.ping())
        except redis.ConnectionError:
            return False

    def stop(self) -> None:
        if self.process:
            self.thaw()
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def freeze(self) -> None:
        """It holds its connections and answers nobody."""
        if self.process:
            self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGCONT)

    def waiting(self) -> int:
        """Messages that no worker has taken."""
        return sum(int(self.redis.llen(queue)) for queue in QUEUES)


@contextmanager
def own_broker() -> Iterator[Broker]:
    """Point this process's nudges at a broker that nobody else knows."""
    broker, before = Broker(), current_app.conf.broker_url
    broker.start()
    try:
        point_at(broker.url)
        yield broker
    finally:
        point_at(before)
        broker.redis.close()
        broker.stop()


def point_at(url: str) -> None:
    current_app.conf.broker_url = url
    current_app._after_fork()  # forget the connections to the broker before
