"""Clinical factors over the API: recorded by rows or as a sheet, told with every system's group."""

from typing import Any

from scoring.models import ClinicalFact
from tests.lims.web.test_clinical_sheet import HEADING, ROWS

ROW = {"trial": "CWG", "study_id": "CWG-0187", "factor": "haemoglobin", "value": "120", "unit": "g/L", "lower": "130",
       "on": "2026-11-01", "source": "chart"}  # fmt: skip
CHART = "patients/CWG/CWG-0187/clinical/"


def test_rows_are_recorded_and_told(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    dry = caller.post("clinical-factors/?dry_run=true", {"rows": [ROW]})
    assert (dry.status_code, dry.json()["new"], ClinicalFact.objects.count()) == (200, 1, 0)
    assert caller.post("clinical-factors/", {"rows": [ROW]}).status_code == 201
    again = caller.post("clinical-factors/", {"rows": [ROW]}).json()
    assert (again["recorded"], again["kept"]) == (1, 0)
    told = calling(world.cast.statistician).get(CHART).json()
    assert [(each["value"], each["rule_value"], each["rule_unit"]) for each in told["factors"]] == [
        ("120", "12", "g/dL")
    ]
    mskcc = next(each for each in told["groups"] if each["model"] == "mskcc-2002")
    assert (mskcc["group"], mskcc["possible_groups"]) == ("indeterminate", ["intermediate", "poor"])
    assert (mskcc["reasons"], mskcc["edition"]) == (["HAEMOGLOBIN_UNDER_LIMIT"], "2002-R1")
    assert "Investigational" in mskcc["investigational"]
    assert [each["group"] for each in told["by_hand"]] == [None, None]


def test_a_key_sent_twice_gives_the_first_answer(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    caller.headers |= {"Idempotency-Key": "factors-1"}
    first, second = (caller.post("clinical-factors/", {"rows": [ROW]}) for _ in range(2))
    assert (first.content, second["Idempotency-Replayed"]) == (second.content, "true")


def test_a_sheet_and_its_faults(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    assert caller.post("clinical-factors/", {"sheet": HEADING + ROWS}).json()["kept"] == 2
    wrong = caller.post("clinical-factors/", {"rows": [ROW | {"unit": "pounds"}]})
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (400, "unit")
    assert caller.post("clinical-factors/", {}).json()["code"] == "rows_or_sheet"
    assert "these would do: g/dL" in wrong.json()["problems"][0]["sentence"]


def test_scope_and_roles(world: Any, calling: Any) -> None:
    near = calling(world.mercy_coordinator)
    assert near.get("patients/CWG/CWG-0200/clinical/").status_code == 404
    assert near.post("clinical-factors/", {"rows": [ROW | {"study_id": "CWG-0200"}]}).status_code == 400
    assert calling(world.cast.statistician).post("clinical-factors/", {"rows": [ROW]}).status_code == 403
    for who in (world.cast.reader, world.cast.adjudicator, world.cast.bench):
        assert calling(who).get(CHART).status_code == 403
