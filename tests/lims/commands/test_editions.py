"""editions, and the tutorial of docs/new-edition.md carried out: a new cutoff and a second assay by files alone."""

import json
import re
import shutil
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from scoring.rules import shelves
from scoring.rules.catalogue import names

FOLDER = Path(settings.BASE_DIR) / "docs" / "new-edition"
TUTORIAL = (Path(settings.BASE_DIR) / "docs" / "new-edition.md").read_text(encoding="utf-8")
CUTOFF, ASSAY = FOLDER / "two-compartment-2026-T1.toml", FOLDER / "marker" / "ki67-2026-T1.toml"


def told(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def classified(monkeypatch: pytest.MonkeyPatch, sheet: str, *words: str) -> list[str]:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(sheet.encode())))
    return told("classify", *words, "-").splitlines()


@pytest.fixture
def added() -> Any:
    shelves.add(FOLDER)
    yield FOLDER
    shelves.remove(FOLDER)


def sheets() -> list[str]:
    """The sheets that the tutorial writes with printf."""
    return [text.replace("\\n", "\n") for text in re.findall(r"printf '(.+?)' >", TUTORIAL)]


def test_every_model_is_listed_with_its_edition_in_force() -> None:
    found = json.loads(told("editions", "--json"))
    assert [line["model"] for line in found if line["in_force"]] == list(names())


def test_the_tutorials_files_are_accepted_with_their_cases() -> None:
    found = json.loads(told("editions", "--json", str(CUTOFF), str(ASSAY)))
    assert [(line["verdict"], line["cases"]) for line in found] == [("accepted", 4), ("accepted", 5)]


def test_the_new_cutoff_answers_beside_the_one_in_force(monkeypatch: pytest.MonkeyPatch, added: Path) -> None:
    sheet = sheets()[0]
    assert classified(monkeypatch, sheet, "--edition", "2026-T1")[1] == (
        "A,intermediate,intermediate,high,favourable,eligible,,"
    )
    assert classified(monkeypatch, sheet)[1] == "A,intermediate,intermediate,low,unfavourable,not_eligible,,"


def test_the_second_assay_answers(monkeypatch: pytest.MonkeyPatch, added: Path) -> None:
    assert classified(monkeypatch, sheets()[1], "--model", "ki67-tutorial")[1:] == [
        "B,high,high,,KI67_ABOVE_15,", "C,indeterminate,high|not_evaluable,,,enough_cells",
    ]  # fmt: skip


def test_without_the_folder_neither_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="There is no edition 2026-T1"):
        classified(monkeypatch, "id\n", "--edition", "2026-T1")
    assert "ki67-tutorial" not in names()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("above = 15", "above = 16"), "case just-above: group is low, not high."),
        (("[sources]", "[source]"), "The file lacks sources."),
    ],
)
def test_a_file_that_breaks_its_cases_is_refused(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    for file in (ASSAY, ASSAY.with_suffix(".vectors.csv")):
        shutil.copy(file, tmp_path)
    broken = tmp_path / ASSAY.name
    broken.write_text(broken.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("editions", str(broken), stdout=out, stderr=err)
    assert ended.value.code == 1
    assert "refused" in out.getvalue()
    assert fault in err.getvalue()


def test_a_file_without_cases_is_refused(tmp_path: Path) -> None:
    shutil.copy(ASSAY, tmp_path)
    with pytest.raises(SystemExit):
        call_command("editions", str(tmp_path / ASSAY.name), stdout=StringIO(), stderr=StringIO())
