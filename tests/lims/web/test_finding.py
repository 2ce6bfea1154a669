"""Search or scan: straight to the thing."""

import pytest
from django.urls import reverse

from lims.vocabulary import Role
from lims.web.finding import pages
from specimens.announcing import Parcel, announce_shipments
from specimens.identifiers import BLOCK, PARCEL, PREFIXES, RUN, SLIDE, SPECIMEN, printed
from specimens.models import Patient
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows
from tests.stories import House, a_patient, a_received_block, a_stained_slide, an_item


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


SCANS = ["]d1{}", "\r\n{}\t", "{}\x1d", "\ufeff{}", " {} ", "]D2{}\r"]


@pytest.mark.parametrize("scan", SCANS)
def test_what_a_scanner_adds_is_left_out(enter: Enter, cast: Cast, house: House, patient: Patient, scan: str) -> None:
    block = a_received_block(cast, house, patient)
    bare = str(block).lower().replace("-", "")
    for typed_so in (str(block), bare, "".join(chr(ord(c) + 0xFEE0) for c in bare), str(block).replace("-", "–")):
        answer = enter(cast.bench).get("/find/", {"q": scan.format(typed_so)})
        assert answer["Location"] == f"/blocks/{block}/"


def test_a_mistyped_label_is_offered_what_exists(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    """Only what is within reach is offered, and nothing is opened unasked."""
    block = a_received_block(cast, house, patient)
    wrong = f"{str(block)[:-1]}{'A' if str(block)[-1] != 'A' else 'B'}"
    page = shows(enter(cast.bench), f"/find/?q={wrong}", "check character", "Likely meant", f"/blocks/{block}/")
    assert "Compare the label" in page
    letters = str(block).replace("0", "O")
    shows(enter(cast.bench), f"/find/?q={letters}", "Likely meant", f"/blocks/{block}/")
    lake = person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore)
    assert "Likely meant" not in shows(enter(lake), f"/find/?q={wrong}", "check character")


def test_what_is_out_of_reach_is_unknown(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    lake = person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore)
    there = shows(enter(lake), f"/find/?q={block}", "within your reach")
    nowhere = shows(enter(lake), f"/find/?q={printed('B', 99)}", "within your reach")
    assert there.count("\n") == nowhere.count("\n")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_is_looked_up(enter: Enter, cast: Cast, house: House, prefix: str) -> None:
    number = printed(prefix, 77)
    shows(enter(cast.coordinator), f"/find/?q={number.lower()}", number, "within your reach")


def test_a_couriers_number_leads_to_its_parcel(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    parcel = Parcel(
        sender=house.mercy, receiver=house.core, items=(an_item(patient),), courier="FedEx", tracking="7946 1234 5678"
    )
    shipment = announce_shipments(by=cast.coordinator, at=AT, parcels=[parcel])[0]
    long_code = "9632001960000000000400" + "794612345678"
    for number in ("794612345678", "7946 1234 5678", long_code):
        answer = enter(cast.coordinator).get("/find/", {"q": number})
        assert answer["Location"] == f"/parcels/{shipment}/"
    lake = person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore)
    assert "Nothing for" in shows(enter(lake), "/find/?q=794612345678")


def test_the_box_asks_few_questions(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    a_received_block(cast, house, patient)
    assert questions(enter(cast.bench), "/find/?q=B-000001-Z") <= MOST_QUERIES


def test_every_page_that_finds_takes_an_accession_number() -> None:
    assert {BLOCK, SLIDE, SPECIMEN, PARCEL, RUN} <= set(pages())
    for prefix, page in pages().items():
        assert reverse(page, args=[printed(prefix, 1)])
