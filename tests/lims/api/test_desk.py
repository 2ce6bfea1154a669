"""cases/…/draft/ and cases/…/refusals/: one's own draft with its version, another slide asked for."""

from typing import Any

import orjson
import pytest

from scoring.models import Draft, SlideRefusal
from specimens.models import CuttingOrder

DRAFT = {"typed": {"pct_0": "5", "comment": " pale "}, "version": 0}


def put(caller: Any, case: Any, **changes: Any) -> Any:
    body = orjson.dumps({**DRAFT, **changes}).decode()
    return caller.send("PUT", f"cases/{case.code}/draft/", data=body, content_type="application/json")


def test_a_draft_is_saved_read_and_thrown_away(world: Any, calling: Any) -> None:
    ines = calling(world.cast.reader)
    assert ines.get(f"cases/{world.waiting.code}/draft/").status_code == 404
    answer = put(ines, world.waiting)
    told = answer.json()
    assert (answer.status_code, told["version"], told["form"]) == (200, 1, "read")
    assert ines.get(f"cases/{world.waiting.code}/draft/").json() == told
    assert told["typed"] == DRAFT["typed"]
    assert ines.send("DELETE", f"cases/{world.waiting.code}/draft/").status_code == 204
    assert not Draft.objects.exists()


def test_nobody_else_meets_it(world: Any, calling: Any) -> None:
    put(calling(world.cast.reader), world.waiting)
    assert calling(world.cast.second_reader).get(f"cases/{world.waiting.code}/draft/").status_code == 404
    for other in (world.cast.adjudicator, world.cast.coordinator, world.cast.statistician):
        assert calling(other).get(f"cases/{world.waiting.code}/draft/").status_code == 404


def test_an_older_version_is_412(world: Any, calling: Any) -> None:
    ines = calling(world.cast.reader)
    put(ines, world.waiting)
    answer = put(ines, world.waiting)
    assert (answer.status_code, answer.json()["code"]) == (412, "draft_older")
    assert put(ines, world.waiting, version=1).json()["version"] == 2


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"version": -1}, 400),
        ({"version": 2**31}, 400),
        ({"version": "one"}, 400),
        ({"typed": []}, 400),
        ({"typed": {"comment": "x" * 5001}}, 400),
        ({"form": "wish"}, 400),
        ({"other": 1}, 400),
        ({"form": "decide"}, 403),
        ({"form": "amend"}, 409),
        ({"version": 3}, 412),
    ],
)
def test_what_cannot_be_kept_is_refused(world: Any, calling: Any, changes: dict[str, Any], status: int) -> None:
    assert put(calling(world.cast.reader), world.waiting, **changes).status_code == status
    assert not Draft.objects.exists()


def test_a_concluded_case_keeps_no_draft(world: Any, calling: Any) -> None:
    assert put(calling(world.cast.reader), world.concluded).status_code == 409
    assert put(calling(world.cast.coordinator), world.concluded).status_code == 403


def test_another_slide_is_asked_for_once(world: Any, calling: Any) -> None:
    body = {"wish": "restain", "reason": "pale all over"}
    ines = calling(world.cast.reader)
    answer = ines.post(f"cases/{world.waiting.code}/refusals/", body)
    assert (answer.status_code, answer.json()["wish"]) == (201, "restain")
    again = ines.post(f"cases/{world.waiting.code}/refusals/", body)
    assert (again.status_code, again.json()["code"]) == (409, "slide_refused_once")
    assert SlideRefusal.objects.count() == CuttingOrder.objects.count() == 1
    listed = calling(world.cast.bench).get("cutting-orders/")
    assert "A reader asks for a restain: pale all over" in listed.content.decode()
    assert "ines" not in listed.content.decode().lower()


@pytest.mark.parametrize(
    ("body", "status"),
    [({"wish": "a new one", "reason": "x"}, 400), ({"wish": "recut", "reason": ""}, 400), ({"wish": "recut"}, 400)],
)
def test_a_refusal_needs_its_reason(world: Any, calling: Any, body: dict[str, str], status: int) -> None:
    assert calling(world.cast.reader).post(f"cases/{world.waiting.code}/refusals/", body).status_code == status


def test_it_is_the_readers_to_ask(world: Any, calling: Any) -> None:
    body = {"wish": "recut", "reason": "x"}
    for person, status in ((world.cast.bench, 403), (world.cast.coordinator, 403), (world.cast.adjudicator, 404)):
        assert calling(person).post(f"cases/{world.waiting.code}/refusals/", body).status_code == status
