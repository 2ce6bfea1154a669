"""The compact copy holds every row of the source, with its values as they were."""

import hashlib
from collections import Counter
from datetime import date

import pytest

from lims.demo.kirc import cohort
from lims.demo.shipments import aliquot_shipments, portion_shipments
from lims.demo.tables import COHORT, registry_rows, rows


@pytest.mark.parametrize(
    ("table", "count"),
    [
        ("patients", 537),
        ("samples", 1101),
        ("portions", 1150),
        ("slides", 1706),
        ("aliquots", 9175),
        ("follow_ups", 703),
        ("diagnostic_slides", 524),
        ("shipment_portions", 478),
        ("tumor_samples_ssf", 535),
        ("ca9_mrna", 534),
    ],
)
def test_every_row_of_the_source_is_there(table: str, count: int) -> None:
    assert len(list(rows(table))) == count


def test_the_files_are_the_ones_listed_and_small() -> None:
    listed = dict(line.split("  ")[::-1] for line in (COHORT / "SHA256SUMS").read_text().splitlines())
    found = {path.name: path.read_bytes() for path in COHORT.glob("*.csv.gz")}
    assert {name: hashlib.sha256(packed).hexdigest() for name, packed in found.items()} == listed
    assert sum(map(len, found.values())) < 700_000


def test_a_slide_row_becomes_a_face() -> None:
    slides = cohort().slides
    assert len(slides) == 1656
    assert sum(len(slide.faces) for slide in slides) == 1706
    assert Counter(len(slide.faces) for slide in slides) == {1: 1606, 2: 50}


def test_a_slide_of_two_portions_names_both_and_keeps_its_percentages() -> None:
    slide = next(s for s in cohort().slides if s.barcode == "tcga-a3-3317-01a-01-bs1")
    assert slide.portions == ("tcga-a3-3317-01a-01", "tcga-a3-3317-01a-02")
    assert [face.section_location for face in slide.faces] == ["bottom", "top"]
    assert (slide.of_four, slide.tumour_nuclei) == ((80, 10, 10, 0), 80)
    assert (slide.lymphocyte, slide.monocyte, slide.neutrophil) == (3, 0, 0)


def test_a_blank_percentage_is_none_not_zero() -> None:
    slide = next(s for s in cohort().slides if s.barcode == "tcga-a3-3307-11a-01-ts1")
    assert slide.of_four == (None, None, None, None)
    necrosis = next(s.necrosis for s in cohort().slides if s.barcode == "tcga-a3-3307-01a-01-bs1")
    assert necrosis == 0


def test_a_sample_says_its_kind_and_preservation() -> None:
    samples = cohort().samples
    assert Counter(s.kind for s in samples) == {"primary": 543, "normal": 558}
    assert Counter(s.tissue for s in samples) == {"tumour": 543, "solid normal": 442, "blood": 116}
    assert {s.preservation for s in samples if s.tissue == "blood"} == {None}
    assert sum(s.preservation == "ffpe" for s in samples) == 4
    assert sum(s.preservation == "oct" for s in samples) == 13


def test_real_dates_are_kept_and_surgery_has_its_year_only() -> None:
    portion = next(p for p in cohort().portions if p.barcode == "tcga-a3-3307-01a-01")
    assert (portion.created, portion.sample) == (date(2010, 1, 6), "tcga-a3-3307-01a")
    aliquot = cohort().aliquots[0]
    assert (aliquot.portion, aliquot.shipped) == ("tcga-a3-3307-01a-01", date(2010, 3, 17))
    assert cohort().patients[0].diagnosis_year == 2005


def test_every_link_leads_somewhere() -> None:
    found = cohort()
    patients = {p.barcode for p in found.patients}
    samples = {s.barcode for s in found.samples}
    portions = {p.barcode for p in found.portions}
    assert {p.site for p in found.patients} == {s.code for s in found.sites if s.used}
    assert {p.sample for p in found.portions} <= samples
    assert {portion for slide in found.slides for portion in slide.portions} <= portions
    assert {e.sample for e in found.site_estimates} <= samples
    for table in (found.samples, found.follow_ups, found.aliquots, found.drugs, found.outcomes, found.ca9):
        assert {row.patient for row in table} <= patients


def test_site_and_core_percentages_stand_side_by_side() -> None:
    estimate = cohort().site_estimates[0]
    assert (estimate.sample, estimate.tumour_nuclei, estimate.necrosis) == ("tcga-a3-3307-01a", 95, 0)
    assert sum(e.necrosis is None for e in cohort().site_estimates) == 28


def test_releases_are_matched_by_their_second_heading_line() -> None:
    a, b = (
        {row["bcr_patient_barcode"]: row for row in registry_rows(f"release_{name}_clinical_patient")} for name in "ab"
    )
    swapped = ("lymph_node_examined_count", "primary_lymph_node_presentation_assessment")
    assert all(a[patient][column] == b[patient][column] for patient in a for column in swapped)
    assert {row["lymph_node_examined_count"] for row in b.values()}.isdisjoint({"YES", "NO"})


def test_an_outcome_keeps_the_word_and_gives_no_number_for_it() -> None:
    row = next(row for row in cohort().release("b") if row.patient == "tcga-b0-4699")
    assert row.days_to_last_contact_text == "[Not Available]"
    assert row.days_to_last_contact is None
    assert len(cohort().release("a")) == len(cohort().release("b")) == 537


def test_shipments_hold_every_aliquot_once() -> None:
    shipped = aliquot_shipments(cohort())
    items = [item for shipment in shipped for item in shipment.items]
    assert len(items) == len(set(items)) == 9175
    assert len({shipment.reference for shipment in shipped}) == len(shipped) == 197
    assert {shipment.kind for shipment in shipped} == {"aliquot"}
    assert sum(len(shipment.items) for shipment in portion_shipments(cohort())) == 478
