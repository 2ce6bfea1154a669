"""A sheet of outcomes into rows. Strict: nothing is guessed, every fault is told with its row and field.

Rows count from 1 below the heading; row 0 is the file.
"""

import csv
import io
from collections.abc import Callable, Collection, Mapping
from itertools import dropwhile
from typing import NoReturn

from lims.intake.manifests.grids import is_blank, padded
from lims.intake.manifests.grids import text_of as cell_text
from lims.intake.manifests.opening import ZIP, opened
from lims.outcome_rows import FLAGS, OURS, TIMES, NewOutcome, NewValue
from lims.outcome_variables import column_of
from specimens.errors import Refused, Rejected, RowProblem

COLUMNS = OURS
LEFT_OUT = "-"
UNKNOWN = "unknown_column"
MOST_ROWS = 100_000
LONGEST_FIELD = 10_000
YES_NO = {"1": True, "0": False}


def read_outcomes(
    content: bytes, *, declared: Collection[str] = (), mapping: Mapping[str, str] | None = None
) -> list[NewOutcome]:
    """The rows of a CSV in UTF-8, or of a workbook's one sheet, whose heading names fields of NewOutcome, in any order.

    `declared` are the names of the trial's own variables (`name@time point` as a heading); `mapping` takes the
    file's headings to ours, "-" leaves one out. Rejected with every fault that can be told without the database.
    """
    heading, lines = table_of(content)
    ours = [(mapping or {}).get(name, name) for name in heading]
    check_heading(ours, declared)
    problems: list[RowProblem] = []
    rows = [outcome for number, line in lines if (outcome := row_of(number, ours, line, problems))]
    if not lines:
        problems.append(RowProblem(0, "file", "The file has a heading and no rows."))
    if problems:
        raise Rejected(problems, code="sheet_rejected")
    return rows


def headings(content: bytes) -> list[str]:
    """The file's own headings, as they stand."""
    return table_of(content)[0]


def is_ours(heading: str, declared: Collection[str]) -> bool:
    return heading in COLUMNS or column_of(heading)[0] in declared


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


def table_of(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The heading and the numbered lines below it, without blank lines."""
    lines = workbook_lines(content) if content.startswith(ZIP) else csv_lines(text_of(content))
    heading = [name.strip() for name in lines[0]]
    if len(heading) == 1 and any(mark in heading[0] for mark in ";\t|"):
        refuse("The columns are not separated by commas; save the sheet as “CSV UTF-8, comma separated”.")
    below = [(number, line) for number, line in enumerate(lines[1:], start=1) if any(cell.strip() for cell in line)]
    if len(below) > MOST_ROWS:
        refuse(f"The file has {len(below)} rows; send at most {MOST_ROWS} at a time.")
    return heading, below


def csv_lines(text: str) -> list[list[str]]:
    csv.field_size_limit(LONGEST_FIELD)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        refuse(f"The file is no well-formed CSV ({error}); a cell with a comma or a quote stands in quotes.")


def workbook_lines(content: bytes) -> list[list[str]]:
    """The cells of the one sheet of a workbook that holds anything, as text."""
    try:
        grids = [grid for grid in opened(content) if not all(is_blank(row) for row in grid.rows)]
    except Refused as refused:
        refuse(refused.sentence)
    if len(grids) != 1:
        named = ", ".join(grid.name for grid in grids[:5]) or "none"
        refuse(f"Outcomes are read from a workbook with one filled sheet; this one has {len(grids)}: {named}.")
    rows = list(dropwhile(is_blank, grids[0].rows))
    width = max(len(row) for row in rows)
    return [[cell_text(cell) for cell in padded(row, width)] for row in rows]


def check_heading(heading: list[str], declared: Collection[str]) -> None:
    own = f"; or a declared variable: {', '.join(sorted(declared))}" if declared else ""
    problems = [
        RowProblem(0, name[:40], f"No column is called “{name[:40]}”; the columns are {', '.join(COLUMNS)}{own}.",
                   name[:40], UNKNOWN)
        for name in heading
        if name != LEFT_OUT and not is_ours(name, declared)
    ]  # fmt: skip
    twice = sorted({name for name in heading if heading.count(name) > 1 and name != LEFT_OUT})
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
    own: list[NewValue] = []
    before = len(problems)
    for name, cell in zip(heading, line, strict=True):
        if name not in COLUMNS:
            if name != LEFT_OUT and cell.strip():
                own.append(NewValue(*column_of(name), cell.strip()))
            continue
        try:
            value = KINDS.get(name, str)(cell.strip())
        except ValueError as why:
            problems.append(RowProblem(number, name, str(why), cell.strip()[:80]))
            continue
        if value != "":
            values[name] = value
    if "study_id" not in values and len(problems) == before:
        problems.append(RowProblem(number, "study_id", "Give the patient's study id."))
    return None if len(problems) > before else NewOutcome(**values, values=tuple(own))  # type: ignore[arg-type]


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
