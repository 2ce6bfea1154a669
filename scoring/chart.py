"""A patient's clinical factors as they stand, and the group that each clinical system makes of them.

Seen by who may see the chart: never by anybody who reads.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from scoring.clinical_words import BY_HAND, FACTORS, GROUPS, Given, in_rule_units, read_back
from scoring.models import ClinicalFact, TherapyStart
from scoring.queries import current_patient_scores
from scoring.rules.clinical.factors import NAMES, Factors, contradictions
from scoring.rules.clinical.model import MODELS, ClinicalVerdict, assess
from scoring.rules.vocabulary import INVESTIGATIONAL
from scoring.units import LABS, RATIO
from specimens import queries
from specimens.actors import Actor
from specimens.deeds import require
from specimens.errors import Unknown
from specimens.models import Consent, Patient
from specimens.scope import Scope
from specimens.vocabulary import ConsentScope

VIEW = "scoring.view_clinical"
RULE_NAMES = {"calcium": "calcium_mg_dl", "albumin": "albumin_g_dl"}
LIMITS = {
    ("ldh", "upper"): "ldh_uln",
    ("haemoglobin", "lower"): "haemoglobin_lln",
    ("calcium", "upper"): "calcium_uln_mg_dl",
    ("neutrophils", "upper"): "neutrophils_uln",
    ("platelets", "upper"): "platelets_uln",
}
THERAPY = "systemic_therapy_start"


@dataclass(frozen=True, slots=True)
class Group:
    """What one system makes of the factors. `verdict` is None when two inputs contradict each other, with `problem`."""

    model: str
    title: str
    edition: str
    verdict: ClinicalVerdict | None
    problem: str
    statement: str


@dataclass(frozen=True, slots=True)
class HandGroup:
    """A group that somebody entered with its source, since its points could not be verified; None while nobody did."""

    model: str
    factors: tuple[tuple[str, str], ...]
    group: str | None
    source: str
    on: date | None
    statement: str = INVESTIGATIONAL


@dataclass(frozen=True, slots=True)
class Row:
    """One recorded factor. `rule_value` is what the systems are given, in `rule_unit`; `state` is used, earlier,
    corrected or taken back."""

    fact: ClinicalFact
    state: str
    rule_value: Decimal | None
    rule_unit: str

    @property
    def taken(self) -> str:
        """The value and unit that the systems are given, exact; blank for what is no laboratory value."""
        return "" if self.rule_value is None else f"{self.rule_value.normalize():f} {self.rule_unit}"

    @property
    def normal(self) -> str:
        """The reference range as given."""
        lower, upper = self.fact.lower, self.fact.upper
        if lower and upper:
            return f"{lower}–{upper}"
        return f"from {lower}" if lower else f"up to {upper}" if upper else ""


@dataclass(frozen=True, slots=True)
class Chart:
    patient: Patient
    withdrawn: bool
    rows: tuple[Row, ...]
    factors: Factors
    groups: tuple[Group, ...]
    by_hand: tuple[HandGroup, ...]

    @property
    def synthetic(self) -> bool:
        return self.patient.synthetic or any(row.fact.synthetic for row in self.rows)


def standing(patients: Collection[int]) -> list[ClinicalFact]:
    """The facts that nothing has superseded, those taken back included, oldest first. One query."""
    found = ClinicalFact.objects.filter(patient_id__in=list(patients), superseded_by__isnull=True)
    return list(found.order_by("on", "id"))


def therapy_starts(patients: Collection[int]) -> dict[int, date]:
    """The start of therapy that counts, by patient. One query."""
    found = TherapyStart.objects.filter(patient_id__in=list(patients)).order_by("id")
    return dict(found.values_list("patient_id", "started_on"))


def in_use(facts: Iterable[ClinicalFact]) -> dict[str, ClinicalFact]:
    """Of each factor the fact of the latest day; of one day the one that was recorded last."""
    ordered = sorted((fact for fact in facts if fact.value), key=lambda fact: (fact.on, fact.pk or 2**62))
    return {fact.factor: fact for fact in ordered}


def factors_of(facts: Iterable[ClinicalFact], started: date | None = None) -> Factors:
    """What the rules are given. `started`, when known, is the start of therapy on which the scores stand."""
    values: dict[str, Any] = {}
    for factor, fact in in_use(facts).items():
        if factor in LABS:
            values |= measured(fact)
        elif factor in NAMES:
            values[factor] = read_back(factor, fact.value)
    if started is not None:
        values[THERAPY] = started
    return Factors(**values)


def measured(fact: ClinicalFact) -> dict[str, Decimal | None]:
    """A laboratory value and its limits in the unit of the rules. A ratio is given as itself against 1."""
    kept = given_of(fact)
    name = RULE_NAMES.get(fact.factor, fact.factor)
    if fact.unit == RATIO:
        return {name: Decimal(fact.value), LIMITS[fact.factor, "upper"]: Decimal(1)}
    found = {name: in_rule_units(kept, fact.value)} if name in NAMES else {}
    for limit in ("lower", "upper"):
        if (into := LIMITS.get((fact.factor, limit))) and getattr(fact, limit):
            found[into] = in_rule_units(kept, getattr(fact, limit))
    return found


def given_of(fact: ClinicalFact) -> Given:
    return Given(fact.factor, fact.value, fact.unit, fact.lower, fact.upper)


def chart_of(viewer: Actor, scope: Scope, **which: object) -> Chart:
    """The patient's factors and groups. Raises Forbidden for who may not see them, Unknown out of reach. At most seven
    queries."""
    require(viewer, VIEW, "Clinical factors are shown to coordinators and statisticians.")
    patient = queries.patients(scope).filter(**which).first()
    if patient is None:
        raise Unknown("unknown_patient", "There is no such patient within your reach.")
    recorded = ClinicalFact.objects.filter(patient=patient).select_related("recorded_by", "superseded_by")
    facts = list(recorded.order_by("-on", "-id"))
    active = [fact for fact in facts if not hasattr(fact, "superseded_by")]
    factors = factors_of(active, therapy_starts([patient.pk]).get(patient.pk))
    gone = Consent.objects.filter(patient=patient, scope=ConsentScope.THIS_STUDY, withdrawal__isnull=False).exists()
    return Chart(
        patient, gone, tuple(rows_of(facts, active)), factors, groups_of(with_caix(factors, scope, patient)),
        tuple(hand_group(model, active) for model in BY_HAND),
    )  # fmt: skip


def rows_of(facts: Sequence[ClinicalFact], active: Sequence[ClinicalFact]) -> list[Row]:
    used = {fact.pk for fact in in_use(active).values()}
    standing_ids = {fact.pk for fact in active}
    return [row_of(fact, fact.pk in used, fact.pk in standing_ids) for fact in facts]


def row_of(fact: ClinicalFact, is_used: bool, stands: bool) -> Row:
    state = "used" if is_used else "corrected" if not stands else "earlier" if fact.value else "taken back"
    if fact.factor not in LABS or not fact.value:
        return Row(fact, state, None, "")
    unit = RATIO if fact.unit == RATIO else LABS[fact.factor].unit
    return Row(fact, state, in_rule_units(given_of(fact), fact.value), unit)


def with_caix(factors: Factors, scope: Scope, patient: Patient) -> Factors:
    """CA-IX comes from the signed reads, by way of the score that speaks for the patient."""
    scored = current_patient_scores(scope).filter(patient=patient).first()
    score = scored.score if scored else None
    if score is None or score.caix is None or not score.caix_evaluable:
        return factors
    return replace(factors, caix=score.caix)


def groups_of(factors: Factors) -> tuple[Group, ...]:
    """Every system's answer, under the edition in force."""
    found = []
    for name, model in MODELS.items():
        edition = model.current
        problems = contradictions(factors, model.inputs)
        verdict = None if problems else assess(model, factors)
        problem = f"{problems[0].field}: {problems[0].sentence}" if problems else ""
        found.append(Group(name, edition.title, edition.edition, verdict, problem, edition.statement))
    return tuple(found)


def hand_group(model: str, active: Sequence[ClinicalFact]) -> HandGroup:
    used = in_use(active)
    entered = used.get(f"{model.replace('-', '_')}_group")
    told = tuple((name, shown(used.get(name))) for name in BY_HAND[model])
    if entered is None:
        return HandGroup(model, told, None, "", None)
    return HandGroup(model, told, entered.value, entered.source, entered.on)


def shown(fact: ClinicalFact | None) -> str:
    return " ".join(filter(None, (fact.value, fact.unit))) if fact else ""


assert all(f"{model.replace('-', '_')}_group" in GROUPS for model in BY_HAND)
assert {*NAMES} - {"caix"} <= {*FACTORS, *LIMITS.values(), *RULE_NAMES.values()}
