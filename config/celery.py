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
    """What was loaded at the start is never garbage, and a batch of scores leaves no cycles behind: collect rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
