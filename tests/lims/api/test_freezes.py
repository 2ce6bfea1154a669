"""The freezes for programs: POST, ask until it is there, download, go on after a break, compare."""

from typing import Any

import pytest
from django.conf import LazySettings

from specimens import jobs
from tests.lims.api.test_tissue import rows

NEW = {"name": "2026-11 interim", "reason": "the interim analysis", "trial": "CWG"}


@pytest.fixture
def sam(world: Any, calling: Any, settings: LazySettings, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = str(tmp_path)
    return calling(world.cast.statistician)


def made(sam: Any, **changes: str) -> str:
    answer = sam.post("freezes/", NEW | changes)
    assert (answer.status_code, answer["Retry-After"], answer.json()["tables"]) == (202, "2", [])
    address = answer["Location"].removeprefix("/api/v1/")
    assert sam.get(address).status_code == 202
    jobs.work_off()
    assert sam.get(address).status_code == 200
    return str(address)


def test_it_is_asked_for_made_and_downloaded(sam: Any) -> None:
    address = made(sam)
    told = sam.get(address).json()
    assert (told["name"], told["trial"], told["reason"], told["sealed"]) == (
        *(NEW[n] for n in ("name", "trial", "reason")),
        "",
    )
    (patients,) = [each for each in told["tables"] if each["table"] == "patients"]
    answer = sam.get(f"{address}tables/patients/")
    content = b"".join(answer.streaming_content)
    assert (answer.status_code, answer["X-SHA-256"], len(content)) == (200, patients["sha256"], patients["size"])
    assert [row["rows"] is not None for row in rows(sam.get("freezes/"))] == [True]
    assert sam.get(f"{address}tables/nothing/").status_code == 404


def test_a_download_goes_on_where_it_was_broken_off(sam: Any) -> None:
    address = f"{made(sam)}tables/outcome_values/"
    whole = b"".join(sam.get(address).streaming_content)
    for asked, status, expected in [
        ("bytes=0-9", 206, whole[:10]),
        ("bytes=10-", 206, whole[10:]),
        ("bytes=-5", 206, whole[-5:]),
        ("bytes=0-", 200, whole),
        ("lines=1-2", 200, whole),
    ]:
        sam.headers["Range"] = asked
        answer = sam.get(address)
        assert (answer.status_code, b"".join(answer.streaming_content)) == (status, expected), asked
    sam.headers["Range"] = f"bytes={len(whole)}-"
    assert (sam.get(address).status_code, sam.get(address)["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_it_is_made_again_and_held_against_another(sam: Any) -> None:
    first, second = made(sam), made(sam, name="second", trial="")
    assert {each["same"] for each in sam.get(f"{first}again/").json()} == {True}
    number = second.strip("/").split("/")[-1]
    told = sam.get(f"{first}against/{number}/").json()
    assert (told["earlier"], told["later"], told["patients"]) == (NEW["name"], "second", [])
    assert told["reasons"] == ["The trial was CWG and is all."]


def test_what_cannot_be_is_refused(sam: Any) -> None:
    made(sam)
    assert sam.post("freezes/", NEW).status_code == 409
    for changes, field in (({"trial": "NONE"}, "trial"), ({"reason": ""}, "reason"), ({"colour": "red"}, "colour")):
        answer = sam.post("freezes/", NEW | changes)
        assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_site_and_other_roles_have_none(world: Any, calling: Any, sam: Any) -> None:
    address = made(sam)
    stu = calling(world.mercy_statistician)
    assert rows(stu.get("freezes/")) == []
    assert (stu.get(address).status_code, stu.post("freezes/", NEW).status_code) == (404, 403)
    for somebody in (world.cast.reader, world.cast.coordinator, world.cast.bench):
        assert {calling(somebody).get(each).status_code for each in ("freezes/", address)} == {403}
