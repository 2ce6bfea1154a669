"""A table model in three-valued logic: values in, verdict out. A blank yields the set of groups still possible."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, product

from scoring.rules.changes import Change
from scoring.rules.marker.editions import YES_NO, Input, MarkerEdition, Row
from scoring.rules.percent import plain

Value = Decimal | str
Values = Mapping[str, Value | None]
INDETERMINATE = "indeterminate"
ANSWERS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class MarkerVerdict:
    """The answer under one edition; tuples in the table's order."""

    model: str
    edition: str
    group: str
    possible_groups: tuple[str, ...]
    reasons: tuple[str, ...]
    missing: tuple[str, ...]


def assess(edition: MarkerEdition, values: Values) -> MarkerVerdict:
    """The verdict; indeterminate wherever a blank leaves it open. `values` are as `read` gives them."""
    deciding = {point: decides(edition, dict(point)) for point in completions(edition, values)}
    groups = {row.group for row in deciding.values()}
    possible = tuple(group for group in edition.groups if group in groups)
    rows = set(deciding.values())
    reasons = tuple(row.reason for row in edition.table if row in rows and row.reason) if len(rows) == 1 else ()
    return MarkerVerdict(
        edition.model, edition.edition, possible[0] if len(possible) == 1 else INDETERMINATE, possible, reasons,
        missing(edition, values),
    )  # fmt: skip


def decides(edition: MarkerEdition, point: Mapping[str, Value]) -> Row:
    """The first row whose tests all hold."""
    return next(row for row in edition.table if all(test.holds(point[test.input]) for test in row.tests))


def completions(edition: MarkerEdition, values: Values) -> Iterator[tuple[tuple[str, Value], ...]]:
    """Every way, up to the table's cutoffs, in which the blanks could be filled."""
    choices = [
        [(each.name, known)]
        if (known := values.get(each.name)) is not None
        else [(each.name, value) for value in representatives(edition, each)]
        for each in edition.inputs
    ]
    return product(*choices)


def representatives(edition: MarkerEdition, wanted: Input) -> tuple[Value, ...]:
    """One value on every cutoff and one between each pair: no answer lies elsewhere."""
    if wanted.kind == YES_NO:
        return ANSWERS
    cutoffs = {test.value for row in edition.table for test in row.tests if test.input == wanted.name}
    ends = sorted({wanted.low, wanted.high, *(value for value in cutoffs if isinstance(value, Decimal))})
    return tuple(sorted({*ends, *((low + high) / 2 for low, high in pairwise(ends))}))


def missing(edition: MarkerEdition, values: Values) -> tuple[str, ...]:
    """The blanks that could still change the group, for some way of filling the others."""
    found = []
    for each in edition.inputs:
        if values.get(each.name) is not None:
            continue
        for point in completions(edition, values):
            filled = dict(point)
            groups = {decides(edition, filled | {each.name: value}).group for value in representatives(edition, each)}
            if len(groups) > 1:
                found.append(each.name)
                break
    return tuple(found)


def what_would_change(edition: MarkerEdition, values: Values) -> tuple[Change, ...]:
    """For each input alone, the other groups that some value of it reaches."""
    now = assess(edition, values).group
    found = []
    for each in edition.inputs:
        told: dict[str, Value] = {}
        for value in representatives(edition, each):
            then = assess(edition, {**values, each.name: value}).group
            if then not in (now, INDETERMINATE):
                told.setdefault(then, value)
        found += [Change(f"{each.label} were {shown(value, each)}", group) for group, value in told.items()]
    return tuple(found)


def shown(value: Value, of: Input) -> str:
    return f"{plain(value)} {of.unit}".strip() if isinstance(value, Decimal) else value


def read(wanted: Input, written: str) -> Value | None:
    """One value exactly as typed, or None for a blank. Raises ValueError with a sentence."""
    text = written.strip()
    if not text:
        return None
    if wanted.kind == YES_NO:
        if text not in ANSWERS:
            raise ValueError(f"“{text[:20]}” is not yes, no or blank.")
        return text
    if len(text) > 40 or not text.replace(".", "", 1).isdigit() or not text.isascii() or text.endswith("."):
        raise ValueError(f"“{text[:20]}” is not a number: write plain digits such as 12 or 12.5, without a unit.")
    value = Decimal(text)
    if not wanted.low <= value <= wanted.high:
        raise ValueError(f"{text[:20]} is not between {plain(wanted.low)} and {plain(wanted.high)}.")
    return value
