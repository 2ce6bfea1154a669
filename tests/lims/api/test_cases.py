"""cases/: a reader's own queue, a case as its viewer may see it, and the signing of a read."""

from typing import Any

import pytest

from scoring.models import Read
from tests.cast import PASSWORD
from tests.stories import CAIX


def signing(calling: Any, person: Any, case: Any, password: str = PASSWORD, **changes: Any) -> Any:
    return calling(person).post(f"cases/{case.code}/reads/", {"findings": CAIX | changes, "password": password})


def test_a_reader_sees_what_waits_and_nothing_of_whose_it_is(world: Any, calling: Any) -> None:
    answer = calling(world.cast.reader).get("cases/")
    (row,) = answer.json()["results"]
    assert (row["code"], row["assay"], row["task"], row["refusal"]) == (world.waiting.code, "caix", "read", "")
    for hidden in ("CWG-0187", "MERCY", "Mercy", world.near_tissue.accession, "SECRET"):
        assert hidden not in answer.content.decode()


def test_a_signed_read_is_kept_with_its_signature(world: Any, calling: Any) -> None:
    answer = signing(calling, world.cast.reader, world.waiting)
    told = answer.json()
    assert (answer.status_code, told["signed_name"], told["method"]) == (201, "Ines Moreau", "password")
    read = Read.objects.get(case=world.waiting)
    assert (read.digest, read.reader) == (told["digest"], world.cast.reader)
    assert calling(world.cast.reader).get("cases/").json()["results"] == []


def test_percentages_may_come_as_numbers(world: Any, calling: Any) -> None:
    answer = signing(calling, world.cast.reader, world.waiting, pct_0=5, pct_1=10.5, pct_2=24.5, pct_3=60)
    assert answer.status_code == 201
    assert Read.objects.get(case=world.waiting).findings["pct_1"] == "10.5"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pct_3": 160}, "pct_3"),
        ({"pct_3": "sixty"}, "pct_3"),
        ({"pct_3": "60%"}, "pct_3"),
        ({"pct_3": None}, "pct_3"),
        ({"pct_3": [60]}, "pct_3"),
        ({"pct_3": {"a": 1}}, "pct_3"),
        ({"pct_3": True}, "pct_3"),
        ({"pattern": "striped"}, "pattern"),
        ({"outcome": "CR"}, "outcome"),
    ],
)
def test_a_faulty_finding_is_refused_by_name_and_nothing_is_signed(
    world: Any, calling: Any, changes: dict[str, Any], field: str
) -> None:
    answer = signing(calling, world.cast.reader, world.waiting, **changes)
    told = answer.json()
    assert answer.status_code == 400
    assert field in {problem["field"] for problem in told["problems"]}
    assert not Read.objects.filter(case=world.waiting).exists()


def test_without_the_password_nothing_is_signed(world: Any, calling: Any) -> None:
    for password, status in (("wrong", 403), ("", 400)):
        answer = signing(calling, world.cast.reader, world.waiting, password)
        assert (answer.status_code, answer.json()["field"]) == (status, "password")
    assert not Read.objects.filter(case=world.waiting).exists()


def test_a_second_read_by_the_same_reader_is_409(world: Any, calling: Any) -> None:
    signing(calling, world.cast.reader, world.waiting)
    answer = signing(calling, world.cast.reader, world.waiting)
    assert (answer.status_code, answer.json()["code"]) == (409, "read_reader_once")
    assert Read.objects.filter(case=world.waiting).count() == 1


def test_a_signed_read_cannot_be_put_patched_or_deleted(world: Any, calling: Any) -> None:
    caller = calling(world.cast.reader)
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        address = f"cases/{world.concluded.code}/reads/"
        answer = caller.send(method, address, data="{}", content_type="application/json")
        assert (answer.status_code, bool(answer.json()["sentence"])) == (405, True)


def test_the_other_read_is_not_shown_before_the_case_has_concluded(world: Any, calling: Any) -> None:
    signing(calling, world.cast.reader, world.waiting, pct_1="10", pct_2="25")
    for viewer in (world.cast.second_reader, world.cast.coordinator, world.cast.statistician):
        told = calling(viewer).get(f"cases/{world.waiting.code}/").json()
        assert (told["reads"], told["own"], told["consensus"]) == ([], None, None)


def test_a_coordinator_sees_a_concluded_case_whole(world: Any, calling: Any) -> None:
    told = calling(world.cast.coordinator).get(f"cases/{world.concluded.code}/").json()
    assert (told["phase"], told["patient"], len(told["reads"])) == ("concluded", "CWG-0187", 2)
    assert told["consensus"]["how"] == "concordant_mean"


def test_only_pathologists_sign_and_have_a_queue(world: Any, calling: Any) -> None:
    for somebody in (world.cast.coordinator, world.cast.statistician, world.cast.bench):
        assert calling(somebody).get("cases/").status_code == 403
        assert signing(calling, somebody, world.waiting).status_code == 403
    assert signing(calling, None, world.waiting).status_code == 401


def test_an_unknown_assay_or_case_is_refused(world: Any, calling: Any) -> None:
    reader = calling(world.cast.reader)
    assert reader.get("cases/", assay="smell").json()["field"] == "assay"
    assert reader.get("cases/", assay="histology").json() == {"results": []}
    assert reader.post("cases/ZZZZZZ/reads/", {"findings": CAIX, "password": PASSWORD}).status_code == 404
