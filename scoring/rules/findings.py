"""What a reader records: histology and CA-IX findings, and their one written form.

Percentages are Decimals exactly as typed, blank is None. A draft may be partial; what may be
signed is said in `consistency`.
"""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from scoring.rules import types
from scoring.rules.fields import Kind, canonical, coded, percentage, whole, words
from scoring.rules.problem import Problem, refusal
from scoring.rules.vocabulary import (
    Assay,
    CaixMode,
    ClearCell,
    ControlState,
    InadequateReason,
    NotEvaluableReason,
    Pattern,
    YesNo,
)

ARCHITECTURE = (
    "arch_alveolar",
    "arch_solid",
    "arch_tubular",
    "arch_papillary",
    "arch_cystic",
    "arch_trabecular",
    "arch_sarcomatoid",
    "arch_other",
)
CYTOPLASM = ("cyto_clear", "cyto_granular", "cyto_other")
HISTOLOGY_PERCENTS = ("viable_tumour", "necrosis", *ARCHITECTURE, *CYTOPLASM, "rhabdoid")
GRADES = ("fuhrman", "who_isup")
INTENSITIES = ("pct_0", "pct_1", "pct_2", "pct_3")
CAIX_PERCENTS = (*INTENSITIES, "pct_positive")

TYPE_KIND = coded(*types.BY_KEY)
HISTOLOGY_KINDS: dict[str, Kind] = {
    "adequate": coded(*YesNo),
    "inadequate_reason": coded(*InadequateReason),
    **{name: percentage(decimals=6) for name in HISTOLOGY_PERCENTS},
    "histologic_type": TYPE_KIND,
    "underlying_type": TYPE_KIND,
    **{name: whole(1, 4) for name in GRADES},
    "comment": words(),
}
CAIX_KINDS: dict[str, Kind] = {
    "mode": coded(*CaixMode),
    **{name: percentage(decimals=1) for name in CAIX_PERCENTS},
    "predominant_intensity": whole(0, 3),
    "at_least_100_cells": coded(*YesNo),
    "pattern": coded(*Pattern),
    "internal_control": coded(*ControlState),
    "evaluable": coded(*YesNo),
    "not_evaluable_reason": coded(*NotEvaluableReason),
    "comment": words(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistologyFindings:
    """One H&E read. Percentages: viable tumour of the section, necrosis of the tumour, the rest of
    the viable tumour. Grades 1 to 4. Types are keys of `types.BY_KEY`."""

    adequate: YesNo | None = None
    inadequate_reason: InadequateReason | None = None
    viable_tumour: Decimal | None = None
    necrosis: Decimal | None = None
    histologic_type: str | None = None
    underlying_type: str | None = None
    arch_alveolar: Decimal | None = None
    arch_solid: Decimal | None = None
    arch_tubular: Decimal | None = None
    arch_papillary: Decimal | None = None
    arch_cystic: Decimal | None = None
    arch_trabecular: Decimal | None = None
    arch_sarcomatoid: Decimal | None = None
    arch_other: Decimal | None = None
    cyto_clear: Decimal | None = None
    cyto_granular: Decimal | None = None
    cyto_other: Decimal | None = None
    rhabdoid: Decimal | None = None
    fuhrman: int | None = None
    who_isup: int | None = None
    comment: str | None = None

    @property
    def is_adequate(self) -> bool:
        return self.adequate is YesNo.YES

    @property
    def clear_cell(self) -> ClearCell | None:
        """The clear-cell answer of the type given, None while it does not answer."""
        return types.clear_cell_of(self.histologic_type, self.underlying_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaixFindings:
    """One CA-IX read. Percentages of tumour cells with membranous staining, one decimal."""

    mode: CaixMode | None = None
    pct_0: Decimal | None = None
    pct_1: Decimal | None = None
    pct_2: Decimal | None = None
    pct_3: Decimal | None = None
    pct_positive: Decimal | None = None
    predominant_intensity: int | None = None
    at_least_100_cells: YesNo | None = None
    pattern: Pattern | None = None
    internal_control: ControlState | None = None
    evaluable: YesNo | None = None
    not_evaluable_reason: NotEvaluableReason | None = None
    comment: str | None = None

    @property
    def is_evaluable(self) -> bool:
        """Called evaluable by the reader, and nothing else in the read says otherwise."""
        enough = self.at_least_100_cells is not YesNo.NO
        return self.evaluable is YesNo.YES and enough and self.internal_control is not ControlState.FAILED

    @property
    def positive(self) -> Decimal | None:
        """% positive tumour cells: 1+ and 2+ and 3+, or as given where only that is recorded."""
        if self.mode is CaixMode.POSITIVE_ONLY:
            return self.pct_positive
        if self.pct_1 is None or self.pct_2 is None or self.pct_3 is None:
            return None
        return self.pct_1 + self.pct_2 + self.pct_3

    @property
    def h_score(self) -> Decimal | None:
        """1 x %1+ + 2 x %2+ + 3 x %3+, 0 to 300; None where intensities are not recorded."""
        if self.mode is CaixMode.POSITIVE_ONLY:
            return None
        if self.pct_1 is None or self.pct_2 is None or self.pct_3 is None:
            return None
        return self.pct_1 + 2 * self.pct_2 + 3 * self.pct_3


Findings = HistologyFindings | CaixFindings


def histology_from_mapping(given: dict[str, object]) -> tuple[HistologyFindings, list[Problem]]:
    """Histology findings from strings, numbers and blanks, and what could not be taken as it stands.

    A field with a problem is left blank in the findings; the sentence says what would be right.
    """
    values, problems = _taken(given, HISTOLOGY_KINDS)
    return HistologyFindings(**values), problems


def caix_from_mapping(given: dict[str, object]) -> tuple[CaixFindings, list[Problem]]:
    """CA-IX findings from strings, numbers and blanks, and what could not be taken as it stands."""
    values, problems = _taken(given, CAIX_KINDS)
    return CaixFindings(**values), problems


def from_mapping(assay: Assay, given: dict[str, object]) -> tuple[Findings, list[Problem]]:
    """`histology_from_mapping` or `caix_from_mapping`, by the assay."""
    return histology_from_mapping(given) if assay is Assay.HISTOLOGY else caix_from_mapping(given)


def to_mapping(findings: Findings) -> dict[str, object]:
    """Every field in its one written form: decimals as plain strings, blanks as None."""
    return {each.name: canonical(getattr(findings, each.name)) for each in fields(findings)}


def _taken(given: dict[str, object], kinds: dict[str, Kind]) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems = [
        refusal(name, "unknown_field", f"{name} is not a field of this read; leave it out.")
        for name in given
        if name not in kinds
    ]
    for name, kind in kinds.items():
        try:
            values[name] = kind(given.get(name))
        except ValueError as why:
            problems.append(refusal(name, "malformed", str(why)))
    return values, problems
