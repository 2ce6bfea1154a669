"""A reading desk for the tests of this floor: cases with stained slides, reads as people sign them."""

from datetime import timedelta

from scoring.adjudicating import adjudicate
from scoring.assessing import WORKER
from scoring.models import Read, ReadingCase
from scoring.opening import open_cases
from scoring.reading import amend_read, sign_read
from specimens.models import Specimen
from specimens.vocabulary import ControlKind, SpecimenKind, Stain
from tests.cast import AT, Cast
from tests.stories import CAIX, HISTOLOGY, House, a_patient, a_received_block, a_stained_slide

LATER = AT + timedelta(hours=1)
PAPILLARY = {"arch_alveolar": "35", "arch_papillary": "10"}
LOW = {"pct_0": "20", "pct_3": "45"}
INADEQUATE = {"adequate": "no", "inadequate_reason": "no_viable_tumour", "viable_tumour": "0"}
NOT_READ = {
    "mode": "intensities",
    "at_least_100_cells": "no",
    "evaluable": "no",
    "not_evaluable_reason": "too_few_cells",
}
ONE_FAILED = {ControlKind.POSITIVE: True, ControlKind.NEGATIVE: False}


def a_tumour(
    cast: Cast,
    house: House,
    study_id: str = "CWG-0187",
    kind: SpecimenKind = SpecimenKind.PRIMARY,
    **changes: object,
) -> Specimen:
    """A specimen of the patient (enrolled when there is none yet) with one block at the core."""
    patient = house.trial.patients.filter(study_id=study_id).first() or a_patient(cast, house, study_id)
    said = {"specimen_kind": kind, "specimen_label": f"{kind}-1", **changes}
    return a_received_block(cast, house, patient, **said).specimen


def a_case(
    cast: Cast,
    house: House,
    stain: Stain = Stain.HE,
    specimen: Specimen | None = None,
    controls: dict[ControlKind, bool] | None = None,
) -> ReadingCase:
    """A case on a freshly stained slide of the specimen."""
    specimen = specimen or a_tumour(cast, house)
    slide = a_stained_slide(cast, specimen.blocks.get(), stain, controls)
    return open_cases(by=WORKER, at=AT, slides=[slide])[0]


def found(case: ReadingCase, **changes: str) -> dict[str, str]:
    """Findings as typed at the desk for the case's assay."""
    return {**(HISTOLOGY if case.assay == "histology" else CAIX), **changes}


def signs(person: object, case: ReadingCase, **changes: str) -> Read:
    return sign_read(by=person, at=LATER, case=case, findings=found(case, **changes), method="password")


def corrects(person: object, read: Read, **changes: str) -> Read:
    return amend_read(
        by=person,
        at=LATER,
        read=read,
        findings=found(read.case, **changes),
        reason="a slip of the pen",
        method="password",
    )


def decides(person: object, case: ReadingCase, **changes: str) -> Read:
    return adjudicate(by=person, at=LATER, case=case, findings=found(case, **changes), method="password")


def both_sign(
    cast: Cast, case: ReadingCase, first: dict[str, str] | None = None, second: dict[str, str] | None = None
) -> list[Read]:
    return [signs(cast.reader, case, **(first or {})), signs(cast.second_reader, case, **(second or {}))]
