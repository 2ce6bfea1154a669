"""outcomes/variables/ and …/against/…/: declared, decided and settled by a program."""

from typing import Any

import pytest

from lims.models.outcomes import Outcome, OutcomeRelease

ROW = {"study_id": "CWG-0187", "response": "CR", "os_time": 900, "os_event": False, "time_origin": "registration"}
BODY = {"trial": "CWG", "name": "Second cut", "source": "the office", "cut_on": "2026-11-10", "sha256": "b" * 64}
MOOD = {"trial": "CWG", "name": "mood", "label": "Mood", "kind": "number", "source": "a form", "by_time_point": True}


def test_a_declared_variable_comes_in_with_a_release(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    told = sam.post("outcomes/variables/", MOOD)
    assert (told.status_code, told.json()["name"], told.json()["values"]) == (201, "mood", 0)
    values = [{"variable": "mood", "time_point": "week 6", "value": "3.5"}]
    body = BODY | {"rows": [ROW | {"values": values}]}
    dry = sam.post("outcomes/releases/?dry_run=true", body).json()
    assert dry == {"rows": 1, "accepted": 1, "refused": 0, "findings": []}
    assert OutcomeRelease.objects.count() == 1
    assert sam.post("outcomes/releases/", body).status_code == 201
    assert sam.get("outcomes/", release="Second cut").json()["results"][0]["values"] == values
    assert [each["values"] for each in sam.get("outcomes/variables/").json()["results"]] == [1]


def test_a_dry_run_names_each_fault(world: Any, calling: Any) -> None:
    rows = [ROW, ROW | {"study_id": "CWG-0404", "values": [{"variable": "mood", "value": "3"}]}]
    told = calling(world.cast.statistician).post("outcomes/releases/?dry_run=true", BODY | {"rows": rows}).json()
    assert (told["rows"], told["accepted"], told["refused"]) == (2, 1, 1)
    assert [(each["row"], each["field"]) for each in told["findings"]] == [(2, "study_id"), (2, "mood")]


def test_conflicts_are_decided_and_settled(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    rows = [ROW | {"study_id": each.patient.study_id} for each in Outcome.objects.filter(release=world.release)]
    second = sam.post("outcomes/releases/", BODY | {"rows": rows}).json()["id"]
    address = f"outcomes/releases/{world.release.pk}/against/{second}/"
    found = sam.get(address).json()
    assert found["open"] == len(found["conflicts"]) > 0
    assert sam.post(f"{address}settled/", {"name": "settled"}).status_code == 409
    choices = [{"study_id": each["study_id"], "field": each["field"], "right": "b"} for each in found["conflicts"]]
    decided = sam.post(address, {"reason": "the later form", "choices": choices})
    assert (decided.status_code, decided.json()["open"]) == (201, 0)
    assert {each["decided_by"] for each in decided.json()["conflicts"]} == {"Sam Okafor"}
    settled = sam.post(f"{address}settled/", {"name": "settled"})
    assert (settled.status_code, settled.json()["rows"]) == (201, len(rows))
    assert set(Outcome.objects.filter(release__name="settled").values_list("os_time", flat=True)) == {900}


@pytest.mark.parametrize("who", ["coordinator", "reader", "administrator"])
def test_nobody_else_decides(world: Any, calling: Any, who: str) -> None:
    caller = calling(getattr(world.cast, who))
    address = f"outcomes/releases/{world.release.pk}/against/{world.release.pk}/"
    assert caller.post(address, {}).status_code == 403
    assert caller.post("outcomes/variables/", MOOD).status_code == 403


def test_two_that_cannot_be_held_together(world: Any, calling: Any) -> None:
    sam, pk = calling(world.cast.statistician), world.release.pk
    assert sam.get(f"outcomes/releases/{pk}/against/{pk}/").status_code == 409
    assert sam.get(f"outcomes/releases/{pk}/against/{pk + 9}/").status_code == 404
