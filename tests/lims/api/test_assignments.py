"""assignments/: cases to give out, by the rule, by hand, taken back; a reader hands back."""

from typing import Any

from scoring.turns import standing


def test_cases_are_listed_and_given_out(world: Any, calling: Any) -> None:
    dana = calling(world.cast.coordinator)
    rows = dana.get("assignments/").json()["results"]
    assert world.waiting.code in {row["code"] for row in rows}
    assert {row["free"] for row in rows if row["code"] == world.waiting.code} == {2}
    answer = dana.post("assignments/by-rule/", {"cases": [world.waiting.code]})
    assert (answer.status_code, answer.json()) == (201, {"made": 2, "left": []})
    assert dana.get("assignments/?free=true").json()["next"] is None
    assert dana.get("assignments/?free=perhaps").status_code == 400
    assert dana.get("assignments/?before=x").status_code == 400


def test_by_hand_to_another_and_back(world: Any, calling: Any) -> None:
    dana, code = calling(world.cast.coordinator), world.waiting.code
    said = {"case": code, "reader": "ines", "reason": "knows the trial"}
    told = dana.post("assignments/", said).json()
    assert [(each["username"], each["how"]) for each in told["holders"]] == [("ines", "hand")]
    assert dana.post("assignments/", said).status_code == 409
    assert dana.post("assignments/", said | {"reader": "ravi"}).status_code == 404
    assert dana.post("assignments/", said | {"reason": " "}).status_code == 400
    pk = told["holders"][0]["id"]
    told = dana.post(f"assignments/{pk}/end/", {"reason": "on leave", "reader": "mei"}).json()
    assert [each["username"] for each in told["holders"]] == ["mei"]
    assert dana.post(f"assignments/{pk}/end/", {"reason": "on leave"}).status_code == 409
    mei = calling(world.cast.third_reader)
    assert mei.post(f"cases/{code}/hand-back/", {"reason": "on leave"}).json() == {"ended": 1}
    assert mei.post(f"cases/{code}/hand-back/", {"reason": "on leave"}).status_code == 409
    assert not standing().exists()


def test_readers_do_not_see_who_reads_what(world: Any, calling: Any) -> None:
    for name in ("reader", "adjudicator", "statistician", "bench"):
        caller = calling(getattr(world.cast, name))
        assert caller.get("assignments/").status_code == 403
        assert caller.post("assignments/by-rule/", {"cases": [world.waiting.code]}).status_code == 403
