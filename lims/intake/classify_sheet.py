"""A sheet of cases in, a sheet of verdicts out: what `classify` does, without Django.

Rows are read one at a time. A bad row is told with its line and field; the good ones still come out.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from lims.intake.answer_sheet import Layout, Out, Row, answered
from lims.intake.text_sheet import WrongSheet
from scoring.rules.editions import CURRENT, Edition
from scoring.rules.model import Inputs, Verdict, assess
from scoring.rules.percent import percent
from scoring.rules.vocabulary import ClearCell

__all__ = ["ANSWERS", "COLUMNS", "WrongSheet", "answer", "classify"]

COLUMNS = ("id", "clear_cell", "alveolar", "granular", "papillary", "caix")
ANSWERS = (
    "id",
    "risk",
    "possible_risks",
    "caix_level",
    "compartment",
    "il2_eligibility",
    "reasons",
    "missing",
)
NOT_EVALUABLE = "not_evaluable"
# A centrally signed unclassified type is not clear cell: reading A5 of the edition.
CLEAR_CELL = {
    "": None,
    "yes": ClearCell.YES,
    "no": ClearCell.NO,
    "indeterminate_type": ClearCell.NO,
}


def classify(sheet: Iterable[bytes], out: Out, tell: Callable[[str], None], edition: Edition = CURRENT) -> bool:
    """Write a verdict to `out` as CSV for each good row of `sheet`; True when every row was good.

    `sheet` gives lines of UTF-8; `tell` is given a sentence for each thing wrong. Raises WrongSheet
    when the heading cannot be used, or where the file stops being text or CSV.
    """

    def judge(row: Row) -> tuple[str, ...] | None:
        inputs = _inputs(row)
        return None if row.faults else answer(row.cells["id"], assess(inputs, edition))

    return answered(sheet, out, tell, Layout(COLUMNS, COLUMNS, ANSWERS, judge))


def answer(name: str, verdict: Verdict) -> tuple[str, ...]:
    """One row of the answer, under `ANSWERS`; lists joined by | in the rule's order."""
    return (
        name,
        verdict.risk,
        "|".join(verdict.possible_risks),
        verdict.caix_level,
        verdict.compartment,
        verdict.eligibility,
        "|".join(verdict.reasons),
        "|".join(verdict.missing),
    )


def _inputs(row: Row) -> Inputs:
    caix = row.cells["caix"].strip()
    return Inputs(
        clear_cell=_clear_cell(row),
        alveolar=_percent(row, "alveolar"),
        granular=_percent(row, "granular"),
        papillary=_percent(row, "papillary"),
        caix=None if caix == NOT_EVALUABLE else _percent(row, "caix"),
        caix_evaluable=caix != NOT_EVALUABLE,
    )


def _clear_cell(row: Row) -> ClearCell | None:
    written = row.cells["clear_cell"].strip()
    if written not in CLEAR_CELL:
        row.blame("clear_cell", f"“{written[:40]}” is not yes, no, indeterminate_type or blank.")
    return CLEAR_CELL.get(written)


def _percent(row: Row, column: str) -> Decimal | None:
    try:
        return percent(row.cells[column])
    except ValueError as why:
        also = f" Or write {NOT_EVALUABLE}." if column == "caix" else ""
        row.blame(column, f"{why}{also}")
        return None
