"""What keeps a read from being signed, and what is worth a second look. A draft may be partial.

Source: section 7 of the model reference. A refusal says what is wrong and what would be right.
"""

from datetime import date
from decimal import Decimal

from scoring.rules import consistency_caix, consistency_histology
from scoring.rules.editions import CURRENT, Edition
from scoring.rules.findings import Findings, HistologyFindings
from scoring.rules.problem import Problem, refusal
from scoring.rules.vocabulary import Severity

__all__ = ["Problem", "date_problems", "may_be_signed", "missing_from_sum", "problems"]


def problems(findings: Findings, edition: Edition = CURRENT) -> list[Problem]:
    """Everything that is wrong with a read as it would be signed now, rule by rule."""
    if isinstance(findings, HistologyFindings):
        return consistency_histology.problems(findings, edition)
    return consistency_caix.problems(findings, edition)


def may_be_signed(found: list[Problem]) -> bool:
    """Warnings may be signed over; refusals may not."""
    return all(each.severity is Severity.WARN for each in found)


def missing_from_sum(findings: Findings, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The blank parts that one key may set to 0: only where the typed parts already reach 100."""
    values: dict[str, Decimal | None] = {part: getattr(findings, part) for part in parts}
    typed = sum((value for value in values.values() if value is not None), Decimal(0))
    return tuple(part for part, value in values.items() if value is None) if typed == 100 else ()


def date_problems(cut: date | None, stain: date | None, read: date | None) -> list[Problem]:
    """Cut on or before stained on or before read; a date that is not known is not compared."""
    found = []
    if cut is not None and stain is not None and cut > stain:
        found.append(_late("stain", "stained", stain, "cut", cut))
    if stain is not None and read is not None and stain > read:
        found.append(_late("read", "read", read, "stained", stain))
    if stain is None and cut is not None and read is not None and cut > read:
        found.append(_late("read", "read", read, "cut", cut))
    return found


def _late(field: str, done: str, on: date, before: str, earlier: date) -> Problem:
    sentence = f"The slide was {done} on {on}, before it was {before} on {earlier}; correct one of the dates."
    return refusal(field, "dates_out_of_order", sentence, {"stained": "stain"}.get(before, before))
