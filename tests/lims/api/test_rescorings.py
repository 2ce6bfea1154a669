"""rescorings/: a program starts a dry run, reads its list, carries it out, halts it."""

from typing import Any

import pytest

from scoring.vocabulary import RescoringCause
from specimens import jobs

SAID = {"edition": "2005-R1", "reason": "all anew", "cause": RescoringCause.NEW_EDITION.value}


def test_a_dry_run_and_then_for_good(world: Any, calling: Any) -> None:
    dana, sam = calling(world.cast.administrator), calling(world.cast.statistician)
    begun = dana.post("rescorings/", SAID)
    one = begun.json()["id"]
    assert (begun.status_code, begun.json()["state"], begun.json()["dry"]) == (201, "running", True)
    assert dana.post(f"rescorings/{one}/carry-out/", {}).status_code == 409
    jobs.work_off()
    told = dana.get(f"rescorings/{one}/").json()
    assert (told["state"], told["patients_done"]) == ("done", told["patients"])
    assert sam.get(f"rescorings/{one}/changes/").status_code == 200
    whole = dana.post(f"rescorings/{one}/carry-out/", {}).json()
    assert (whole["dry"], whole["edition"]) == (False, "2005-R1")
    told = dana.post(f"rescorings/{whole['id']}/turn/", {"turn": "cancel", "reason": "enough"}).json()
    assert told["state"] == "cancelled"
    assert [each["id"] for each in dana.get("rescorings/").json()["results"]] == [whole["id"], one]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"edition": "none"}, "edition"), ({"reason": ""}, "reason"), ({"study_id": "X"}, "study_id")],
)
def test_what_cannot_be_is_refused_by_its_field(world: Any, calling: Any, changes: Any, field: str) -> None:
    answer = calling(world.cast.administrator).post("rescorings/", SAID | changes)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_nobody_else_may(world: Any, calling: Any) -> None:
    for somebody in (world.cast.reader, world.cast.statistician, world.mercy_statistician):
        assert calling(somebody).get("rescorings/").status_code == 403
        assert calling(somebody).post("rescorings/", SAID).status_code == 403
