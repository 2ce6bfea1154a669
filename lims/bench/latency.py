"""How soon a score is seen after what asks for it has committed, through the job table, Redis and a worker."""

import time
from collections.abc import Callable
from statistics import median, quantiles
from uuid import uuid4

import redis
from django.conf import settings
from django.db import transaction

from lims.bench.empty import EMPTY, answer
from lims.bench.figures import Figure, rounded
from lims.bench.ground import Ground
from lims.bench.processes import worker
from scoring.models import Score
from scoring.signing import CONCLUDED
from specimens import jobs
from specimens.models import Job

PATIENCE, LOOK_SECONDS, WARM = 30.0, 0.0005, 5
RATIO = 2.0


def measure(ground: Ground) -> list[Figure]:
    """The 95th percentile beside that of an empty task and of an empty job, in turn with each other."""
    count = max(ground.sizes.calls, 4)
    specimens = ground.seeder.add(count + WARM)
    with redis.Redis.from_url(settings.REDIS_URL) as broker, worker("--include", "lims.bench.empty"):
        times = [(scored(specimen), empty_task(broker), empty_job()) for specimen in specimens]
    ours, task, job = (ninety_five(column[WARM:]) for column in zip(*times, strict=True))
    middle = median(column[0] for column in times[WARM:])
    return [
        Figure(
            "latency-task", rounded(1000 * ours), "ms", rounded(1000 * task), rounded(ours / task),
            f"95th percentile at most {RATIO:g} times that of an empty task through the same broker and worker",
            ours <= RATIO * task,
        ),
        Figure(
            "latency-job", rounded(1000 * ours), "ms", rounded(1000 * job), rounded(ours / job),
            f"none: the same beside an empty piece of work of the job table; half of the scores within "
            f"{1000 * middle:.0f} ms", True,
        ),
    ]  # fmt: skip


def ninety_five(times: tuple[float, ...]) -> float:
    """The 95th percentile of times in seconds."""
    return quantiles(times, n=20, method="inclusive")[-1]


def scored(specimen: int) -> float:
    """Seconds from the deed that asks, as the signature that concludes does, until the score is seen."""
    began = time.perf_counter()
    with transaction.atomic():
        jobs.ask(CONCLUDED, key=f"latency:{specimen}", arguments={"specimen_ids": [specimen]})
    seen(lambda: Score.objects.filter(specimen_id=specimen).exists())
    return time.perf_counter() - began


def empty_job() -> float:
    key, began = uuid4().hex, time.perf_counter()
    with transaction.atomic():
        jobs.ask(EMPTY, key=key, arguments={})
    seen(lambda: Job.objects.filter(key=f"{EMPTY}:{key}", done_at__isnull=False).exists())
    return time.perf_counter() - began


def empty_task(broker: redis.Redis) -> float:
    token, began = uuid4().hex, time.perf_counter()
    answer.apply_async((token,), queue="interactive")
    assert broker.blpop([token], timeout=int(PATIENCE)), "the empty task was not met"
    return time.perf_counter() - began


def seen(there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < end, "it was not seen in time"
        time.sleep(LOOK_SECONDS)
