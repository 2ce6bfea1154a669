"""Tissue that a site holds, put on record before any of it is sent: specimens with their blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from specimens import custody, ledger
from specimens.accessions import take
from specimens.actors import Actor
from specimens.announced import TOPOGRAPHY
from specimens.consenting import demand_consent
from specimens.deeds import deed, demand_reach, local_day, require, unfit
from specimens.errors import Rejected, RowProblem
from specimens.identifiers import BLOCK, SPECIMEN
from specimens.models import Block, Institution, Patient, Specimen
from specimens.vocabulary import CustodyKind, Laterality, Preservation, SpecimenKind

LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class HeldBlock:
    """One block by the holder's coded label; `embedded_on` is None when nobody wrote it down."""

    label: str
    embedded_on: date | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class HeldSpecimen:
    """One specimen by the holder's coded label, with its blocks, none included."""

    patient: Patient
    label: str
    holding_site: Institution
    kind: SpecimenKind = SpecimenKind.PRIMARY
    topography: str = "C64.9"
    laterality: Laterality = Laterality.NOT_RECORDED
    procedure: str = ""
    procedure_on: date | None = None
    preservation: Preservation = Preservation.NOT_RECORDED
    blocks: tuple[HeldBlock, ...] = ()
    synthetic: bool = False


@deed
def record_holdings(*, by: Actor, at: datetime, rows: Sequence[HeldSpecimen]) -> list[Specimen]:
    """Accession all of `rows` with their blocks or, with every fault of every row named, none of them."""
    require(by, "specimens.announce", "Only coordinators put tissue on record.")
    demand_reach(by, {row.holding_site for row in rows}, "Putting tissue on record")
    if problems := faults_of(rows, local_day(at)):
        raise Rejected(problems, code="holdings_refused")
    demand_consent({row.patient.pk for row in rows}, "Keeping tissue")
    specimens = new_specimens(rows, at)
    blocks = new_blocks(rows, specimens, at)
    custody.keep(
        [
            custody.begun(CustodyKind.COLLECTED, block, row.holding_site, row.procedure_on, at, by.pk)
            for block, row in blocks
        ]
    )
    lines = [
        ledger.line(
            "accession",
            specimen,
            f"{specimen.get_kind_display()} specimen {specimen} was accessioned.",
            patient_id=specimen.patient_id,
        )
        for specimen in specimens
    ]
    lines += [
        ledger.line(
            "accession",
            block,
            f"Block {block} of specimen {block.specimen} was accessioned.",
            patient_id=row.patient.pk,
        )
        for block, row in blocks
    ]
    ledger.write(lines, by=by, at=at)
    return specimens


def new_specimens(rows: Sequence[HeldSpecimen], at: datetime) -> list[Specimen]:
    added = [
        Specimen(
            accession=number,
            patient=row.patient,
            kind=row.kind,
            topography=row.topography,
            laterality=row.laterality,
            procedure=row.procedure.strip(),
            procedure_on=row.procedure_on,
            preservation=row.preservation,
            holding_site=row.holding_site,
            site_label=row.label.strip(),
            accessioned_at=at,
            synthetic=row.synthetic,
        )
        for number, row in zip(take(SPECIMEN, len(rows)), rows, strict=True)
    ]
    return Specimen.objects.bulk_create(added, batch_size=500)


def new_blocks(
    rows: Sequence[HeldSpecimen], specimens: Sequence[Specimen], at: datetime
) -> list[tuple[Block, HeldSpecimen]]:
    wanted = [(s, row, block) for s, row in zip(specimens, rows, strict=True) for block in row.blocks]
    added = [
        Block(
            accession=number,
            specimen=specimen,
            site_label=block.label.strip(),
            embedded_on=block.embedded_on,
            accessioned_at=at,
            synthetic=block.synthetic,
        )
        for number, (specimen, _, block) in zip(take(BLOCK, len(wanted)), wanted, strict=True)
    ]
    Block.objects.bulk_create(added, batch_size=500)
    return [(block, row) for block, (_, row, _) in zip(added, wanted, strict=True)]


def faults_of(rows: Sequence[HeldSpecimen], today: date) -> list[RowProblem]:
    """Every fault of every row; rows count from 1. A label on record already is the database's to refuse."""
    problems = []
    seen: set[tuple[int, str]] = set()
    for number, row in enumerate(rows, start=1):
        problems += [RowProblem(number, *fault) for fault in row_faults(row, today)]
        key = (row.patient.pk, row.label.strip())
        if key in seen:
            problems.append(RowProblem(number, "label", "This specimen stands in the list twice.", row.label))
        seen.add(key)
    return problems


def row_faults(row: HeldSpecimen, today: date) -> list[tuple[str, str, str]]:
    """(field, sentence, value) of what is wrong with one row by itself."""
    labels = [block.label.strip() for block in row.blocks]
    faults = [
        ("label", said, label[:40])
        for label in (row.label, *labels)
        if (said := unfit(label, LONGEST_LABEL) or ("" if label.strip() else "Give a label."))
    ]
    if len(set(labels)) < len(labels):
        faults.append(("blocks", "Two blocks of one specimen have the same label.", row.label[:40]))
    if not TOPOGRAPHY.match(row.topography):
        faults.append(("topography", "Topography is an ICD-O-3 site such as C64.9.", row.topography[:40]))
    if row.procedure_on and row.procedure_on > today:
        faults.append(("procedure_on", f"{row.procedure_on} lies in the future.", str(row.procedure_on)))
    return faults
