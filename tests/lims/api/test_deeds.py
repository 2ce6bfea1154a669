"""What programs do to tissue: enrol patients, announce a parcel, receive it."""

from typing import Any

import pytest

from specimens.models import ItemReceipt, Patient, Shipment

ROW = {"study_id": "CWG-0300", "treating_site": "MERCY", "consent_on": "2026-10-01"}
ITEM = {
    "kind": "block",
    "label": "A9",
    "trial": "CWG",
    "study_id": "CWG-0187",
    "specimen_label": "S9",
    "terms": "loan",
}
PARCEL = {"sender": "MERCY", "receiver": "CORE", "sent_on": "2026-11-20", "items": [ITEM]}


def test_patients_are_enrolled(world: Any, calling: Any) -> None:
    answer = calling(world.cast.coordinator).post("patients/", {"trial": "CWG", "patients": [ROW]})
    assert (answer.status_code, [row["study_id"] for row in answer.json()]) == (201, ["CWG-0300"])
    assert Patient.objects.get(study_id="CWG-0300").treating_site == world.house.mercy


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (ROW | {"study_id": "CWG-0187"}, "study_id"),
        (ROW | {"study_id": "=1+1"}, "study_id"),
        (ROW | {"treating_site": "NONE"}, "treating_site"),
        (ROW | {"consent_on": "2027-01-01"}, "consent_on"),
        (ROW | {"consent_on": "soon"}, "consent_on"),
        (ROW | {"consent_scopes": ["everything"]}, "consent_scopes"),
    ],
)
def test_one_faulty_patient_keeps_all_out(world: Any, calling: Any, row: dict[str, Any], field: str) -> None:
    body = {"trial": "CWG", "patients": [ROW | {"study_id": "CWG-0301"}, row]}
    answer = calling(world.cast.coordinator).post("patients/", body)
    assert answer.status_code == 400
    assert (2, field) in [(p["row"], p["field"].split(".")[0]) for p in answer.json()["problems"]]
    assert not Patient.objects.filter(study_id="CWG-0301").exists()


def test_a_site_enrols_at_itself_alone(world: Any, calling: Any) -> None:
    site = calling(world.mercy_coordinator)
    body = {"trial": "CWG", "patients": [ROW | {"treating_site": "LAKE"}]}
    assert (site.post("patients/", body).status_code, Patient.objects.count()) == (400, 2)
    assert site.post("patients/", {"trial": "CWG", "patients": [ROW]}).status_code == 201


def test_a_parcel_is_announced_and_received(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    announced = caller.post("shipments/", PARCEL)
    assert announced.status_code == 201, announced.content
    told = announced.json()
    assert [(item["label"], item["receipt"]) for item in told["items"]] == [("A9", None)]
    body = {"items": [{"line": 1, "condition": "broken", "note": "one corner"}]}
    received = caller.post(f"shipments/{told['accession']}/receipts/", body)
    assert (received.status_code, received.json()["items"][0]["receipt"]["condition"]) == (201, "broken")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sender": "NONE"}, "sender"),
        ({"receiver": "MERCY"}, "receiver"),
        ({"sent_on": "2027-01-01"}, "sent_on"),
        ({"items": []}, "items"),
        ({"items": [ITEM | {"study_id": "CWG-0404"}]}, "study_id"),
        ({"items": [ITEM | {"kind": "leg"}]}, "kind"),
        ({"items": [ITEM | {"label": ""}]}, "label"),
        ({"items": [ITEM, ITEM]}, "label"),
        ({"items": [ITEM | {"topography": "skin"}]}, "topography"),
        ({"weather": "rain"}, "weather"),
    ],
)
def test_a_faulty_parcel_is_refused_by_name(world: Any, calling: Any, changes: dict[str, Any], field: str) -> None:
    answer = calling(world.cast.coordinator).post("shipments/", PARCEL | changes)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert Shipment.objects.count() == 2


def test_a_site_sends_from_itself_and_does_not_receive_for_the_core(world: Any, calling: Any) -> None:
    site = calling(world.mercy_coordinator)
    assert site.post("shipments/", PARCEL | {"sender": "LAKE"}).json()["field"] == "sender"
    told = site.post("shipments/", PARCEL)
    assert told.status_code == 201
    before = ItemReceipt.objects.count()
    answer = site.post(f"shipments/{told.json()['accession']}/receipts/", {"items": [{"line": 1}]})
    assert (answer.status_code, ItemReceipt.objects.count()) == (403, before)


def test_what_was_received_is_not_received_again(world: Any, calling: Any) -> None:
    answer = calling(world.cast.bench).post(
        f"shipments/{world.near_parcel.accession}/receipts/", {"items": [{"line": 1}]}
    )
    assert (answer.status_code, answer.json()["problems"][0]["row"]) == (400, 1)


@pytest.mark.parametrize("address", ["patients/", "shipments/"])
def test_readers_and_statisticians_do_none_of_it(world: Any, calling: Any, address: str) -> None:
    for somebody in (world.cast.reader, world.cast.adjudicator, world.cast.statistician):
        assert calling(somebody).post(address, {}).status_code == 403
