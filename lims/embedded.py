"""The embedded default: a Celery worker and the sweeper as threads of the serving process, no server to install."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from celery import current_app
from django.db import DatabaseError, close_old_connections

from specimens import jobs
from specimens.leases import CLOCK, keep_watch, leave_watch, who
from specimens.tiling import end_cutters

log = logging.getLogger(__name__)
QUEUES = ["interactive", "bulk", "images"]
SWEEP_SECONDS = 5.0


@contextmanager
def running_worker() -> Iterator[None]:
    """Run a worker on the in-memory broker, and the sweeper, until the block ends."""
    for queue in QUEUES:
        current_app.amqp.queues.select_add(queue)
    worker = current_app.WorkController(
        pool="threads", concurrency=2, without_heartbeat=True, without_mingle=True, without_gossip=True, queues=QUEUES
    )
    consuming = threading.Thread(target=worker.start, name="embedded worker", daemon=True)
    stopped = threading.Event()
    sweeping = threading.Thread(target=sweep_until, args=(stopped,), name="sweeper", daemon=True)
    consuming.start()
    sweeping.start()
    try:
        yield
    finally:
        stopped.set()
        end_cutters()
        worker.stop()
        consuming.join(timeout=3)
        sweeping.join(timeout=3)


def sweep_until(stopped: threading.Event) -> None:
    """Sweep now and every few seconds: what a lost nudge left behind is found here. Of several serving processes
    on one database one sweeps, another when it is gone."""
    me = who()
    while not stopped.is_set():
        try:
            if keep_watch(CLOCK, me):
                jobs.sweep()
        except Exception:  # a locked or absent database now is looked at again at the next sweep
            log.exception("the sweep failed")
        finally:
            close_old_connections()
        stopped.wait(SWEEP_SECONDS)
    with suppress(DatabaseError):
        leave_watch(CLOCK, me)
    close_old_connections()
