"""models/ and what-if/: cards and answers for programs; every worked case comes out right."""

from typing import Any

from scoring.rules.catalogue import names
from scoring.rules.vectors import vectors

AXES = ("clear_cell", "alveolar", "granular", "papillary", "caix")


def test_cards(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    found = sam.get("models/").json()["results"]
    assert [each["name"] for each in found] == list(names())
    card = sam.get("models/imdc-2009/").json()
    assert (card["edition"], card["groups"]) == ("2009-R1", ["favourable", "intermediate", "poor"])
    assert {row["name"] for row in card["rule"]} >= {"karnofsky_under", "platelets_over_uln_times"}
    assert sam.get("models/none/").status_code == 404
    assert sam.get("models/imdc-2009/", edition="none").json()["code"] == "unknown_edition"


def test_every_worked_case(world: Any, calling: Any) -> None:
    ines = calling(world.cast.reader)
    for vector in vectors():
        findings = {axis: vector.written[axis] for axis in AXES}
        told = ines.post("what-if/", {"model": "cwg-two-compartment", "findings": findings}).json()
        assert (told["group"], told["possible_groups"]) == (vector.risk, list(vector.possible_risks)), vector.name
        assert told["further"]["compartment"] == vector.compartment
        assert told["investigational"].startswith("Investigational")


def test_faults_are_named_and_nothing_is_guessed(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    answer = sam.post("what-if/", {"model": "imdc-2009", "findings": {"karnofsky": "x", "platelets": "1,000"}})
    assert answer.status_code == 400
    assert {each["field"] for each in answer.json()["problems"]} == {"karnofsky", "platelets"}
    answer = sam.post("what-if/", {"model": "bui-2003", "findings": {"alveolar": "5"}})
    assert (answer.status_code, answer.json()["field"]) == (400, "alveolar")
    assert sam.post("what-if/", {"model": "none", "findings": {}}).status_code == 404
    assert sam.post("what-if/", {"findings": {}}).status_code == 400
    assert calling(None).post("what-if/", {"model": "bui-2003", "findings": {}}).status_code == 401
