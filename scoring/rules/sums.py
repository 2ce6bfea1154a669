"""Checks that histology and CA-IX share: percentages in range, parts that make a whole."""

from collections.abc import Iterator
from decimal import Decimal

from scoring.rules.findings import Findings
from scoring.rules.percent import HUNDRED, ZERO, plain
from scoring.rules.problem import Problem, refusal

LABELS = {
    "viable_tumour": "viable tumour",
    "necrosis": "necrosis",
    "rhabdoid": "rhabdoid",
    "fuhrman": "Fuhrman",
    "who_isup": "WHO/ISUP",
    "pct_0": "0",
    "pct_1": "1+",
    "pct_2": "2+",
    "pct_3": "3+",
    "pct_positive": "% positive",
}


def labelled(name: str) -> str:
    """A field's name as the bench says it."""
    return LABELS.get(name) or name.removeprefix("arch_").removeprefix("cyto_")


def ranges(read: Findings, names: tuple[str, ...]) -> Iterator[Problem]:
    """Every percentage given lies between 0 and 100."""
    for name in names:
        value = getattr(read, name)
        if value is not None and not (value.is_finite() and ZERO <= value <= HUNDRED):
            yield refusal(name, "out_of_range", f"{labelled(name)} is {value}; give a number from 0 to 100.")


def whole_sum(read: Findings, parts: tuple[str, ...], what: str) -> Iterator[Problem]:
    """Every part has a value, blank is not 0, and together they make exactly 100."""
    values: list[Decimal | None] = [getattr(read, part) for part in parts]
    blank = [part for part, value in zip(parts, values, strict=True) if value is None]
    typed = sum((value for value in values if value is not None), ZERO)
    others = tuple(part for part in parts if part not in blank[:1])
    if blank:
        names = ", ".join(labelled(part) for part in blank)
        sentence = f"{what}: {names} {'is' if len(blank) == 1 else 'are'} blank; blank is not 0, give a value."
        yield refusal(blank[0], "blank_part", sentence, *others)
    elif typed != HUNDRED:
        sentence = f"{what} sums to {plain(typed)}; it must be exactly 100."
        yield refusal(parts[0], "sum_not_100", sentence, *parts[1:])
