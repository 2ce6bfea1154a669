"""Coded answers as people say them, with the shape that stands beside them. Pure."""

from decimal import Decimal

from scoring.rules.percent import plain
from scoring.rules.vocabulary import CaixLevel, Eligibility, Holds

ELIGIBILITY_SHAPES = {
    Eligibility.ELIGIBLE: "done",
    Eligibility.NOT_ELIGIBLE: "none",
    Eligibility.INDETERMINATE: "open",
}
HOLDS_SHAPES = {Holds.YES: "done", Holds.NO: "none", Holds.UNKNOWN: "open"}


def title_of_level(level: CaixLevel) -> str:
    return f"CA-IX {said(level)}"


def said(term: object) -> str:
    """A coded term as a person says it: not_eligible is “not eligible”."""
    return str(term).replace("_", " ")


def percent_of(value: Decimal | None) -> str:
    """A percentage exactly as computed, “87.5 %”; “not known” for a blank, which is never 0."""
    return "not known" if value is None else f"{plain(value)} %"
