"""Corrections of what was misidentified: the thing is moved with a reason, and what rests on it is looked at again.

A case is void once its slide no longer belongs to its specimen; a patient's score follows its specimens.
"""

from collections.abc import Iterable
from datetime import datetime

from specimens import jobs, ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, demand_core, require
from specimens.enrolling import STUDY_ID
from specimens.errors import Invalid, Refused
from specimens.models import Block, Correction, Patient, PatientMerge, Slide, Specimen
from specimens.queries import withdrawn_patients
from specimens.vocabulary import CorrectionKind

Thing = Patient | Specimen | Block | Slide


def demand_reason(by: Actor, reason: str) -> None:
    require(by, "specimens.correct", "Only coordinators of the core correct an identity.")
    demand_core(by, "Correcting an identity")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why this is corrected; the reason stays on record.", field="reason")


def keep(
    kind: CorrectionKind, thing: Thing, was: Thing | str, became: Thing | str, *, by: Actor, at: datetime, reason: str
) -> Correction:
    return Correction.objects.create(
        kind=kind, thing_id=thing.pk, label=str(thing), was=str(was), became=str(became), corrected_at=at,
        corrected_by_id=person_id(by), reason=reason.strip(),
    )  # fmt: skip


def look_again(correction: Correction, specimens: Iterable[int], patients: Iterable[int]) -> None:
    """Ask for everything that rested on the old place to be scored anew."""
    arguments = {"specimen_ids": sorted(set(specimens)), "patient_ids": sorted(set(patients))}
    jobs.ask("tissue moved", key=str(correction.pk), arguments=arguments)


@deed
def move_specimen(*, by: Actor, at: datetime, specimen: Specimen, to: Patient, reason: str) -> Correction:
    """The specimen is another patient's: it goes there with its blocks, slides, cases and scores."""
    demand_reason(by, reason)
    moved, was = held_with(specimen, to)
    if was == to:
        raise Refused("there_already", f"Specimen {moved} is {to}'s already.")
    if was.trial_id != to.trial_id:
        raise Refused("other_trial", f"{to} is in trial {to.trial}, {was} in {was.trial}: tissue stays in its trial.")
    moved.patient = to
    moved.save(update_fields=["patient"])
    kept = keep(CorrectionKind.SPECIMEN_TO_PATIENT, moved, was, to, by=by, at=at, reason=reason)
    look_again(kept, [moved.pk], [was.pk, to.pk])
    said = f"Specimen {moved} was moved from {was} to {to}."
    lines = [
        ledger.line("move specimen", moved, said, patient_id=patient.pk, was={"patient": str(was)},
                    became={"patient": str(to)}, reason=reason)
        for patient in (was, to)
    ]  # fmt: skip
    ledger.write(lines, by=by, at=at)
    return kept


def held_with(specimen: Specimen, to: Patient) -> tuple[Specimen, Patient]:
    """The specimen and its patient, locked: patients before specimens, as a merge locks them."""
    before = Specimen.objects.values_list("patient_id", flat=True).get(pk=specimen.pk)
    list(Patient.objects.select_for_update().filter(pk__in=[before, to.pk]).order_by("pk"))
    held = Specimen.objects.select_for_update().get(pk=specimen.pk)
    if held.patient_id not in (before, to.pk):
        raise Refused("moved_meanwhile", f"Specimen {held} became {held.patient}'s just now. Look at it again.")
    return held, held.patient


@deed
def move_block(*, by: Actor, at: datetime, block: Block, to: Specimen, reason: str) -> Correction:
    """The block is of another specimen: its slides go with it, and their cases are void."""
    demand_reason(by, reason)
    moved = Block.objects.select_for_update().select_related("specimen").get(pk=block.pk)
    was = moved.specimen
    if was == to:
        raise Refused("there_already", f"Block {moved} is of specimen {to} already.")
    moved.specimen = to
    moved.save(update_fields=["specimen"])
    kept = keep(CorrectionKind.BLOCK_TO_SPECIMEN, moved, was, to, by=by, at=at, reason=reason)
    look_again(kept, [was.pk, to.pk], [was.patient_id, to.patient_id])
    said = f"Block {moved} was moved from specimen {was} to {to}; cases on its slides are void."
    write_move("move block", moved, said, was, to, by=by, at=at, reason=reason)
    return kept


@deed
def move_slide(*, by: Actor, at: datetime, slide: Slide, to: Block, reason: str) -> Correction:
    """The slide was cut from another block; if that is another specimen's, its cases are void."""
    demand_reason(by, reason)
    moved = Slide.objects.select_for_update(of=("self",)).select_related("block__specimen").get(pk=slide.pk)
    was = moved.block
    if was == to:
        raise Refused("there_already", f"Slide {moved} is of block {to} already.")
    moved.block = to
    moved.save(update_fields=["block"])
    kept = keep(CorrectionKind.SLIDE_TO_BLOCK, moved, was, to, by=by, at=at, reason=reason)
    old, new = was.specimen, to.specimen
    look_again(kept, [old.pk, new.pk], [old.patient_id, new.patient_id])
    said = f"Slide {moved} was moved from block {was} to {to}."
    write_move("move slide", moved, said, old, new, by=by, at=at, reason=reason)
    return kept


def write_move(
    deed_name: str, thing: Thing, said: str, was: Specimen, to: Specimen, *, by: Actor, at: datetime, reason: str
) -> None:
    """One line in the history of each patient the move touches."""
    lines = [
        ledger.line(deed_name, thing, said, patient_id=patient_id, was={"specimen": str(was)},
                    became={"specimen": str(to)}, reason=reason)
        for patient_id in dict.fromkeys([was.patient_id, to.patient_id])
    ]  # fmt: skip
    ledger.write(lines, by=by, at=at)


@deed
def correct_study_id(*, by: Actor, at: datetime, patient: Patient, study_id: str, reason: str) -> Correction:
    """The patient was enrolled under a wrong study id."""
    demand_reason(by, reason)
    right = study_id.strip().upper()
    if not STUDY_ID.match(right):
        raise Invalid("bad_study_id", "A study id looks like CWG-0187.", field="study_id")
    corrected = Patient.objects.select_for_update().get(pk=patient.pk)
    was = corrected.study_id
    if was == right:
        raise Refused("there_already", f"The study id is {right} already.")
    corrected.study_id = right
    corrected.save(update_fields=["study_id"])
    kept = keep(CorrectionKind.STUDY_ID, corrected, was, right, by=by, at=at, reason=reason)
    said = f"The study id {was} was corrected to {right}."
    lines = [
        ledger.line("correct study id", corrected, said, patient_id=corrected.pk, was={"study_id": was},
                    became={"study_id": right}, reason=reason)
    ]  # fmt: skip
    ledger.write(lines, by=by, at=at)
    return kept


@deed
def merge_patients(*, by: Actor, at: datetime, duplicate: Patient, survivor: Patient, reason: str) -> PatientMerge:
    """Two records are one person: all tissue of `duplicate` becomes `survivor`'s; its record stays, empty."""
    demand_reason(by, reason)
    named = Patient.objects.filter(pk__in=[duplicate.pk, survivor.pk])
    both = {patient.pk: patient for patient in named.select_for_update().order_by("pk")}
    if len(both) < 2:
        raise Refused("one_patient", "A patient cannot be merged into itself.")
    if duplicate.trial_id != survivor.trial_id:
        raise Refused("other_trial", "Only records of one trial are merged.")
    if PatientMerge.objects.filter(duplicate__in=both).exists():
        raise Refused("merged_already", "One of these records was merged before.")
    withdrawn = withdrawn_patients(both)
    if withdrawn and len(withdrawn) == 1:
        raise Refused("consent_differs", "One of them has withdrawn consent: record the withdrawal on both first.")
    moved = list(Specimen.objects.select_for_update().filter(patient=duplicate).order_by("id"))
    merge = PatientMerge.objects.create(
        duplicate=duplicate, survivor=survivor, merged_at=at, merged_by_id=person_id(by), reason=reason.strip()
    )
    Specimen.objects.filter(pk__in=[s.pk for s in moved]).update(patient=survivor)
    kept = keep(CorrectionKind.PATIENT_MERGED, duplicate, duplicate, survivor, by=by, at=at, reason=reason)
    look_again(kept, [s.pk for s in moved], both)
    said = f"{duplicate} was found to be {survivor} and merged into it with {len(moved)} specimens."
    lines = [
        ledger.line("merge patients", patient, said, patient_id=patient.pk, was={"patient": str(duplicate)},
                    became={"patient": str(survivor)}, reason=reason)
        for patient in (duplicate, survivor)
    ]  # fmt: skip
    ledger.write(lines, by=by, at=at)
    return merge
