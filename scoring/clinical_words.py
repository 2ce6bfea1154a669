"""The clinical factors as they are recorded: what kind each is and how its value is read. No Django here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from scoring.rules.clinical import written
from scoring.rules.clinical.factors import ANSWERS, COUNTS, DATES
from scoring.rules.vocabulary import YesNo
from scoring.units import LABS, RATIO, converted, impossible, known_unit

BY_HAND: Mapping[str, tuple[str, ...]] = {
    "sani-2003": (
        "regional_nodes", "constitutional_symptoms", "metastases_other_than_bone_or_lung_or_multiple",
        "sarcomatoid_histology", "tsh",
    ),
    "negrier-1998": (
        "liver_metastases", "metastasis_date", "metastatic_sites", "mediastinal_nodes", "immunotherapy",
    ),
}  # fmt: skip
"""Systems whose points no source we could read gives: the factors are kept, the group is entered with its source."""
GROUPS = {"sani_2003_group": ("low", "intermediate", "high"), "negrier_1998_group": ("rapid", "not_rapid")}
MORE_ANSWERS = (
    "regional_nodes", "constitutional_symptoms", "metastases_other_than_bone_or_lung_or_multiple",
    "sarcomatoid_histology", "mediastinal_nodes",
)  # fmt: skip
THERAPIES = {"immunotherapy": ("il2", "interferon", "il2_and_interferon", "other", "none")}
CHOICES: Mapping[str, tuple[str, ...]] = GROUPS | THERAPIES
FACTORS: tuple[str, ...] = (
    *("karnofsky", "ecog"), *LABS, *DATES, *COUNTS[1:], *ANSWERS, *MORE_ANSWERS, *THERAPIES, *GROUPS
)  # fmt: skip
LONGEST_NUMBER = 20


class WrongField(ValueError):
    """What is wrong with one field of a factor."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


@dataclass(frozen=True, slots=True)
class Given:
    """One factor as it was given: `value` read and written plainly, `unit` as listed, the limits of the laboratory's
    reference range in that unit. Blank is not given."""

    factor: str
    value: str
    unit: str = ""
    lower: str = ""
    upper: str = ""


def given(factor: str, value: str, unit: str = "", lower: str = "", upper: str = "") -> Given:
    """The factor as it can be kept. Raises WrongField with what would be right."""
    if factor not in FACTORS:
        raise WrongField("factor", f"No factor is called “{factor[:40]}”; the factors are {', '.join(FACTORS)}.")
    if not value.strip():
        raise WrongField("value", f"Give the value of {factor}.")
    if factor in LABS:
        return lab(factor, value, unit, lower, upper)
    for name, said in (("unit", unit), ("lower", lower), ("upper", upper)):
        if said.strip():
            raise WrongField(name, f"{factor} has no unit and no reference range: leave it blank.")
    if factor in CHOICES:
        if value.strip() not in CHOICES[factor]:
            raise WrongField("value", f"“{value.strip()[:20]}” is none of {', '.join(CHOICES[factor])}.")
        return Given(factor, value.strip())
    try:
        read = written.read("nephrectomy" if factor in MORE_ANSWERS else factor, value)
    except ValueError as why:
        raise WrongField("value", str(why)) from why
    return Given(factor, str(read))


def lab(factor: str, value: str, unit: str, lower: str, upper: str) -> Given:
    try:
        spelled = known_unit(factor, unit)
    except ValueError as why:
        raise WrongField("unit", str(why)) from why
    limits = {"lower": lower.strip(), "upper": upper.strip()}
    amounts = {name: number(name, text) for name, text in {"value": value, **limits}.items() if text.strip()}
    if spelled == RATIO and (lower.strip() or upper.strip()):
        raise WrongField("upper", "A ratio to the upper limit has no reference range of its own: leave it blank.")
    for name, amount in amounts.items():
        if wrong := impossible(factor, amount, spelled):
            raise WrongField(name, wrong)
        if name != "value" and amount == 0 and name == "upper":
            raise WrongField(name, "The upper limit of a reference range is more than 0.")
    if "lower" in amounts and "upper" in amounts and amounts["lower"] >= amounts["upper"]:
        raise WrongField("upper", f"{upper.strip()} is not above the lower limit {lower.strip()}.")
    return Given(factor, value.strip(), spelled, limits["lower"], limits["upper"])


def number(name: str, text: str) -> Decimal:
    """A plain decimal from 0 up."""
    if written.NUMBER.fullmatch(text.strip()) is None or len(text.strip()) > LONGEST_NUMBER:
        hint = " (a decimal point, no comma)" if "," in text else ""
        raise WrongField(name, f"“{text.strip()[:20]}” is not a number{hint}: write plain digits such as 12 or 12.5.")
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise WrongField(name, f"“{text.strip()[:20]}” is not a number.") from None


def read_back(factor: str, value: str) -> Decimal | int | date | YesNo | None:
    """A kept value that is no laboratory's, as the rules take it."""
    return written.read(factor, value)


def in_rule_units(fact: Given, text: str) -> Decimal | None:
    """A value or limit of a kept laboratory value in the unit of the rules; None for a blank."""
    return converted(fact.factor, Decimal(text), fact.unit) if text else None
