"""A manifest as read: the parcel's facts, its items, and what is wrong with them by themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from lims.intake.manifests.findings import ERROR, WARNING, Finding
from lims.intake.manifests.grids import Cell, text_of
from lims.intake.manifests.kinds import Kind
from specimens.announcing import AnnouncedItem

Tick = Callable[[int, int], None]
LONGEST_CELL = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file something is said."""

    row: int
    field: str
    value: str
    sheet: str


@dataclass(slots=True)
class Facts:
    """What the file says of the parcel. `places` tells where, by the name of the fact."""

    trial: str = ""
    sent_on: date | None = None
    received_on: date | None = None
    courier: str = ""
    tracking: str = ""
    sender_reference: str = ""
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row that announces something; `item` is None when it could not be understood."""

    row: int
    item: AnnouncedItem | None
    study_id: str
    label: str


@dataclass(slots=True)
class Reading:
    """`fields` gives the sheet's own heading for each field of an item."""

    kind: Kind
    sheet: str = ""
    facts: Facts = field(default_factory=Facts)
    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    headings: list[str] = field(default_factory=list)

    def say(self, severity: str, sentence: str, *, row: int = 0, name: str = "file", value: str = "",
            sheet: str | None = None) -> None:  # fmt: skip
        where = self.sheet if sheet is None else sheet
        self.findings.append(Finding(row, name, value[:200], severity, sentence, where))


class Row:
    """One row of the sheet under its headings; collects what is said of it."""

    def __init__(self, reading: Reading, number: int, cells: Mapping[str, Cell]) -> None:
        """`cells` holds the raw cells by the names of our fields."""
        self.reading, self.number, self.cells, self.sound = reading, number, cells, True
        self.texts = {name: text_of(cell) for name, cell in cells.items()}

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def wrong(self, name: str, sentence: str, value: str | None = None) -> None:
        self.sound = False
        self.say(name, ERROR, sentence, value)

    def odd(self, name: str, sentence: str, value: str | None = None) -> None:
        self.say(name, WARNING, sentence, value)

    def say(self, name: str, severity: str, sentence: str, value: str | None = None) -> None:
        heading = self.reading.fields.get(name, name)
        shown = self.text(name) if value is None else value
        self.reading.say(severity, sentence, row=self.number, name=heading, value=shown)

    def check_identifiers(self, names: Sequence[str]) -> None:
        """An identifier that the workbook keeps as a number may have lost what made it one."""
        for name in names:
            if isinstance(self.cells.get(name), int | float):
                said = "The workbook keeps this identifier as a number: zeros before it, if there were any, are lost."
                self.odd(name, said)

    def check_lengths(self) -> None:
        for name, cell in self.cells.items():
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                self.wrong(name, f"The cell is longer than {LONGEST_CELL} characters.", cell[:40])


def no_tick(done: int, total: int) -> None:
    """Nobody is watching."""
