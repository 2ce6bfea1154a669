"""What a site holds is put on record: specimens with their blocks, all or none."""

from dataclasses import replace
from datetime import date

import pytest

from specimens.errors import Rejected
from specimens.holdings import HeldBlock, HeldSpecimen, record_holdings
from specimens.models import CustodyEvent, LedgerEntry, Patient, Specimen
from specimens.vocabulary import CustodyKind, Preservation, SpecimenKind
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House


@pytest.fixture
def row(house: House, patient: Patient) -> HeldSpecimen:
    return HeldSpecimen(
        patient=patient,
        label="S1",
        holding_site=house.mercy,
        preservation=Preservation.OCT,
        blocks=(HeldBlock("A1", date(2026, 9, 1)), HeldBlock("A2", synthetic=True)),
    )


def test_specimen_and_blocks_are_accessioned_with_their_custody(cast: Cast, row: HeldSpecimen) -> None:
    normal = replace(row, label="N1", kind=SpecimenKind.NORMAL, blocks=())
    first, second = record_holdings(by=cast.coordinator, at=AT, rows=[row, normal])
    assert (first.kind, first.preservation, second.kind) == ("primary", "oct", "normal")
    blocks = list(first.blocks.order_by("id").values_list("site_label", "embedded_on", "synthetic"))
    assert blocks == [("A1", date(2026, 9, 1), False), ("A2", None, True)]
    events = CustodyEvent.objects.values_list("kind", "holder", "block__site_label")
    assert set(events) == {(CustodyKind.COLLECTED, row.holding_site.pk, label) for label in ("A1", "A2")}
    assert LedgerEntry.objects.filter(deed="accession", patient_id=row.patient.pk).count() == 4


def test_only_coordinators_put_tissue_on_record(cast: Cast, row: HeldSpecimen) -> None:
    with forbidden("Only coordinators put tissue on record"):
        record_holdings(by=cast.bench, at=AT, rows=[row])
    assert not Specimen.objects.exists()


def test_every_fault_of_every_row_is_told_and_nothing_kept(cast: Cast, row: HeldSpecimen) -> None:
    faulty = [
        row,
        replace(row, topography="kidney", procedure_on=date(2030, 1, 1)),
        replace(row, label=" ", blocks=(HeldBlock("A1"), HeldBlock("A1 "), HeldBlock("A" * 61))),
    ]
    with refused("holdings_refused", "Topography is an ICD-O-3 site", Rejected) as refusal:
        record_holdings(by=cast.coordinator, at=AT, rows=faulty)
    assert refusal.places == [
        (2, "topography"),
        (2, "procedure_on"),
        (2, "label"),
        (3, "label"),
        (3, "label"),
        (3, "blocks"),
    ]


def test_a_label_that_is_on_record_is_refused(cast: Cast, row: HeldSpecimen) -> None:
    record_holdings(by=cast.coordinator, at=AT, rows=[row])
    with refused("specimen_label_once", "has a specimen with that label already"):
        record_holdings(by=cast.coordinator, at=AT, rows=[row])
    assert Specimen.objects.count() == 1
