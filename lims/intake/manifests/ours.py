"""This core's own template: one sheet, one row an item, the parcel's facts beside each or beside the first."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo

from lims.intake.manifests.cimac_row import Text, wrong
from lims.intake.manifests.days import day_of
from lims.intake.manifests.findings import WARNING, FileRefused
from lims.intake.manifests.grids import Grid, is_blank, padded, text_of
from lims.intake.manifests.kinds import Kind
from lims.intake.manifests.reading import Line, Place, Reading, Row, Tick, no_tick
from lims.intake.parcel_sheet import COLUMNS as ITEM_COLUMNS
from lims.intake.parcel_sheet import REQUIRED
from specimens.announcing import AnnouncedItem
from specimens.vocabulary import ItemKind, Laterality, Preservation, SpecimenKind, Terms

PARCEL_COLUMNS = ("trial", "sent_on", "courier", "tracking", "sender_reference")
COLUMNS = (*ITEM_COLUMNS, *PARCEL_COLUMNS)
DAYS = ("cut_on", "procedure_on", "due_back_on")
IGNORED = "-"
SHEET = "Items"
LOOKED_AT = 30

MEANINGS = {
    "kind": "block, unstained_slide, he_slide or aliquot",
    "study_id": "the patient’s study id in the trial",
    "specimen_label": "the sender’s label of the specimen",
    "label": "what stands on the block or slide itself",
    "block_label": "of a slide: the block it was cut from",
    "cut_on": "of a slide: the day it was cut, as 2026-11-23",
    "terms": "loan, donated or consumed; blank is not said",
    "due_back_on": "of a loan: the day it is due back, as 2026-11-23",
    "specimen_kind": "primary, metastasis or normal; blank is primary",
    "topography": "ICD-O-3 site such as C64.9; blank is C64.9",
    "laterality": "left, right or bilateral; blank is not recorded",
    "procedure": "how the tissue was taken, such as nephrectomy",
    "procedure_on": "the day of it, as 2026-11-23",
    "preservation": "ffpe, frozen or oct; blank is ffpe",
    "hospital_number": "the sender’s own number; seen by coordinators alone",
    "trial": "the trial’s code; blank takes the one chosen at upload",
    "sent_on": "the day the parcel left, as 2026-11-23; the same in every row, or in the first alone",
    "courier": "as sent_on",
    "tracking": "as sent_on",
    "sender_reference": "the sender’s own number of this parcel, once for each parcel; as sent_on",
}


def word(enum: type[StrEnum], otherwise: StrEnum | str | None = None) -> BeforeValidator:
    """A word of a vocabulary, spaces allowed for underscores; `otherwise` when blank, if there is one."""
    known = ", ".join(each.value for each in enum if each.value)

    def read(text: Any) -> Any:
        low = str(text).lower().replace(" ", "_").replace("&", "")
        if not low and otherwise is not None:
            return otherwise
        try:
            return enum(low)
        except ValueError:
            given = f"“{str(text)[:40]}” is not one of" if text else "Say which:"
            raise wrong(f"{given} {known}.") from None

    return BeforeValidator(read)


def day(cell: Any, info: ValidationInfo) -> date | None:
    try:
        return day_of(cell)
    except ValueError as error:
        raise wrong(str(error)) from None


Day = Annotated[date | None, BeforeValidator(day)]


class ItemRow(BaseModel):
    """A row of the template. Labels stay the text they are; days are days."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Annotated[ItemKind, word(ItemKind)]
    study_id: Text
    specimen_label: Text
    label: Text
    block_label: Text = ""
    cut_on: Day = None
    terms: Annotated[Terms | str, word(Terms, "")] = ""
    due_back_on: Day = None
    specimen_kind: Annotated[SpecimenKind, word(SpecimenKind, SpecimenKind.PRIMARY)] = SpecimenKind.PRIMARY
    topography: Annotated[str, BeforeValidator(lambda text: str(text).upper() or "C64.9")] = "C64.9"
    laterality: Annotated[Laterality, word(Laterality, Laterality.NOT_RECORDED)] = Laterality.NOT_RECORDED
    procedure: Text = ""
    procedure_on: Day = None
    preservation: Annotated[Preservation, word(Preservation, Preservation.FFPE)] = Preservation.FFPE
    hospital_number: Text = ""
    trial: Text = ""


def normal(heading: str) -> str:
    return heading.lower().replace(" ", "_").replace("-", "_")


def heading_of(grids: Sequence[Grid], mapping: Mapping[str, str]) -> tuple[Grid, int] | None:
    """The sheet and the index of the row that holds every needed heading of ours, after `mapping`."""
    for grid in grids:
        for at, row in enumerate(grid.rows[:LOOKED_AT]):
            if set(REQUIRED) <= {ours_of(text_of(cell), mapping) for cell in row}:
                return grid, at
    return None


def ours_of(heading: str, mapping: Mapping[str, str]) -> str:
    return mapping.get(heading) or normal(heading)


def likely_heading(grids: Sequence[Grid]) -> tuple[str, list[str]]:
    """Sheet and column names of a table that is not ours: its fullest row among the first, all of it text."""
    best: tuple[str, list[str]] = ("", [])
    for grid in grids:
        for row in grid.rows[:LOOKED_AT]:
            names = [text_of(cell) for cell in row if isinstance(cell, str) and text_of(cell)]
            if len(names) > len(best[1]) and len(set(names)) == len(names):
                best = (grid.name, names)
    return best


def read_ours(grid: Grid, at: int, mapping: Mapping[str, str], tick: Tick = no_tick) -> Reading:
    reading = Reading(Kind.OURS, sheet=grid.name)
    columns = columns_of(reading, grid, at, mapping)
    numbers = [n for n, row in enumerate(grid.rows[at + 1 :], start=at + 2) if not is_blank(row)]
    merged = {n for first, last in grid.merged for n in range(first, last + 1)}
    for done, number in enumerate(numbers):
        if done % 250 == 0:
            tick(done, len(numbers))
        cells = padded(grid.rows[number - 1], len(reading.headings))
        row = Row(reading, number, {name: cells[place] for place, name in columns.items()})
        if any(text_of(cell) for cell in cells[len(reading.headings) :]):
            row.wrong("row", f"The row has more cells than the heading’s {len(reading.headings)}.", "")
        if number in merged:
            row.wrong("row", "Cells of this row are merged with others: which of them is meant is not known.", "")
        take_facts(row)
        reading.lines.append(Line(number, item_of(row), row.text("study_id"), row.text("label")))
    return reading


def columns_of(reading: Reading, grid: Grid, at: int, mapping: Mapping[str, str]) -> dict[int, str]:
    reading.headings = [text_of(cell) for cell in grid.rows[at]]
    while reading.headings and not reading.headings[-1]:
        reading.headings.pop()
    named = [ours_of(heading, mapping) for heading in reading.headings]
    if twice := sorted({name for name in named if name in COLUMNS and named.count(name) > 1}):
        raise FileRefused("heading_twice", f"The heading names {', '.join(twice)} twice.", sheet=grid.name)
    for name, written in zip(named, reading.headings, strict=True):
        if written and name not in COLUMNS and name != IGNORED:
            said = f"The column “{written[:60]}” is none of the template’s and is not read."
            reading.say(WARNING, said, row=at + 1, name=written[:60])
    columns = {place: name for place, name in enumerate(named) if name in COLUMNS}
    reading.fields = {name: reading.headings[place] for place, name in columns.items()}
    return columns


def take_facts(row: Row) -> None:
    """The parcel's facts from the first row that says them; a row that says otherwise is of another parcel."""
    facts = row.reading.facts
    for name in PARCEL_COLUMNS:
        written = row.text(name)
        if not written:
            continue
        first = facts.places.setdefault(name, Place(row.number, row.reading.fields[name], written, row.reading.sheet))
        if first.value != written:
            row.wrong(name, f"Row {first.row} says {first.value[:40]}: one file announces one parcel.")
        elif first.row == row.number:
            keep_fact(row, name, written)


def keep_fact(row: Row, name: str, written: str) -> None:
    if name != "sent_on":
        setattr(row.reading.facts, name, written)
        return
    try:
        row.reading.facts.sent_on = day_of(row.cells[name])
    except ValueError as error:
        row.wrong(name, str(error))


def item_of(row: Row) -> AnnouncedItem | None:
    row.check_identifiers(("study_id", "specimen_label", "label", "block_label", "hospital_number"))
    row.check_lengths()
    said = {name: cell if name in DAYS else row.text(name) for name, cell in row.cells.items()}
    try:
        read = ItemRow.model_validate(said)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            row.wrong(str(fault["loc"][0]), str(fault["msg"]))
        return None
    return AnnouncedItem(**dict(read)) if row.sound else None
