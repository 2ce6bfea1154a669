"""qualifications/ and training-sets/: by hand and ended; a set made, read through, passed."""

from typing import Any

import pytest

from lims.vocabulary import Role
from tests.cast import PASSWORD, person
from tests.stories import HISTOLOGY


@pytest.fixture
def lena(world: Any, calling: Any) -> Any:
    return calling(person("lena", "Lena Haas", Role.LEAD_PATHOLOGIST))


BY_HAND = {"reader": "ines", "assay": "caix", "valid_until": "2026-12-20", "reason": "validated elsewhere"}
SET = {"name": "Histology 1", "assay": "histology", "pass_share": "1"}


def test_by_hand_listed_and_ended(world: Any, calling: Any, lena: Any) -> None:
    answer = lena.post("qualifications/", BY_HAND)
    told = answer.json()
    assert (answer.status_code, told["reader"], told["state"]) == (201, "Ines Moreau", "stands")
    assert lena.post("qualifications/", BY_HAND | {"reason": ""}).status_code == 400
    assert lena.post("qualifications/", BY_HAND | {"version": 999}).status_code == 400
    assert lena.post("qualifications/", BY_HAND | {"reader": "ravi"}).status_code == 404
    ines, otto = calling(world.cast.reader), calling(world.cast.second_reader)
    assert [row["id"] for row in ines.get("qualifications/").json()["results"]] == [told["id"]]
    assert otto.get("qualifications/").json()["results"] == []
    assert otto.get("cases/").json()["results"] == []
    ended = lena.post(f"qualifications/{told['id']}/end/", {"reason": "left"}).json()
    assert (ended["state"], ended["ended"]) == ("ended", "left")
    assert lena.post(f"qualifications/{told['id']}/end/", {"reason": "left"}).status_code == 409


def test_a_set_is_made_and_passed(world: Any, calling: Any, lena: Any) -> None:
    made = lena.post("training-sets/", SET).json()
    assert lena.post("training-sets/", SET).status_code == 409
    address = f"training-sets/{made['id']}/"
    assert lena.post(f"{address}items/", {"case": world.waiting.code}).status_code == 409
    assert lena.post(f"{address}items/", {"case": world.concluded.code}).json()["items"] == 1
    ines = calling(world.cast.reader)
    number = ines.get(f"{address}next/").json()["number"]
    said = {"findings": HISTOLOGY, "password": PASSWORD, "attempt": 1}
    assert ines.post(f"{address}items/{number}/reads/", said | {"password": "no"}).status_code == 403
    told = ines.post(f"{address}items/{number}/reads/", said).json()
    assert [(each["right"], each["passed"]) for each in told["tries"]] == [(1, True)]
    assert "answer" not in str(told).replace("answered", "")
    assert ines.post(f"{address}items/{number}/reads/", said).status_code == 409
    assert ines.get("qualifications/").json()["results"][0]["how"] == "passed Histology 1, try 1"
    assert lena.post(f"{address}close/", {}).json()["closed"] is True


def test_doors(world: Any, calling: Any) -> None:
    for name in ("coordinator", "bench", "statistician", "adjudicator", "administrator"):
        caller = calling(getattr(world.cast, name))
        for address in ("qualifications/", "training-sets/"):
            assert caller.get(address).status_code == 403
        assert caller.post("qualifications/", BY_HAND).status_code == 403
    assert calling(world.cast.reader).post("training-sets/", SET).status_code == 403
