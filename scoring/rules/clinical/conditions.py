"""One condition of a clinical system against one patient: yes, no, or unknown for want of what."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from scoring.rules.clinical.calcium import EXACT
from scoring.rules.clinical.days import within_years
from scoring.rules.clinical.factors import Factors
from scoring.rules.vocabulary import Holds, YesNo

ANSWERED = {YesNo.YES: Holds.YES, YesNo.NO: Holds.NO, None: Holds.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Condition:
    """`reason` is given when it certainly holds, `otherwise` (if any) when it certainly does not.

    `blanks` are the inputs for want of which it is unknown.
    """

    reason: str
    holds: Holds
    blanks: tuple[str, ...] = ()
    otherwise: str = ""

    @property
    def told(self) -> str:
        """The reason that certainly holds, or nothing."""
        if self.holds is Holds.YES:
            return self.reason
        return self.otherwise if self.holds is Holds.NO else ""


def certain(holds: bool) -> Holds:
    """Yes or no."""
    return Holds.YES if holds else Holds.NO


def over(reason: str, value: Decimal | None, times: Decimal, limit: Decimal | None, *blanks: str) -> Condition:
    """Strictly above `times` x `limit`? `blanks` are those of the inputs behind value and limit that lack."""
    if value is None or limit is None:
        return Condition(reason, Holds.UNKNOWN, blanks)
    return Condition(reason, certain(value > EXACT.multiply(times, limit)))


def under(reason: str, value: Decimal | None, times: Decimal, limit: Decimal | None, *blanks: str) -> Condition:
    """Strictly below `times` x `limit`?"""
    if value is None or limit is None:
        return Condition(reason, Holds.UNKNOWN, blanks)
    return Condition(reason, certain(value < EXACT.multiply(times, limit)))


def soon(reason: str, factors: Factors, start: str, end: str, years: Decimal) -> Condition:
    """Does the day `end` come before the calendar day of `start`, so many years later?"""
    begun, ended = getattr(factors, start), getattr(factors, end)
    if begun is None or ended is None:
        return Condition(reason, Holds.UNKNOWN, blank(factors, start, end))
    return Condition(reason, certain(within_years(begun, ended, int(years))))


def answered(reason: str, factors: Factors, name: str, otherwise: str = "") -> Condition:
    """A yes-or-no factor as it stands."""
    return Condition(reason, ANSWERED[getattr(factors, name)], blank(factors, name), otherwise)


def blank(factors: Factors, *names: str) -> tuple[str, ...]:
    """Those of `names` that are blank."""
    return tuple(name for name in names if getattr(factors, name) is None)


def completions(conditions: tuple[Condition, ...]) -> Iterator[frozenset[str]]:
    """For every way in which the unknown ones could turn out: the reasons that hold."""
    choices = [
        {Holds.YES: (True,), Holds.NO: (False,), Holds.UNKNOWN: (True, False)}[each.holds] for each in conditions
    ]
    for turned in product(*choices):
        yield frozenset(each.reason for each, holds in zip(conditions, turned, strict=True) if holds)
