"""The two-compartment model in three-valued logic: inputs in, verdict out (Upton 2005, Atkins 2005).

A blank is never 0 and never inferred: it yields the set of categories still possible.
"""

from collections import defaultdict
from dataclasses import dataclass

from scoring.rules.editions import Edition
from scoring.rules.inputs import AXES, Inputs, Point, blanks, completions
from scoring.rules.vocabulary import (
    CaixLevel,
    ClearCell,
    Compartment,
    Eligibility,
    Reason,
    Risk,
    UptonGroup,
)

__all__ = [
    "AXES",
    "ELIGIBILITY",
    "RISKS",
    "Inputs",
    "Verdict",
    "assess",
    "caix_level",
    "outcome",
    "reasons",
    "upton_group",
]

RISKS = (Risk.GOOD, Risk.INTERMEDIATE, Risk.POOR)
ELIGIBILITY = {
    Compartment.FAVOURABLE: Eligibility.ELIGIBLE,
    Compartment.UNFAVOURABLE: Eligibility.NOT_ELIGIBLE,
    Compartment.INDETERMINATE: Eligibility.INDETERMINATE,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer under one edition. Tuples are in the rule's order."""

    model: str
    edition: str
    risk: Risk
    possible_risks: tuple[Risk, ...]
    caix_level: CaixLevel
    compartment: Compartment
    eligibility: Eligibility
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]


def assess(inputs: Inputs, edition: Edition) -> Verdict:
    """The verdict for `inputs` under `edition`; indeterminate wherever a blank leaves it open."""
    outcomes = {point: outcome(point, edition) for point in completions(inputs, edition)}
    risks = {risk for risk, _ in outcomes.values()}
    compartments = {compartment for _, compartment in outcomes.values()}
    compartment = compartments.pop() if len(compartments) == 1 else Compartment.INDETERMINATE
    possible = tuple(risk for risk in RISKS if risk in risks)
    return Verdict(
        model=edition.model,
        edition=edition.edition,
        risk=possible[0] if len(possible) == 1 else Risk.INDETERMINATE,
        possible_risks=possible,
        caix_level=caix_level(inputs, edition),
        compartment=compartment,
        eligibility=ELIGIBILITY[compartment],
        reasons=reasons(inputs, edition),
        missing=tuple(axis for axis in blanks(inputs) if _matters(axis, outcomes)),
    )


def reasons(inputs: Inputs | Point, edition: Edition) -> tuple[Reason, ...]:
    """Every reason for poor that certainly holds, whatever is blank."""
    alveolar, granular, papillary = inputs.alveolar, inputs.granular, inputs.papillary
    held = {
        Reason.NON_CLEAR_CELL: inputs.clear_cell is ClearCell.NO,
        Reason.PAPILLARY_PRESENT: papillary is not None and papillary > edition.papillary_present_above,
        Reason.NO_ALVEOLAR: alveolar is not None and alveolar <= edition.alveolar_absent_at,
        Reason.GRANULAR_OVER_50: granular is not None and granular > edition.granular_poor_above,
    }
    return tuple(reason for reason in Reason if held[reason])


def outcome(point: Point, edition: Edition) -> tuple[Risk, Compartment]:
    """Category and compartment of a complete set of inputs."""
    risk = _risk(point, edition)
    high = point.caix > edition.caix_high_above
    favourable = risk is Risk.GOOD or (risk is Risk.INTERMEDIATE and high)
    return risk, Compartment.FAVOURABLE if favourable else Compartment.UNFAVOURABLE


def caix_level(inputs: Inputs, edition: Edition) -> CaixLevel:
    """High is strictly above the cutoff; a result that is not evaluable has no level whatever its number."""
    if not inputs.caix_evaluable:
        return CaixLevel.NOT_EVALUABLE
    if inputs.caix is None:
        return CaixLevel.MISSING
    return CaixLevel.HIGH if inputs.caix > edition.caix_high_above else CaixLevel.LOW


def upton_group(inputs: Inputs, edition: Edition) -> UptonGroup:
    """Upton's four printed rows: poor means clear cell and poor, not clear cell stands apart."""
    if inputs.clear_cell is ClearCell.NO:
        return UptonGroup.NOT_CLEAR_CELL
    if inputs.clear_cell is None:
        return UptonGroup.INDETERMINATE
    return UptonGroup(assess(inputs, edition).risk.value)


def _risk(point: Point, edition: Edition) -> Risk:
    if reasons(point, edition):
        return Risk.POOR
    good = point.alveolar > edition.alveolar_good_above and point.granular <= edition.granular_good_at
    return Risk.GOOD if good else Risk.INTERMEDIATE


def _matters(axis: str, outcomes: dict[Point, tuple[Risk, Compartment]]) -> bool:
    """Could this input still change the answer, for some way of filling the others?"""
    position = AXES.index(axis)
    seen: dict[tuple[object, ...], set[tuple[Risk, Compartment]]] = defaultdict(set)
    for point, answer in outcomes.items():
        seen[point[:position] + point[position + 1 :]].add(answer)
    return any(len(answers) > 1 for answers in seen.values())
