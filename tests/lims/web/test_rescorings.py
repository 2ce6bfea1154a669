"""Rescoring on its pages: the dry run, its list, for good; progress, pause, cancel; who may."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from scoring.models import Rescoring, Score
from scoring.rules import shelves
from scoring.vocabulary import RescoringCause
from specimens import jobs
from specimens.vocabulary import Stain
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows, text
from tests.lims.web.visits import status
from tests.scoring.desk import a_case, a_tumour, both_sign
from tests.stories import House

CAUSE = RescoringCause.NEW_EDITION.value
SAID = {"edition": "2026-T1", "reason": "the cutoff is questioned", "cause": CAUSE}
BETWEEN = {"pct_0": "30", "pct_3": "35"}


@pytest.fixture
def scored(cast: Cast, house: House) -> Any:
    shelves.add(Path(settings.BASE_DIR) / "docs" / "new-edition")
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, specimen=tumour))
    both_sign(cast, a_case(cast, house, Stain.CAIX, tumour), BETWEEN, BETWEEN)
    jobs.work_off()
    yield tumour.patient
    shelves.remove(Path(settings.BASE_DIR) / "docs" / "new-edition")


def test_a_dry_run_its_list_and_then_for_good(enter: Enter, cast: Cast, scored: Any) -> None:
    dana, ada = enter(cast.coordinator), enter(cast.administrator)
    address = ada.post("/rescorings/", SAID)["Location"]
    page = shows(ada, address, "Dry run under edition 2026-T1", "running", "Pause", "Cancel")
    assert "for good" not in page
    jobs.work_off()
    shows(ada, address, "done", "Rescore 1 patient for good")
    shows(dana, address, "done", "CWG-0187", "intermediate, not eligible",
          "intermediate, eligible", "All 1 as CSV")  # fmt: skip
    sheet = b"".join(dana.get(f"{address}changes.csv").streaming_content).decode().splitlines()
    assert sheet[1] == "CWG,CWG-0187,intermediate,low,unfavourable,not_eligible,intermediate,high,favourable,eligible"
    assert dana.post(f"{address}carry-out/").status_code == 403
    whole = ada.post(f"{address}carry-out/")["Location"]
    jobs.work_off()
    shows(dana, whole, "Rescoring under edition 2026-T1", "done", "new scores")
    assert Score.objects.filter(edition="2026-T1").count() == 1
    shows(dana, "/rescorings/", "dry run", "for good", "the cutoff is questioned")


def test_it_is_paused_resumed_and_cancelled(enter: Enter, cast: Cast, scored: Any) -> None:
    dana = enter(cast.administrator)
    address = dana.post("/rescorings/", SAID)["Location"]
    assert dana.post(f"{address}pause/").status_code == 400
    for turn, shown in (("pause", "Resume"), ("resume", "Pause"), ("cancel", "cancelled")):
        dana.post(f"{address}{turn}/", {"reason": "the night shift"})
        shows(dana, address, shown)
    assert status(dana, f"{address}nonsense/") == 405
    assert dana.post(f"{address}nonsense/").status_code == 404
    assert dana.post(f"{address}pause/", {"reason": "again"}).status_code == 409


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": ""}, "This field is required"),
        ({"edition": "none"}, "Select a valid choice"),
        ({"study_id": "CWG-0187"}, "Choose the patient’s trial too."),
        ({"study_id": "CWG-9999", "trial": "CWG"}, "has no patient CWG-9999"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    enter: Enter, cast: Cast, scored: Any, changes: dict[str, str], sentence: str
) -> None:
    assert sentence in text(enter(cast.administrator).post("/rescorings/", SAID | changes))
    assert not Rescoring.objects.exists()


def test_an_administrator_sees_counts_and_nobody_else_anything(enter: Enter, cast: Cast, scored: Any) -> None:
    address = enter(cast.administrator).post("/rescorings/", SAID)["Location"]
    jobs.work_off()
    page = shows(enter(cast.administrator), address, "category changes", "done")
    assert "CWG-0187" not in page
    for somebody in (cast.reader, cast.adjudicator, cast.bench):
        assert status(enter(somebody), "/rescorings/") == 403
        assert status(enter(somebody), f"{address}changes.csv") == 403
