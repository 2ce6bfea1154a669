"""Marks as programs set them: one's own, and nobody else's before the case concludes."""

from typing import Any

import pytest

from scoring.models import Mark, ReadingCase
from specimens.imaging import attach_image
from tests.lims.web.pictures import a_picture
from tests.scoring.desk import LATER, signs

SQUARE = [[1, 1], [10, 1], [10, 10]]


@pytest.fixture
def case(world: Any) -> ReadingCase:
    attach_image(by=world.cast.bench, at=LATER, slide=world.waiting.slide, name="a.png", content=a_picture())
    return world.waiting


def test_a_mark_is_set_listed_and_taken_away(world: Any, calling: Any, case: ReadingCase) -> None:
    caller, at = calling(world.cast.reader), f"cases/{case.code}/marks/"
    answer = caller.post(at, {"picture": 1, "kind": "region", "shape": SQUARE, "note": "hot spot"})
    told = answer.json()
    assert (answer.status_code, told["whose"], told["shape"]) == (201, "yours", [[1.0, 1.0], [10.0, 1.0], [10.0, 10.0]])
    assert caller.get(at).json()["results"] == [told]
    assert calling(world.cast.second_reader).get(at).json() == {"results": []}
    assert calling(world.cast.second_reader).send("DELETE", f"{at}{told['id']}/").status_code == 404
    assert caller.send("DELETE", f"{at}{told['id']}/").status_code == 204
    assert caller.get(at).json() == {"results": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "point"}, "shape"),
        ({"shape": [[1, 2, 3]]}, "shape"),
        ({"shape": [[1, 1]]}, "shape"),
        ({"shape": [[1, 1], [1e17, 1], [5, 5]]}, "shape"),
        ({"kind": "circle"}, "kind"),
        ({"picture": 9}, "picture"),
        ({"note": "x" * 501}, "note"),
        ({"reader": 7}, "reader"),
    ],
)
def test_a_faulty_mark_says_which_field(
    world: Any, calling: Any, case: ReadingCase, body: dict[str, Any], field: str
) -> None:
    sent = {"picture": 1, "kind": "region", "shape": SQUARE} | body
    answer = calling(world.cast.reader).post(f"cases/{case.code}/marks/", sent)
    assert answer.status_code == 400
    assert answer.json()["field"].startswith(field)
    assert not Mark.objects.exists()


def test_statuses(world: Any, calling: Any, case: ReadingCase) -> None:
    at, body = f"cases/{case.code}/marks/", {"picture": 1, "kind": "point", "shape": [[1, 1]]}
    assert calling(None).post(at, body).status_code == 401
    assert calling(world.cast.bench).post(at, body).status_code == 403
    assert calling(world.cast.adjudicator).post(at, body).status_code == 404
    signs(world.cast.reader, case)
    answer = calling(world.cast.reader).post(at, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "read_signed")
