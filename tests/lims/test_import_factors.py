"""import_factors: a verdict for every row, all or nothing, and once is enough."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from scoring.models import ClinicalFact
from specimens.models import Patient
from tests.cast import Cast
from tests.lims.web.test_clinical_sheet import HEADING, ROWS


def run(capsys: Any, sheet: Path, who: str, *more: str) -> tuple[int, Any]:
    try:
        call_command("import_factors", str(sheet), "--json", "--as", who, *more)
    except SystemExit as ended:
        return int(str(ended.code)), json.loads(capsys.readouterr().out)
    return 0, json.loads(capsys.readouterr().out)


def test_dry_then_done_then_again(cast: Cast, patient: Patient, tmp_path: Path, capsys: Any) -> None:
    sheet, who = tmp_path / "factors.csv", cast.coordinator.username
    sheet.write_text(HEADING + ROWS)
    status, told = run(capsys, sheet, who, "--dry-run")
    assert (status, told["new"], told["kept"], ClinicalFact.objects.count()) == (0, 2, 0, 0)
    assert run(capsys, sheet, who)[1]["kept"] == 2
    status, told = run(capsys, sheet, who)
    assert (status, told["recorded"], told["kept"], ClinicalFact.objects.count()) == (0, 2, 0, 2)


@pytest.mark.parametrize(
    ("rows", "row", "field"),
    [("CWG,CWG-0187,albumin,40,mg,,,2026-11-01,chart\n", 3, "unit"), ("CWG,CWG-0187,ecog,1,,,,soon,chart\n", 3, "on")],
)
def test_a_fault_keeps_everything_out(
    cast: Cast, patient: Patient, tmp_path: Path, capsys: Any, rows: str, row: int, field: str
) -> None:
    sheet = tmp_path / "factors.csv"
    sheet.write_text(HEADING + ROWS + rows)
    status, told = run(capsys, sheet, cast.coordinator.username)
    assert (status, told["refused"], ClinicalFact.objects.count()) == (1, 1, 0)
    assert [(each["row"], each["field"]) for each in told["findings"]] == [(row, field)]


def test_nobody_else_and_no_file(cast: Cast, patient: Patient, tmp_path: Path, capsys: Any) -> None:
    sheet = tmp_path / "factors.csv"
    sheet.write_text(HEADING + ROWS)
    for who in (cast.reader.username, "nobody"):
        assert run(capsys, sheet, who)[0] == 1
    assert run(capsys, tmp_path / "none.csv", cast.coordinator.username)[1]["findings"][0]["field"] == "file"
