"""Editions of the clinical systems: dated, frozen files. Every cutoff lives there and nowhere else."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from scoring.rules import shelves
from scoring.rules.clinical.calcium import Formula
from scoring.rules.editions import Evidence, Threshold, checksum
from scoring.rules.vocabulary import INVESTIGATIONAL

SHELF = shelves.COMMITTED / "clinical"
STRICT, INCLUSIVE = True, False
BY_COUNT = {"intermediate_at": INCLUSIVE, "poor_at": INCLUSIVE}
# For each model the cutoffs that its file must give, and how the rule compares with each.
CUTOFFS: Mapping[str, Mapping[str, bool]] = {
    "mskcc-2002": {
        "karnofsky_under": STRICT,
        "ldh_over_uln_times": STRICT,
        "haemoglobin_under_lln_times": STRICT,
        "calcium_over_mg_dl": STRICT,
        "therapy_within_years": STRICT,
        **BY_COUNT,
    },
    "imdc-2009": {
        "haemoglobin_under_lln_times": STRICT,
        "calcium_over_uln_times": STRICT,
        "karnofsky_under": STRICT,
        "therapy_within_years": STRICT,
        "neutrophils_over_uln_times": STRICT,
        "platelets_over_uln_times": STRICT,
        **BY_COUNT,
    },
    "negrier-2005": {
        "metastases_within_years": STRICT,
        "sites_over": STRICT,
        "neutrophils_over_uln_times": STRICT,
        "rapid_at": INCLUSIVE,
    },
    "figlin-1997": {"nephrectomy_months_at_most": INCLUSIVE},
    "cwg-strata": {"ecog_at_most": INCLUSIVE},
    "bui-2003": {"caix_high_above": STRICT},
}
WHOLE = ("_years", "_months_at_most", "_at")
WITH_CALCIUM = ("mskcc-2002", "imdc-2009")


@dataclass(frozen=True, slots=True)
class ClinicalEdition:
    """One frozen edition of one clinical system. `calcium` names the default among `formulas`."""

    model: str
    edition: str
    effective: date
    title: str
    statement: str
    thresholds: tuple[Threshold, ...]
    calcium: str
    formulas: tuple[Formula, ...]
    readings: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    checksum: str

    def cutoff(self, name: str) -> Decimal:
        """The value of one threshold. Raises KeyError when the edition has none of that name."""
        return {each.name: each.value for each in self.thresholds}[name]

    def formula(self, name: str | None = None) -> Formula:
        """The named calcium formula, or the edition's default. Raises ValueError when unknown."""
        wanted = name or self.calcium
        for each in self.formulas:
            if each.name == wanted:
                return each
        raise ValueError(f"Edition {self.edition} of {self.model} has no calcium formula “{wanted}”.")


def parse(text: str) -> ClinicalEdition:
    """An edition from a file's text. Raises ValueError naming what the file lacks or gets wrong."""
    content = tomllib.loads(text, parse_float=Decimal)
    try:
        found = _built(content, checksum(text))
    except (KeyError, TypeError) as lacking:
        raise ValueError(f"The edition file lacks or misnames {lacking}.") from lacking
    _check(found)
    return found


@cache
def every_edition() -> tuple[ClinicalEdition, ...]:
    """All editions on the shelves, in the order of their files' names."""
    return tuple(parse(path.read_text(encoding="utf-8")) for path in shelves.files("clinical"))


shelves.when_changed(every_edition.cache_clear)


def edition(model: str, name: str) -> ClinicalEdition:
    """The edition `name` of `model`. Raises ValueError when there is no such edition."""
    found = [each for each in every_edition() if (each.model, each.edition) == (model, name)]
    if len(found) != 1:
        raise ValueError(f"There is no edition {name} of {model}.")
    return found[0]


def frozen_checksums() -> dict[str, str]:
    """File name -> SHA-256 as committed when the edition was frozen."""
    lines = (SHELF / "checksums.txt").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines if line.strip())}


def _built(content: dict[str, Any], digest: str) -> ClinicalEdition:
    formulas = content.get("formulas", {}).items()
    return ClinicalEdition(
        model=str(content["model"]),
        edition=str(content["edition"]),
        effective=content["effective"],
        title=str(content["title"]),
        statement=str(content["statement"]),
        thresholds=tuple(_threshold(name, table) for name, table in content["thresholds"].items()),
        calcium=str(content.get("calcium", "")),
        formulas=tuple(Formula(name=name, **_decimals(table)) for name, table in formulas),
        readings=tuple(content["readings"].items()),
        sources=tuple(content["sources"].items()),
        evidence=tuple(Evidence(**row) for row in content.get("evidence", [])),
        checksum=digest,
    )


def _threshold(name: str, table: dict[str, Any]) -> Threshold:
    value, reading = Decimal(table["value"]), str(table.get("reading", ""))
    return Threshold(name, value, table["strict"], str(table["says"]), str(table["source"]), reading)


def _decimals(table: dict[str, Any]) -> dict[str, Any]:
    return {name: Decimal(value) if isinstance(value, int) else value for name, value in table.items()}


def _check(found: ClinicalEdition) -> None:
    needed = CUTOFFS.get(found.model)
    if needed is None:
        raise ValueError(f"{found.model} is not one of {', '.join(CUTOFFS)}.")
    if found.statement != INVESTIGATIONAL or not isinstance(found.effective, date):
        raise ValueError("The edition needs its statement and a date.")
    given = {each.name: each.strict for each in found.thresholds}
    if set(given) != set(needed):
        raise ValueError(f"The edition lacks or misnames {', '.join(sorted(set(given) ^ set(needed)))}.")
    for each in found.thresholds:
        _check_threshold(each, needed[each.name], dict(found.readings))
    if found.model in WITH_CALCIUM:
        found.formula()


def _check_threshold(each: Threshold, strict: bool, readings: Mapping[str, str]) -> None:
    if each.strict is not strict:
        raise ValueError(f"{each.name}: the rule compares {'strictly' if strict else 'inclusively'}, the file not.")
    if not each.value.is_finite() or each.value < 0 or (each.name.endswith("_above") and each.value > 100):
        raise ValueError(f"{each.name} is {each.value}; that cannot be a cutoff.")
    if each.name.endswith(WHOLE) and each.value != int(each.value):
        raise ValueError(f"{each.name} is {each.value}; give a whole number.")
    if each.reading and each.reading not in readings:
        raise ValueError(f"{each.name} names reading {each.reading}, which the edition does not have.")
