"""Reads of this floor that deeds, pages and the API share. Each takes ids or a scope; query counts are fixed."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from specimens.errors import Unknown
from specimens.models import (
    Block,
    Consent,
    ControlResult,
    CustodyEvent,
    Institution,
    LedgerEntry,
    Patient,
    Shipment,
    Slide,
    Specimen,
    StainRun,
    Trial,
)
from specimens.receipts import held_back
from specimens.scope import EVERYTHING, Scope
from specimens.vocabulary import ControlKind, CustodyKind, InstitutionRole, RunControls

GONE = (CustodyKind.RETURNED, CustodyKind.CONSUMED, CustodyKind.DESTROYED)
NOT_THERE = (*GONE, CustodyKind.LOST, CustodyKind.SHIPPED)


def latest_controls(run_ids: Collection[int]) -> dict[int, dict[str, ControlResult]]:
    """For each run the latest result of each kind of external control. One query."""
    latest: dict[int, dict[str, ControlResult]] = {run_id: {} for run_id in run_ids}
    for result in ControlResult.objects.filter(run_id__among=run_ids).order_by("id"):
        latest[result.run_id][result.kind] = result
    return latest


def said_by(latest: dict[str, ControlResult]) -> RunControls:
    """What the latest positive and negative control say together: pure."""
    if any(not result.passed for result in latest.values()):
        return RunControls.FAILED
    if set(latest) == {kind.value for kind in ControlKind}:
        return RunControls.PASSED
    return RunControls.PENDING


def run_controls(run_ids: Collection[int]) -> dict[int, RunControls]:
    """The state of each run's external controls."""
    return {run_id: said_by(latest) for run_id, latest in latest_controls(run_ids).items()}


def control_ids(run_ids: Collection[int]) -> dict[int, list[int]]:
    """The ids of the control results that speak for each run, ascending."""
    return {
        run_id: sorted(result.pk for result in latest.values()) for run_id, latest in latest_controls(run_ids).items()
    }


def withdrawn_patients(patient_ids: Collection[int]) -> set[int]:
    """Those of `patient_ids` whose consent to this study was withdrawn: nothing more may be done with their tissue."""
    return set(
        Consent.objects.filter(patient_id__among=patient_ids, scope="this_study", withdrawal__isnull=False).values_list(
            "patient_id", flat=True
        )
    )


def latest_events(*, blocks: Collection[int] = (), slides: Collection[int] = ()) -> dict[tuple[str, int], CustodyEvent]:
    """The last custody event of each block and slide, keyed ("block" | "slide", id). One query."""
    events: dict[tuple[str, int], CustodyEvent] = {}
    found = CustodyEvent.objects.filter(Q(block_id__among=blocks) | Q(slide_id__among=slides)).order_by("id")
    for event in found:
        if event.block_id is not None:
            events["block", event.block_id] = event
        elif event.slide_id is not None:
            events["slide", event.slide_id] = event
    return events


def is_at(last: CustodyEvent | None, institution_id: int) -> bool:
    """Does the last custody event say that the thing lies there, neither travelling nor gone?"""
    return last is not None and last.kind not in NOT_THERE and last.holder_id == institution_id


def kept_apart(*, blocks: Collection[int] = (), slides: Collection[int] = ()) -> set[tuple[str, int]]:
    """Blocks and slides with a receipt in quarantine or rejected from it, keyed as in `latest_events`."""
    about = held_back().filter(Q(item__block_id__in=blocks) | Q(item__slide_id__in=slides))
    found = about.values_list("item__block_id", "item__slide_id")
    return {("block", block) if block else ("slide", slide) for block, slide in found}


def core() -> Institution:
    """The core of this installation."""
    found = Institution.objects.filter(duties__role="core").order_by("id").first()
    if found is None:
        raise Unknown("no_core", "No institution has the role of the core yet: an administrator adds it first.")
    return found


def institution(code: str) -> Institution:
    found = Institution.objects.filter(code__iexact=code.strip()).first()
    if found is None:
        raise Unknown("unknown_institution", f"No institution has the code “{code}”.")
    return found


def institutions() -> QuerySet[Institution]:
    return Institution.objects.prefetch_related("duties").order_by("code")


def trials() -> QuerySet[Trial]:
    return Trial.objects.order_by("code")


def age_limits() -> list[int]:
    """The days that trials set as the limit of a section's age, each once."""
    return sorted(set(Trial.objects.values_list("section_age_limit_days", flat=True)))


def trial(code: str) -> Trial:
    found = Trial.objects.filter(code__iexact=code.strip()).first()
    if found is None:
        raise Unknown("unknown_trial", f"No trial has the code “{code}”.")
    return found


def patients(scope: Scope) -> QuerySet[Patient]:
    """Patients within reach, without those merged into another record."""
    held = Q() if scope.everything else Q(specimens__holding_site_id__in=scope.institutions)
    reach = Patient.objects.filter(scope.patients() | held) if not scope.everything else Patient.objects.all()
    return reach.filter(merge__isnull=True).select_related("trial", "treating_site").distinct()


def patients_with(ids: Collection[int]) -> dict[int, Patient]:
    """These patients by id, whoever may see them, with trial and treating site. One query."""
    return Patient.objects.select_related("trial", "treating_site").in_bulk(list(ids))


def patient(scope: Scope, trial_code: str, study_id: str) -> Patient:
    found = patients(scope).filter(trial__code__iexact=trial_code, study_id__iexact=study_id).first()
    if found is None:
        raise Unknown("unknown_patient", f"No patient {study_id} of trial {trial_code} is within your reach.")
    return found


def specimen(scope: Scope, accession: str) -> Specimen:
    found = (
        Specimen.objects.filter(scope.specimens(), accession=accession)
        .select_related("patient__trial", "patient__treating_site", "holding_site")
        .first()
    )
    if found is None:
        raise Unknown("unknown_specimen", f"No specimen {accession} is within your reach.")
    return found


def block(scope: Scope, accession: str) -> Block:
    found = (
        Block.objects.filter(scope.specimens("specimen__"), accession=accession)
        .select_related("specimen__patient__trial", "specimen__holding_site")
        .first()
    )
    if found is None:
        raise Unknown("unknown_block", f"No block {accession} is within your reach.")
    return found


def slides(scope: Scope) -> QuerySet[Slide]:
    return Slide.objects.filter(scope.specimens("block__specimen__")).select_related(
        "block__specimen__patient__trial", "staining__run"
    )


def slide(scope: Scope, accession: str) -> Slide:
    found = slides(scope).filter(accession=accession).first()
    if found is None:
        raise Unknown("unknown_slide", f"No slide {accession} is within your reach.")
    return found


def slides_named(accessions: Iterable[str]) -> dict[str, Slide]:
    """The slides of these accession numbers, whoever may see them."""
    return {found.accession: found for found in slides(EVERYTHING).filter(accession__in=set(accessions))}


def shipments(scope: Scope) -> QuerySet[Shipment]:
    return Shipment.objects.filter(scope.shipments()).select_related("sender", "receiver", "closure")


def told_apart(parcels: QuerySet[Shipment]) -> QuerySet[Any]:
    """Parcels with `from_core` and `to_core`: a return goes from a core to somebody who is none."""
    cores = Institution.objects.filter(duties__role=InstitutionRole.CORE)
    return parcels.annotate(
        from_core=Exists(cores.filter(pk=OuterRef("sender_id"))),
        to_core=Exists(cores.filter(pk=OuterRef("receiver_id"))),
    )


def shipment(scope: Scope, accession: str) -> Shipment:
    found = told_apart(shipments(scope)).filter(accession=accession).first()
    if found is None:
        raise Unknown("unknown_parcel", f"No parcel {accession} is within your reach.")
    return found


def stain_run(accession: str) -> StainRun:
    found = StainRun.objects.filter(accession=accession).select_related("lot", "assay").first()
    if found is None:
        raise Unknown("unknown_run", f"There is no stain run {accession}.")
    return found


def ledger_of_patient(patient_id: int) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(patient_id=patient_id).order_by("number")


def ledger_of(thing: str, thing_ids: Iterable[int]) -> QuerySet[LedgerEntry]:
    """Entries about things of one kind, as ledger_of("specimens.slide", [4, 9])."""
    return LedgerEntry.objects.filter(thing=thing, thing_id__in=[str(i) for i in thing_ids]).order_by("number")


def grouped_controls(run_ids: Collection[int]) -> dict[int, list[ControlResult]]:
    """Every control result of each run, oldest first, overruled ones included."""
    grouped: dict[int, list[ControlResult]] = defaultdict(list)
    for result in ControlResult.objects.filter(run_id__in=run_ids).select_related("recorded_by").order_by("id"):
        grouped[result.run_id].append(result)
    return grouped
