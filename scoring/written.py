"""Findings taken back from their one written form, quickly: what was signed needs no second examination."""

from collections.abc import Callable, Mapping
from decimal import Decimal
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

WORDS: dict[str, Callable[[Any], object]] = {
    "adequate": YesNo,
    "inadequate_reason": InadequateReason,
    "mode": CaixMode,
    "at_least_100_cells": YesNo,
    "pattern": Pattern,
    "internal_control": ControlState,
    "evaluable": YesNo,
    "not_evaluable_reason": NotEvaluableReason,
}
MAKERS = {**dict.fromkeys((*HISTOLOGY_PERCENTS, *CAIX_PERCENTS), Decimal), **WORDS}
assert set(CAIX_KINDS) & set(WORDS), "the words are those of the rules"


@lru_cache(maxsize=4096)
def findings_of(assay: Assay, written: str) -> Findings:
    """The findings of a signed read from its JSON text. Raises ValueError or TypeError for any other text."""
    return from_canonical(assay, orjson.loads(written))


def from_canonical(assay: Assay, mapping: Mapping[str, Any]) -> Findings:
    """The findings that `rules.findings.to_mapping` wrote."""
    values: dict[str, Any] = {
        name: MAKERS[name](value) if name in MAKERS else value for name, value in mapping.items() if value is not None
    }
    return HistologyFindings(**values) if assay is Assay.HISTOLOGY else CaixFindings(**values)
