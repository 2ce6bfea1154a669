"""Lists and details of tissue: shown by scope, narrowed by filters, paged by keyset, in few queries."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from specimens.vocabulary import ItemKind
from tests.lims.api.conftest import received
from tests.stories import a_patient, an_announced_parcel, an_item

LISTS = ["institutions/", "trials/", "patients/", "specimens/", "blocks/", "slides/", "shipments/"]


def rows(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_a_coordinator_sees_a_specimen_with_its_origin(world: Any, calling: Any) -> None:
    found = rows(calling(world.cast.coordinator).get("specimens/", study_id="cwg-0187"))
    assert [row["accession"] for row in found] == [world.near_tissue.accession]
    assert (found[0]["trial"], found[0]["kind"], found[0]["holding_site"]) == ("CWG", "primary", "MERCY")


def test_a_slide_says_its_block_and_stain(world: Any, calling: Any) -> None:
    slide = world.concluded.slide
    told = calling(world.cast.bench).get(f"slides/{slide.accession}/").json()
    assert (told["block"], told["stain"], told["stained_on"]) == (slide.block.accession, "he", "2026-11-20")
    assert told["specimen"] == world.near_tissue.accession


def test_a_parcel_says_its_items_and_how_they_came(world: Any, calling: Any) -> None:
    told = calling(world.cast.coordinator).get(f"shipments/{world.near_parcel.accession}/").json()
    assert (told["sender"], told["receiver"], told["closed_at"]) == ("MERCY", "CORE", None)
    assert [(item["line"], item["receipt"]["condition"]) for item in told["items"]] == [(1, "intact")]


def test_a_patient_is_shown_by_study_id_alone(world: Any, calling: Any) -> None:
    told = calling(world.cast.coordinator).get("patients/CWG/CWG-0187/").json()
    assert told == {
        "trial": "CWG", "study_id": "CWG-0187", "treating_site": "MERCY", "enrolled_on": None,
        "consent_withdrawn": False, "synthetic": False,
    }  # fmt: skip


@pytest.mark.parametrize("address", LISTS)
def test_no_list_shows_a_hospital_number(world: Any, calling: Any, address: str) -> None:
    assert b"SECRET" not in calling(world.cast.coordinator).get(address).content


@pytest.mark.parametrize("address", LISTS)
def test_a_reader_gets_no_list(world: Any, calling: Any, address: str) -> None:
    assert calling(world.cast.reader).get(address).status_code == 403


@pytest.mark.parametrize("address", LISTS)
def test_a_site_sees_its_own(world: Any, calling: Any, address: str) -> None:
    answer = calling(world.mercy_coordinator).get(address)
    said = answer.content.decode()
    assert rows(answer)
    for others in ("CWG-0200", "LAKE", world.far_tissue.accession, world.far_parcel.accession):
        assert others not in said


def far_addresses(world: Any) -> list[str]:
    block = world.far_tissue.blocks.get()
    return [
        "institutions/LAKE/",
        "patients/CWG/CWG-0200/",
        "patients/CWG/CWG-0200/why/",
        f"specimens/{world.far_tissue.accession}/",
        f"blocks/{block.accession}/",
        f"slides/{world.far_case.slide.accession}/",
        f"shipments/{world.far_parcel.accession}/",
        f"cases/{world.far_case.code}/",
    ]


def test_another_sites_things_are_not_there(world: Any, calling: Any) -> None:
    core, site = calling(world.cast.coordinator), calling(world.mercy_coordinator)
    for address in far_addresses(world):
        assert core.get(address).status_code == 200, address
        answer = site.get(address)
        assert (answer.status_code, "LAKE" in answer.content.decode()) == (404, False), address
    parcel = f"shipments/{world.far_parcel.accession}/receipts/"
    assert site.post(parcel, {"items": [{"line": 1}]}).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["slides/SL-999999-X/", "slides/%00/", "slides/..%2f..%2f/", "patients/CWG/NOBODY/", "trials/NONE/",
     "outcomes/releases/9223372036854775808/", "outcomes/releases/99999999999999999999999/", "nowhere/",
     "slides", "cases/ZZZZZZ/"],
)  # fmt: skip
def test_what_is_not_there_is_404_in_json(world: Any, calling: Any, address: str) -> None:
    answer = calling(world.cast.statistician).get(address)
    assert answer.status_code == 404
    assert answer.json()["sentence"]


@pytest.mark.parametrize(
    ("address", "query", "field"),
    [
        ("slides/", {"ordering": "outcome"}, "ordering"),
        ("slides/", {"reads__findings__pct_3__gte": "1"}, "reads__findings__pct_3__gte"),
        ("slides/", {"stain": "purple"}, "stain"),
        ("slides/", {"stained": "perhaps"}, "stained"),
        ("slides/", {"study_id": "a\x00b"}, "study_id"),
        ("slides/", {"page_size": "0"}, "page_size"),
        ("slides/", {"page_size": "201"}, "page_size"),
        ("slides/", {"page_size": "1e2"}, "page_size"),
        ("slides/", {"cursor": "zzzz"}, "cursor"),
        ("slides/", {"cursor": "cD1hYmM="}, "cursor"),
        ("slides/", {"cursor": "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}, "cursor"),
        ("slides/", {"trial": ["CWG", "X"]}, "trial"),
        ("slides/", {"format": "xml"}, "format"),
        ("shipments/", {"sent_from": "05/11/2026"}, "sent_from"),
        ("patients/CWG/CWG-0187/", {"expand": "outcomes"}, "expand"),
    ],
)
def test_a_faulty_parameter_is_refused_by_name(
    world: Any, calling: Any, address: str, query: dict[str, Any], field: str
) -> None:
    answer = calling(world.cast.coordinator).get(address, **query)
    told = answer.json()
    assert (answer.status_code, told["field"]) == (400, field)
    assert told["problems"][0]["sentence"]


def test_pages_follow_each_other_and_miss_nobody(world: Any, calling: Any) -> None:
    for number in range(5):
        a_patient(world.cast, world.house, f"CWG-03{number}0")
    caller = calling(world.cast.coordinator)
    seen: list[str] = []
    address = "/api/v1/patients/?page_size=3"
    while address:
        page = caller.client.get(address, headers=caller.headers).json()
        seen += [row["study_id"] for row in page["results"]]
        address = page["next"]
    assert seen == ["CWG-0187", "CWG-0200", *(f"CWG-03{n}0" for n in range(5))]


def queries_of(caller: Any, address: str, expected: int) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = rows(caller.get(address, page_size=200))
    assert len(found) == expected
    return len(asked)


def test_a_list_asks_few_queries_however_many_rows(world: Any, calling: Any) -> None:
    """Each list at a few rows and at more than sixty: the same number of queries, ten at most."""
    cast, house = world.cast, world.house
    caller = calling(cast.coordinator)
    lists = ["patients/", "specimens/", "blocks/", "slides/", "shipments/", "institutions/", "scores/"]
    few = {address: queries_of(caller, address, len(rows(caller.get(address)))) for address in lists}
    for number in range(60):
        patient = a_patient(cast, house, f"CWG-5{number:03}")
        received(cast, house, patient, house.mercy)
        glass = an_item(patient, kind=ItemKind.HE_SLIDE, label="G1", block_label="A2")
        an_announced_parcel(cast, house, glass)
    many = {address: queries_of(caller, address, len(rows(caller.get(address, page_size=200)))) for address in lists}
    assert many == few
    assert max(few.values()) <= 10
    assert len(rows(caller.get("slides/", page_size=200))) > 60
