"""CSV sheets of patients and parcel items into rows. Strict: nothing is guessed, each fault has its place.

Rows count from 1 below the heading; row 0 is the file.
"""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import NoReturn, TypeVar

from specimens.errors import Rejected, RowProblem

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5_000
LONGEST_CELL = 500
Word = TypeVar("Word", bound=StrEnum)
Cells = dict[str, str]


def cells_of(content: bytes, *, required: Sequence[str], allowed: Sequence[str]) -> list[Cells]:
    """The rows of a UTF-8, comma-separated sheet as {column: text}, with every allowed column, or blank.

    Rejected when the file is no such sheet, its heading is wrong, or a row is of another length.
    """
    text = text_of(content)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        refuse(f"The file is no well-formed CSV ({error}); a cell with a comma or a quote stands in quotes.")
    heading = [name.strip().lower() for name in lines[0]]
    check_heading(heading, required, allowed)
    below = [line for line in lines[1:] if any(cell.strip() for cell in line)]
    if not below:
        refuse("The file has a heading and no rows.")
    if len(below) > MOST_ROWS:
        refuse(f"The file has {len(below):,} rows; send at most {MOST_ROWS:,} at a time.")
    problems = [fault for number, line in enumerate(below, 1) if (fault := length_fault(number, line, heading))]
    if problems:
        raise Rejected(problems, code="sheet_rejected")
    blank = dict.fromkeys(allowed, "")
    return [blank | dict(zip(heading, (cell.strip() for cell in line), strict=True)) for line in below]


def text_of(content: bytes) -> str:
    """The file's text without a byte order mark."""
    if len(content) > MOST_BYTES:
        refuse(f"The file is larger than {MOST_BYTES // 2**20} MB; send it in parts.")
    if not content.strip():
        refuse("The file is empty; send a heading and one row a line.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        refuse(f"Line {line} is not UTF-8 text; save the sheet as “CSV UTF-8, comma separated”.")
    if "\x00" in text:
        refuse("The file holds NUL characters and is no CSV; save the sheet as “CSV UTF-8, comma separated”.")
    return text


def check_heading(heading: Sequence[str], required: Sequence[str], allowed: Sequence[str]) -> None:
    absent = [name for name in required if name not in heading]
    unknown = [name for name in heading if name not in allowed]
    twice = sorted({name for name in heading if heading.count(name) > 1})
    if absent:
        hint = " Separate the columns with commas." if len(heading) == 1 else ""
        refuse(f"The heading lacks {', '.join(absent)}.{hint}")
    if twice:
        refuse(f"The heading names {', '.join(twice)} twice.")
    if unknown:
        named = ", ".join(f"“{name[:40]}”" for name in unknown[:5])
        refuse(f"The heading has unknown columns: {named}. Known are {', '.join(allowed)}.")


def length_fault(number: int, line: Sequence[str], heading: Sequence[str]) -> RowProblem | None:
    if len(line) != len(heading):
        said = f"The row has {len(line)} cells, the heading {len(heading)}."
        return RowProblem(number, "row", said)
    for name, cell in zip(heading, line, strict=True):
        if len(cell) > LONGEST_CELL:
            return RowProblem(number, name, f"The cell is longer than {LONGEST_CELL} characters.", cell[:40])
    return None


def refuse(sentence: str) -> NoReturn:
    raise Rejected([RowProblem(0, "file", sentence)], code="sheet_rejected")


class Faults:
    """Collects what is wrong with one row while its cells are read."""

    def __init__(self, number: int, cells: Cells) -> None:
        self.number, self.cells, self.problems = number, cells, list[RowProblem]()

    def day(self, column: str) -> date | None:
        """An ISO date; None when blank."""
        return self.read(column, date.fromisoformat, "is no date; write 2026-11-23") if self.shaped(column) else None

    def shaped(self, column: str) -> bool:
        """Is there something that looks like 2026-11-23? (`fromisoformat` takes more than that.)"""
        cell = self.cells[column]
        if cell and not (len(cell) == 10 and cell[4] == cell[7] == "-"):
            self.say(column, f"“{cell}” is no date; write 2026-11-23.")
            return False
        return bool(cell)

    def word(self, column: str, enum: type[Word], otherwise: Word) -> Word:
        """A word of a vocabulary, spaces allowed for underscores; `otherwise` when blank."""
        cell = self.cells[column].lower().replace(" ", "_")
        if not cell:
            return otherwise
        known = ", ".join(word.value for word in enum if word.value)
        return self.read(column, lambda _: enum(cell), f"is not one of {known}") or otherwise

    def read(self, column: str, reading: Callable[[str], "Read"], said: str) -> "Read | None":
        cell = self.cells[column]
        try:
            return reading(cell)
        except ValueError:
            self.say(column, f"“{cell}” {said}.")
            return None

    def say(self, column: str, sentence: str) -> None:
        self.problems.append(RowProblem(self.number, column, sentence, self.cells[column]))


Read = TypeVar("Read")
