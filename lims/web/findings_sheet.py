"""The form of a read: every field with what was typed, what is wrong with it, its choices and keys.

What was typed is kept as text; the rules alone judge it. Nothing here knows a cutoff.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scoring.rules import types
from scoring.rules.consistency import missing_from_sum, problems
from scoring.rules.findings import (
    ARCHITECTURE,
    CAIX_KINDS,
    CYTOPLASM,
    HISTOLOGY_KINDS,
    HISTOLOGY_PERCENTS,
    INTENSITIES,
    from_mapping,
)
from scoring.rules.problem import Problem
from scoring.rules.sums import labelled
from scoring.rules.vocabulary import (
    Assay,
    CaixMode,
    ControlState,
    InadequateReason,
    NotEvaluableReason,
    Pattern,
    Severity,
    YesNo,
)

SUMS = {Assay.HISTOLOGY: (ARCHITECTURE, CYTOPLASM), Assay.CAIX: (INTENSITIES,)}
KINDS: dict[Assay, Mapping[str, object]] = {Assay.HISTOLOGY: HISTOLOGY_KINDS, Assay.CAIX: CAIX_KINDS}
LONGEST = 5000
WORDS = {
    "arch_alveolar": "alveolar, nested",
    "cyto_granular": "granular, eosinophilic",
    "viable_tumour": "Viable tumour",
    "pct_positive": "Positive tumour cells",
    "predominant_intensity": "Main intensity",
    "at_least_100_cells": "Viable tumour cells",
    "histologic_type": "Histologic type",
    "underlying_type": "Type beneath it",
    "who_isup": "WHO/ISUP grade",
    "fuhrman": "Fuhrman grade",
    "internal_control": "Internal control",
    "inadequate_reason": "Why inadequate",
    "not_evaluable_reason": "Why not evaluable",
    "mode": "Recorded as",
    "pattern": "Pattern",
    "evaluable": "Evaluable",
    "adequate": "Adequacy",
    "necrosis": "Necrosis",
    "rhabdoid": "Rhabdoid",
    "comment": "Comment",
}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    key: str = ""


def plainly(words: Iterable[StrEnum]) -> tuple[Choice, ...]:
    return tuple(Choice(word.value, word.value.replace("_", " ")) for word in words)


def type_choices(terms: Iterable[types.HistologicType]) -> tuple[Choice, ...]:
    return tuple(Choice(term.key, f"{term.code} {term.label}") for term in terms)


GRADES = tuple(Choice(str(number), str(number)) for number in (1, 2, 3, 4))
CHOICES: dict[str, tuple[Choice, ...]] = {
    "adequate": (Choice(YesNo.YES, "adequate", "a"), Choice(YesNo.NO, "inadequate, because…", "x")),
    "inadequate_reason": plainly(InadequateReason),
    "histologic_type": type_choices(types.TYPES),
    "underlying_type": type_choices(types.underlying_types()),
    "fuhrman": GRADES,
    "who_isup": GRADES,
    "mode": (
        Choice(CaixMode.INTENSITIES, "cells at each intensity"),
        Choice(CaixMode.POSITIVE_ONLY, "% positive only"),
    ),
    "predominant_intensity": tuple(Choice(str(n), f"{n}+" if n else "0") for n in range(4)),
    "at_least_100_cells": (Choice(YesNo.YES, "100 or more", "y"), Choice(YesNo.NO, "fewer than 100", "w")),
    "pattern": (
        Choice(Pattern.MEMBRANOUS_COMPLETE, "membranous, complete", "m"),
        Choice(Pattern.MEMBRANOUS_INCOMPLETE, "membranous, incomplete", "i"),
        Choice(Pattern.CYTOPLASMIC, "cytoplasmic", "c"),
        Choice(Pattern.MIXED, "mixed", "b"),
    ),
    "internal_control": (
        Choice(ControlState.PASSED, "passed", "p"),
        Choice(ControlState.FAILED, "failed", "f"),
        Choice(ControlState.ABSENT, "absent", "a"),
    ),
    "evaluable": (Choice(YesNo.YES, "evaluable", "v"), Choice(YesNo.NO, "not evaluable, because…", "x")),
    "not_evaluable_reason": plainly(NotEvaluableReason),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """One field on the page. `marked`: a refusal speaks of it, though another field carries it."""

    name: str
    label: str
    value: str
    choices: tuple[Choice, ...]
    said: tuple[str, ...]
    marked: bool

    @property
    def id(self) -> str:
        return f"f-{self.name}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A read as typed so far, with everything that keeps it from being signed."""

    assay: Assay
    typed: Mapping[str, str]
    found: tuple[Problem, ...] = ()
    seen: frozenset[str] = field(default_factory=frozenset)

    @property
    def refusals(self) -> list[Problem]:
        return [each for each in self.found if each.severity is Severity.REFUSE]

    @property
    def warnings(self) -> list[Problem]:
        return [each for each in self.found if each.severity is Severity.WARN]

    @property
    def unseen(self) -> list[Problem]:
        """Warnings the reader has not been shown yet."""
        return [each for each in self.warnings if each.code not in self.seen]

    @property
    def codes(self) -> set[str]:
        return {each.code for each in self.found}

    @property
    def spots(self) -> dict[str, Spot]:
        return {name: self.spot(name) for name in KINDS[self.assay]}

    def spot(self, name: str) -> Spot:
        said = tuple(each.sentence for each in self.found if each.field == name)
        marked = any(name in each.other_fields for each in self.refusals)
        return Spot(name, label_of(name), self.typed.get(name, ""), CHOICES.get(name, ()), said, marked)

    def group(self, names: Iterable[str]) -> list[Spot]:
        return [self.spot(name) for name in names]

    @property
    def architecture(self) -> list[Spot]:
        return self.group(ARCHITECTURE)

    @property
    def cytoplasm(self) -> list[Spot]:
        return self.group(CYTOPLASM)

    @property
    def intensities(self) -> list[Spot]:
        return self.group(INTENSITIES)

    @property
    def sums(self) -> dict[str, str]:
        """What each group of parts adds up to as typed, for a page without scripts; blank when it cannot."""
        findings, _ = from_mapping(self.assay, dict(self.typed))
        names = ("architecture", "cytoplasm") if self.assay is Assay.HISTOLOGY else ("intensities",)
        return {
            name: f"{sum(getattr(findings, part) or 0 for part in parts):g}"
            for name, parts in zip(names, SUMS[self.assay], strict=True)
        }

    def given(self) -> dict[str, object]:
        """The findings as a deed takes them."""
        return dict(self.typed)


def label_of(name: str) -> str:
    return WORDS.get(name) or labelled(name).replace("_", " ")


def blank(assay: Assay) -> Sheet:
    """Nothing said yet; CA-IX is recorded by intensities unless the reader says otherwise."""
    return Sheet(assay, {"mode": CaixMode.INTENSITIES.value} if assay is Assay.CAIX else {})


def typed(assay: Assay, posted: Mapping[str, Any]) -> Sheet:
    """The form as it came in, unjudged."""
    said = {name: str(posted.get(name, ""))[:LONGEST] for name in KINDS[assay]}
    return Sheet(assay, said, seen=frozenset(str(posted.get("seen", ""))[:400].split()))


def signed(assay: Assay, findings: Mapping[str, Any]) -> Sheet:
    """A signed read, to be corrected."""
    return Sheet(assay, {name: "" if value is None else str(value) for name, value in findings.items()})


def judged(sheet: Sheet) -> Sheet:
    """The sheet with what the rules say of it: what could not be read at all, else all that is wrong."""
    findings, malformed = from_mapping(sheet.assay, sheet.given())
    return Sheet(sheet.assay, sheet.typed, tuple(malformed or problems(findings)), sheet.seen)


def changed(sheet: Sheet, way: str) -> Sheet:
    """A way out the reader has chosen: blanks to 0 where the parts reach 100, no percentages, grade 4."""
    said = dict(sheet.typed)
    if way == "zero":
        findings, _ = from_mapping(sheet.assay, sheet.given())
        unread = [name for name, value in said.items() if value.strip() and getattr(findings, name) is None]
        for parts in SUMS[sheet.assay]:
            if not set(parts) & set(unread):
                said |= dict.fromkeys(missing_from_sum(findings, parts), "0")
    elif way == "clear":
        said |= {name: "" for name in HISTOLOGY_PERCENTS if name in KINDS[sheet.assay]}
    elif way == "grade":
        said["who_isup"] = "4"
    return Sheet(sheet.assay, said, seen=sheet.seen)
