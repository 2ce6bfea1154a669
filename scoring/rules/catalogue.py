"""Every model in one shape: what it asks for, how typed findings are read, what it answers, and its card."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from scoring.rules import editions, why
from scoring.rules.changes import Change
from scoring.rules.clinical import editions as clinical_editions
from scoring.rules.clinical.factors import ANSWERS, COUNTS, DATES, NAMES, Factors, contradictions
from scoring.rules.clinical.model import MODELS
from scoring.rules.clinical.model import assess as assess_clinical
from scoring.rules.clinical.written import read as read_factor
from scoring.rules.editions import CURRENT, TWO_COMPARTMENT, Evidence
from scoring.rules.inputs import AXES, Inputs
from scoring.rules.marker import editions as marker_editions
from scoring.rules.marker import model as marker
from scoring.rules.model import RISKS, assess
from scoring.rules.percent import percent, plain
from scoring.rules.vocabulary import ClearCell

NOT_EVALUABLE = "not_evaluable"
NUMBER, CHOICE, DAY = "number", "choice", "day"
YES_OR_NO = ("yes", "no")
TYPES = ("yes", "no", "indeterminate_type")
LABELS = {
    "clear_cell": "Clear cell", "alveolar": "Alveolar architecture", "granular": "Granular cytoplasm",
    "papillary": "Papillary architecture", "caix": "CA-IX positive tumour cells", "karnofsky": "Karnofsky",
    "ecog": "ECOG performance status", "ldh": "LDH", "ldh_uln": "LDH, upper limit of normal",
    "haemoglobin": "Haemoglobin", "haemoglobin_lln": "Haemoglobin, lower limit of normal for the sex",
    "calcium_mg_dl": "Calcium", "calcium_uln_mg_dl": "Calcium, upper limit of normal", "albumin_g_dl": "Albumin",
    "neutrophils": "Neutrophils", "neutrophils_uln": "Neutrophils, upper limit of normal", "platelets": "Platelets",
    "platelets_uln": "Platelets, upper limit of normal", "diagnosis_date": "Initial diagnosis",
    "metastasis_date": "First metastases", "systemic_therapy_start": "Start of systemic therapy",
    "nephrectomy_date": "Nephrectomy on", "nephrectomy": "Nephrectomy", "til": "TIL therapy",
    "metastatic_sites": "Metastatic sites", "liver_metastases": "Liver metastases",
    "bone_metastases": "Bone metastases", "primary_in_place": "Primary in place",
}  # fmt: skip
UNITS = {
    "alveolar": "% of viable tumour", "granular": "% of viable tumour", "papillary": "% of viable tumour",
    "caix": "% of tumour cells, membranous", "karnofsky": "%", "calcium_mg_dl": "mg/dL", "calcium_uln_mg_dl": "mg/dL",
    "albumin_g_dl": "g/dL", "metastatic_sites": "count", "ecog": "0 to 5",
}  # fmt: skip
OF_THE_LIMIT = "in the unit of its limit"
LIMITS: Mapping[str, tuple[str, ...]] = {
    TWO_COMPARTMENT: (
        "Built retrospectively; it did not validate prospectively.",
        "Its good and intermediate groups rest on primary specimens; metastases gave fewer responses.",
        "CA-IX within the good and the poor group is not printed in the study that the cutoff comes from.",
        "Clinical prerequisites of a trial are not part of it.",
    ),
    "mskcc-2002": ("Corrected calcium hangs on the formula; the two that are named here can move a patient.",),
    "imdc-2009": ("Calcium is held against the laboratory's own limit here, not against 10 mg/dL.",),
    "negrier-2005": ("The neutrophil cutoff is a reading: the upper limit of normal.",),
    "figlin-1997": ("Groups of one series without randomisation; TIL is seldom given today.",),
    "cwg-strata": ("Strata of a trial's randomisation, no prognosis by themselves.",),
    "bui-2003": ("A survival stratifier of one series; the cutoff was chosen from the data.",),
}


class Faulty(ValueError):
    """Typed findings that cannot be; `faults` are (field, sentence)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Asked:
    """One input as a form asks for it. `choices` are the words that may be typed besides a blank."""

    name: str
    label: str
    kind: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    also: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says. `further` are its own other words, as the CA-IX level."""

    model: str
    edition: str
    group: str
    possible_groups: tuple[str, ...]
    points: int | None
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    further: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    statement: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row of a model's decision table: its name, what it says, the value it turns on, how, whence."""

    name: str
    says: str
    value: str
    compared: str
    source: str
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    edition: str
    effective: date
    checksum: str
    current: bool


@dataclass(frozen=True, slots=True)
class Card:
    """All there is to say of one model under one edition."""

    name: str
    title: str
    edition: str
    statement: str
    inputs: tuple[Asked, ...]
    groups: tuple[str, ...]
    rule: tuple[RuleRow, ...]
    readings: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    limits: tuple[str, ...]
    history: tuple[Dated, ...]
    judge: Callable[[Mapping[str, str]], Answer] = field(repr=False)


def names() -> tuple[str, ...]:
    """Every model there is, in the order in which they are told."""
    return (TWO_COMPARTMENT, *MODELS, *marker_editions.models())


def card(name: str, edition: str = "") -> Card:
    """A model's card, of the edition in force unless one is named. Raises ValueError where there is none."""
    if name == TWO_COMPARTMENT:
        return _two_compartment(editions.edition(name, edition or CURRENT.edition))
    if name in MODELS:
        return _clinical_card(clinical_editions.edition(name, edition or MODELS[name].edition))
    return _marker(marker_editions.in_force(name, edition))


def card_of(text: str) -> Card:
    """The card of an edition file's text, whether it is on a shelf or not. Raises ValueError with a sentence."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise ValueError(f"The file is no TOML: {wrong}.") from wrong
    model = content.get("model")
    if model == TWO_COMPARTMENT:
        return _two_compartment(editions.parse(text))
    if model in MODELS:
        return _clinical_card(clinical_editions.parse(text))
    if "table" in content or "inputs" in content:
        return _marker(marker_editions.parse(text))
    raise ValueError(f"model: “{model}” is none of {', '.join(names())}, and the file has no inputs and table.")


def _dated(found: Any, current: str) -> tuple[Dated, ...]:
    return tuple(
        Dated(each.edition, each.effective, each.checksum, each.edition == current)
        for each in sorted(found, key=lambda each: (each.effective, each.edition))
    )


def _cutoffs(thresholds: Any) -> tuple[RuleRow, ...]:
    return tuple(
        RuleRow(each.name, each.says, plain(each.value), "strictly" if each.strict else "inclusively", each.source,
                each.reading)
        for each in thresholds
    )  # fmt: skip


def asked(name: str) -> Asked:
    """How a form asks for a factor of the built-in models."""
    if name == "clear_cell":
        return Asked(name, LABELS[name], CHOICE, choices=TYPES)
    if name in ANSWERS:
        return Asked(name, LABELS[name], CHOICE, choices=YES_OR_NO)
    if name in DATES:
        return Asked(name, LABELS[name], DAY)
    also = NOT_EVALUABLE if name == "caix" else ""
    limited = name in NAMES and name not in UNITS and name not in COUNTS
    return Asked(name, LABELS[name], NUMBER, UNITS.get(name, OF_THE_LIMIT if limited else ""), also=also)


# ---- the two-compartment model ----


def _two_compartment(edition: editions.Edition) -> Card:
    every = [each for each in editions.every_edition() if each.model == edition.model]
    return Card(
        edition.model, edition.title, edition.edition, edition.statement, tuple(asked(axis) for axis in AXES),
        tuple(risk.value for risk in RISKS), _cutoffs(edition.thresholds), edition.readings, edition.sources,
        edition.evidence, LIMITS[edition.model], _dated(every, CURRENT.edition),
        lambda typed: _two_compartment_answer(edition, typed),
    )  # fmt: skip


def _two_compartment_answer(edition: editions.Edition, typed: Mapping[str, str]) -> Answer:
    faults: list[tuple[str, str]] = []
    written = typed.get("clear_cell", "").strip()
    if written not in ("", *TYPES):
        faults.append(("clear_cell", f"“{written[:40]}” is not yes, no, indeterminate_type or blank."))
    caix = typed.get("caix", "").strip()
    values = {axis: _percent(axis, typed, faults) for axis in AXES[1:] if axis != "caix" or caix != NOT_EVALUABLE}
    if faults:
        raise Faulty(faults)
    clear = None if not written else ClearCell.YES if written == "yes" else ClearCell.NO
    inputs = Inputs(clear_cell=clear, caix_evaluable=caix != NOT_EVALUABLE, **values)
    verdict = assess(inputs, edition)
    return Answer(
        edition.model, edition.edition, verdict.risk, verdict.possible_risks, None, verdict.reasons, verdict.missing,
        (("caix_level", verdict.caix_level), ("compartment", verdict.compartment),
         ("il2_eligibility", verdict.eligibility)),
        why.what_would_change(inputs, edition), edition.statement,
    )  # fmt: skip


def _percent(name: str, typed: Mapping[str, str], faults: list[tuple[str, str]]) -> Decimal | None:
    try:
        return percent(typed.get(name, ""))
    except ValueError as wrong:
        faults.append((name, f"{wrong} Or write {NOT_EVALUABLE}." if name == "caix" else str(wrong)))
        return None


# ---- the clinical systems ----


def _clinical_card(rule: clinical_editions.ClinicalEdition) -> Card:
    name = rule.model
    model = MODELS[name]
    every = [each for each in clinical_editions.every_edition() if each.model == name]
    return Card(
        name, rule.title, rule.edition, rule.statement, tuple(asked(each) for each in model.inputs), model.groups,
        _cutoffs(rule.thresholds), rule.readings, rule.sources, rule.evidence, LIMITS.get(name, ()),
        _dated(every, model.edition), lambda typed: _clinical_answer(name, rule, typed),
    )  # fmt: skip


def _clinical_answer(name: str, rule: clinical_editions.ClinicalEdition, typed: Mapping[str, str]) -> Answer:
    model, faults, values = MODELS[name], [], dict[str, Any]()
    evaluable = typed.get("caix", "").strip() != NOT_EVALUABLE
    for each in model.inputs:
        if each == "caix" and not evaluable:
            continue
        try:
            values[each] = read_factor(each, typed.get(each, ""))
        except ValueError as wrong:
            faults.append((each, str(wrong)))
    if not faults:
        factors = Factors(**values, caix_evaluable=evaluable)
        faults = [(problem.field, problem.sentence) for problem in contradictions(factors, model.inputs)]
    if faults:
        raise Faulty(faults)
    verdict = assess_clinical(model, factors, rule)
    calcium = verdict.calcium
    further = (("corrected_calcium", f"{plain(calcium.mg_dl)} mg/dL by {calcium.formula}"),) if calcium else ()
    return Answer(
        name, rule.edition, verdict.group, verdict.possible_groups, verdict.points, verdict.reasons, verdict.missing,
        further, (), rule.statement,
    )  # fmt: skip


# ---- models that are a file alone ----


def _marker(rule: marker_editions.MarkerEdition) -> Card:
    every = [each for each in marker_editions.every_edition() if each.model == rule.model]
    inputs = tuple(
        Asked(each.name, each.label, CHOICE if each.kind == marker_editions.YES_NO else NUMBER, each.unit,
              YES_OR_NO if each.kind == marker_editions.YES_NO else ())
        for each in rule.inputs
    )  # fmt: skip
    rows = tuple(
        RuleRow(row.group, row.says, " and ".join(_worded(test) for test in row.tests) or "everything else",
                "the first row that holds decides", row.source)
        for row in rule.table
    )  # fmt: skip
    return Card(
        rule.model, rule.title, rule.edition, rule.statement, inputs, rule.groups, rows, rule.readings, rule.sources,
        rule.evidence, (), _dated(every, marker_editions.in_force(rule.model).edition if every else ""),
        lambda typed: _marker_answer(rule, typed),
    )  # fmt: skip


def _worded(test: marker_editions.Test) -> str:
    value = plain(test.value) if isinstance(test.value, Decimal) else test.value
    return f"{test.input} {marker_editions.COMPARISONS[test.compares]} {value}"


def _marker_answer(rule: marker_editions.MarkerEdition, typed: Mapping[str, str]) -> Answer:
    faults, values = [], dict[str, Any]()
    for each in rule.inputs:
        try:
            values[each.name] = marker.read(each, typed.get(each.name, ""))
        except ValueError as wrong:
            faults.append((each.name, str(wrong)))
    if faults:
        raise Faulty(faults)
    verdict = marker.assess(rule, values)
    return Answer(
        rule.model, rule.edition, verdict.group, verdict.possible_groups, None, verdict.reasons, verdict.missing, (),
        marker.what_would_change(rule, values), rule.statement,
    )  # fmt: skip
