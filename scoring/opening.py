"""Opening cases: one stained slide becomes one case under a random code."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from scoring import cases
from scoring.assigning import give_out
from scoring.models import ReadingCase, SlideRefusal
from scoring.plans import plans_of
from scoring.policies import check_may_open, check_openable, refusal_or_none
from specimens import ledger
from specimens.actors import Actor
from specimens.deeds import deed
from specimens.errors import Refused, Rejected, RowProblem
from specimens.models import Slide, Specimen
from specimens.queries import core, is_at, kept_apart, latest_events, run_controls, withdrawn_patients
from specimens.receipts import standing
from specimens.vocabulary import (
    ItemKind,
    RunControls,
    SpecimenKind,
    Stain,
)

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LETTERS = 5


@dataclass(frozen=True, slots=True)
class Glass:
    """What decides whether a case may be opened on a slide. `stain` is None while it is unstained."""

    id: int
    slide: str
    specimen_id: int
    patient_id: int
    readers_required: int
    synthetic: bool
    stain: str | None
    run_id: int | None
    normal: bool
    withdrawn: bool
    here: bool
    held: bool

    def refusal(self) -> Refused | None:
        said = {name: getattr(self, name) for name in ("slide", "stain", "here", "normal", "withdrawn", "held")}
        return refusal_or_none(check_openable, **said)


@deed
def open_cases(*, by: Actor, at: datetime, slides: Sequence[Slide]) -> list[ReadingCase]:
    """Open a case on each of `slides`, or on none: the stain decides the assay, the trial the readers.

    Refuses slides that are unstained, not at the core, in quarantine, of normal tissue, of a patient who
    withdrew, or that have a case for the assay already.
    """
    check_may_open(by)
    found = glass([slide.pk for slide in slides])
    refuse(found)
    opened = ReadingCase.objects.bulk_create(
        [
            ReadingCase(
                code=code,
                specimen_id=each.specimen_id,
                slide_id=each.id,
                assay=cases.ASSAY_OF[Stain(str(each.stain))],
                readers_required=each.readers_required,
                opened_at=at,
                synthetic=each.synthetic,
            )
            for each, code in zip(found, fresh_codes(len(found)), strict=True)
        ],
        batch_size=500,
    )
    lines = [
        ledger.line(
            "open case",
            case,
            f"Case {case.code} was opened on slide {each.slide}.",
            patient_id=each.patient_id,
        )
        for case, each in zip(opened, found, strict=True)
    ]
    ledger.write(lines, by=by, at=at)
    if given_out := to_give_out(opened):
        give_out(given_out, by=by, at=at)
    return opened


def to_give_out(opened: Sequence[ReadingCase]) -> list[ReadingCase]:
    """Those of trials whose plan gives cases to readers by the rule."""
    trials = dict(
        ReadingCase.objects.filter(pk__in=[case.pk for case in opened]).values_list("pk", "specimen__patient__trial_id")
    )
    plans = plans_of(set(trials.values()))
    return [case for case in opened if plans[trials[case.pk]].assigns]


def refuse(found: Sequence[Glass]) -> None:
    """Raise what is wrong: the refusal itself for a single slide, every row's fault for several."""
    refusals = [(row, each, each.refusal()) for row, each in enumerate(found, start=1)]
    if len(found) == 1 and refusals[0][2]:
        raise refusals[0][2]
    problems = [RowProblem(row, "slide", no.sentence, each.slide, no.code) for row, each, no in refusals if no]
    if problems:
        raise Rejected(problems, code="cases_refused")


def glass(slide_ids: Sequence[int]) -> list[Glass]:
    """The facts of these slides, in their order. A fixed number of queries."""
    rows = {
        row[0]: row
        for row in Slide.objects.filter(pk__in=slide_ids).values_list(
            "id",
            "accession",
            "block__specimen_id",
            "block__specimen__patient_id",
            "block__specimen__patient__trial__readers_per_case",
            "synthetic",
            "staining__run__stain",
            "staining__run_id",
            "block__specimen__kind",
        )
    }
    withdrawn = withdrawn_patients({row[3] for row in rows.values()})
    events = latest_events(slides=slide_ids)
    home = core().pk
    came_stained, held = receipts(slide_ids)
    found = []
    for pk in slide_ids:
        _, slide, specimen_id, patient_id, readers, synthetic, stain, run_id, kind = rows[pk]
        last = events.get(("slide", pk))
        found.append(
            Glass(
                id=pk,
                slide=slide,
                specimen_id=specimen_id,
                patient_id=patient_id,
                readers_required=readers,
                synthetic=synthetic,
                stain=stain or (Stain.HE.value if pk in came_stained else None),
                run_id=run_id,
                normal=kind == SpecimenKind.NORMAL,
                withdrawn=patient_id in withdrawn,
                here=is_at(last, home),
                held=pk in held,
            )
        )
    return found


def receipts(slide_ids: Collection[int]) -> tuple[set[int], set[int]]:
    """Those of the slides that came stained H&E, and those in quarantine or rejected."""
    rows = standing().filter(item__slide_id__in=slide_ids).values_list("item__slide_id", "item__kind")
    stained = {slide_id for slide_id, kind in rows if kind == ItemKind.HE_SLIDE}
    return stained, {pk for _, pk in kept_apart(slides=slide_ids)}


def fresh_codes(number: int) -> list[str]:
    """So many random codes that no case has."""
    codes: list[str] = []
    while len(codes) < number:
        drawn = {"".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(number - len(codes))}
        taken = set(ReadingCase.objects.filter(code__in=drawn).values_list("code", flat=True)) | set(codes)
        codes += sorted(drawn - taken, key=lambda _: secrets.randbits(32))
    return codes


def due_on_run(run_id: int) -> list[Slide]:
    """The slides of a run on which a case is due by itself.

    CA-IX waits for the run's controls. One slide a specimen, and none where a case of that specimen and assay
    stands whose own run has not failed: a second section of the same tumour is designated by a person.
    """
    ids = list(Slide.objects.filter(staining__run_id=run_id).order_by("id").values_list("id", flat=True))
    if not ids:
        return []
    wanted: dict[int, int] = {}
    begun = set(ReadingCase.objects.filter(slide_id__in=ids).values_list("slide_id", flat=True))
    for each in glass(ids):
        if each.id not in begun and each.refusal() is None:
            wanted.setdefault(each.specimen_id, each.id)
    stain = Stain(Slide.objects.values_list("staining__run__stain", flat=True).get(pk=ids[0]))
    if stain is Stain.CAIX and run_controls([run_id])[run_id] is not RunControls.PASSED:
        return []
    standing = specimens_with_case(list(wanted), stain)
    mine = [slide for specimen, slide in wanted.items() if specimen not in standing]
    return list(Slide.objects.filter(pk__in=mine).order_by("id"))


def specimens_with_case(specimen_ids: Collection[int], stain: Stain) -> set[int]:
    """Those with a current case for the stain's assay whose own run's controls have not failed, and of which no
    reader has asked for another slide."""
    asked = SlideRefusal.objects.filter(case_id=OuterRef("pk"))
    mine = ReadingCase.objects.filter(~Exists(asked), specimen_id__in=specimen_ids, assay=cases.ASSAY_OF[stain])
    found = cases.facts_of(mine)
    return {each.specimen_id for each in found if each.stands and each.controls is not RunControls.FAILED}


def open_slides(specimen: Specimen) -> list[Slide]:
    """The specimen's slides on which a person may open a case now."""
    without = Slide.objects.filter(Q(block__specimen=specimen), cases__isnull=True).order_by("id")
    able = {each.id for each in glass(list(without.values_list("id", flat=True))) if each.refusal() is None}
    return [slide for slide in without if slide.pk in able]
