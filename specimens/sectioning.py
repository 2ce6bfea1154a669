"""Cutting sections at the core."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from specimens import custody, ledger
from specimens.accessions import take
from specimens.actors import Actor
from specimens.consenting import demand_consent
from specimens.deeds import deed, demand_reach, local_day, require, unfit
from specimens.errors import Rejected, RowProblem
from specimens.identifiers import SLIDE
from specimens.models import Block, CustodyEvent, Slide, SlideFace
from specimens.queries import core, is_at, kept_apart, latest_events
from specimens.vocabulary import CustodyKind

MOST_SECTIONS = 60
THINNEST, THICKEST = Decimal(1), Decimal(100)


@dataclass(frozen=True, slots=True)
class Cut:
    """Sections from one block: how many, when, how thick (micrometres). `further_block` when each section shows an
    adjacent block's face too. `labels` names each slide (one a section) when it has a name already."""

    block: Block
    sections: int
    cut_on: date
    thickness_um: Decimal | None = None
    position: str = ""
    labels: tuple[str, ...] = ()
    further_block: Block | None = None
    synthetic: bool = False


@deed
def cut_sections(*, by: Actor, at: datetime, cuts: Sequence[Cut]) -> list[Slide]:
    """Cut all of `cuts` or none. The block must be at the core, out of quarantine, its patient consenting."""
    require(by, "specimens.cut", "Only histotechnologists cut sections.")
    home = core()
    demand_reach(by, [home], "Cutting")
    demand_consent({cut.block.specimen.patient_id for cut in cuts}, "Cutting")
    if problems := faults_of(cuts, home.pk, local_day(at)):
        raise Rejected(problems, code="cutting_refused")
    numbers = iter(take(SLIDE, sum(cut.sections for cut in cuts)))
    slides, faces = [], []
    for cut in cuts:
        for index in range(cut.sections):
            slide = Slide(
                accession=next(numbers),
                block=cut.block,
                site_label=cut.labels[index] if cut.labels else "",
                position=cut.position,
                cut_on=cut.cut_on,
                thickness_um=cut.thickness_um,
                cut_at_core=True,
                accessioned_at=at,
                synthetic=cut.synthetic,
            )
            slides.append(slide)
            if cut.further_block:
                faces.append(SlideFace(slide=slide, block=cut.further_block))
    Slide.objects.bulk_create(slides, batch_size=500)
    SlideFace.objects.bulk_create(faces, batch_size=500)
    since = latest_events(blocks={cut.block.pk for cut in cuts})
    custody.keep(
        [
            custody.event(CustodyKind.SECTIONED, s, home, cut_at(s, since, at), by.pk, synthetic=s.synthetic)
            for s in slides
        ]
    )
    ledger.write([cut_line(slide) for slide in slides], by=by, at=at)
    return slides


def cut_at(slide: Slide, since: dict[tuple[str, int], CustodyEvent], at: datetime) -> datetime:
    """Noon of the day of the cut, or later that day when the block came later."""
    return max(custody.noon(slide.cut_on, at), since["block", slide.block_id].occurred_at)


def cut_line(slide: Slide) -> ledger.Line:
    sentence = f"Slide {slide} was cut from block {slide.block} on {slide.cut_on}."
    became = {"block": str(slide.block), "cut_on": str(slide.cut_on)}
    return ledger.line("cut section", slide, sentence, patient_id=slide.block.specimen.patient_id, became=became)


def faults_of(cuts: Sequence[Cut], core_id: int, today: date) -> list[RowProblem]:
    """Every fault of every cut; cuts count from 1."""
    ids = {cut.block.pk for cut in cuts} | {cut.further_block.pk for cut in cuts if cut.further_block}
    held = latest_events(blocks=ids)
    apart = kept_apart(blocks=ids)
    problems = []
    for number, cut in enumerate(cuts, start=1):
        said = cut_fault(cut, today)
        for name, block in (("further_block", cut.further_block), ("block", cut.block)):
            if block and not is_at(held.get(("block", block.pk)), core_id):
                said = (name, f"Block {block} is not at the core: receive it first.")
            elif block and ("block", block.pk) in apart:
                said = (name, f"Block {block} is in quarantine: settle that first.")
            elif block and not said and (came := local_day(held["block", block.pk].occurred_at)) > cut.cut_on:
                said = ("cut_on", f"Block {block} is at the core since {came}: it was not cut here on {cut.cut_on}.")
        if said:
            problems.append(RowProblem(number, said[0], said[1], str(cut.block)))
    return problems


def cut_fault(cut: Cut, today: date) -> tuple[str, str] | None:
    if not 1 <= cut.sections <= MOST_SECTIONS:
        return "sections", f"Cut between 1 and {MOST_SECTIONS} sections at a time, not {cut.sections}."
    if cut.further_block and cut.further_block.pk == cut.block.pk:
        return "further_block", f"Block {cut.block} is no further block: name the adjacent one."
    if cut.further_block and cut.further_block.specimen_id != cut.block.specimen_id:
        return "further_block", f"Block {cut.further_block} is another specimen's: no section shows both."
    if said := thickness_fault(cut.thickness_um):
        return "thickness_um", said
    for name, text, most in (("position", cut.position, 20), *(("labels", label, 60) for label in cut.labels)):
        if said := unfit(text, most):
            return name, said
    if cut.labels and len(cut.labels) != cut.sections:
        return "labels", f"{cut.sections} sections need {cut.sections} labels, not {len(cut.labels)}."
    if cut.cut_on > today:
        return "cut_on", f"{cut.cut_on} lies in the future."
    collected = cut.block.specimen.procedure_on
    if collected and cut.cut_on < collected:
        return "cut_on", f"{cut.cut_on} lies before the procedure of {collected}."
    return None


def thickness_fault(micrometres: Decimal | None) -> str:
    if micrometres is None:
        return ""
    if not (micrometres.is_finite() and THINNEST <= micrometres <= THICKEST):
        return f"A section is {THINNEST} to {THICKEST} micrometres thick, not {micrometres}."
    return "" if micrometres == round(micrometres, 1) else f"Give the thickness to one decimal, not {micrometres}."
