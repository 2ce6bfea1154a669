"""Stories: short walks through the real deeds, for tests that start in the middle of the trial."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.enrolling import NewPatient, add_institution, enrol_patients, open_trial
from specimens.models import (
    Block,
    Institution,
    Patient,
    ReagentLot,
    Shipment,
    Slide,
    Specimen,
    StainRun,
    Trial,
)
from specimens.receiving import ReceivedItem, receive_items
from specimens.sectioning import Cut, cut_sections
from specimens.staining import NewRun, record_controls, record_lot, stain_run
from specimens.vocabulary import ControlKind, InstitutionRole, ItemKind, SpecimenKind, Stain, Terms
from tests.cast import AT, FOUNDER, Cast

SENT_ON = date(2026, 11, 5)
ARRIVED = datetime(2026, 11, 6, 10, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 8, 15, 9, 0, tzinfo=UTC)
CUT_ON = date(2026, 11, 10)
STAINED_ON = date(2026, 11, 20)
CONTROL_SLIDES = ((ControlKind.POSITIVE, "kidney tumour TC-7"), (ControlKind.NEGATIVE, "no primary antibody"))
PASSED = {ControlKind.POSITIVE: True, ControlKind.NEGATIVE: True}


@dataclass(frozen=True)
class House:
    core: Institution
    mercy: Institution
    lakeshore: Institution
    trial: Trial


def a_house() -> House:
    """A core, two hospitals and a trial."""
    both = [InstitutionRole.TREATING, InstitutionRole.HOLDING]
    return House(
        core=add_institution(by=FOUNDER, at=AT, code="CORE", name="CWG core", roles=[InstitutionRole.CORE]),
        mercy=add_institution(by=FOUNDER, at=AT, code="MERCY", name="Mercy General", roles=both),
        lakeshore=add_institution(by=FOUNDER, at=AT, code="LAKE", name="Lakeshore University", roles=both),
        trial=open_trial(by=FOUNDER, at=AT, code="CWG", title="A trial of interleukin 2"),
    )


def a_patient(cast: Cast, house: House, study_id: str = "CWG-0187", site: str = "MERCY") -> Patient:
    row = NewPatient(study_id=study_id, treating_site=site, consent_on=date(2026, 10, 22))
    return enrol_patients(by=cast.coordinator, at=AT, trial=house.trial, rows=[row])[0]


def an_item(patient: Patient, **changes: object) -> AnnouncedItem:
    """A block on loan of the patient's primary, as a hospital announces it."""
    said: dict[str, object] = {
        "kind": ItemKind.BLOCK,
        "label": "A1",
        "trial": patient.trial.code,
        "study_id": patient.study_id,
        "specimen_label": "S1",
        "procedure_on": date(2026, 8, 14),
        "hospital_number": f"H26-{patient.pk}-SECRET",
        "terms": Terms.LOAN,
    }
    return AnnouncedItem(**(said | changes))  # type: ignore[arg-type]


def an_announced_parcel(
    cast: Cast, house: House, *items: AnnouncedItem, sent_on: date | None = SENT_ON, at: datetime = AT
) -> Shipment:
    parcel = Parcel(sender=house.mercy, receiver=house.core, items=items, sent_on=sent_on, courier="FedEx")
    return announce_shipments(by=cast.coordinator, at=at, parcels=[parcel])[0]


def a_received_block(
    cast: Cast, house: House, patient: Patient, *, arrived: datetime = ARRIVED, **changes: object
) -> Block:
    """A block of the patient at the core, there since before anything is cut."""
    item, sent_on = an_item(patient, **changes), arrived.date() - timedelta(days=1)
    shipment = an_announced_parcel(cast, house, item, sent_on=sent_on)
    receipts = receive_items(by=cast.coordinator, at=arrived, shipment=shipment, items=[ReceivedItem(line=1)])
    return receipts[0].item.block


def a_lot(cast: Cast, stain: Stain) -> ReagentLot:
    """The lot in use for a stain, recorded once."""
    clone = "M75" if stain is Stain.CAIX else ""
    found = ReagentLot.objects.filter(stain=stain, lot="L1").first()
    return found or record_lot(by=cast.bench, at=AT, stain=stain, lot="L1", clone=clone)


def a_stained_slide(
    cast: Cast, block: Block, stain: Stain = Stain.HE, controls: dict[ControlKind, bool] | None = None
) -> Slide:
    """A section of `block`, stained in a run of its own whose controls passed (or as given)."""
    cut = Cut(block=block, sections=1, cut_on=CUT_ON)
    slide = cut_sections(by=cast.bench, at=AT, cuts=[cut])[0]
    run = a_run(cast, [slide], stain)
    results = PASSED if controls is None else controls
    if results:
        record_controls(by=cast.bench, at=AT, run=run, results=results, observed_on=STAINED_ON + timedelta(days=1))
    return Slide.objects.select_related("block__specimen__patient__trial", "staining__run").get(pk=slide.pk)


def a_run(cast: Cast, slides: list[Slide], stain: Stain) -> StainRun:
    return stain_run(
        by=cast.bench,
        at=AT,
        run=NewRun(
            lot=a_lot(cast, stain), slides=slides, stained_on=STAINED_ON, dilution="1:100", controls=CONTROL_SLIDES
        ),
    )


def a_specimen(cast: Cast, house: House, patient: Patient, kind: SpecimenKind = SpecimenKind.PRIMARY) -> Specimen:
    label = "S1" if kind is SpecimenKind.PRIMARY else "M1"
    return a_received_block(cast, house, patient, specimen_kind=kind, specimen_label=label).specimen


HISTOLOGY = {
    "adequate": "yes", "viable_tumour": "70", "necrosis": "10", "histologic_type": "clear_cell",
    "arch_alveolar": "45", "arch_solid": "40", "arch_tubular": "15", "arch_papillary": "0", "arch_cystic": "0",
    "arch_trabecular": "0", "arch_sarcomatoid": "0", "arch_other": "0",
    "cyto_clear": "80", "cyto_granular": "20", "cyto_other": "0",
    "rhabdoid": "0", "fuhrman": "2", "who_isup": "2", "comment": "",
}  # fmt: skip
CAIX = {
    "mode": "intensities", "pct_0": "5", "pct_1": "10", "pct_2": "25", "pct_3": "60", "at_least_100_cells": "yes",
    "pattern": "membranous_complete", "internal_control": "passed", "evaluable": "yes", "comment": "",
}  # fmt: skip
