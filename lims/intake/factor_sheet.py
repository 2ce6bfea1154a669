"""A sheet of clinical factors into rows: one factor a row, in any order of the columns. Strict: nothing is guessed."""

from datetime import date

from lims.intake.sheets import Cells, Faults, cells_of
from scoring.charting import NewFactor
from specimens.errors import RowProblem

REQUIRED = ("trial", "study_id", "factor", "value", "on", "source")
COLUMNS = (*REQUIRED, "unit", "lower", "upper", "reason")


def read_factors(content: bytes) -> tuple[list[NewFactor], list[RowProblem]]:
    """The rows of a CSV in UTF-8 whose heading names `COLUMNS`, and each day that is none.

    Rows count from 1 below the heading. Raises Rejected when the file is no such sheet.
    """
    rows, problems = [], []
    for number, cells in enumerate(cells_of(content, required=REQUIRED, allowed=COLUMNS), start=1):
        faults = Faults(number, cells)
        rows.append(row_of(cells, faults.day("on")))
        problems += faults.problems
    return rows, problems


def row_of(cells: Cells, on: date | None) -> NewFactor:
    return NewFactor(**{name: cells[name] for name in COLUMNS if name != "on"}, on=on)
