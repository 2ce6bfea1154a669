"""The trial network's manifests: a sheet “Shipment” with the parcel, a sheet “Samples” with one row an item."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from lims.intake.manifests.cimac_row import SampleRow
from lims.intake.manifests.cimac_words import OTHER_WORDS, UNKNOWN
from lims.intake.manifests.cross_checks import check_row
from lims.intake.manifests.days import day_of
from lims.intake.manifests.findings import ERROR, WARNING, FileRefused
from lims.intake.manifests.grids import Grid, is_blank, padded, text_of
from lims.intake.manifests.kinds import Found, Kind, Mark, filled, mark_of
from lims.intake.manifests.reading import Line, Place, Reading, Row, Tick, no_tick
from specimens.announcing import AnnouncedItem
from specimens.vocabulary import ItemKind, SpecimenKind

COLUMNS = {
    "entry": "Entry (#)",
    "event": "Collection event name",
    "cohort": "Cohort name",
    "participant": "Participant id",
    "parent": "Parent sample id",
    "processed": "Processed sample id",
    "cimac": "Cimac id",
    "box": "Box number",
    "location": "Sample location",
    "sample_type": "Type of sample",
    "tumour_type": "Type of tumor sample",
    "procedure": "Sample collection procedure",
    "core": "Core number",
    "fixation": "Fixation/stabilization type",
    "processed_type": "Processed sample type",
    "quantity": "Processed sample quantity",
    "tumour_area": "Tumor tissue (% total area)",
    "viable": "Viable tumor (% area)",
    "stroma": "Viable stroma (% area)",
    "necrosis": "Necrosis (% area)",
    "fibrosis": "Fibrosis (% area)",
    "used": "Material used",
    "used_units": "Material used units",
    "remaining": "Material remaining",
    "remaining_units": "Material remaining units",
    "storage": "Material storage condition",
    "quality": "Quality of sample",
    "replacement": "Sample replacement",
    "residual": "Residual sample use",
    "comments": "Comments",
}
NEEDED = ("participant", "parent", "cimac", "sample_type", "tumour_type", "fixation", "processed_type")
BY_HEADING = {heading.lower(): name for name, heading in COLUMNS.items()}
ITEM_FIELDS = {
    "label": "cimac",
    "study_id": "participant",
    "specimen_label": "parent",
    "block_label": "core",
    "kind": "processed_type",
    "specimen_kind": "tumour_type",
    "preservation": "fixation",
    "procedure": "procedure",
}
TRIAL = "Protocol identifier"
SHIPMENT_FACTS = {
    "protocol identifier": "trial",
    "manifest id": "sender_reference",
    "courier": "courier",
    "tracking number": "tracking",
    "date shipped": "sent_on",
    "date received": "received_on",
}
LONG_ON_THE_WAY = timedelta(days=30)


def read_network(found: Found, tick: Tick = no_tick) -> Reading:
    here = found.samples or found.shipment
    reading = Reading(found.kind, sheet=here.name if here else "")
    reading.fields = {"trial": TRIAL}
    if found.shipment:
        read_shipment(reading, found.shipment)
    else:
        said = (
            "The sheet “Shipment” is not in this file: trial, sender’s reference, courier and the day of shipping are "
            "not known from it."
        )
        reading.say(WARNING, said)
    if found.samples:
        read_samples(reading, found.samples, tick)
    else:
        said = "The sheet “Samples” is not in this file: what lies in the parcel is not known from it."
        reading.say(ERROR, said)
    return reading


# ---- the parcel ----
def read_shipment(reading: Reading, grid: Grid) -> None:
    seen: set[str] = set()
    for number, row in enumerate(grid.rows, start=1):
        if mark_of(row) != Mark.PREAMBLE or len(row) < 2:
            continue
        heading, cell = text_of(row[1]), row[2] if len(row) > 2 else ""
        name = SHIPMENT_FACTS.get(heading.lower())
        if name is None:
            continue
        if name in seen:
            said = f"The sheet says “{heading}” twice."
            reading.say(ERROR, said, row=number, name=heading, value=text_of(cell), sheet=grid.name)
        seen.add(name)
        take_fact(reading, name, cell, Place(number, heading, text_of(cell), grid.name))
    check_days(reading)


def take_fact(reading: Reading, name: str, cell: Any, place: Place) -> None:
    """Keep what the sheet says of the parcel; “Not Reported” is not known."""
    reading.facts.places[name] = place
    if name in ("sent_on", "received_on"):
        try:
            setattr(reading.facts, name, day_of(cell))
        except ValueError as error:
            say_at(reading, ERROR, str(error), place)
    elif place.value.lower() not in UNKNOWN:
        setattr(reading.facts, name, place.value)


def check_days(reading: Reading) -> None:
    """Received before it was sent cannot be. Long on the way can: a warning, since the day of receipt is not ours
    and is not kept."""
    sent, received = reading.facts.sent_on, reading.facts.received_on
    if not sent or not received:
        return
    place, days = reading.facts.places["received_on"], (received - sent).days
    if days < 0:
        said = f"Received on {received}, {-days:,} days before it was shipped on {sent}: one of the two is wrong."
        say_at(reading, ERROR, said, place)
    elif received - sent > LONG_ON_THE_WAY:
        long = "a year" if days in (365, 366) else f"{days:,} days"
        said = f"Received on {received}, {long} after it was shipped on {sent}: look at both days again."
        say_at(reading, WARNING, said, place)


def say_at(reading: Reading, severity: str, sentence: str, place: Place) -> None:
    reading.say(severity, sentence, row=place.row, name=place.field, value=place.value, sheet=place.sheet)


# ---- the items ----
def read_samples(reading: Reading, grid: Grid, tick: Tick) -> None:
    columns = columns_of(reading, grid)
    numbers, seen = filled(grid), Seen()
    merged = {n for first, last in grid.merged for n in range(first, last + 1)}
    for done, number in enumerate(numbers):
        if done % 250 == 0:
            tick(done, len(numbers))
        cells = padded(grid.rows[number - 1], len(reading.headings) + 1)
        row = Row(reading, number, {name: cells[place] for place, name in columns.items()})
        if any(text_of(cell) for cell in cells[len(reading.headings) + 1 :]):
            row.wrong("row", f"The row has more cells than the heading’s {len(reading.headings)}.", "")
        if number in merged:
            row.wrong("row", "Cells of this row are merged with others: which of them is meant is not known.", "")
        reading.lines.append(Line(number, item_of(row, seen), row.text("participant"), row.text("cimac")))


def columns_of(reading: Reading, grid: Grid) -> dict[int, str]:
    """Place in the row -> our name for the column. Tells of rows that have no mark, and of unknown columns."""
    at = next(n for n, row in enumerate(grid.rows) if mark_of(row) == Mark.HEADER)
    reading.headings = [text_of(cell) for cell in grid.rows[at][1:]]
    while reading.headings and not reading.headings[-1]:
        reading.headings.pop()
    low = [heading.lower() for heading in reading.headings]
    if twice := sorted({name for name in low if name and low.count(name) > 1}):
        raise FileRefused("heading_twice", f"The heading names {', '.join(twice)} twice.", sheet=grid.name)
    if absent := [COLUMNS[name] for name in NEEDED if COLUMNS[name].lower() not in low]:
        raise FileRefused("heading_lacks", f"The heading lacks {', '.join(absent)}.", sheet=grid.name)
    for name, written in zip(low, reading.headings, strict=True):
        if name and name not in BY_HEADING:
            said = f"The column “{written[:60]}” is none of the network’s and is not read."
            reading.say(WARNING, said, row=at + 1, name=written[:60])
    columns = {place: BY_HEADING[name] for place, name in enumerate(low, start=1) if name in BY_HEADING}
    as_written = {name: reading.headings[place - 1] for place, name in columns.items()}
    reading.fields |= as_written
    reading.fields |= {ours: as_written.get(theirs, COLUMNS[theirs]) for ours, theirs in ITEM_FIELDS.items()}
    for number, row in enumerate(grid.rows[at + 1 :], start=at + 2):
        if not mark_of(row) and not is_blank(row):
            reading.say(WARNING, "The row is not marked #data and is not read.", row=number, name="row")
    return columns


class Seen:
    """What the rows above have said already: each identifier once, one slide a place, one tissue a specimen."""

    def __init__(self) -> None:
        self.slides: dict[str, int] = {}
        self.places: dict[tuple[str, str], int] = {}
        self.tissues: dict[tuple[str, str], tuple[int, SpecimenKind]] = {}
        self.owners: dict[str, tuple[int, str]] = defaultdict(lambda: (0, ""))


def item_of(row: Row, seen: Seen) -> AnnouncedItem | None:
    row.check_identifiers(("participant", "parent", "cimac"))
    row.check_lengths()
    check_words(row)
    check_seen(row, seen)
    try:
        read = SampleRow.model_validate(row.texts, context={"warn": lambda name, said: row.odd(name, said)})
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            row.wrong(str(fault["loc"][0]), str(fault["msg"]))
        return None
    check_row(row, read)
    if read.tissue is None:
        said = "Say whether the tumour is primary or metastatic: a specimen is one or the other."
        row.wrong("tumour_type", said)
        return None
    check_tissue(row, seen, read)
    return announced(row, read, read.tissue) if row.sound else None


def announced(row: Row, read: SampleRow, tissue: SpecimenKind) -> AnnouncedItem:
    """The block of a core is called by the core's number; without one, by its specimen."""
    procedure = read.procedure if read.procedure.lower() not in (*UNKNOWN, "other") else ""
    block = f"core {read.core}" if read.core else read.parent
    return AnnouncedItem(
        kind=read.processed_type,
        label=read.cimac,
        trial=row.reading.facts.trial,
        study_id=read.participant,
        specimen_label=read.parent,
        specimen_kind=tissue,
        procedure=procedure,
        preservation=read.fixation,
        block_label="" if read.processed_type is ItemKind.ALIQUOT else block,
    )


def check_words(row: Row) -> None:
    for name, known in OTHER_WORDS.items():
        text = row.text(name)
        if text and text.lower() not in known:
            row.odd(name, f"“{text[:40]}” is none of the network’s words for this column; it is not kept.")


def check_seen(row: Row, seen: Seen) -> None:
    label, place = row.text("cimac").upper(), (row.text("box").upper(), row.text("location").upper())
    if label and label.lower() not in UNKNOWN:
        first = seen.slides.setdefault(label, row.number)
        if first != row.number:
            row.wrong("cimac", f"This sample stands in row {first} already: one identifier names one sample.")
    if place[1] and place[1].lower() not in UNKNOWN:
        first = seen.places.setdefault(place, row.number)
        if first != row.number:
            box = f"box {place[0]}, " if place[0] else ""
            row.odd("location", f"Row {first} lies at {box}{place[1]} already: two samples cannot lie in one place.")


def check_tissue(row: Row, seen: Seen, read: SampleRow) -> None:
    """One specimen has one kind of tissue, and one owner."""
    assert read.tissue is not None, "asked before"
    key = (read.participant.upper(), read.parent)
    first, tissue = seen.tissues.setdefault(key, (row.number, read.tissue))
    if tissue is not read.tissue:
        said = f"Row {first} calls sample {read.parent} {tissue.value}, this row {read.tissue.value}: it is one only."
        row.wrong("tumour_type", said)
    owner_row, owner = seen.owners.setdefault(read.parent, (row.number, key[0]))
    if owner != key[0]:
        said = f"Row {owner_row} gives sample {read.parent} to participant {owner}: look whose it is."
        row.odd("parent", said)


def is_network(kind: Kind) -> bool:
    return kind in (Kind.SLIDES, Kind.HE)
