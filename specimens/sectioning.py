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
from specimens.errors import WRONG_STATE, Rejected, RowProblem
from specimens.identifiers import SLIDE
from specimens.models import Block, CustodyEvent, CuttingEnd, CuttingOrder, Slide, SlideFace
from specimens.ordering import (
    MOST_SECTIONS,
    NewOrder,
    ended_line,
    exhausted_among,
    lock_orders,
    placed,
    state_of,
    thickness_fault,
    used_up,
)
from specimens.queries import core, is_at, kept_apart, latest_events
from specimens.vocabulary import CustodyKind, OrderState, Stain


@dataclass(frozen=True, slots=True)
class Cut:
    """Sections from one block: how many, when, how thick (micrometres). `further_block` when each section shows an
    adjacent block's face too. `labels` names each slide (one a section) when it has a name already.

    `order` is the line of the cutting list that this cut ends; with fewer sections than it asks for `shortfall` says
    why, and `reorder_rest` orders the rest anew. `used_up`: nothing more can be cut from the block.
    """

    block: Block
    sections: int
    cut_on: date
    thickness_um: Decimal | None = None
    position: str = ""
    labels: tuple[str, ...] = ()
    further_block: Block | None = None
    synthetic: bool = False
    order: CuttingOrder | None = None
    shortfall: str = ""
    reorder_rest: bool = False
    used_up: bool = False


@deed
def cut_sections(*, by: Actor, at: datetime, cuts: Sequence[Cut]) -> list[Slide]:
    """Cut all of `cuts` or none. The block must be at the core, out of quarantine, its patient consenting."""
    require(by, "specimens.cut", "Only histotechnologists cut sections.")
    home = core()
    demand_reach(by, [home], "Cutting")
    demand_consent({cut.block.specimen.patient_id for cut in cuts}, "Cutting")
    custody.hold({("block", block.pk) for cut in cuts for block in (cut.block, cut.further_block) if block})
    lock_orders({cut.order.pk for cut in cuts if cut.order})
    if problems := faults_of(cuts, home.pk, local_day(at)):
        raise Rejected(problems, code="cutting_refused")
    numbers = iter(take(SLIDE, sum(cut.sections for cut in cuts)))
    slides, faces = [], []
    for cut in cuts:
        of_cut = [section(cut, index, next(numbers), at) for index in range(cut.sections)]
        slides += of_cut
        if cut.further_block:
            faces += [SlideFace(slide=slide, block=cut.further_block) for slide in of_cut]
    Slide.objects.bulk_create(slides, batch_size=500)
    SlideFace.objects.bulk_create(faces, batch_size=500)
    since = latest_events(blocks={cut.block.pk for cut in cuts})
    custody.keep(
        [
            custody.event(CustodyKind.SECTIONED, s, home, cut_at(s, since, at), by.pk, synthetic=s.synthetic)
            for s in slides
        ]
    )
    lines = [cut_line(slide) for slide in slides]
    for cut in cuts:
        lines += consequences(cut, by, at)
    ledger.write(lines, by=by, at=at)
    return slides


def cut_at(slide: Slide, since: dict[tuple[str, int], CustodyEvent], at: datetime) -> datetime:
    """Noon of the day of the cut, or later that day when the block came later."""
    return max(custody.noon(slide.cut_on, at), since["block", slide.block_id].occurred_at)


def section(cut: Cut, index: int, number: str, at: datetime) -> Slide:
    return Slide(
        accession=number,
        block=cut.block,
        site_label=cut.labels[index] if cut.labels else "",
        position=cut.position,
        cut_on=cut.cut_on,
        thickness_um=cut.thickness_um,
        cut_at_core=True,
        order=cut.order,
        accessioned_at=at,
        synthetic=cut.synthetic,
    )


def consequences(cut: Cut, by: Actor, at: datetime) -> list[ledger.Line]:
    """The order ended, the rest of it ordered anew, the block used up; and what the ledger is to say of each."""
    lines = []
    if cut.order:
        lines.append(ended_line(cut.order, cut=True, reason=cut.shortfall.strip(), by=by, at=at))
        if cut.reorder_rest:
            lines += placed([rest_of(cut.order, cut)], by=by, at=at)[1]
    return lines + (used_up(cut.block, cut.shortfall, by=by, at=at) if cut.used_up else [])


def rest_of(order: CuttingOrder, cut: Cut) -> NewOrder:
    """What is still to be cut of a partly cut order."""
    return NewOrder(
        block=order.block,
        sections=order.sections - cut.sections,
        stain=Stain(order.stain) if order.stain else None,
        thickness_um=order.thickness_um,
        levels=order.levels,
        wanted_by=order.wanted_by,
        replaces=order.replaces,
        reason=cut.shortfall,
        synthetic=order.synthetic,
    )


def cut_line(slide: Slide) -> ledger.Line:
    sentence = f"Slide {slide} was cut from block {slide.block} on {slide.cut_on}."
    became = {"block": str(slide.block), "cut_on": str(slide.cut_on)}
    return ledger.line("cut section", slide, sentence, patient_id=slide.block.specimen.patient_id, became=became)


def faults_of(cuts: Sequence[Cut], core_id: int, today: date) -> list[RowProblem]:
    """Every fault of every cut; cuts count from 1."""
    ids = {cut.block.pk for cut in cuts} | {cut.further_block.pk for cut in cuts if cut.further_block}
    held, apart, empty = latest_events(blocks=ids), kept_apart(blocks=ids), exhausted_among(ids)
    ends = CuttingEnd.objects.filter(order__in=[cut.order for cut in cuts if cut.order])
    ended = {end.order_id: state_of(end) for end in ends}
    emptied: set[int] = set()
    problems = []
    for number, cut in enumerate(cuts, start=1):
        said, code = cut_fault(cut, today) or order_fault(cut), "invalid"
        for name, block in (("further_block", cut.further_block), ("block", cut.block)):
            if block and not is_at(held.get(("block", block.pk)), core_id):
                said, code = (name, f"Block {block} is not at the core: receive it first."), WRONG_STATE
            elif block and ("block", block.pk) in apart:
                said, code = (name, f"Block {block} is in quarantine: settle that first."), WRONG_STATE
            elif block and not said and (came := local_day(held["block", block.pk].occurred_at)) > cut.cut_on:
                said = ("cut_on", f"Block {block} is at the core since {came}: it was not cut here on {cut.cut_on}.")
        if cut.block.pk in empty | emptied:
            said, code = ("block", f"Block {cut.block} is used up: nothing more is cut from it."), WRONG_STATE
        if cut.order and cut.order.pk in ended:
            said, code = ("order", f"Order {cut.order} was {ended[cut.order.pk]} already."), WRONG_STATE
        if said:
            problems.append(RowProblem(number, said[0], said[1], str(cut.block), code))
        emptied |= {cut.block.pk} if cut.used_up else set()
        ended |= {cut.order.pk: OrderState.CUT} if cut.order else {}
    return problems


def order_fault(cut: Cut) -> tuple[str, str] | None:
    """(field, sentence) of what is wrong between a cut and the order it ends."""
    if said := unfit(cut.shortfall, 500 if not cut.used_up else 200):
        return "shortfall", said
    if cut.order and cut.order.block_id != cut.block.pk:
        return "order", f"Order {cut.order} is for block {cut.order.block}, not for {cut.block}."
    short = cut.order.sections - cut.sections if cut.order else 0
    if short > 0 and not cut.shortfall.strip():
        return "shortfall", f"{cut.sections} of {cut.order.sections} sections: say why fewer."  # type: ignore[union-attr]
    if cut.reorder_rest and short <= 0:
        return "reorder_rest", "Everything that was ordered is cut: nothing is left to order anew."
    if cut.reorder_rest and cut.used_up:
        return "reorder_rest", f"Block {cut.block} is used up: the rest cannot be ordered anew."
    return None


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
