"""The Celery application. Workers: `celery -A config worker`; the clock: `celery -A config beat`."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, worker_process_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("paraffin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


PATIENT = {"max_retries": None, "connect_retries_timeout": None}


@celeryd_init.connect
def wait_for_the_broker(conf: Any, **_: object) -> None:
    """A worker waits for a broker that is away, however long; what publishes from a page gives up at once. Else an
    outage that begins while the worker connects again ends it: its own error is none that it recovers from."""
    conf.broker_transport_options = conf.broker_transport_options | PATIENT


@worker_process_init.connect
def publish_impatiently(**_: object) -> None:
    """A piece of work asks for further work as a page does: the job table keeps it, the sweep sends it again."""
    app.conf.broker_transport_options = dict(settings.CELERY_BROKER_TRANSPORT_OPTIONS)


@worker_process_init.connect
def leave_out_what_stays(**_: object) -> None:
    """What was loaded at the start is never garbage, and a batch of scores leaves no cycles behind: collect rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
