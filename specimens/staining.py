"""Reagent lots, stain runs and their external controls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from specimens import custody, jobs, ledger
from specimens.accessions import take
from specimens.actors import Actor, person_id
from specimens.consenting import demand_consent
from specimens.deeds import checked, deed, demand_reach, local_day, require, unfit
from specimens.errors import WRONG_STATE, Invalid, Refused, Rejected, RowProblem
from specimens.identifiers import RUN
from specimens.models import (
    AssayVersion,
    ControlResult,
    ControlSlide,
    CustodyEvent,
    ReagentLot,
    Slide,
    Staining,
    StainRun,
    Trial,
)
from specimens.queries import core, is_at, kept_apart, latest_controls, latest_events
from specimens.vocabulary import STAIN_LABELS, AgeBand, ControlKind, CustodyKind, Stain

BENCH_ONLY = "Only histotechnologists stain slides and record controls."


@dataclass(frozen=True, slots=True)
class NewRun:
    """A batch to stain. `override_reasons` by slide id, for sections older than the trial's limit.

    `controls` are the control slides beside it, by kind and label. What is left blank of dilution, retrieval and
    platform is as the assay version says.
    """

    lot: ReagentLot
    slides: Sequence[Slide]
    stained_on: date
    dilution: str = ""
    platform: str = ""
    override_reasons: Mapping[int, str] = field(default_factory=dict)
    assay: AssayVersion | None = None
    retrieval: str = ""
    controls: Sequence[tuple[ControlKind, str]] = ()
    synthetic: bool = False


@deed
def record_lot(*, by: Actor, at: datetime, stain: Stain, lot: str, clone: str = "", supplier: str = "",
               expires_on: date | None = None, synthetic: bool = False) -> ReagentLot:  # fmt: skip
    """Record a reagent lot. CA-IX needs the antibody's clone."""
    require(by, "specimens.stain", BENCH_ONLY)
    if not lot.strip():
        raise Invalid("no_lot", "Give the lot number.", field="lot")
    if stain == Stain.CAIX and not clone.strip():
        raise Invalid("no_clone", "A CA-IX lot names the antibody's clone.", field="clone")
    recorded = ReagentLot(
        stain=stain, lot=lot.strip(), clone=clone.strip(), supplier=supplier.strip(), expires_on=expires_on,
        recorded_at=at, synthetic=synthetic,
    )  # fmt: skip
    checked(recorded)
    recorded.save()
    became = {"stain": stain, "clone": recorded.clone, "lot": recorded.lot}
    ledger.write(
        [ledger.line("record lot", recorded, f"Lot {recorded.lot} was recorded.", became=became)], by=by, at=at
    )
    return recorded


@deed
def stain_run(*, by: Actor, at: datetime, run: NewRun) -> StainRun:
    """Stain a batch. Every slide must be at the core, unstained, young enough or overridden with a reason; beside
    CA-IX slides stand a positive and a negative control slide."""
    require(by, "specimens.stain", BENCH_ONLY)
    home = core()
    demand_reach(by, [home], "Staining")
    demand_consent({slide.block.specimen.patient_id for slide in run.slides}, "Staining")
    custody.hold({("slide", slide.pk) for slide in run.slides})
    if problems := faults_of(run, home.pk, local_day(at)):
        raise Rejected(problems, code="staining_refused")
    stained = new_run(run, by, at)
    checked(stained).save()
    ControlSlide.objects.bulk_create(
        [ControlSlide(run=stained, kind=kind, label=label.strip()) for kind, label in run.controls]
    )
    stainings = Staining.objects.bulk_create(
        [
            Staining(
                slide=slide,
                run=stained,
                section_age_days=age_of(slide, run.stained_on),
                age_override_reason=run.override_reasons.get(slide.pk, "").strip(),
            )
            for slide in run.slides
        ]
    )
    when = custody.noon(run.stained_on, at)
    custody.keep(
        [custody.event(CustodyKind.STAINED, s, home, when, by.pk, synthetic=run.synthetic) for s in run.slides]
    )
    became = {"lot": run.lot.lot, "clone": run.lot.clone, "slides": len(stainings)}
    became |= {"assay": run.assay.name} if run.assay else {}
    name = STAIN_LABELS[Stain(stained.stain)]
    said = f"Run {stained} ({name}) stained {len(stainings)} slides on {run.stained_on}."
    lines = [ledger.line("stain run", stained, said, became=became)]
    lines += [staining_line(staining, name) for staining in stainings]
    jobs.ask("run stained", key=str(stained.pk), arguments={"run_id": stained.pk})
    ledger.write(lines, by=by, at=at)
    return stained


def new_run(run: NewRun, by: Actor, at: datetime) -> StainRun:
    """An unsaved run; what was left blank is as its assay version says."""
    said = {
        part: getattr(run, part).strip() or (getattr(run.assay, part) if run.assay else "")
        for part in ("dilution", "retrieval", "platform")
    }
    return StainRun(
        accession=take(RUN)[0],
        stain=run.lot.stain,
        lot=run.lot,
        assay=run.assay,
        stained_on=run.stained_on,
        recorded_at=at,
        recorded_by_id=person_id(by),
        synthetic=run.synthetic,
        **said,
    )


def staining_line(staining: Staining, stain: str) -> ledger.Line:
    slide = staining.slide
    said = f"Slide {slide} was stained {stain} in run {staining.run}."
    became = {"run": str(staining.run), "section_age_days": staining.section_age_days}
    patient_id = slide.block.specimen.patient_id
    reason = staining.age_override_reason
    return ledger.line("stain slide", slide, said, patient_id=patient_id, became=became, reason=reason)


def age_of(slide: Slide, stained_on: date) -> int | None:
    """Section age in days at staining; None when the cut date is unknown."""
    return (stained_on - slide.cut_on).days if slide.cut_on else None


def faults_of(run: NewRun, core_id: int, today: date) -> list[RowProblem]:
    """Every fault of every slide; slides count from 1, row 0 is the run."""
    of_slides = slide_faults(run.slides, run.stained_on, core_id, run.override_reasons)
    return run_faults(run, today) + [problem for problem in of_slides if problem]


def run_faults(run: NewRun, today: date) -> list[RowProblem]:
    """What is wrong with the run itself, whatever its slides."""
    problems = []
    if not run.slides:
        problems.append(RowProblem(0, "slides", "A run stains at least one slide."))
    if run.stained_on > today:
        problems.append(RowProblem(0, "stained_on", f"{run.stained_on} lies in the future.", str(run.stained_on)))
    if run.lot.expires_on and run.stained_on > run.lot.expires_on:
        said = f"Lot {run.lot.lot} expired on {run.lot.expires_on}: stain from another lot."
        problems.append(RowProblem(0, "lot", said, run.lot.lot))
    if run.assay and (said := assay_fault(run.assay, run)):
        problems.append(RowProblem(0, "assay", said, run.assay.name))
    return problems + [RowProblem(0, kind, said) for kind, said in control_faults(run)]


def assay_fault(assay: AssayVersion, run: NewRun) -> str:
    """Why this run cannot be one of that assay version; blank when it can."""
    if assay.stain != run.lot.stain:
        return f"Assay version {assay} is for {STAIN_LABELS[Stain(assay.stain)]}, the lot is not."
    if assay.clone and run.lot.clone and assay.clone.casefold() != run.lot.clone.casefold():
        return f"Assay version {assay} uses clone {assay.clone}, the lot is of {run.lot.clone}."
    if assay.retired_at and run.stained_on > local_day(assay.retired_at):
        return (
            f"Assay version {assay} was retired on {local_day(assay.retired_at)}: choose the one that took its place."
        )
    return ""


def control_faults(run: NewRun) -> list[tuple[str, str]]:
    """(kind, sentence) of what is wrong with the control slides. H&E may go without."""
    faults = []
    for kind in ControlKind:
        labels = [label.strip() for each, label in run.controls if each == kind]
        if not labels and run.lot.stain == Stain.CAIX:
            faults.append((kind.value, f"A CA-IX run stands beside a {kind} control slide: name or scan it."))
        said = [fault for label in labels if (fault := unfit(label, 60) or ("" if label else "Name it."))]
        faults += [(kind.value, fault) for fault in said[:1]]
        if len({label.casefold() for label in labels}) < len(labels):
            faults.append((kind.value, f"A {kind} control slide stands twice in the run."))
    return faults


def slide_faults(
    slides: Sequence[Slide], stained_on: date, core_id: int, reasons: Mapping[int, str]
) -> list[RowProblem | None]:
    """What refuses each slide on that day, in the order of the batch; None for one that may be stained."""
    ids = [slide.pk for slide in slides]
    held, apart = latest_events(slides=ids), kept_apart(slides=ids)
    stained = set(Staining.objects.filter(slide_id__in=ids).values_list("slide_id", flat=True))
    problems: list[RowProblem | None] = []
    for number, slide in enumerate(slides, start=1):
        last = held.get(("slide", slide.pk))
        said, code = age_fault(slide, stained_on, reasons), "invalid"
        if slide.pk in stained:
            said, code = ("slide", f"Slide {slide} is stained already; a restain takes a new section."), WRONG_STATE
        elif not is_at(last, core_id):
            said, code = ("slide", not_here(slide, last)), WRONG_STATE
        elif ("slide", slide.pk) in apart:
            said, code = ("slide", f"Slide {slide} is in quarantine: settle that first."), WRONG_STATE
        elif ids.count(slide.pk) > 1:
            said = ("slide", f"Slide {slide} stands twice in this run.")
        problems.append(RowProblem(number, said[0], said[1], str(slide), code) if said else None)
    return problems


def not_here(slide: Slide, last: CustodyEvent | None) -> str:
    """Why a slide that is not at the core is not stained."""
    if last is not None and last.kind in (CustodyKind.DESTROYED, CustodyKind.CONSUMED, CustodyKind.LOST):
        return f"Slide {slide} was {last.kind}: it cannot be stained."
    return f"Slide {slide} is not at the core: receive it first."


def age_fault(slide: Slide, stained_on: date, reasons: Mapping[int, str]) -> tuple[str, str] | None:
    """Why this section's dates refuse the stain, if they do. The limit is the trial's."""
    age = age_of(slide, stained_on)
    limit = slide.block.specimen.patient.trial.section_age_limit_days
    if age is not None and age < 0:
        return "stained_on", f"Slide {slide} was cut on {slide.cut_on}, after this stain."
    if age is not None and age > limit and not reasons.get(slide.pk, "").strip():
        return "override_reason", f"Slide {slide} was cut {age} days before; past {limit} days say why it is stained."
    return None


def past_limit(slide: Slide, stained_on: date) -> bool:
    """Is it so old that day that only a reason lets it be stained?"""
    fault = age_fault(slide, stained_on, {})
    return fault is not None and fault[0] == "override_reason"


def age_warning(slide: Slide, stained_on: date) -> str:
    """What to warn of before staining this section; blank when nothing."""
    age = age_of(slide, stained_on)
    if age is None:
        return "The cut date is not known."
    warn = slide.block.specimen.patient.trial.section_age_warn_days
    return f"Cut {age} days ago; past {warn} days antigen may be lost." if age > warn else ""


def age_band(age: int | None, trial: Trial) -> AgeBand:
    """How `age` in days stands to the trial's limits; see `inventory.of_age` for the same in SQL."""
    if age is None:
        return AgeBand.UNKNOWN
    if age <= trial.section_age_warn_days:
        return AgeBand.FRESH
    return AgeBand.AGEING if age <= trial.section_age_limit_days else AgeBand.PAST


@deed
def record_controls(*, by: Actor, at: datetime, run: StainRun, results: Mapping[ControlKind, bool], observed_on: date,
                    reason: str = "") -> list[ControlResult]:  # fmt: skip
    """Record what the control slides showed (True passed). Overruling an earlier result needs a reason, and every
    CA-IX read of the run is looked at again."""
    require(by, "specimens.control", BENCH_ONLY)
    StainRun.objects.select_for_update().get(pk=run.pk)
    if not results:
        raise Invalid("no_result", "Record at least one control.", field="results")
    if not run.stained_on <= observed_on <= local_day(at):
        said = f"Controls are looked at between the stain of {run.stained_on} and today, not on {observed_on}."
        raise Invalid("observed_on", said, field="observed_on")
    before = latest_controls([run.pk])[run.pk]
    changed = {kind: ok for kind, ok in results.items() if kind not in before or before[kind].passed != ok}
    if not changed:
        raise Refused("nothing_new", f"Run {run} has these control results already.")
    if any(kind in before for kind in changed) and not reason.strip():
        raise Invalid("reason_missing", "Say why an earlier control result no longer stands.", field="reason")
    recorded = ControlResult.objects.bulk_create(
        [
            ControlResult(
                run=run, kind=kind, passed=ok, observed_on=observed_on, recorded_at=at, recorded_by_id=person_id(by),
                reason=reason.strip(),
            )
            for kind, ok in changed.items()
        ]
    )  # fmt: skip
    key = f"{run.pk}:{'-'.join(str(result.pk) for result in recorded)}"
    jobs.ask("controls changed", key=key, arguments={"run_id": run.pk})
    lines = [
        ledger.line(
            "record control",
            run,
            f"{r.kind.capitalize()} control of run {run}: {'passed' if r.passed else 'failed'}.",
            was={"passed": before[r.kind].passed} if r.kind in before else None,
            became={"passed": r.passed},
            reason=reason,
        )
        for r in recorded
    ]
    ledger.write(lines, by=by, at=at)
    return recorded
