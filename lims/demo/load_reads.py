"""Cases, the two readers' synthetic reads, what the adjudicator decided, and what waits to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from lims.demo import words
from lims.demo.load_bench import readable, slides_of
from lims.demo.plans import Read as GeneratedRead
from lims.demo.stage import LOADER, METHOD, Stage, Step, Tick, at, coded
from lims.demo.synthetic import CONCLUDED
from scoring.adjudicating import adjudicate
from scoring.models import Read, ReadingCase
from scoring.opening import open_cases
from scoring.phases import with_phase
from scoring.reading import NewRead, sign_reads
from scoring.rules.vocabulary import Phase
from specimens.consenting import withdraw_consent
from specimens.imaging import attach_image
from specimens.models import Consent, ConsentWithdrawal, Slide, SlideImage

PICTURE = Path(__file__).parent / "images" / "ihc.png"
HOURS = {"A": 10, "B": 14}
Cases = dict[str, ReadingCase]


@dataclass(frozen=True, slots=True)
class Due:
    """One read to be loaded: on which slide, by which reader (A or B), when, and what it says."""

    slide: str
    reader: str
    signed_at: datetime
    findings: Mapping[str, str]


def steps(stage: Stage) -> list[Step]:
    due = reads_due(stage)
    sections = readable(stage)
    decided = [plan for plan in stage.plan.patients if plan.adjudication]
    pictured = [plan for plan in stage.plan.patients if plan.stage == "first_read"]
    return [
        Step("cases", sum(len(labels) for _, labels in sections), lambda tick: open_all(stage, tick)),
        Step("reads", len(due), lambda tick: sign_all(stage, stage.trial.pk, due, tick)),
        Step("adjudications", len(decided), lambda tick: decide(stage, tick)),
        Step("pictures", len(pictured), lambda tick: attach_pictures(stage, tick)),
        Step("withdrawal", 1, lambda tick: withdraw(stage, tick)),
    ]


def open_all(stage: Stage, tick: Tick) -> None:
    slides = slides_of(stage.trial.pk)
    for day, labels in readable(stage):
        open_on([slides[label] for label in labels], at(day, 11))
        tick(len(labels))


def open_on(slides: Sequence[Slide], when: datetime) -> None:
    """Open a case on each of the slides that has none: a worker may have come first."""
    here = set(ReadingCase.objects.filter(slide__in=slides).values_list("slide_id", flat=True))
    if fresh := [slide for slide in slides if slide.pk not in here]:
        open_cases(by=LOADER, at=when, slides=fresh)


def cases_of(trial_id: int) -> Cases:
    """The trial's cases by the label of their slide."""
    found = ReadingCase.objects.filter(specimen__patient__trial_id=trial_id).select_related("slide")
    return {case.slide.site_label: case for case in found}


def reads_due(stage: Stage) -> list[Due]:
    """Every read of the plan, in the order of signing."""
    due: list[Due] = []
    for plan in stage.plan.patients:
        sections = {stain: plan.read_section(stain) for stain in (words.HE, words.CAIX)}
        for read in plan.reads:
            labels = [coded(section.label) for section in sections.values() if section]
            due += both(read, *labels)
    return sorted(due, key=lambda read: (read.signed_at, read.slide))


def both(read: GeneratedRead, he_slide: str, caix_slide: str) -> list[Due]:
    """The two reads that a reader signs of one patient."""
    when = at(read.on, HOURS[read.reader])
    return [
        Due(he_slide, read.reader, when, read.histology),
        Due(caix_slide, read.reader, when, read.caix),
    ]


def sign_all(stage: Stage, trial_id: int, due: Sequence[Due], tick: Tick) -> None:
    """Load the reads day by day. What is signed there already stays; nothing is signed twice."""
    cases = cases_of(trial_id)
    found = Read.objects.filter(case__specimen__patient__trial_id=trial_id)
    here = set(found.values_list("case_id", "reader_id"))
    for _, group in groupby(due, key=lambda read: read.signed_at.date()):
        of_day = list(group)
        rows = [
            NewRead(cases[read.slide], stage.people[read.reader], read.findings, read.signed_at)
            for read in of_day
            if (cases[read.slide].pk, stage.people[read.reader].pk) not in here
        ]
        if rows:
            sign_reads(by=LOADER, at=rows[-1].signed_at, rows=rows, method=METHOD)
        tick(len(of_day))


def decide(stage: Stage, tick: Tick) -> None:
    """The adjudicator's decision on each case that the software itself finds discordant."""
    found = ReadingCase.objects.filter(specimen__patient__trial_id=stage.trial.pk)
    discordant = with_phase(found).filter(phase=Phase.DISCORDANT).select_related("slide")
    cases = {case.slide.site_label: case for case in discordant}
    for plan in stage.plan.patients:
        if plan.adjudication is None:
            continue
        for stain, findings in (
            (words.HE, plan.adjudication.histology),
            (words.CAIX, plan.adjudication.caix),
        ):
            section = plan.read_section(stain)
            case = cases.get(coded(section.label)) if section else None
            if case:
                when = at(plan.adjudication.on, 15)
                by = stage.people["adjudicator"]
                adjudicate(by=by, at=when, case=case, findings=findings, method=METHOD)
        tick(1)


def attach_pictures(stage: Stage, tick: Tick) -> None:
    """One picture on each CA-IX slide that waits for its first read, marked as not this slide's tissue."""
    content, slides = PICTURE.read_bytes(), slides_of(stage.trial.pk)
    here = set(SlideImage.objects.filter(demonstration=True).values_list("slide_id", flat=True))
    for plan in stage.plan.patients:
        section = plan.read_section(words.CAIX)
        if plan.stage != "first_read" or section is None:
            continue
        slide = slides[coded(section.label)]
        if slide.pk not in here:
            attach_image(
                by=stage.people["bench"],
                at=at(stage.as_of, 8),
                slide=slide,
                name=PICTURE.name,
                content=content,
                demonstration=True,
            )
        tick(1)


def withdraw(stage: Stage, tick: Tick) -> None:
    """One patient whose case is long concluded withdraws: reading and export of this tissue stop."""
    concluded = [plan.patient for plan in stage.plan.patients if plan.stage == CONCLUDED]
    study_id = coded(concluded[len(concluded) // 2])
    consent = Consent.objects.select_related("patient").get(patient__trial=stage.trial, patient__study_id=study_id)
    if not ConsentWithdrawal.objects.filter(consent=consent).exists():
        day: date = stage.as_of - timedelta(days=10)
        withdraw_consent(
            by=stage.people["coordinator"],
            at=at(day),
            consent=consent,
            withdrawn_on=day,
            reason="synthetic: the demo shows what a withdrawal stops",
        )
    tick(1)
