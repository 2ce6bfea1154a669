"""A sheet of clinical factors in, a sheet of groups out: what `classify --model` does, without Django.

Any subset of the columns may be given; a blank is missing. Only the columns that the model uses are read.
"""

from collections.abc import Callable, Iterable
from typing import Any

from lims.intake.answer_sheet import Layout, Out, Row, answered
from lims.intake.classify_sheet import NOT_EVALUABLE
from scoring.rules.clinical.editions import edition as edition_of
from scoring.rules.clinical.factors import NAMES, Factors, contradictions
from scoring.rules.clinical.model import ClinicalVerdict, Model, assess
from scoring.rules.clinical.written import Value, read

COLUMNS = ("id", *NAMES)
ANSWERS = ("id", "group", "possible_groups", "points", "reasons", "missing")


def classify_by(model: Model, sheet: Iterable[bytes], out: Out, tell: Callable[[str], None], edition: str = "") -> bool:
    """Write the group to `out` as CSV for each good row of `sheet`; True when every row was good.

    `edition` names one of the model's editions; the one in force unless it does.

    `sheet` gives lines of UTF-8; `tell` is given a sentence for each thing wrong. Raises WrongSheet
    when the heading cannot be used, or where the file stops being text or CSV.
    """

    rule = edition_of(model.name, edition or model.edition)

    def judge(row: Row) -> tuple[str, ...] | None:
        factors = _factors(row, model)
        return None if row.faults or factors is None else answer(row.cells["id"], assess(model, factors, rule))

    return answered(sheet, out, tell, Layout(("id",), ("id", *model.inputs), ANSWERS, judge))


def answer(name: str, verdict: ClinicalVerdict) -> tuple[str, ...]:
    """One row of the answer, under `ANSWERS`; lists joined by | in the model's order.

    Points are those that certainly hold; blank where the model does not count.
    """
    return (
        name,
        verdict.group,
        "|".join(verdict.possible_groups),
        "" if verdict.points is None else str(verdict.points),
        "|".join(verdict.reasons),
        "|".join(verdict.missing),
    )


def _factors(row: Row, model: Model) -> Factors | None:
    evaluable = row.cells.get("caix", "").strip() != NOT_EVALUABLE
    values: dict[str, Any] = {name: _value(row, name) for name in model.inputs if evaluable or name != "caix"}
    if row.faults:
        return None
    factors = Factors(**values, caix_evaluable=evaluable)
    for problem in contradictions(factors, model.inputs):
        row.blame(problem.field, problem.sentence)
    return factors


def _value(row: Row, column: str) -> Value | None:
    try:
        return read(column, row.cells[column])
    except ValueError as why:
        also = f" Or write {NOT_EVALUABLE}." if column == "caix" else ""
        row.blame(column, f"{why}{also}")
        return None
