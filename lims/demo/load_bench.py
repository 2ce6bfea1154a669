"""Slides: the real ones with the core's percentages, and the synthetic sections, stain runs and controls."""

from datetime import date
from decimal import Decimal
from itertools import groupby

from lims.demo import words
from lims.demo.load_tissue import percents
from lims.demo.rows import SlideRow
from lims.demo.sections import StainRun as GeneratedRun
from lims.demo.stage import Stage, Step, Tick, at, coded
from specimens.estimating import NewEstimate, record_estimates
from specimens.models import AssayVersion, Block, CompositionEstimate, ControlResult, ReagentLot, Slide, StainRun
from specimens.sectioning import Cut, cut_sections
from specimens.staining import NewRun, record_controls, record_lot, stain_run
from specimens.vocabulary import ControlKind, EstimateSource, Stain

THICKNESS = Decimal(4)
CA_IX, HE = "CA-IX, synthetic 2", "H&E, synthetic 1"
RETRIEVAL = "pH 9, 97 °C, 20 min"
STAINER = "synthetic stainer"
VERSIONS: dict[Stain, tuple[str, dict[str, str]]] = {
    Stain.HE: (HE, {"platform": STAINER}),
    Stain.CAIX: (CA_IX, {"clone": "M75", "dilution": "1:5000", "retrieval": RETRIEVAL, "platform": STAINER}),
}
CONTROLS = ((ControlKind.POSITIVE, "synthetic: clear cell tumour"), (ControlKind.NEGATIVE, "synthetic: no antibody"))


def steps(stage: Stage) -> list[Step]:
    slides, sections = stage.cohort.slides, [s for p in stage.plan.patients for s in p.sections]
    return [
        Step("slides", len(slides), lambda tick: cut_slides(stage, tick)),
        Step("core estimates", len(slides), lambda tick: core_estimates(stage, tick)),
        Step("sections", len(sections), lambda tick: cut_synthetic(stage, tick)),
        Step("stain runs", sum(len(r.slides) for r in stage.plan.runs), lambda tick: stain(stage, tick)),
        Step("controls", len(stage.plan.runs), lambda tick: controls(stage, tick)),
    ]


def blocks_of(trial_id: int) -> dict[str, Block]:
    """The trial's blocks by their label, each with its specimen and patient."""
    found = Block.objects.filter(specimen__patient__trial_id=trial_id)
    return {b.site_label: b for b in found.select_related("specimen__patient__trial")}


def slides_of(trial_id: int) -> dict[str, Slide]:
    """The trial's slides by their label, each with block, specimen, patient and, once stained, its run."""
    found = Slide.objects.filter(block__specimen__patient__trial_id=trial_id)
    chosen = found.select_related("block__specimen__patient__trial", "staining__run")
    return {s.site_label: s for s in chosen}


def labels_of(trial_id: int) -> set[str]:
    found = Slide.objects.filter(block__specimen__patient__trial_id=trial_id)
    return set(found.values_list("site_label", flat=True))


def by_creation(stage: Stage) -> list[tuple[date, list[SlideRow]]]:
    """The real slides by the day the last of their portions was made. The source has no cut date of its own."""
    days = {portion.barcode: portion.created for portion in stage.cohort.portions}
    made = {slide.barcode: max(days[portion] for portion in slide.portions) for slide in stage.cohort.slides}
    ordered = sorted(stage.cohort.slides, key=lambda slide: (made[slide.barcode], slide.barcode))
    return [(day, list(same)) for day, same in groupby(ordered, key=lambda slide: made[slide.barcode])]


def cut_slides(stage: Stage, tick: Tick) -> None:
    here, blocks = labels_of(stage.trial.pk), blocks_of(stage.trial.pk)
    for day, of_day in by_creation(stage):
        cuts = [real_cut(slide, day, blocks) for slide in of_day if coded(slide.barcode) not in here]
        if cuts:
            cut_sections(by=stage.people["bench"], at=at(day, 12), cuts=cuts)
        tick(len(of_day))


def real_cut(slide: SlideRow, day: date, blocks: dict[str, Block]) -> Cut:
    faces = [blocks[coded(portion)] for portion in slide.portions]
    return Cut(
        block=faces[0],
        sections=1,
        cut_on=day,
        position=slide.section_location,
        labels=(coded(slide.barcode),),
        further_block=faces[1] if len(faces) == 2 else None,
    )


def core_estimates(stage: Stage, tick: Tick) -> None:
    """The core's percentages. A slide without any is not estimated: blank is not 0."""
    found = CompositionEstimate.objects.filter(source=EstimateSource.CORE)
    here, slides = set(found.values_list("row", flat=True)), slides_of(stage.trial.pk)
    for day, of_day in by_creation(stage):
        rows = [
            NewEstimate(EstimateSource.CORE, known, slide=slides[label], row=label)
            for slide in of_day
            if (label := coded(slide.barcode)) not in here and any((known := as_percents(slide)).values())
        ]
        if rows:
            record_estimates(by=stage.people["bench"], at=at(day, 15), rows=rows)
        tick(len(of_day))


def as_percents(slide: SlideRow) -> dict[str, Decimal | None]:
    return dict(
        percents(
            tumour_cells=slide.tumour_cells,
            tumour_nuclei=slide.tumour_nuclei,
            normal_cells=slide.normal,
            stromal_cells=slide.stroma,
            necrosis=slide.necrosis,
            lymphocytes=slide.lymphocyte,
            monocytes=slide.monocyte,
            neutrophils=slide.neutrophil,
        )
    )


def cut_synthetic(stage: Stage, tick: Tick) -> None:
    here, blocks = labels_of(stage.trial.pk), blocks_of(stage.trial.pk)
    sections = sorted((s for p in stage.plan.patients for s in p.sections), key=lambda s: (s.cut, s.label))
    for day, group in groupby(sections, key=lambda section: section.cut):
        of_day = list(group)
        cuts = [
            synthetic_cut(blocks[coded(s.portion)], coded(s.label), day) for s in of_day if coded(s.label) not in here
        ]
        if cuts:
            cut_sections(by=stage.people["bench"], at=at(day, 12), cuts=cuts)
        tick(len(of_day))


def synthetic_cut(block: Block, label: str, day: date) -> Cut:
    return Cut(block, 1, day, thickness_um=THICKNESS, labels=(label,), synthetic=True)


def stain(stage: Stage, tick: Tick) -> None:
    slides = slides_of(stage.trial.pk)
    lots, versions = Lots(stage), {version.name: version for version in AssayVersion.objects.all()}
    for run in sorted(stage.plan.runs, key=lambda run: (run.stained, run.number)):
        chosen = [slides[coded(label)] for label in run.slides]
        if not hasattr(chosen[0], "staining"):
            new = NewRun(
                lot=lots.of(run),
                slides=chosen,
                stained_on=run.stained,
                dilution=run.dilution,
                platform=run.platform,
                assay=versions[VERSIONS[Stain(run.stain)][0]],
                controls=controls_beside(Stain(run.stain)),
                synthetic=True,
            )
            stain_run(by=stage.people["bench"], at=at(run.stained, 14), run=new)
        tick(len(chosen))


def controls_beside(stain: Stain) -> tuple[tuple[ControlKind, str], ...]:
    """The control slides of a CA-IX run; H&E goes without."""
    return CONTROLS if stain is Stain.CAIX else ()


class Lots:
    """The reagent lots in use, recorded when a run first needs one."""

    def __init__(self, stage: Stage) -> None:
        self.bench = stage.people["bench"]
        self.known = {(lot.stain, lot.clone, lot.lot): lot for lot in ReagentLot.objects.all()}

    def of(self, run: GeneratedRun) -> ReagentLot:
        return self.named(Stain(run.stain), run.clone, run.lot, run.stained)

    def named(self, stain: Stain, clone: str, lot: str, day: date) -> ReagentLot:
        if (stain, clone, lot) not in self.known:
            self.known[stain, clone, lot] = record_lot(
                by=self.bench,
                at=at(day),
                stain=stain,
                clone=clone,
                lot=lot,
                supplier="synthetic",
                synthetic=True,
            )
        return self.known[stain, clone, lot]


def controls(stage: Stage, tick: Tick) -> None:
    """What the control slides showed, a run at a time; one run of the plan failed, one is still awaited."""
    slides = slides_of(stage.trial.pk)
    seen = set(ControlResult.objects.values_list("run_id", flat=True))
    for run in stage.plan.runs:
        recorded = slides[coded(run.slides[0])].staining.run
        if run.controls_on and recorded.pk not in seen:
            look_at_controls(stage, recorded, run.controls_on, run.failed_control)
        tick(1)


def look_at_controls(stage: Stage, run: StainRun, day: date, failed: str | None = None) -> None:
    results = {kind: kind != failed for kind in ControlKind}
    record_controls(by=stage.people["bench"], at=at(day, 9), run=run, results=results, observed_on=day)


def readable(stage: Stage) -> list[tuple[date, list[str]]]:
    """The labels of the sections that are to be read, by the day their run's controls passed."""
    passed = {run.number: run.controls_on for run in stage.plan.runs if run.controls == words.PASSED}
    due: list[tuple[date, str]] = []
    for patient in stage.plan.patients:
        for stain_word in (words.HE, words.CAIX):
            section = patient.read_section(stain_word)
            day = passed.get(section.run or "") if section else None
            if section and day:
                due.append((day, coded(section.label)))
    ordered = sorted(due)
    return [(day, [label for _, label in same]) for day, same in groupby(ordered, key=lambda pair: pair[0])]
