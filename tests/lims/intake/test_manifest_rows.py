"""Every row of a manifest with what is wrong with it, by the sheet's own row and heading."""

from datetime import date

import pytest

from lims.intake.manifests.findings import ERROR, WARNING, FileRefused, Finding
from lims.intake.manifests.kinds import Kind
from lims.intake.manifests.reading import Reading
from lims.intake.manifests.recognised import read_manifest
from specimens.vocabulary import ItemKind, Preservation, SpecimenKind
from tests.lims.intake.sheets_made import CIMAC, OURS, SHIPMENT, book, cimac, samples

MANIFESTS = [f"{kind}_template{sheet}" for kind in ("tissue_slide", "h_and_e") for sheet in (".xlsx", "__Samples.csv")]
RESULTS = ["ihc_template.xlsx", "ihc_template__IHC.csv", "hande_template.xlsx", "hande_template__H&E.csv"]
EXPLAINING = sorted(p.name for p in CIMAC.glob("*__Legend.csv")) + sorted(p.name for p in CIMAC.glob("*__Data_*.csv"))


def read(content: bytes, **said: object) -> Reading:
    return read_manifest(content, name="sheet.csv", **said)  # type: ignore[arg-type]


def about(reading: Reading, row: int, words: str) -> Finding:
    """The one finding of this row with these words."""
    (found,) = [each for each in reading.findings if each.row == row and words in each.sentence]
    return found


@pytest.mark.parametrize("name", MANIFESTS)
def test_every_manifest_of_the_network_is_read(name: str) -> None:
    reading = read(cimac(name))
    he = name.startswith("h_and_e")
    assert reading.kind == (Kind.HE if he else Kind.SLIDES)
    assert [line.row for line in reading.lines] == ([3, 4, 5] if he else [3, 4, 5, 6])
    assert all(finding.sentence.endswith(".") for finding in reading.findings)


@pytest.mark.parametrize("name", RESULTS)
def test_a_sheet_of_results_is_refused_by_its_kind_with_the_page_to_use(name: str) -> None:
    with pytest.raises(FileRefused, match="results") as caught:
        read(cimac(name))
    assert "/read/" in caught.value.sentence
    assert ("IHC" if "ihc" in name else "H&E") in caught.value.sentence
    assert caught.value.rows == (4 if "ihc" in name else 2)


@pytest.mark.parametrize("name", EXPLAINING)
def test_a_legend_holds_nothing_to_import(name: str) -> None:
    with pytest.raises(FileRefused, match="holds no rows to import"):
        read(cimac(name))


def test_received_a_year_after_shipping_is_told_where_it_stands() -> None:
    reading = read(cimac("tissue_slide_template.xlsx"))
    found = about(reading, 12, "a year after it was shipped")
    assert (found.sheet, found.field, found.value, found.severity) == (
        "Shipment", "Date received", "2002-10-10", WARNING,
    )  # fmt: skip
    assert (reading.facts.trial, reading.facts.sent_on) == ("test_prism_trial_id", date(2001, 10, 10))


@pytest.mark.parametrize(
    ("shipped", "received", "severity", "words"),
    [
        ("2026-11-01", "2026-10-31", ERROR, "before it was shipped"),
        ("2026-11-01", "2026-12-05", WARNING, "34 days after"),
        ("10/11/2026", "2026-11-12", ERROR, "day first or month first"),
        ("46341", "2026-11-12", ERROR, "is a number, not a day"),
        ("2026-02-30", "2026-11-12", ERROR, "no day of the calendar"),
        ("soon", "2026-11-12", ERROR, "is no day"),
    ],
)
def test_days_of_the_parcel(shipped: str, received: str, severity: str, words: str) -> None:
    sheet = SHIPMENT.replace("2001-10-10 00:00:00", shipped).replace("2002-10-10 00:00:00", received)
    (found,) = [each for each in read(sheet.encode()).findings if words in each.sentence]
    assert found.severity == severity
    assert found.row in (11, 12)


def test_a_sheet_alone_says_what_the_other_would_have_said() -> None:
    found = read(samples({})).findings[0]
    assert (found.row, found.severity) == (0, WARNING)
    assert "“Shipment” is not in this file" in found.sentence
    reading = read(SHIPMENT.encode())
    assert reading.lines == []
    assert [each.severity for each in reading.findings if "“Samples” is not in this file" in each.sentence] == [ERROR]


def test_percentages_that_cannot_all_hold() -> None:
    reading = read(cimac("h_and_e_template.xlsx"))
    found = about(reading, 4, "cannot all hold")
    assert (found.severity, found.value) == (ERROR, "100/100/100/100/100")
    assert about(reading, 3, "All parts of the area are 0 %").severity == WARNING
    missing = about(reading, 5, "never as 0")
    assert (missing.field, missing.value) == ("Tumor tissue (% total area)", "Not Reported")
    assert about(reading, 5, "Row 4 lies at box 2, A2 already").field == "Sample location"


def test_material_is_held_against_what_was_sent() -> None:
    assert about(read(cimac("h_and_e_template.xlsx")), 3, "1 used and 1 remaining are not the 1").severity == WARNING
    assert not [f for f in read(cimac("tissue_slide_template.xlsx")).findings if "remaining" in f.sentence]


@pytest.mark.parametrize(
    ("column", "value", "severity", "words"),
    [
        ("Participant id", "", ERROR, "Give the participant’s id"),
        ("Parent sample id", "Not Reported", ERROR, "Give the parent sample’s id"),
        ("Cimac id", "", ERROR, "Give the CIMAC id"),
        ("Cimac id", "1E5", WARNING, "not formed as the network’s"),
        ("Type of sample", "Blood", ERROR, "no tissue"),
        ("Type of sample", "Tumour", ERROR, "write Tumor Tissue"),
        ("Type of tumor sample", "Not Reported", ERROR, "primary or metastatic"),
        ("Type of tumor sample", "Secondary", ERROR, "no type of tumor sample"),
        ("Processed sample type", "Plasma", ERROR, "no tissue"),
        ("Processed sample type", "Slide", ERROR, "no processed sample type"),
        ("Processed sample type", "Tissue Scroll", WARNING, "announced as an aliquot"),
        ("Fixation/stabilization type", "Bouin", ERROR, "no fixation"),
        ("Fixation/stabilization type", "Not Reported", WARNING, "not recorded"),
        ("Fixation/stabilization type", "", WARNING, "not recorded"),
        ("Core number", "1.5", ERROR, "whole number"),
        ("Core number", "one", ERROR, "no plain number"),
        ("Core number", "Not Reported", WARNING, "never as 0"),
        ("Material used", "85,5", ERROR, "no plain number"),
        ("Material used", "-1", ERROR, "less than nothing"),
        ("Processed sample quantity", "1e3", ERROR, "no plain number"),
        ("Quality of sample", "Excellent", WARNING, "none of the network’s words"),
        ("Comments", "x" * 501, ERROR, "longer than 500"),
    ],
)
def test_one_cell_at_a_time(column: str, value: str, severity: str, words: str) -> None:
    reading = read(samples({column: value}))
    found = about(reading, 3, words)
    assert (found.field, found.severity) == (column, severity)
    assert (reading.lines[0].item is None) == (severity == ERROR)


def test_a_sample_stands_once_and_a_specimen_is_of_one_kind() -> None:
    reading = read(samples({}, {"Cimac id": "ctttp08t0.00"}, {"Type of tumor sample": "Primary Tumor"}))
    assert about(reading, 4, "stands in row 3 already").severity == ERROR
    assert about(reading, 5, "Row 3 calls sample TRIALGROUP 1 metastasis").severity == ERROR
    other = read(samples({}, {"Participant id": "TTTPP9"}))
    assert about(other, 4, "gives sample TRIALGROUP 1 to participant TTTPP8").severity == WARNING


def test_how_the_networks_columns_become_an_item() -> None:
    item = read(cimac("tissue_slide_template.xlsx")).lines[0].item
    assert item
    assert (item.kind, item.label, item.study_id) == (ItemKind.UNSTAINED_SLIDE, "CTTTP08T1.00", "TTTPP8")
    assert (item.specimen_label, item.specimen_kind, item.block_label) == (
        "TRIALGROUP 1", SpecimenKind.METASTASIS, "core 1",
    )  # fmt: skip
    assert (item.preservation, item.procedure) == (Preservation.FFPE, "Core Biopsy")
    he = read(cimac("tissue_slide_template.xlsx")).lines[2].item
    assert he
    assert he.kind is ItemKind.HE_SLIDE


def test_marked_rows_that_are_blank_are_not_counted_and_unmarked_ones_are_told() -> None:
    content = samples({}) + b'"#data","","",""\r\n"","2","Baseline"\r\n'
    reading = read(content)
    assert [line.row for line in reading.lines] == [3]
    assert about(reading, 5, "not marked #data").severity == WARNING


def test_our_template_keeps_text_as_text() -> None:
    rows = "block,007,S1,1E5,,\nunstained slide,CWG-1,S1,1,1E5,2026-11-10\nbrick,CWG-1,S1,2,,10/11/2026\n"
    reading = read((OURS + rows).encode())
    assert [line.item and (line.item.study_id, line.item.label) for line in reading.lines][:2] == [
        ("007", "1E5"), ("CWG-1", "1"),
    ]  # fmt: skip
    assert about(reading, 4, "is not one of block").field == "kind"
    assert about(reading, 4, "day first or month first").field == "cut_on"


def test_a_workbook_that_keeps_identifiers_as_numbers_is_warned_of() -> None:
    heading = ["kind", "study_id", "specimen_label", "label", "cut_on"]
    reading = read(book(heading, ["block", 7, "S1", 100000, date(2026, 11, 10)]))
    assert [each.field for each in reading.findings] == ["study_id", "label"]
    assert reading.lines[0].item
    assert (reading.lines[0].item.study_id, reading.lines[0].item.cut_on) == ("7", date(2026, 11, 10))


def test_one_file_is_one_parcel() -> None:
    heading = "kind,study_id,specimen_label,label,trial,courier,sent_on\n"
    rows = "block,CWG-1,S1,A1,CWG,DHL,2026-11-20\nblock,CWG-1,S1,A2,CWG,UPS,2026-11-20\n"
    reading = read((heading + rows).encode())
    assert (reading.facts.courier, reading.facts.sent_on) == ("DHL", date(2026, 11, 20))
    assert about(reading, 3, "one file announces one parcel").field == "courier"
