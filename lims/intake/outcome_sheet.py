"""A CSV of outcomes into rows. Strict: nothing is guessed, every fault is told with its row and field.

Rows count from 1 below the heading; row 0 is the file.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import fields
from typing import NoReturn

from lims.outcome_rows import FLAGS, TIMES, NewOutcome
from specimens.errors import Rejected, RowProblem

COLUMNS = tuple(each.name for each in fields(NewOutcome))
MOST_ROWS = 100_000
LONGEST_FIELD = 10_000
YES_NO = {"1": True, "0": False}


def read_outcomes(content: bytes) -> list[NewOutcome]:
    """The rows of a comma-separated file in UTF-8 whose heading names fields of NewOutcome, in any order.

    Rejected with every fault that can be told without the database.
    """
    heading, lines = table_of(text_of(content))
    problems: list[RowProblem] = []
    rows = [outcome for number, line in lines if (outcome := row_of(number, heading, line, problems))]
    if not lines:
        problems.append(RowProblem(0, "file", "The file has a heading and no rows."))
    if problems:
        raise Rejected(problems, code="sheet_rejected")
    return rows


def text_of(content: bytes) -> str:
    """The file's text without a byte order mark."""
    if not content.strip():
        refuse("The file is empty; send a heading and one row a patient.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = content.count(b"\n", 0, error.start) + 1
        refuse(f"Line {place} is not UTF-8 text; save the sheet as “CSV UTF-8, comma separated”.")
    if any(character < " " and character not in "\t\r\n" for character in text):
        refuse("The file holds control characters and is no CSV; save the sheet as “CSV UTF-8, comma separated”.")
    return text


def table_of(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The heading and the numbered lines below it, without blank lines."""
    csv.field_size_limit(LONGEST_FIELD)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        refuse(f"The file is no well-formed CSV ({error}); a cell with a comma or a quote stands in quotes.")
    heading = [name.strip() for name in lines[0]]
    check_heading(heading)
    below = [(number, line) for number, line in enumerate(lines[1:], start=1) if any(cell.strip() for cell in line)]
    if len(below) > MOST_ROWS:
        refuse(f"The file has {len(below)} rows; send at most {MOST_ROWS} at a time.")
    return heading, below


def check_heading(heading: list[str]) -> None:
    if len(heading) == 1 and any(mark in heading[0] for mark in ";\t|"):
        refuse("The columns are not separated by commas; save the sheet as “CSV UTF-8, comma separated”.")
    problems = [
        RowProblem(
            0,
            name[:40],
            f"No column is called “{name[:40]}”; the columns are {', '.join(COLUMNS)}.",
            name[:40],
        )
        for name in heading
        if name not in COLUMNS
    ]
    twice = sorted({name for name in heading if heading.count(name) > 1})
    problems += [RowProblem(0, name[:40], f"The column {name[:40]} stands twice in the heading.") for name in twice]
    if "study_id" not in heading:
        problems.append(RowProblem(0, "study_id", "The column study_id is missing from the heading."))
    if problems:
        raise Rejected(problems, code="sheet_rejected")


def row_of(number: int, heading: list[str], line: list[str], problems: list[RowProblem]) -> NewOutcome | None:
    """One row, or None after adding what is wrong with it."""
    if len(line) != len(heading):
        said = f"The row has {len(line)} cells and the heading {len(heading)} columns."
        problems.append(RowProblem(number, "row", said))
        return None
    values: dict[str, object] = {}
    before = len(problems)
    for name, cell in zip(heading, line, strict=True):
        try:
            value = KINDS.get(name, str)(cell.strip())
        except ValueError as why:
            problems.append(RowProblem(number, name, str(why), cell.strip()[:80]))
            continue
        if value != "":
            values[name] = value
    if "study_id" not in values and len(problems) == before:
        problems.append(RowProblem(number, "study_id", "Give the patient's study id."))
    return None if len(problems) > before else NewOutcome(**values)  # type: ignore[arg-type]


def whole_days(cell: str) -> int | str:
    if cell and not (cell.isascii() and cell.removeprefix("-").isdigit() and len(cell) <= 9):
        raise ValueError("Give a whole number of days, digits only, or leave it blank.")
    return int(cell) if cell else ""


def flag(cell: str) -> bool | str:
    if cell and cell not in YES_NO:
        raise ValueError("Give 1 for an event, 0 for none, or leave it blank.")
    return YES_NO[cell] if cell else ""


def refuse(sentence: str) -> NoReturn:
    raise Rejected([RowProblem(0, "file", sentence)], code="sheet_rejected")


KINDS: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(TIMES, whole_days),
    **dict.fromkeys(FLAGS, flag),
}
