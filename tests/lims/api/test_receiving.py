"""Receipt, questions and downtime forms as programs meet them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from specimens.announcing import Parcel, announce_shipments
from specimens.downtime import print_forms
from specimens.models import ItemQuery, ItemReceipt, ReceiptPhoto, Shipment
from specimens.receipts import standing
from specimens.vocabulary import DowntimeKind
from tests.lims.web.pictures import a_picture
from tests.scoring.desk import LATER
from tests.stories import an_item


@pytest.fixture
def parcel(world: Any) -> Shipment:
    items = tuple(an_item(world.near, label=f"P{n}") for n in (1, 2, 3))
    parcels = [Parcel(sender=world.house.mercy, receiver=world.house.core, items=items)]
    return announce_shipments(by=world.cast.coordinator, at=LATER, parcels=parcels)[0]


def item(answer: Any, line: int = 1) -> dict[str, Any]:
    return next(row for row in answer.json()["items"] if row["line"] == line)


def test_received_looked_at_again_and_taken_back(world: Any, calling: Any, parcel: Shipment) -> None:
    caller, at = calling(world.cast.bench), f"shipments/{parcel}/receipts/"
    answer = caller.post(at, {"items": [{"line": 1}]})
    assert (answer.status_code, item(answer)["receipt"]["state"]) == (201, "here")
    answer = caller.post(f"{at}1/looks/", {"condition": "label_mismatch", "identifiers_agree": 1, "note": "ends in 7"})
    told = item(answer)["receipt"]
    assert (told["state"], told["condition"], told["identifiers_agree"]) == ("quarantined", "label_mismatch", 1)
    answer = caller.post(f"{at}1/settle/", {"outcome": "accepted", "reason": "by telephone"})
    assert item(answer)["receipt"]["state"] == "accepted"
    answer = caller.post(f"{at}1/void/", {"reason": "the wrong block"})
    assert (answer.status_code, item(answer)["receipt"]) == (201, None)
    assert caller.post(f"{at}1/void/", {"reason": "again"}).status_code == 404
    assert caller.post(at, {"items": [{"line": 1}]}).status_code == 201
    assert (
        ItemReceipt.objects.filter(item__shipment=parcel).count(),
        standing().filter(item__shipment=parcel).count(),
    ) == (2, 1)


@pytest.mark.parametrize(
    ("step", "body", "field"),
    [
        ("void", {"reason": ""}, "reason"),
        ("void", {"why": "x"}, "why"),
        ("looks", {"condition": "melted"}, "condition"),
        ("looks", {"condition": "wet", "identifiers_agree": 3}, "identifiers_agree"),
        ("settle", {"outcome": "maybe", "reason": "x"}, "outcome"),
    ],
)
def test_a_faulty_body_is_refused_by_name(
    world: Any, calling: Any, parcel: Shipment, step: str, body: dict[str, Any], field: str
) -> None:
    caller = calling(world.cast.bench)
    caller.post(f"shipments/{parcel}/receipts/", {"items": [{"line": 1}]})
    answer = caller.post(f"shipments/{parcel}/receipts/1/{step}/", body)
    assert answer.status_code == 400
    assert field in {problem["field"] for problem in answer.json()["problems"]}


def test_who_may_not(world: Any, calling: Any, parcel: Shipment) -> None:
    for step in ("receipts/1/void/", "receipts/1/looks/", "receipts/1/settle/", "receipts/1/photos/", "strangers/"):
        assert calling(world.cast.reader).post(f"shipments/{parcel}/{step}", {}).status_code == 403
        assert calling(world.mercy_coordinator).post(f"shipments/{parcel}/{step}", {}).status_code in (403, 415)
        assert calling(world.mercy_coordinator).post(f"shipments/{world.far_parcel}/{step}", {}).status_code in (
            404,
            415,
        )


def test_what_was_not_announced(world: Any, calling: Any, parcel: Shipment) -> None:
    caller = calling(world.cast.coordinator)
    body = {"kind": "block", "label": "smudged", "question": "Whose is it?"}
    answer = caller.post(f"shipments/{parcel}/unannounced/", body)
    assert (answer.status_code, item(answer, 4)["receipt"]["state"]) == (201, "quarantined")
    assert ItemQuery.objects.get().question == "Whose is it?"
    items = (an_item(world.near, label="Q1"),)
    parcels = [Parcel(sender=world.house.mercy, receiver=world.house.core, items=items)]
    other = announce_shipments(by=world.cast.coordinator, at=LATER, parcels=parcels)[0]
    number = str(other.items.get().block)
    answer = caller.post(f"shipments/{parcel}/strangers/", {"number": number, "accept": True})
    assert (item(answer, 5)["block"], item(answer, 5)["receipt"]["state"]) == (number, "not announced")
    answer = caller.post(f"shipments/{parcel}/strangers/", {"number": number})
    assert (answer.status_code, answer.json()["code"]) == (409, "in_this_parcel")
    assert caller.post(f"shipments/{parcel}/strangers/", {"number": "B-1"}).status_code == 400


def test_a_photograph(world: Any, calling: Any, parcel: Shipment) -> None:
    caller = calling(world.cast.bench)
    caller.post(f"shipments/{parcel}/receipts/", {"items": [{"line": 1, "condition": "broken"}]})

    def upload(name: str, content: bytes) -> Any:
        sent = {"file": SimpleUploadedFile(name, content)}
        return Client().post(f"/api/v1/shipments/{parcel}/receipts/1/photos/", sent, headers=caller.headers)

    answer = upload("corner.png", a_picture())
    assert (answer.status_code, answer.json()["sha256"]) == (201, ReceiptPhoto.objects.get().sha256)
    assert upload("corner.png", a_picture()).status_code == 409
    assert upload("corner.png", b"<svg>").status_code == 415
    assert upload("corner.png", b"").status_code == 400


def test_a_question_is_asked_answered_and_closed(world: Any, calling: Any, parcel: Shipment) -> None:
    core, site = calling(world.cast.coordinator), calling(world.mercy_coordinator)
    body = {"shipment": str(parcel), "line": 2, "question": "Where is it?"}
    answer = core.post("queries/", body)
    number = answer.json()["accession"]
    assert (answer.status_code, answer.json()["state"], answer.json()["owner"]) == (201, "open", "Dana Whitfield")
    assert core.post("queries/", body).json()["code"] == "asked_already"
    assert site.post("queries/", body).status_code == 403
    answer = site.post(f"queries/{number}/answers/", {"text": "It left on Monday."})
    assert (answer.status_code, answer.json()["answers"][0]["on_behalf"]) == (201, False)
    assert [row["accession"] for row in site.get("queries/", state="answered").json()["results"]] == [number]
    assert site.get("queries/", state="open", sender="MERCY").json()["results"] == []
    assert core.get("queries/", shipment=str(parcel)).json()["results"][0]["state"] == "answered"
    assert site.post(f"queries/{number}/closure/", {"outcome": "x"}).status_code == 403
    handing = {"to": "dana", "reason": "on leave"}
    assert site.post(f"queries/{number}/handovers/", handing).status_code == 403
    assert core.post(f"queries/{number}/handovers/", handing | {"to": "sam"}).json()["field"] == "to"
    handed = core.post(f"queries/{number}/handovers/", handing | {"to": "rose"})
    assert (handed.status_code, handed.json()["owner"]) == (201, "Rose Achebe")
    answer = core.post(f"queries/{number}/closure/", {"outcome": "it came"})
    assert (answer.json()["state"], answer.json()["outcome"]) == ("closed", "it came")
    assert core.post(f"queries/{number}/closure/", {"outcome": "again"}).status_code == 409
    assert calling(world.cast.reader).get(f"queries/{number}/").status_code == 403
    assert core.get(f"queries/{number}/").json()["line"] == 2


def test_another_hospital_does_not_see_the_question(world: Any, calling: Any) -> None:
    core, site = calling(world.cast.coordinator), calling(world.mercy_coordinator)
    body = {"shipment": str(world.far_parcel), "line": 1, "question": "Is it whole?"}
    number = core.post("queries/", body).json()["accession"]
    assert site.get(f"queries/{number}/").status_code == 404
    assert site.post(f"queries/{number}/answers/", {"text": "x"}).status_code == 404
    assert site.get("queries/").json()["results"] == []


def test_a_downtime_form_is_printed_and_entered(world: Any, calling: Any, parcel: Shipment) -> None:
    core = calling(world.cast.coordinator)
    form = print_forms(by=world.cast.bench, at=LATER, kind=DowntimeKind.RECEIPT, shipment=parcel)[0]
    happened = LATER.isoformat()
    paper = {"form": str(form), "happened_at": happened, "written_by": "R. Achebe"}
    answer = core.post(f"shipments/{parcel}/receipts/", {"items": [{"line": 1}], "downtime": paper})
    told = item(answer)["receipt"]
    assert (told["downtime_form"], told["written_by"]) == (str(form), "R. Achebe")
    assert told["received_at"] < told["entered_at"]
    late = paper | {"happened_at": "2027-01-01T10:00:00Z"}
    answer = core.post(f"shipments/{parcel}/receipts/", {"items": [{"line": 2}], "downtime": late})
    assert (answer.status_code, answer.json()["field"]) == (400, "happened_at")
    answer = core.post("downtime-forms/", {"kind": "receipt", "count": 2})
    assert (answer.status_code, len(answer.json())) == (201, 2)
    assert len(core.get("downtime-forms/").json()["results"]) == 3
    answer = core.send("GET", f"downtime-forms/{form}/paper/")
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")


def test_a_reader_meets_ones_own_reads_forms_alone(world: Any, calling: Any, parcel: Shipment) -> None:
    form = print_forms(by=world.cast.bench, at=LATER, kind=DowntimeKind.RECEIPT, shipment=parcel)[0]
    reader = calling(world.cast.reader)
    assert reader.post("downtime-forms/", {"kind": "receipt"}).status_code == 403
    own = reader.post("downtime-forms/", {"kind": "reads"}).json()[0]["accession"]
    assert [row["accession"] for row in reader.get("downtime-forms/").json()["results"]] == [own]
    assert reader.send("GET", f"downtime-forms/{form}/paper/").status_code == 404
    assert reader.post("downtime-forms/", {"kind": "reads", "shipment": str(parcel)}).status_code in (403, 404)
    assert calling(world.cast.statistician).get("downtime-forms/").json()["results"] == []
