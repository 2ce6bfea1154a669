"""Editions of the rules: dated, frozen files. Every threshold lives there and nowhere else."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from scoring.rules import shelves
from scoring.rules.vocabulary import INVESTIGATIONAL

SHELF = shelves.COMMITTED
CUTOFFS = (
    "alveolar_good_above",
    "alveolar_absent_at",
    "granular_poor_above",
    "granular_good_at",
    "papillary_present_above",
    "caix_high_above",
    "caix_discordance_points",
    "papillary_warn_above",
)
MIN_CELLS = "min_viable_cells"
TWO_COMPARTMENT = "cwg-two-compartment"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One cutoff as printed or read. `reading` names the entry in the edition's readings, if any."""

    name: str
    value: Decimal
    strict: bool
    says: str
    source: str
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    group: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One frozen edition of one model. Cutoffs are percentages as Decimals, `above` means strictly."""

    model: str
    edition: str
    effective: date
    title: str
    statement: str
    alveolar_good_above: Decimal
    alveolar_absent_at: Decimal
    granular_poor_above: Decimal
    granular_good_at: Decimal
    papillary_present_above: Decimal
    caix_high_above: Decimal
    caix_discordance_points: Decimal
    papillary_warn_above: Decimal
    min_viable_cells: int
    thresholds: tuple[Threshold, ...]
    readings: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    checksum: str

    def __hash__(self) -> int:
        return hash((self.model, self.edition, self.checksum))


def checksum(text: str) -> str:
    """SHA-256 of an edition file's text, line endings as committed (LF)."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()


def parse(text: str) -> Edition:
    """An Edition from a file's text. Raises ValueError naming what the file lacks or gets wrong."""
    content = tomllib.loads(text, parse_float=Decimal)
    try:
        return _built(content, checksum(text))
    except (KeyError, TypeError) as lacking:
        raise ValueError(f"The edition file lacks or misnames {lacking}.") from lacking


@cache
def edition(model: str, name: str) -> Edition:
    """The edition `name` of `model`. Raises ValueError when there is no such edition."""
    found = [each for each in every_edition() if (each.model, each.edition) == (model, name)]
    if len(found) != 1:
        raise ValueError(f"There is no edition {name} of {model}.")
    return found[0]


@cache
def every_edition() -> tuple[Edition, ...]:
    """All editions on the shelves, in the order of their files' names."""
    return tuple(parse(path.read_text(encoding="utf-8")) for path in shelves.files())


def frozen_checksums() -> dict[str, str]:
    """File name -> SHA-256 as committed when the edition was frozen."""
    lines = (SHELF / "checksums.txt").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines if line.strip())}


def _built(content: dict[str, Any], digest: str) -> Edition:
    thresholds = tuple(_threshold(name, table) for name, table in content["thresholds"].items())
    values = {each.name: each.value for each in thresholds}
    unknown = set(values) - {*CUTOFFS, MIN_CELLS}
    if unknown or content["statement"] != INVESTIGATIONAL or not isinstance(content["effective"], date):
        raise ValueError(f"The edition needs its statement, a date and no unknown cutoffs {sorted(unknown)}.")
    return Edition(
        model=str(content["model"]),
        edition=str(content["edition"]),
        effective=content["effective"],
        title=str(content["title"]),
        statement=str(content["statement"]),
        **{name: _in_percent(name, values[name]) for name in CUTOFFS},
        min_viable_cells=int(values[MIN_CELLS]),
        thresholds=thresholds,
        readings=tuple(content["readings"].items()),
        sources=tuple(content["sources"].items()),
        evidence=tuple(Evidence(**row) for row in content["evidence"]),
        checksum=digest,
    )


def _threshold(name: str, table: dict[str, Any]) -> Threshold:
    strict = name.endswith(("_above", "_points"))
    if table["strict"] is not strict:
        raise ValueError(f"{name}: the rule compares {'strictly' if strict else 'inclusively'}, the file not.")
    return Threshold(
        name=name,
        value=Decimal(table["value"]),
        strict=strict,
        says=str(table["says"]),
        source=str(table["source"]),
        reading=str(table.get("reading", "")),
    )


def _in_percent(name: str, value: Decimal) -> Decimal:
    if not 0 <= value <= 100:
        raise ValueError(f"{name} is {value}; a cutoff is a percentage from 0 to 100.")
    return value


def _forget() -> None:
    every_edition.cache_clear()
    edition.cache_clear()


shelves.when_changed(_forget)
CURRENT = edition(TWO_COMPARTMENT, "2005-R1")
