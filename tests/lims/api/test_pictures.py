"""Pictures and whole slides as programs attach them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from lims.demo.load_images import WHOLE_SLIDE as SLIDE
from specimens import jobs
from specimens.models import Slide, SlideImage
from tests.lims.web.pictures import a_picture


@pytest.fixture
def slide(world: Any) -> Slide:
    return world.waiting.slide


def sends(caller: Any, slide: Slide, content: bytes, **more: Any) -> Any:
    body = {"file": SimpleUploadedFile("slide.svs", content)} | more
    return caller.client.post(f"/api/v1/slides/{slide}/pictures/", body, headers=caller.headers)


def test_a_whole_slide_is_attached_and_its_tiles_are_cut(world: Any, calling: Any, slide: Slide) -> None:
    caller = calling(world.cast.bench)
    answer = sends(caller, slide, SLIDE.read_bytes(), demonstration="true")
    told = answer.json()
    assert (answer.status_code, told["whole_slide"], told["mpp"], told["demonstration"]) == (201, True, 0.499, True)
    assert told["tiles"] == {"state": "waiting", "done": 0, "total": 53, "cause": ""}
    stopped = caller.post(f"pictures/{told['id']}/", {"do": "stop"}).json()["tiles"]
    assert (stopped["state"], stopped["cause"]) == ("stopped", "Stopped by Rose Achebe.")
    assert caller.post(f"pictures/{told['id']}/", {"do": "stop"}).status_code == 409
    caller.post(f"pictures/{told['id']}/", {"do": "again"})
    jobs.work_off()
    (row,) = calling(world.cast.coordinator).get(f"slides/{slide}/pictures/").json()["results"]
    assert row["tiles"]["state"] == "cut"
    assert caller.get(f"pictures/{told['id']}/").json() == row


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty_file"),
        (b"<svg onload='alert(1)'/>", 415, "not_an_image"),
        (SLIDE.read_bytes()[:3000], 415, "not_a_slide"),
    ],
)
def test_what_is_refused(world: Any, calling: Any, slide: Slide, content: bytes, status: int, code: str) -> None:
    answer = sends(calling(world.cast.bench), slide, content)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, "file")
    assert not SlideImage.objects.exists()


def test_statuses(world: Any, calling: Any, slide: Slide) -> None:
    assert sends(calling(None), slide, a_picture()).status_code == 401
    for who in (world.cast.coordinator, world.cast.reader):
        assert sends(calling(who), slide, a_picture()).status_code == 403
    bench = calling(world.cast.bench)
    assert sends(bench, slide, a_picture()).status_code == 201
    assert sends(bench, slide, a_picture()).status_code == 409
    assert sends(bench, slide, a_picture(), nonsense="1").status_code == 400
    with override_settings(PARAFFIN_MAX_SLIDE_BYTES=10):
        assert sends(bench, slide, b"x" * 300_000).status_code == 413
    assert calling(world.cast.reader).get(f"slides/{slide}/pictures/").status_code == 403
    assert calling(world.mercy_coordinator).get(f"slides/{world.far_case.slide}/pictures/").status_code == 404
