"""Custody, loans, returns and consents by program: shown by scope, said by who may, refused in JSON."""

from typing import Any

import pytest

from specimens.models import Consent, Loan
from tests.lims.api.test_tissue import queries_of, rows


def loans(world: Any) -> tuple[Loan, Loan]:
    """Mercy's and Lakeshore's."""
    return (
        Loan.objects.get(item__block__specimen=world.near_tissue),
        Loan.objects.get(item__block__specimen=world.far_tissue),
    )


def test_custody_is_told_step_by_step_and_leg_by_leg(world: Any, calling: Any) -> None:
    block = world.near_tissue.blocks.get()
    told = calling(world.mercy_coordinator).get(f"blocks/{block}/custody/").json()
    assert [step["what"] for step in told["steps"]] == ["collected", "shipped", "received"]
    assert (told["where"], told["findings"]) == ("held", [])
    assert [leg["holder"] for leg in told["legs"]] == ["MERCY", "CORE", "CORE"]
    assert all(a["until"] == b["since"] for a, b in zip(told["legs"], told["legs"][1:], strict=False))
    slide = world.concluded.slide
    told = calling(world.cast.bench).get(f"slides/{slide}/custody/").json()
    assert [step["what"] for step in told["steps"]] == ["sectioned", "stained"]


def test_lineage_leads_from_the_patient_to_the_stain(world: Any, calling: Any) -> None:
    slide = world.concluded.slide
    told = calling(world.cast.bench).get(f"slides/{slide}/lineage/").json()
    assert (told["kind"], told["name"]) == ("patient", "CWG-0187")
    block = told["children"][0]["children"][0]
    section = next(node for node in block["children"] if node["name"] == str(slide))
    assert (section["this"], section["children"][0]["name"]) == (True, "he")
    of_block = calling(world.cast.bench).get(f"blocks/{block['name']}/lineage/").json()
    assert of_block["children"][0]["children"][0]["this"] is True


def test_a_site_sees_and_recalls_its_own_loans(world: Any, calling: Any) -> None:
    near, far = loans(world)
    mercy = calling(world.mercy_coordinator)
    assert [row["accession"] for row in rows(mercy.get("loans/"))] == [str(near)]
    assert mercy.get(f"loans/{far}/").status_code == 404
    answer = mercy.post(f"loans/{near}/recall/", {"reason": "new tumour"})
    assert (answer.status_code, answer.json()["state"]) == (201, "recalled")
    assert mercy.post(f"loans/{near}/recall/", {}).status_code == 409
    assert mercy.post(f"loans/{near}/recall/withdrawal/", {}).json()["state"] != "recalled"
    assert mercy.post(f"loans/{far}/recall/", {}).status_code == 404


def test_more_time_is_asked_and_given(world: Any, calling: Any) -> None:
    near, _ = loans(world)
    core, mercy = calling(world.cast.coordinator), calling(world.mercy_coordinator)
    assert mercy.post(f"loans/{near}/extension/", {"until": "2027-06-01", "reason": "x"}).status_code == 403
    asked = core.post(f"loans/{near}/extension/", {"until": "2027-06-01", "reason": "still reading"})
    assert asked.json()["asked_until"] == "2027-06-01"
    answer = mercy.post(f"loans/{near}/answer/", {"granted": True})
    assert (answer.json()["due_on"], answer.json()["asked_until"]) == ("2027-06-01", None)
    refused = core.post(f"loans/{near}/extension/", {"until": "2027-01-01", "reason": "x"})
    assert (refused.status_code, refused.json()["field"]) == (400, "until")
    assert mercy.post(f"loans/{near}/donation/", {}).json()["state"] == "donated"


def test_loans_are_narrowed(world: Any, calling: Any) -> None:
    core = calling(world.cast.coordinator)
    assert len(rows(core.get("loans/", lender="LAKE"))) == 1
    assert rows(core.get("loans/", state="returned")) == []
    assert len(rows(core.get("loans/", due_by="2030-01-01"))) == 2
    assert core.get("loans/", state="purple").status_code == 400
    assert queries_of(core, "loans/", 2) <= 10


def test_a_return_goes_out_and_is_confirmed(world: Any, calling: Any) -> None:
    core, mercy = calling(world.cast.coordinator), calling(world.mercy_coordinator)
    block = world.near_tissue.blocks.get()
    refused = core.post("returns/", {"things": [{"thing": str(block)}]})
    assert (refused.status_code, refused.json()["problems"][0]["row"]) == (400, 1)
    assert "should wait" in refused.json()["sentence"]
    sent = core.post("returns/", {"things": [{"thing": str(block), "reason": "recalled"}], "courier": "FedEx"})
    assert sent.status_code == 201, sent.content
    parcel = sent.json()[0]
    assert (parcel["receiver"], len(parcel["items"])) == ("MERCY", 1)
    assert mercy.post("returns/", {"things": [{"thing": str(block)}]}).status_code == 403
    answer = mercy.post(f"shipments/{parcel['accession']}/confirmation/", {})
    assert answer.status_code == 201, answer.content
    assert answer.json()["closed_at"]
    assert core.get(f"loans/{loans(world)[0]}/").json()["state"] == "returned"
    again = mercy.post(f"shipments/{parcel['accession']}/confirmation/", {})
    assert again.status_code == 400


@pytest.mark.parametrize("thing", ["nonsense", "B-999999-0", "B-000099-X"])
def test_an_unknown_thing_is_named(world: Any, calling: Any, thing: str) -> None:
    answer = calling(world.cast.coordinator).post("returns/", {"things": [{"thing": thing}]})
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (400, "thing")


def test_consents_are_listed_given_and_withdrawn(world: Any, calling: Any) -> None:
    mercy = calling(world.mercy_coordinator)
    assert [row["study_id"] for row in rows(mercy.get("consents/"))] == ["CWG-0187"]
    body = {"trial": "CWG", "study_id": "CWG-0187", "scope": "future_research", "version": "2",
            "given_on": "2026-10-22"}  # fmt: skip
    given = mercy.post("consents/", body)
    assert (given.status_code, given.json()["withdrawn_on"]) == (201, None)
    assert mercy.post("consents/", body).status_code == 409
    other = mercy.post("consents/", body | {"study_id": "CWG-0200"})
    assert (other.status_code, other.json()["field"]) == (400, "study_id")
    gone = mercy.post(f"consents/{given.json()['id']}/withdrawal/", {"withdrawn_on": "2026-11-01"})
    assert (gone.status_code, gone.json()["withdrawn_on"]) == (201, "2026-11-01")
    early = Consent.objects.get(patient=world.near, scope="this_study")
    refused = mercy.post(f"consents/{early.pk}/withdrawal/", {"withdrawn_on": "2020-11-01"})
    assert (refused.status_code, refused.json()["field"]) == (400, "withdrawn_on")
    far = Consent.objects.get(patient=world.far)
    assert mercy.post(f"consents/{far.pk}/withdrawal/", {"withdrawn_on": "2026-11-01"}).status_code == 404


@pytest.mark.parametrize("address", ["loans/", "consents/"])
def test_a_reader_gets_nothing(world: Any, calling: Any, address: str) -> None:
    for who in (world.cast.reader, world.cast.adjudicator):
        assert calling(who).get(address).status_code == 403
        assert calling(who).post("returns/", {}).status_code == 403
