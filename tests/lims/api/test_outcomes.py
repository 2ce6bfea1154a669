"""outcomes/: shown to statisticians alone; a release comes in whole or not at all."""

from typing import Any

import pytest

from lims.models.outcomes import Outcome, OutcomeRelease

ROW = {"study_id": "CWG-0187", "response": "CR", "os_time": 900, "os_event": False, "time_origin": "registration"}
BODY = {"trial": "CWG", "name": "Second cut", "source": "the office", "cut_on": "2026-11-10", "sha256": "b" * 64}


def test_a_release_is_imported_and_shown(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    answer = sam.post("outcomes/releases/", BODY | {"rows": [ROW]})
    told = answer.json()
    assert (answer.status_code, told["name"], told["rows"], told["data_cut"]) == (201, "Second cut", 1, "2026-11-10")
    assert sam.get(f"outcomes/releases/{told['id']}/").json() == told
    found = sam.get("outcomes/", release="Second cut").json()["results"]
    assert [(row["study_id"], row["response"], row["os_time"], row["pfs_time"]) for row in found] == [
        ("CWG-0187", "CR", 900, None)
    ]


@pytest.mark.parametrize(
    ("changes", "row", "field"),
    [
        ({"rows": [ROW, ROW]}, 2, "study_id"),
        ({"rows": [ROW | {"study_id": "CWG-0404"}]}, 1, "study_id"),
        ({"rows": [ROW | {"os_time": -1}]}, 1, "os_time"),
        ({"rows": [ROW | {"os_time": "many"}]}, 1, "os_time"),
        ({"rows": [ROW | {"os_time": 10**30}]}, 1, "os_time"),
        ({"rows": [ROW | {"response": "better"}]}, 1, "response"),
        ({"rows": []}, 0, "rows"),
        ({"cut_on": "2027-01-01", "rows": [ROW]}, 0, "cut_on"),
        ({"cut_on": "01/02/2026", "rows": [ROW]}, 0, "cut_on"),
        ({"sha256": "x", "rows": [ROW]}, 0, "sha256"),
        ({"trial": "NONE", "rows": [ROW]}, 0, "trial"),
    ],
)
def test_a_faulty_release_is_refused_with_its_place(
    world: Any, calling: Any, changes: dict[str, Any], row: int, field: str
) -> None:
    answer = calling(world.cast.statistician).post("outcomes/releases/", BODY | changes)
    told = answer.json()
    assert (answer.status_code, told["field"]) == (400, field)
    assert not row or (row, field) in [(each["row"], each["field"]) for each in told["problems"]]
    assert OutcomeRelease.objects.count() == 1


def test_the_same_file_again_is_409(world: Any, calling: Any) -> None:
    answer = calling(world.cast.statistician).post("outcomes/releases/", BODY | {"sha256": "0" * 64, "rows": [ROW]})
    assert (answer.status_code, answer.json()["code"]) == (409, "release_file_once")
    assert Outcome.objects.count() == 2


def test_a_sites_statistician_sees_the_sites_patients(world: Any, calling: Any) -> None:
    site = calling(world.mercy_statistician)
    for address in ("outcomes/", "outcomes/local-diagnoses/"):
        assert [row["study_id"] for row in site.get(address).json()["results"]] == ["CWG-0187"]
    assert [row["rows"] for row in site.get("outcomes/releases/").json()["results"]] == [1]


def test_nobody_else_sees_or_imports_them(world: Any, calling: Any) -> None:
    cast = world.cast
    for somebody in (cast.reader, cast.adjudicator, cast.coordinator, cast.bench, cast.administrator):
        caller = calling(somebody)
        addresses = ["outcomes/", "outcomes/releases/", f"outcomes/releases/{world.release.pk}/",
                     "outcomes/local-diagnoses/"]  # fmt: skip
        assert [caller.get(address).status_code for address in addresses] == [403] * 4
        assert caller.post("outcomes/releases/", BODY | {"rows": [ROW]}).status_code == 403
