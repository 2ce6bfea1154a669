"""Labels for programs: a file back, each on record, once."""

from typing import Any
from uuid import uuid4

from specimens.models import LabelPrint


def test_a_file_comes_back_and_is_on_record(world: Any, calling: Any) -> None:
    caller, slide = calling(world.cast.bench), world.concluded.slide
    body = {"items": [str(slide), str(slide.block)], "stock": "avery-l4731", "start": 3}
    answer = caller.post("labels/", body)
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer["X-Row-Count"] == "2"
    rows = caller.get("labels/").json()["results"]
    assert [(row["slide"], row["block"], row["place"], row["copy"]) for row in rows] == [
        (str(slide), "", 3, 1), ("", str(slide.block), 4, 1),
    ]  # fmt: skip
    assert len(caller.get("labels/", slide=str(slide)).json()["results"]) == 1


def test_its_own_name_makes_it_safe_to_send_again(world: Any, calling: Any) -> None:
    caller = calling(world.cast.bench)
    body = {"items": [str(world.concluded.slide)], "stock": "slide-22-300", "batch": str(uuid4())}
    first, again = (caller.post("labels/", body) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.content.startswith(b"^XA")
    assert LabelPrint.objects.count() == 1


def test_a_reprint_needs_a_reason(world: Any, calling: Any) -> None:
    caller, body = calling(world.cast.bench), {"items": [str(world.concluded.slide)], "stock": "avery-l7651"}
    caller.post("labels/", body)
    refused = caller.post("labels/", body)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (400, "reprint_reason", "reason")
    assert caller.post("labels/", {**body, "reason": "smeared"}).status_code == 201


def test_what_is_wrong_is_said(world: Any, calling: Any) -> None:
    caller, slide = calling(world.cast.bench), str(world.concluded.slide)
    for body, field in [
        ({"items": ["SL-000001-K"], "stock": "avery-l7651"}, "items"),
        ({"items": [], "stock": "avery-l7651"}, "items"),
        ({"items": [slide, slide], "stock": "avery-l7651"}, "items"),
        ({"items": [slide], "stock": "papyrus"}, "stock"),
        ({"items": [slide], "stock": "avery-l7651", "start": 66}, "start"),
        ({"items": [slide], "stock": "avery-l7651", "colour": "red"}, "colour"),
    ]:
        answer = caller.post("labels/", body)
        assert (answer.status_code, answer.json()["field"]) == (400, field), answer.content
    assert LabelPrint.objects.count() == 0


def test_a_key_for_kept_answers_is_refused_for_a_file(world: Any, calling: Any) -> None:
    caller = calling(world.cast.bench)
    caller.headers["Idempotency-Key"] = "k1"
    answer = caller.post("labels/", {"items": [str(world.concluded.slide)], "stock": "avery-l7651"})
    assert (answer.status_code, answer.json()["code"]) == (400, "no_key_here")
    assert LabelPrint.objects.count() == 0


def test_who_may(world: Any, calling: Any) -> None:
    body = {"items": [str(world.far_case.slide)], "stock": "avery-l7651"}
    assert calling(world.cast.reader).post("labels/", body).status_code == 403
    assert calling(world.mercy_coordinator).post("labels/", body).status_code == 400
    assert calling(world.cast.bench).post("labels/", body).status_code == 201
    assert calling(world.mercy_coordinator).get("labels/").json()["results"] == []
