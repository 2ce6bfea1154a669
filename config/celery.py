"""The Celery application. Workers: `celery -A config worker`; the clock: `celery -A config beat`."""

import gc
import os

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("paraffin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def leave_out_what_stays(**_: object) -> None:
    """What was loaded at the start is never garbage: collecting need not look at it in every batch of scores."""
    gc.collect()
    gc.freeze()
