"""Whose desk a missing input is on: one sentence for each assay whose findings could still change the answer. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.cases import ASSAY_LABELS
from scoring.patient_desk import Lane, SlideFacts
from scoring.rules.model import AXES
from scoring.rules.vocabulary import Assay, Phase
from scoring.rules.why import NAMES
from scoring.views import CaseView
from specimens.vocabulary import RunControls, Stain

STAINS = {Assay.HISTOLOGY: Stain.HE, Assay.CAIX: Stain.CAIX}
HERE = ("received", "sectioned")


class Desk(StrEnum):
    """Who does what is to be done next."""

    COORDINATOR = "coordinator"
    BENCH = "bench"
    READERS = "readers"
    ADJUDICATOR = "adjudicator"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Waits:
    """Inputs of the rule that one assay still owes, the desk that has it, and what happens there next.

    `case` is the code of the case it hangs on, or blank.
    """

    inputs: tuple[str, ...]
    assay: str
    desk: Desk
    sentence: str
    case: str = ""

    @property
    def named(self) -> str:
        return ", ".join(NAMES.get(axis, axis) for axis in self.inputs)


def waits_of(missing: Collection[str], lane: Lane, cases: Sequence[CaseView]) -> tuple[Waits, ...]:
    """For the inputs `missing` of this specimen: histology first, nothing when nothing is missing."""
    mine = {case.assay: case for case in cases if case.specimen == lane.accession and not case.closed_because}
    owed = {assay: tuple(axis for axis in AXES if axis in missing and assay_of(axis) is assay) for assay in Assay}
    return tuple(waits(inputs, assay, lane, mine.get(assay)) for assay, inputs in owed.items() if inputs)


def assay_of(axis: str) -> Assay:
    return Assay.CAIX if axis == "caix" else Assay.HISTOLOGY


def waits(inputs: tuple[str, ...], assay: Assay, lane: Lane, case: CaseView | None) -> Waits:
    desk, sentence = of_case(assay, case) if case else of_tissue(assay, lane)
    return Waits(inputs, ASSAY_LABELS[assay], desk, sentence, case.code if case else "")


def of_case(assay: Assay, case: CaseView) -> tuple[Desk, str]:
    if assay is Assay.CAIX and case.controls == RunControls.FAILED:
        return Desk.BENCH, "its stain run's control failed: another section is stained"
    if assay is Assay.CAIX and case.controls == RunControls.PENDING:
        return Desk.BENCH, "its stain run's controls are not recorded"
    if case.phase is Phase.DISCORDANT:
        return Desk.ADJUDICATOR, "the two reads differ and are to be decided"
    if case.phase is Phase.CONCLUDED:
        return of_concluded(assay)
    waits_for = "second reader" if case.phase is Phase.AWAITING_SECOND else "reader"
    return Desk.READERS, f"waits for a {waits_for}"


def of_concluded(assay: Assay) -> tuple[Desk, str]:
    """Everything was signed, and the input is blank all the same."""
    if assay is Assay.CAIX:
        return Desk.BENCH, "was concluded without an evaluable result: a recut or restain opens a new case"
    return Desk.READERS, "was concluded with this left blank: an amended read, or a recut, fills it"


def of_tissue(assay: Assay, lane: Lane) -> tuple[Desk, str]:
    stained = [slide for slide in lane.slides.values() if stain_of(lane, slide) == STAINS[assay]]
    if stained and assay is Assay.CAIX and RunControls.PASSED not in {slide.controls for slide in stained}:
        pending = any(slide.controls == RunControls.PENDING for slide in stained)
        return Desk.BENCH, "the controls are not recorded" if pending else "the control failed: stain another section"
    if stained:
        return Desk.NOBODY, "is stained; its case opens by itself"
    if any(not stain_of(lane, slide) for slide in lane.slides.values()):
        return Desk.BENCH, "a section waits to be stained"
    if any(block.last in HERE for block in lane.blocks.values()):
        return Desk.BENCH, "a block waits to be cut"
    if lane.items and not any(item.received_at for item in lane.items):
        return Desk.COORDINATOR, f"parcel {lane.items[-1].parcel} is on its way"
    return Desk.COORDINATOR, "no tissue to stain is here: ask for it"


def stain_of(lane: Lane, slide: SlideFacts) -> str:
    """The slide's stain; one that came as H&E was stained elsewhere."""
    came = any(item.slide == slide.accession and item.kind == "he_slide" for item in lane.items)
    return slide.stain or (Stain.HE if came else "")
