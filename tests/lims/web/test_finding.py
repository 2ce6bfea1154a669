"""Search or scan: straight to the thing."""

import pytest

from specimens.models import Patient
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows
from tests.stories import House, a_patient, a_received_block, a_stained_slide


def test_a_scan_leads_to_the_thing(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    slide = a_stained_slide(cast, a_received_block(cast, house, patient))
    browser = enter(cast.coordinator)
    for thing, family in [
        (slide, "slides"),
        (slide.block, "blocks"),
        (slide.block.specimen, "specimens"),
        (slide.staining.run, "runs"),
    ]:
        answer = browser.get("/find/", {"q": f" {str(thing).lower()} "})
        assert answer["Location"] == f"/{family}/{thing}/"
        assert browser.get(answer["Location"]).status_code == 200


def test_a_study_id_leads_to_the_patient(enter: Enter, cast: Cast, patient: Patient) -> None:
    answer = enter(cast.coordinator).get("/find/", {"q": "0187"})
    assert answer["Location"] == f"/patients/{patient.pk}/"


def test_several_hits_are_listed(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    a_patient(cast, house, "CWG-0188")
    shows(enter(cast.coordinator), "/find/?q=cwg-018", "CWG-0187", "CWG-0188", "2 things")


@pytest.mark.parametrize("typed", ["SL-004417-Z", "B-000001-*", "sl004417"])
def test_a_mistyped_label_says_so(enter: Enter, cast: Cast, house: House, typed: str) -> None:
    page = shows(enter(cast.coordinator), f"/find/?q={typed}", "Nothing for")
    assert "check character" in page or "is not an accession number" in page


def test_a_reader_finds_no_tissue_and_no_patient(enter: Enter, cast: Cast, patient: Patient) -> None:
    answer = enter(cast.reader).get("/find/", {"q": patient.study_id})
    assert answer["Location"] == f"/cases/{patient.study_id}/"
    assert enter(cast.reader).get(answer["Location"]).status_code == 404


def test_markup_in_the_box_is_text(enter: Enter, cast: Cast, house: House) -> None:
    page = shows(enter(cast.coordinator), "/find/?q=<script>alert(1)</script>", "&lt;script&gt;")
    assert "<script>alert" not in page
