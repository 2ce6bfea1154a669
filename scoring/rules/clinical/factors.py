"""What one patient gives the clinical systems, in the units that the names carry."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from scoring.rules.problem import Problem, refusal
from scoring.rules.vocabulary import YesNo

PERCENTS = ("karnofsky", "caix")
MEASURED = ("ldh", "haemoglobin", "calcium_mg_dl", "albumin_g_dl", "neutrophils", "platelets")
LIMITS = ("ldh_uln", "haemoglobin_lln", "calcium_uln_mg_dl", "neutrophils_uln", "platelets_uln")
DATES = ("diagnosis_date", "metastasis_date", "systemic_therapy_start", "nephrectomy_date")
COUNTS = ("ecog", "metastatic_sites")
ANSWERS = ("nephrectomy", "til", "liver_metastases", "bone_metastases", "primary_in_place")
WORST_ECOG = 5
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
LOWEST_CALCIUM, HIGHEST_ALBUMIN = Decimal(4), Decimal(10)


@dataclass(frozen=True, slots=True)
class Factors:
    """The factors of one patient at one time; None is a blank, never a no and never 0.

    Karnofsky and CA-IX in %; LDH, haemoglobin, neutrophils and platelets in any unit that their
    own limit shares. With `caix_evaluable` False the CA-IX number, if any, is not used. Raises
    ValueError for a value that cannot be.
    """

    karnofsky: Decimal | None = None
    ecog: int | None = None
    ldh: Decimal | None = None
    ldh_uln: Decimal | None = None
    haemoglobin: Decimal | None = None
    haemoglobin_lln: Decimal | None = None
    calcium_mg_dl: Decimal | None = None
    calcium_uln_mg_dl: Decimal | None = None
    albumin_g_dl: Decimal | None = None
    neutrophils: Decimal | None = None
    neutrophils_uln: Decimal | None = None
    platelets: Decimal | None = None
    platelets_uln: Decimal | None = None
    diagnosis_date: date | None = None
    metastasis_date: date | None = None
    systemic_therapy_start: date | None = None
    nephrectomy_date: date | None = None
    nephrectomy: YesNo | None = None
    til: YesNo | None = None
    metastatic_sites: int | None = None
    liver_metastases: YesNo | None = None
    bone_metastases: YesNo | None = None
    primary_in_place: YesNo | None = None
    caix: Decimal | None = None
    caix_evaluable: bool = True

    def __post_init__(self) -> None:
        for name in NAMES:
            value = getattr(self, name)
            if value is not None and (wrong := fault(name, value)):
                raise ValueError(f"{name}: {wrong}")


NAMES = tuple(field.name for field in fields(Factors) if field.name != "caix_evaluable")


def fault(name: str, value: Decimal | int | date | YesNo) -> str:
    """What is wrong with one value by itself, as a sentence; empty when nothing is."""
    if isinstance(value, date):
        return "" if FIRST <= value <= LAST else f"{value} is not between {FIRST.year} and {LAST.year}."
    if isinstance(value, YesNo):
        return ""
    if not Decimal(value).is_finite() or value < 0:
        return f"{value} is not a number from 0 up."
    if name in PERCENTS and value > 100:
        return f"{value} is not between 0 and 100."
    if name == "ecog" and value > WORST_ECOG:
        return f"{value} is not between 0 and {WORST_ECOG}."
    if name in LIMITS and value == 0:
        return "a limit of the reference range is more than 0."
    return _wrong_unit(name, value)


def contradictions(factors: Factors, among: tuple[str, ...] = NAMES) -> tuple[Problem, ...]:
    """Every pair of factors that cannot both be true. Pairs not wholly within `among` are not told."""
    found = []
    diagnosed, treated = factors.diagnosis_date, factors.systemic_therapy_start
    if diagnosed is not None and treated is not None and treated < diagnosed:
        sentence = f"{treated} is before the diagnosis on {diagnosed}; one of the two dates is wrong."
        found.append(refusal("systemic_therapy_start", "TREATED_BEFORE_DIAGNOSIS", sentence, "diagnosis_date"))
    if factors.nephrectomy is YesNo.NO and factors.nephrectomy_date is not None:
        sentence = f"it says no, yet the nephrectomy is dated {factors.nephrectomy_date}; correct one of the two."
        found.append(refusal("nephrectomy", "DATED_BUT_NOT_DONE", sentence, "nephrectomy_date"))
    if factors.liver_metastases is YesNo.YES and factors.metastatic_sites == 0:
        sentence = "0 sites cannot be right with liver metastases; count the liver."
        found.append(refusal("metastatic_sites", "LIVER_NOT_COUNTED", sentence, "liver_metastases"))
    return tuple(each for each in found if {each.field, *each.other_fields} <= set(among))


def _wrong_unit(name: str, value: Decimal | int) -> str:
    """Numbers that no living patient has in this unit, and many have in the other usual one."""
    if name in ("calcium_mg_dl", "calcium_uln_mg_dl") and value < LOWEST_CALCIUM:
        return f"{value} cannot be in mg/dL; was it measured in mmol/L?"
    if name == "albumin_g_dl" and value > HIGHEST_ALBUMIN:
        return f"{value} cannot be in g/dL; was it measured in g/L?"
    return ""
