"""From tissue to labels: what stands on the label of a block or slide, and the file of a print on record.

Never a hospital's number and never a name: accession number, trial and study id, block and part, stain or level.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lims.papers.label_files import roll_zpl, sheet_pdf
from lims.papers.labels import Label, Said, Words, laid_out
from lims.papers.stock import STOCK, Roll, Sheet, Stock
from specimens import label_desk
from specimens.actors import Actor
from specimens.errors import Invalid, Refused, Rejected, RowProblem
from specimens.identifiers import BLOCK, SLIDE, parsed, prefix_of
from specimens.labelling import Thing, print_labels
from specimens.models import Block, LabelPrint, Slide
from specimens.scope import Scope
from specimens.vocabulary import STAIN_LABELS, LabelFormat, Stain

PART = re.compile(r"[A-Z]{0,2}[0-9]{0,2}[A-Z]?", re.IGNORECASE)
"""A block's part as a hospital writes it, as A1. Anything longer may be the hospital's own number: not printed."""
ROOMY = 12.0
"""From this height in millimetres on a label says when the section was cut."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Labels laid out and not yet printed. `printed` is the last print of each that had one, by accession number."""

    stock: Stock
    start: int
    things: tuple[Thing, ...]
    labels: tuple[Label, ...]
    printed: dict[str, LabelPrint]

    @property
    def warnings(self) -> list[str]:
        return [warning for label in self.labels for warning in label.warnings]


def stock_named(name: str) -> Stock:
    if name not in STOCK:
        raise Invalid(
            "unknown_stock", f"There is no stock “{name[:40]}”; there are: {', '.join(STOCK)}.", field="stock"
        )
    return STOCK[name]


def read_list(written: Sequence[str]) -> list[str]:
    """Accession numbers of blocks and slides as scanned or typed, in order; Rejected with every fault."""
    accessions, problems = [], []
    for row, each in enumerate(written, start=1):
        try:
            accession = parsed(each)
        except Refused as refused:
            problems.append(RowProblem(row, "items", refused.sentence, each[:40]))
            continue
        if prefix_of(accession) not in (BLOCK, SLIDE):
            said = f"{accession} is no block or slide: labels are for those."
            problems.append(RowProblem(row, "items", said, accession))
        accessions.append(accession)
    if problems:
        raise Rejected(problems, code="labels_refused")
    return accessions


def ready(scope: Scope, written: Sequence[str], *, stock: str, start: int = 1) -> Ready:
    """The labels of these numbers on this stock; refused with a sentence when one cannot be, or does not fit."""
    chosen = stock_named(stock)
    last = chosen.count if isinstance(chosen, Sheet) else 1
    if not 1 <= start <= last:
        said = f"{chosen.title} has places 1 to {last}; the first label cannot lie at {start}."
        raise Invalid("start", said if last > 1 else "A roll has no places: begin at 1.", field="start")
    things = tuple(label_desk.things(scope, read_list(written)))
    labels = tuple(laid_out(words_of(thing, chosen), chosen) for thing in things)
    return Ready(chosen, start, things, labels, label_desk.last_prints(things))


def words_of(thing: Thing, stock: Stock) -> Words:
    block = thing if isinstance(thing, Block) else thing.block
    lines = [
        Said("accession number", (thing.accession,), required=True, mono=True),
        Said("patient", whose(block), required=True),
    ]
    if thing.synthetic:
        lines.append(Said("mark", ("SYNTHETIC",), required=True))
    if isinstance(thing, Slide):
        lines.append(Said("block", block_wordings(block)))
        if thing.position:
            lines.append(Said("level", (thing.position,)))
        if thing.cut_on and stock.height >= ROOMY:
            lines.append(Said("day of cutting", (f"cut {thing.cut_on}",)))
    elif part(block):
        lines.append(Said("part", (f"part {part(block)}", part(block))))
    return Words(thing.accession, tuple(lines), stain_of(thing))


def whose(block: Block) -> tuple[str, ...]:
    """Trial and study id; the study id alone where it begins with the trial's code or room is short."""
    patient = block.specimen.patient
    trial, study_id = patient.trial.code, patient.study_id
    return (study_id,) if study_id.upper().startswith(trial.upper()) else (f"{trial} {study_id}", study_id)


def block_wordings(block: Block) -> tuple[str, ...]:
    return (f"{block.accession} {part(block)}", block.accession) if part(block) else (block.accession,)


def part(block: Block) -> str:
    return block.site_label if PART.fullmatch(block.site_label) else ""


def stain_of(thing: Thing) -> str:
    """The stain a slide has, or that its cutting order wants; blank when nobody has said."""
    if isinstance(thing, Block):
        return ""
    staining = getattr(thing, "staining", None)
    stain = staining.run.stain if staining else thing.order.stain if thing.order else ""
    return STAIN_LABELS[Stain(stain)] if stain else ""


def printed(*, by: Actor, at: datetime, batch: UUID, wanted: Ready, reason: str = "") -> list[LabelPrint]:
    """Put the print on record; the file follows from the record."""
    format_ = LabelFormat.THERMAL if isinstance(wanted.stock, Roll) else LabelFormat.SHEET
    return print_labels(
        by=by, at=at, batch=batch, format=format_, stock=wanted.stock.name, things=wanted.things, start=wanted.start,
        reason=reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    content: bytes


def file_of(scope: Scope, prints: Sequence[LabelPrint]) -> File:
    """The file of one batch, drawn from what is on record. `prints` are all of the batch, by place."""
    first = prints[0]
    accessions = [str(each.block or each.slide) for each in prints]
    wanted = ready(scope, accessions, stock=first.stock, start=first.place if first.format == LabelFormat.SHEET else 1)
    name = f"labels-{first.printed_at:%Y%m%d-%H%M%S}"
    if isinstance(wanted.stock, Roll):
        return File(f"{name}.zpl", "text/plain; charset=us-ascii", roll_zpl(wanted.labels, wanted.stock))
    made = sheet_pdf(
        wanted.labels, wanted.stock, start=wanted.start, made_at=first.printed_at, title=f"{len(prints)} labels"
    )
    return File(f"{name}.pdf", "application/pdf", made)
