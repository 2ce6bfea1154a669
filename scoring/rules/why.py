"""Why: the verdict as a sentence, and the tables that show which row applied."""

from dataclasses import dataclass

from scoring.rules.changes import Change, what_would_change
from scoring.rules.editions import Edition
from scoring.rules.inputs import Inputs, value_of
from scoring.rules.model import ELIGIBILITY, Verdict, assess, reasons
from scoring.rules.percent import plain
from scoring.rules.vocabulary import CaixLevel, ClearCell, Compartment, Eligibility, Holds, Reason, Risk, said

__all__ = ["Change", "compartment_rows", "conditions", "sentence", "shown", "what_would_change"]

NOT_KNOWN = "not known"
NAMES = {"clear_cell": "histologic type", "caix": "CA-IX"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the pathology risk against this specimen. `risk` is empty on a row that
    continues the one above."""

    risk: str
    condition: str
    here: str
    holds: Holds


@dataclass(frozen=True, slots=True)
class CompartmentRow:
    """One row of the decision table. `applies` is certain; `possible` still could be."""

    risk: Risk
    caix: str
    compartment: Compartment
    eligibility: Eligibility
    applies: bool
    possible: bool
    here: str = ""


def sentence(verdict: Verdict) -> str:
    """The verdict in one line, with its edition and that it is investigational."""
    *first, last = verdict.possible_risks
    pathology = f"{', '.join(first)} or {last}" if first else last
    answer = f"{said(verdict.eligibility)} under edition {verdict.edition}"
    lacking = ", ".join(NAMES.get(name, name) for name in verdict.missing)
    tail = f"; still needed: {lacking}" if lacking else ""
    known = f"{pathology.capitalize()} pathology, CA-IX {said(verdict.caix_level)}"
    return f"{known}: {answer}{tail}. Investigational."


def conditions(inputs: Inputs, edition: Edition, *, type_label: str = "") -> tuple[Condition, ...]:
    """Each condition of the pathology risk, what is here, and whether it holds.

    `type_label` is shown for the histologic type, such as "8310/3 clear cell".
    """
    possible = assess(inputs, edition).possible_risks
    good, middle = (_holds(risk, possible) for risk in (Risk.GOOD, Risk.INTERMEDIATE))
    here = "; ".join(shown(inputs, axis) for axis in ("alveolar", "granular", "papillary"))
    return (
        *_poor_conditions(inputs, edition, type_label),
        Condition("good, if all", _good_wording(edition), here, good),
        Condition("intermediate", "everything else", "", middle),
    )


def compartment_rows(verdict: Verdict, inputs: Inputs, edition: Edition) -> tuple[CompartmentRow, ...]:
    """The five rows of the decision table, with the one that applied."""
    cutoff = plain(edition.caix_high_above)
    favourable, unfavourable = Compartment.FAVOURABLE, Compartment.UNFAVOURABLE
    high, low = {CaixLevel.HIGH}, {CaixLevel.LOW}
    neither = {CaixLevel.MISSING, CaixLevel.NOT_EVALUABLE}
    table = (
        (Risk.GOOD, "any, or not known", favourable, set(CaixLevel)),
        (Risk.INTERMEDIATE, f"high, above {cutoff} %", favourable, high),
        (Risk.INTERMEDIATE, f"low, {cutoff} % or less", unfavourable, low),
        (Risk.INTERMEDIATE, NOT_KNOWN, Compartment.INDETERMINATE, neither),
        (Risk.POOR, "any, or not known", unfavourable, set(CaixLevel)),
    )
    return tuple(_row(verdict, inputs, *row) for row in table)


def shown(inputs: Inputs, axis: str) -> str:
    """What the specimen gives on one axis, as text; a blank is *not known*, never 0."""
    if axis == "caix" and not inputs.caix_evaluable:
        return "not evaluable"
    value = value_of(inputs, axis)
    if value is None:
        return NOT_KNOWN
    if isinstance(value, ClearCell):
        return "clear cell" if value is ClearCell.YES else "not clear cell"
    return f"{plain(value)} %"


def _row(
    verdict: Verdict, inputs: Inputs, risk: Risk, caix: str, to: Compartment, levels: set[CaixLevel]
) -> CompartmentRow:
    possible = risk in verdict.possible_risks and verdict.caix_level in levels
    applies = possible and verdict.risk is risk
    return CompartmentRow(risk, caix, to, ELIGIBILITY[to], applies, possible, shown(inputs, "caix") if possible else "")


def _poor_conditions(inputs: Inputs, edition: Edition, type_label: str) -> tuple[Condition, ...]:
    wording = {
        "clear_cell": (Reason.NON_CLEAR_CELL, "not clear cell"),
        "papillary": (
            Reason.PAPILLARY_PRESENT,
            f"papillary above {plain(edition.papillary_present_above)} %",
        ),
        "alveolar": (Reason.NO_ALVEOLAR, _at_most("alveolar", plain(edition.alveolar_absent_at))),
        "granular": (Reason.GRANULAR_OVER_50, f"granular above {plain(edition.granular_poor_above)} %"),
    }
    held = reasons(inputs, edition)
    rows: list[Condition] = []
    for axis, (reason, words) in wording.items():
        known = value_of(inputs, axis) is not None
        holds = (Holds.YES if reason in held else Holds.NO) if known else Holds.UNKNOWN
        here = type_label if axis == "clear_cell" and type_label else shown(inputs, axis)
        rows.append(Condition("" if rows else "poor, if any", words, here, holds))
    return tuple(rows)


def _good_wording(edition: Edition) -> str:
    granular = _at_most("granular", plain(edition.granular_good_at))
    papillary = _at_most("papillary", plain(edition.papillary_present_above))
    return f"clear cell, alveolar above {plain(edition.alveolar_good_above)} %, {granular}, {papillary}"


def _at_most(axis: str, cutoff: str) -> str:
    return f"{axis} 0 %" if cutoff == "0" else f"{axis} {cutoff} % or less"


def _holds(risk: Risk, possible: tuple[Risk, ...]) -> Holds:
    if risk not in possible:
        return Holds.NO
    return Holds.YES if len(possible) == 1 else Holds.UNKNOWN
