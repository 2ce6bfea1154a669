"""The chase for programs: what is asked of a hospital, its answers, letters, contacts and courier accounts."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from specimens.models import Contact, Letter, RequestEvent, TissueRequest
from tests.specimens.chase import a_contact, a_request, state
from tests.stories import a_patient, an_announced_parcel, an_item

ROW = {"trial": "CWG", "study_id": "CWG-0187", "holding_site": "MERCY"}


@pytest.fixture
def near(world: Any) -> TissueRequest:
    return a_request(world.cast, world.house, world.near)


@pytest.fixture
def far(world: Any) -> TissueRequest:
    return a_request(world.cast, world.house, world.far, holding_site=world.house.lakeshore)


def test_requests_are_opened_and_sent(world: Any, calling: Any) -> None:
    body = {"requests": [ROW | {"wanted": "unstained_slides", "sections": 10}, ROW | {"holding_site": "lake"}]}
    answer = calling(world.cast.coordinator).post("requests/", body)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert [(r["holding_site"], r["state"], r["sections"]) for r in told] == [
        ("MERCY", "asked", 10),
        ("LAKE", "asked", None),
    ]
    assert [event["kind"] for event in told[0]["events"]] == ["asked"]
    assert Letter.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (ROW | {"study_id": "CWG-9999"}, "study_id"),
        (ROW | {"holding_site": "NOWHERE"}, "holding_site"),
        (ROW | {"holding_site": "CORE"}, "holding_site"),
        (ROW | {"wanted": "block", "sections": 3}, "sections"),
        (ROW | {"sections": 0}, "sections"),
        (ROW | {"colour": "red"}, "colour"),
    ],
)
def test_one_faulty_row_keeps_all_out(world: Any, calling: Any, row: dict[str, Any], field: str) -> None:
    body = {"requests": [ROW | {"study_id": "CWG-0200"}, row]}
    answer = calling(world.cast.coordinator).post("requests/", body)
    assert answer.status_code == 400
    assert (2, field) in [(p["row"], p["field"].split(".")[0]) for p in answer.json()["problems"]]
    assert not TissueRequest.objects.exists()


def test_a_hospital_s_own_system_asks_and_answers(
    world: Any, calling: Any, near: TissueRequest, far: TissueRequest
) -> None:
    site = calling(world.mercy_coordinator)
    assert [r["accession"] for r in site.get("requests/").json()["results"]] == [str(near)]
    assert site.get(f"requests/{far}/").status_code == 404
    answer = site.post(f"requests/{near}/events/", {"kind": "promised", "promised_for": "2027-01-10", "note": "Ruth"})
    assert answer.status_code == 201, answer.content
    assert (answer.json()["state"], answer.json()["promised_for"]) == ("promised", "2027-01-10")
    parcel = an_announced_parcel(world.cast, world.house, an_item(world.near, label="A7"))
    told = site.get(f"requests/{near}/").json()
    assert (told["state"], told["items"][0]["shipment"], told["items"][0]["received_at"]) == (
        "shipped",
        str(parcel),
        None,
    )
    for kind in ("cancelled", "reminded", "called"):
        assert site.post(f"requests/{near}/events/", {"kind": kind, "note": "n"}).status_code == 403
    assert site.post("requests/", {"requests": [ROW]}).status_code == 403
    assert site.post(f"requests/{far}/events/", {"kind": "declined", "reason": "policy"}).status_code == 404


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ({"kind": "reminded", "note": "by hand"}, "reminded"),
        ({"kind": "called", "note": "on leave", "on": "2026-11-23"}, "asked"),
        ({"kind": "declined", "reason": "policy"}, "declined"),
        ({"kind": "no_tissue", "reason": "lost", "note": "in the move"}, "no_tissue"),
        ({"kind": "cancelled", "note": "found elsewhere"}, "cancelled"),
    ],
)
def test_each_event(world: Any, calling: Any, near: TissueRequest, said: Any, becomes: str) -> None:
    answer = calling(world.cast.coordinator).post(f"requests/{near}/events/", said)
    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == state(near) == becomes
    assert RequestEvent.objects.last().kind == said["kind"]


@pytest.mark.parametrize(
    ("said", "status", "field"),
    [
        ({"kind": "promised"}, 400, "promised_for"),
        ({"kind": "promised", "promised_for": "2020-01-01"}, 400, "promised_for"),
        ({"kind": "promised", "promised_for": "soon"}, 400, "promised_for"),
        ({"kind": "declined"}, 400, "reason"),
        ({"kind": "declined", "reason": "moon"}, 400, "reason"),
        ({"kind": "called", "note": "n", "reason": "lost"}, 400, "reason"),
        ({"kind": "reminded", "promised_for": "2027-01-01"}, 400, "promised_for"),
        ({"kind": "asked", "note": "again"}, 400, "note"),
        ({"kind": "asked"}, 400, "requests"),
        ({"kind": "received"}, 400, "kind"),
        ({"kind": "cancelled"}, 400, "reason"),
    ],
)
def test_an_event_that_cannot_be(
    world: Any, calling: Any, near: TissueRequest, said: Any, status: int, field: str
) -> None:
    answer = calling(world.cast.coordinator).post(f"requests/{near}/events/", said)
    assert answer.status_code == status, answer.content
    assert field in answer.content.decode()
    assert state(near) == "asked"


def test_a_closed_request_is_a_wrong_state(world: Any, calling: Any, near: TissueRequest) -> None:
    caller = calling(world.cast.coordinator)
    said = {"kind": "declined", "reason": "policy"}
    caller.post(f"requests/{near}/events/", said)
    again = caller.post(f"requests/{near}/events/", said)
    assert (again.status_code, again.json()["code"]) == (409, "not_answerable")


def test_lists_are_narrowed(world: Any, calling: Any, near: TissueRequest, far: TissueRequest) -> None:
    caller = calling(world.cast.coordinator)
    for query, found in (
        ({"holding_site": "lake"}, [far]),
        ({"state": "asked"}, [near, far]),
        ({"state": "received"}, []),
        ({"study_id": "cwg-0187"}, [near]),
        ({"due_to": "2026-11-01"}, []),
        ({"due_to": "2027-11-01"}, [near, far]),
    ):
        assert [r["accession"] for r in caller.get("requests/", **query).json()["results"]] == [str(r) for r in found]
    assert caller.get("requests/", state="lost").status_code == 400


def test_the_queries_do_not_grow(world: Any, calling: Any, near: TissueRequest) -> None:
    caller = calling(world.cast.coordinator)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert caller.get("requests/").status_code == 200
        return len(found)

    few = asked()
    for number in range(5):
        a_request(world.cast, world.house, a_patient(world.cast, world.house, f"CWG-1{number:03}"))
    assert asked() == few


def test_letters_are_listed_without_their_text(
    world: Any, calling: Any, near: TissueRequest, far: TissueRequest
) -> None:
    told = calling(world.cast.coordinator).get("letters/", purpose="request")
    assert [(r["request"], r["state"], r["attempts"]) for r in told.json()["results"]] == [
        (str(near), "by_post", 0),
        (str(far), "by_post", 0),
    ]
    assert b"SECRET" not in told.content
    assert [r["request"] for r in calling(world.mercy_coordinator).get("letters/").json()["results"]] == [str(near)]
    assert calling(world.cast.statistician).get("letters/").status_code == 403


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("contacts", {"name": "Dr Ruth Okafor", "email": "ruth@example.org", "duty": "shipping"}),
        ("courier-accounts", {"courier": "FedEx", "account": "1234", "note": ""}),
    ],
)
def test_what_an_institution_keeps(world: Any, calling: Any, kind: str, body: Any) -> None:
    own, address = calling(world.mercy_coordinator), f"institutions/MERCY/{kind}/"
    made = own.post(address, body)
    assert made.status_code == 201, made.content
    assert made.json() | body == made.json()
    assert own.post(address, body).status_code == 409
    ended = own.post(f"{address}{made.json()['id']}/end/", None)
    assert (ended.status_code, ended.json()["ended_at"] is not None) == (200, True)
    assert own.post(f"{address}{made.json()['id']}/end/", None).status_code == 409
    assert [row["id"] for row in own.get(address).json()] == [made.json()["id"]]
    for elsewhere in ("LAKE", "NOWHERE"):
        assert own.get(f"institutions/{elsewhere}/{kind}/").status_code == 404
        assert own.post(f"institutions/{elsewhere}/{kind}/", body).status_code == 404
    core = calling(world.cast.coordinator)
    assert core.post(f"institutions/LAKE/{kind}/{made.json()['id']}/end/", None).status_code == 404
    assert core.post(f"institutions/MERCY/{kind}/999/end/", None).status_code == 404
    assert calling(world.cast.bench).get(address).status_code == 403


def test_a_bad_address_is_refused(world: Any, calling: Any) -> None:
    answer = calling(world.cast.coordinator).post("institutions/MERCY/contacts/", {"name": "R", "email": "no at"})
    assert answer.status_code == 400
    assert "email" in answer.content.decode()
    assert not Contact.objects.exists()
    a_contact(world.cast, world.house.mercy)


@pytest.mark.parametrize("address", ["requests/", "letters/", "institutions/MERCY/contacts/"])
def test_a_reader_gets_none_of_it(world: Any, calling: Any, address: str) -> None:
    assert calling(world.cast.reader).get(address).status_code == 403
