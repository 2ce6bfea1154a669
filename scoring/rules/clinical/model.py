"""The clinical systems in three-valued logic: factors in, verdict out.

A blank is never a no, never 0 and never inferred: it yields the set of groups still possible.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scoring.rules.clinical import systems
from scoring.rules.clinical.calcium import Corrected, corrected
from scoring.rules.clinical.conditions import Condition, completions
from scoring.rules.clinical.editions import ClinicalEdition, edition
from scoring.rules.clinical.factors import Factors, contradictions
from scoring.rules.vocabulary import Holds

INDETERMINATE = "indeterminate"
COUNTED = ("favourable", "intermediate", "poor")
STRATA = tuple(
    f"{status}_{primary}_{sites}"
    for status in ("ps0", "ps1")
    for primary in ("primary", "resected")
    for sites in ("boneliver", "other")
)


@dataclass(frozen=True, slots=True)
class Model:
    """One clinical system. `inputs` and `groups` are in the order in which they are told."""

    name: str
    edition: str
    inputs: tuple[str, ...]
    groups: tuple[str, ...]
    conditions: Callable[[Factors, ClinicalEdition, str | None], tuple[Condition, ...]]
    group: Callable[[frozenset[str], ClinicalEdition], str]
    counts: bool = False
    corrects_calcium: bool = False

    @property
    def current(self) -> ClinicalEdition:
        """The edition in force."""
        return edition(self.name, self.edition)


@dataclass(frozen=True, slots=True)
class ClinicalVerdict:
    """The answer under one edition.

    `points` are those that certainly hold, None where the system does not count. `calcium` is the
    corrected calcium and its formula, where the system uses one and the inputs are there.
    """

    model: str
    edition: str
    group: str
    possible_groups: tuple[str, ...]
    points: int | None
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    conditions: tuple[Condition, ...] = field(repr=False)
    calcium: Corrected | None = None


_THERAPY = ("diagnosis_date", "systemic_therapy_start")
_CALCIUM = ("calcium_mg_dl", "albumin_g_dl")
_HAEMOGLOBIN = ("haemoglobin", "haemoglobin_lln")
_NEUTROPHILS = ("neutrophils", "neutrophils_uln")
_FIGLIN = ("til", "nephrectomy", "nephrectomy_date", "systemic_therapy_start")
_MODELS = (
    Model(
        name="mskcc-2002",
        edition="2002-R1",
        inputs=("karnofsky", "ldh", "ldh_uln", *_HAEMOGLOBIN, *_CALCIUM, *_THERAPY),
        groups=COUNTED,
        conditions=systems.mskcc,
        group=systems.by_count,
        counts=True,
        corrects_calcium=True,
    ),
    Model(
        name="imdc-2009",
        edition="2009-R1",
        inputs=(
            *(*_HAEMOGLOBIN, *_CALCIUM, "calcium_uln_mg_dl", "karnofsky", *_THERAPY),
            *(*_NEUTROPHILS, "platelets", "platelets_uln"),
        ),
        groups=COUNTED,
        conditions=systems.imdc,
        group=systems.by_count,
        counts=True,
        corrects_calcium=True,
    ),
    Model(
        name="negrier-2005",
        edition="2005-R1",
        inputs=("liver_metastases", "diagnosis_date", "metastasis_date", "metastatic_sites", *_NEUTROPHILS),
        groups=("not_rapid", "rapid"),
        conditions=systems.negrier,
        group=systems.rapid,
        counts=True,
    ),
    Model(
        name="figlin-1997",
        edition="1997-R1",
        inputs=_FIGLIN,
        groups=("no_nephrectomy", "within_6_months", "after_6_months", "til"),
        conditions=systems.figlin,
        group=systems.of_nephrectomy,
    ),
    Model(
        name="cwg-strata",
        edition="2005-R1",
        inputs=("ecog", "primary_in_place", "bone_metastases", "liver_metastases"),
        groups=(*STRATA, "not_applicable"),
        conditions=systems.strata,
        group=systems.stratum,
    ),
    Model(
        name="bui-2003",
        edition="2003-R1",
        inputs=("caix",),
        groups=("high", "low"),
        conditions=systems.bui,
        group=systems.level,
    ),
)
MODELS: Mapping[str, Model] = {model.name: model for model in _MODELS}


def assess(
    model: Model, factors: Factors, edition: ClinicalEdition | None = None, *, formula: str | None = None
) -> ClinicalVerdict:
    """The verdict for `factors`; indeterminate wherever a blank leaves it open.

    `edition` is the one in force by default; `formula` names another of its calcium formulas.
    Raises ValueError when two of the model's own inputs contradict each other, or for an unknown formula.
    """
    rule = edition or model.current
    for problem in contradictions(factors, model.inputs):
        raise ValueError(f"{problem.field}: {problem.sentence}")
    conditions = model.conditions(factors, rule, formula)
    answers = {held: model.group(held, rule) for held in completions(conditions)}
    possible = tuple(group for group in model.groups if group in answers.values())
    return ClinicalVerdict(
        model=rule.model,
        edition=rule.edition,
        group=possible[0] if len(possible) == 1 else INDETERMINATE,
        possible_groups=possible,
        points=sum(each.holds is Holds.YES for each in conditions) if model.counts else None,
        reasons=tuple(each.told for each in conditions if each.told),
        missing=_missing(model, conditions, answers),
        conditions=conditions,
        calcium=corrected(factors, rule.formula(formula)) if model.corrects_calcium else None,
    )


def _missing(model: Model, conditions: tuple[Condition, ...], answers: dict[frozenset[str], str]) -> tuple[str, ...]:
    """The blanks that could still change the answer, for some way of filling the others."""
    wanting: set[str] = set()
    for each in conditions:
        turned = (answers.get(held ^ {each.reason}, answer) != answer for held, answer in answers.items())
        if each.holds is Holds.UNKNOWN and any(turned):
            wanting.update(each.blanks)
    return tuple(name for name in model.inputs if name in wanting)
