"""Findings taken back from their one written form, quickly: what was signed needs no second examination."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

import orjson

from scoring.rules.findings import (
    CAIX_KINDS,
    CAIX_PERCENTS,
    HISTOLOGY_PERCENTS,
    CaixFindings,
    Findings,
    HistologyFindings,
)
from scoring.rules.vocabulary import (
    Assay,
    CaixMode,
    ControlState,
    InadequateReason,
    NotEvaluableReason,
    Pattern,
    YesNo,
)

KINDS: dict[str, type[StrEnum]] = {
    "adequate": YesNo,
    "inadequate_reason": InadequateReason,
    "mode": CaixMode,
    "at_least_100_cells": YesNo,
    "pattern": Pattern,
    "internal_control": ControlState,
    "evaluable": YesNo,
    "not_evaluable_reason": NotEvaluableReason,
}
# A look-up: calling an enumeration costs several times as much, and a batch asks some ten thousand times.
WORDS: dict[str, Callable[[Any], object]] = {
    name: {word.value: word for word in kind}.__getitem__ for name, kind in KINDS.items()
}
MAKERS = {**dict.fromkeys((*HISTOLOGY_PERCENTS, *CAIX_PERCENTS), Decimal), **WORDS}
assert set(CAIX_KINDS) & set(WORDS), "the words are those of the rules"


@lru_cache(maxsize=4096)
def findings_of(assay: Assay, written: str) -> Findings:
    """The findings of a signed read from its JSON text. Raises KeyError, ValueError or TypeError for any other text."""
    return from_canonical(assay, orjson.loads(written))


def from_canonical(assay: Assay, mapping: Mapping[str, Any]) -> Findings:
    """The findings that `rules.findings.to_mapping` wrote."""
    values: dict[str, Any] = {
        name: MAKERS[name](value) if name in MAKERS else value for name, value in mapping.items() if value is not None
    }
    return HistologyFindings(**values) if assay is Assay.HISTOLOGY else CaixFindings(**values)
