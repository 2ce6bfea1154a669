"""Manifests from a site's own system."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lims.models import Manifest
from specimens import jobs
from specimens.models import Shipment
from tests.lims.intake.sheets_made import cimac

SOUND = b"kind,study_id,specimen_label,label\nblock,CWG-0187,S7,A1\n"


def upload(caller: Any, content: bytes = SOUND, name: str = "parcel.csv", **said: Any) -> Any:
    form = {"file": SimpleUploadedFile(name, content), "sender": "MERCY", "trial": "CWG"} | said
    return caller.client.post("/api/v1/manifests/", form, headers=caller.headers | said.pop("headers", {}))


def test_uploaded_judged_imported(world: Any, calling: Any) -> None:
    caller = calling(world.mercy_coordinator)
    answer = upload(caller)
    assert answer.status_code == 202, answer.content
    told = answer.json()
    assert answer["Location"] == told["status"] == f"/api/v1/manifests/{told['id']}/"
    assert (told["state"], told["progress"]["doing"]) == ("judging", "waiting")
    jobs.work_off()
    told = caller.get(f"manifests/{told['id']}/").json()
    assert (told["state"], told["rows"], told["accepted"], told["refused"], told["findings"]) == ("ready", 1, 1, 0, [])
    again = caller.post(f"manifests/{told['id']}/import/", {})
    assert (again.status_code, again.json()["state"]) == (202, "importing")
    assert caller.post(f"manifests/{told['id']}/import/", {}).status_code == 202
    jobs.work_off()
    told = caller.get(f"manifests/{told['id']}/").json()
    assert told["state"] == "imported"
    assert Shipment.objects.filter(accession=told["parcel"]).exists()
    assert caller.post(f"manifests/{told['id']}/import/", {}).status_code == 409
    assert upload(caller).json()["parcel"] == told["parcel"]


def test_findings_come_with_row_field_value_severity_and_sentence(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    pk = upload(caller, cimac("h_and_e_template.xlsx"), "he.xlsx", trial="").json()["id"]
    jobs.work_off()
    told = caller.get(f"manifests/{pk}/").json()
    assert (told["state"], told["rows"], told["refused"]) == ("refused", 3, 3)
    (finding,) = [f for f in told["findings"] if "cannot all hold" in f["sentence"] and f["row"] == 4]
    assert (finding["severity"], finding["value"]) == ("error", "100/100/100/100/100")
    assert caller.post(f"manifests/{pk}/import/", {}).status_code == 409


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7", 415),
        (b"", 400),
        (b"PK\x03\x04", 400),
        (b"a" * (20 * 2**20 + 1), 413),
        ("ä".encode("latin-1"), 400),
    ],
)
def test_what_is_no_manifest(world: Any, calling: Any, content: bytes, code: int) -> None:
    answer = upload(calling(world.cast.coordinator), content)
    assert answer.status_code == code
    assert answer.json()["sentence"]
    assert not Manifest.objects.exists()


def test_no_form_unknown_fields_and_strangers(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    said = caller.post("manifests/", {"file": "x"})
    assert (said.status_code, "multipart/form-data" in said.json()["sentence"]) == (415, True)
    unknown = upload(caller, colour="red")
    assert (unknown.status_code, unknown.json()["field"]) == (400, "colour")
    assert upload(caller, sender="NOWHERE").status_code == 400
    assert upload(calling(world.mercy_coordinator), sender="LAKE").status_code == 400
    assert upload(calling(world.cast.reader)).status_code == 403
    assert upload(calling(None)).status_code == 401
    huge = caller.send(
        "POST", "manifests/", CONTENT_LENGTH=str(5 * 2**30), content_type="multipart/form-data; boundary=x"
    )
    assert huge.status_code == 413
    assert not Manifest.objects.exists()


def test_a_key_does_no_harm_to_an_upload(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    caller.headers["Idempotency-Key"] = "6f1"
    assert upload(caller).status_code == 202
    assert upload(caller).status_code == 202
    assert Manifest.objects.count() == 1


def test_a_site_meets_its_own_alone(world: Any, calling: Any) -> None:
    pk = upload(calling(world.cast.coordinator), sender="LAKE").json()["id"]
    site = calling(world.mercy_coordinator)
    assert site.get(f"manifests/{pk}/").status_code == 404
    assert site.post(f"manifests/{pk}/import/", {}).status_code == 404
    assert site.get("manifests/").json()["results"] == []
    assert len(calling(world.cast.coordinator).get("manifests/").json()["results"]) == 1
    for who in (world.cast.reader, world.cast.adjudicator, world.cast.statistician):
        assert calling(who).get("manifests/").status_code == 403
