"""The figures by API: the same numbers as the pages, within the caller's scope."""

from collections.abc import Callable
from typing import Any

import pytest

from specimens.requesting import NewRequest, open_requests
from tests.cast import AT
from tests.lims.api.conftest import World

PLACES = ("flow/", "turnaround/", "inventory/")


def reached(told: dict[str, Any]) -> dict[str, int]:
    return {each["stage"]: each["patients"] for each in told["stages"]}


def test_the_flow_adds_up_whole_and_by_place(world: World, calling: Callable[..., Any]) -> None:
    told = calling(world.cast.coordinator).get("flow/").json()
    assert told["counted_on"] == "2026-11-23"
    assert reached(told) == {
        "enrolled": 2, "asked": 2, "received": 2, "adequate": 2, "stained": 1, "read": 0, "concluded": 0,
    }  # fmt: skip
    for each in (told, *told["places"]):
        stages = each["stages"]
        for stage, onward in zip(stages, [*stages[1:], {"patients": 0}], strict=True):
            assert stage["patients"] == onward["patients"] + sum(stopped["patients"] for stopped in stage["stopped"])
    assert [(each["trial"], each["site"]) for each in told["places"]] == [("CWG", "LAKE"), ("CWG", "MERCY")]
    waits = {"reason": "awaits_reader", "lost": False, "patients": 1}
    assert waits in told["stages"][4]["stopped"]


def test_codes_and_scope_narrow_the_flow(world: World, calling: Callable[..., Any]) -> None:
    core = calling(world.cast.statistician)
    assert reached(core.get("flow/", site="mercy", trial="CWG").json())["enrolled"] == 1
    assert reached(core.get("flow/", trial="OTHER").json())["enrolled"] == 0
    theirs = calling(world.mercy_coordinator).get("flow/").json()
    assert [each["site"] for each in theirs["places"]] == ["MERCY"]


def test_the_times_and_the_inventory(world: World, calling: Callable[..., Any]) -> None:
    wanted = [NewRequest(world.near, world.house.lakeshore)]
    open_requests(by=world.cast.coordinator, at=AT, wanted=wanted, send=True)
    told = calling(world.cast.coordinator).get("turnaround/").json()
    assert (told["all"]["asked"], told["all"]["waiting"], told["all"]["median"]) == (1, 1, None)
    assert [each["site"] for each in told["by_site"]] == ["LAKE"]
    assert [each["month"] for each in told["by_month"]] == ["2026-11"]
    found = calling(world.cast.bench).get("inventory/").json()
    assert found["blocks"] == [{"trial": "CWG", "band": "to_30", "count": 2}]
    assert found["sections"] == []


@pytest.mark.parametrize("place", PLACES)
def test_readers_are_turned_away_and_strangers_too(world: World, calling: Callable[..., Any], place: str) -> None:
    for who in (world.cast.reader, world.cast.adjudicator):
        assert calling(who).get(place).status_code == 403
    assert calling(None).get(place).status_code == 401
    for who in (world.cast.coordinator, world.cast.statistician, world.cast.administrator):
        assert calling(who).get(place).status_code == 200


@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_understood_is_refused(world: World, calling: Callable[..., Any], place: str) -> None:
    caller = calling(world.cast.coordinator)
    assert caller.get(place, colour="red").status_code == 400
    assert caller.get(place, trial="x" * 25).status_code == 400
    assert caller.get(place, trial="\x00").status_code == 400
