"""A task that does nothing and says so: known only to the workers that are measured."""

import redis
from celery import shared_task
from django.conf import settings

from specimens import jobs

EMPTY = "nothing at all"
SECONDS_KEPT = 60


@shared_task
def answer(token: str) -> None:
    """Say through the broker that the task was met."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.lpush(token, "done")
        broker.expire(token, SECONDS_KEPT)


def do_nothing() -> None:
    """Work of the job table that has nothing to do."""


jobs.does(EMPTY, do_nothing)
