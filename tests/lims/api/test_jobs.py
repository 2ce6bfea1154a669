"""The job table for programs."""

from typing import Any

import pytest

from specimens import jobs
from specimens.models import Job
from tests.cast import AT
from tests.lims.api.test_tissue import rows

KIND = "consent changed"


@pytest.fixture
def job(world: Any) -> Job:
    Job.objects.all().delete()
    jobs.ask(KIND, key="7", arguments={})
    jobs.ask("run stained", key="8", arguments={})
    Job.objects.filter(kind=KIND).update(parked_at=AT, cause="ValueError: no such edition", attempts=5)
    return Job.objects.get(kind=KIND)


def test_jobs_are_listed_by_state_and_kind(world: Any, calling: Any, job: Job) -> None:
    caller = calling(world.cast.administrator)
    assert {row["key"] for row in rows(caller.get("jobs/"))} == {f"{KIND}:7", "run stained:8"}
    (row,) = rows(caller.get("jobs/", state="given_up"))
    assert (row["state"], row["attempts"], row["cause"]) == ("given_up", 5, "ValueError: no such edition")
    assert rows(caller.get("jobs/", state="given_up", kind="run stained")) == []
    assert caller.get("jobs/", state="nonsense").status_code == 400
    counted = {each["state"]: each["jobs"] for each in caller.get("jobs/counts/").json()}
    assert counted == {"waiting": 1, "working": 0, "failing": 0, "given_up": 1, "done": 0}


def test_a_job_is_tried_again_and_given_up(world: Any, calling: Any, job: Job) -> None:
    caller = calling(world.cast.administrator)
    answer = caller.post(f"jobs/{job.pk}/retry/", {"reason": "mended"})
    assert (answer.status_code, answer.json()["state"]) == (201, "waiting")
    again = caller.post(f"jobs/{job.pk}/retry/", {"reason": "mended"})
    assert (again.status_code, again.json()["code"]) == (409, "job_waiting")
    assert caller.post(f"jobs/{job.pk}/give-up/", {"reason": ""}).status_code == 400
    assert caller.post(f"jobs/{job.pk}/give-up/", {"reason": "no use"}).json()["state"] == "given_up"
    assert caller.get(f"jobs/{job.pk}/").json()["cause"].endswith("no use")
    assert caller.post("jobs/999999/retry/", {"reason": "x"}).status_code == 404


def test_nobody_else(world: Any, calling: Any, job: Job) -> None:
    for who in ("coordinator", "reader", "statistician"):
        caller = calling(getattr(world.cast, who))
        for address in ("jobs/", "jobs/counts/", f"jobs/{job.pk}/"):
            assert caller.get(address).status_code == 403
        assert caller.post(f"jobs/{job.pk}/retry/", {"reason": "x"}).status_code == 403
