"""The published table beside the one computed from the scores and outcomes in the database."""

from collections import Counter
from dataclasses import dataclass

from lims.analysis.contingency import TwoByTwo, associate, printed_p
from lims.demo.load_rebuilt import RELEASE
from lims.demo.published import PrintedFigure, published_table
from lims.demo.stage import REBUILT
from lims.models.outcomes import Outcome
from lims.vocabulary import Response
from scoring.models import PatientScore
from scoring.rules.editions import CURRENT
from scoring.rules.vocabulary import CaixLevel, Compartment, Risk


@dataclass(frozen=True, slots=True)
class Verdict:
    """One patient's current score and response."""

    risk: str
    caix_level: str
    compartment: str
    responded: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what stands in print, what the database gives."""

    key: str
    what: str
    printed: str
    computed: str


def current_scores(trial: str) -> dict[int, PatientScore]:
    """The latest score of each patient of a trial under the current edition, with its specimen's score."""
    found = PatientScore.objects.filter(patient__trial__code=trial, model=CURRENT.model, edition=CURRENT.edition)
    return {score.patient_id: score for score in found.select_related("score").order_by("id")}


def verdicts() -> list[Verdict]:
    """Every patient of the reconstruction whose score and response are known."""
    outcomes = Outcome.objects.filter(release__trial__code=REBUILT, release__name=RELEASE)
    responses = dict(outcomes.values_list("patient_id", "response"))
    return [
        Verdict(
            current.score.risk,
            current.score.caix_level,
            current.score.compartment,
            responses[patient] == Response.RESPONDER,
        )
        for patient, current in current_scores(REBUILT).items()
        if current.score and responses.get(patient)
    ]


def published_beside_computed() -> list[Row]:
    """The lines of the published table in their order."""
    found = verdicts()
    return [Row(line.key, line.what, line.printed, computed(line, found)) for line in published_table()]


def computed(line: PrintedFigure, found: list[Verdict]) -> str:
    """The line as the database gives it, spelled as in print."""
    if line.key == "categories":
        counted = Counter(verdict.risk for verdict in found)
        return " / ".join(str(counted[risk]) for risk in (Risk.GOOD, Risk.INTERMEDIATE, Risk.POOR))
    if line.key == "caix_high":
        return str(sum(verdict.caix_level == CaixLevel.HIGH for verdict in found))
    table = TABLES[line.key](found)
    return told(table, line)


def told(table: TwoByTwo, line: PrintedFigure) -> str:
    responders = table.exposed_responders + table.unexposed_responders
    others = table.exposed_others + table.unexposed_others
    said = f"{table.exposed_responders}/{responders} v {table.exposed_others}/{others}"
    if line.odds_ratio is None:
        return said
    found = associate(table)
    ratio = "not defined" if found.sample_odds_ratio is None else f"{found.sample_odds_ratio:.2f}"
    p = printed_p(found.p)
    return f"{said}, odds ratio {ratio}, P {p}"


def crossed(found: list[Verdict], exposed: list[bool]) -> TwoByTwo:
    counted = Counter(zip(exposed, (verdict.responded for verdict in found), strict=True))
    return TwoByTwo(counted[True, True], counted[True, False], counted[False, True], counted[False, False])


def by_caix(found: list[Verdict]) -> TwoByTwo:
    return crossed(found, [verdict.caix_level == CaixLevel.HIGH for verdict in found])


def by_caix_in_intermediate(found: list[Verdict]) -> TwoByTwo:
    return by_caix([verdict for verdict in found if verdict.risk == Risk.INTERMEDIATE])


def by_compartment(found: list[Verdict]) -> TwoByTwo:
    return crossed(found, [verdict.compartment == Compartment.FAVOURABLE for verdict in found])


TABLES = {
    "caix": by_caix,
    "caix_in_intermediate": by_caix_in_intermediate,
    "two_compartments": by_compartment,
}
