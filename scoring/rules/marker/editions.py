"""An edition of a table model: its inputs and its table, from a dated, validated file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from scoring.rules import shelves
from scoring.rules.editions import Evidence, checksum
from scoring.rules.vocabulary import INVESTIGATIONAL

KIND = "marker"
NUMBER, YES_NO = "number", "yes_no"
COMPARISONS: Mapping[str, str] = {
    "above": "above", "at_least": "at least", "below": "below", "at_most": "at most", "is": "is",
}  # fmt: skip
NEEDED = ("model", "edition", "effective", "title", "statement", "groups", "inputs", "table", "sources")


@dataclass(frozen=True, slots=True)
class Input:
    """One input: a number within limits, or a yes or no."""

    name: str
    label: str
    kind: str
    unit: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Test:
    """`input` compared with `value`; exactly at the value, `above` and `below` do not hold, the others do."""

    input: str
    compares: str
    value: Decimal | str

    def holds(self, here: Decimal | str) -> bool:
        if self.compares == "is":
            return here == self.value
        assert isinstance(here, Decimal)
        assert isinstance(self.value, Decimal)
        return {
            "above": here > self.value, "at_least": here >= self.value, "below": here < self.value,
            "at_most": here <= self.value,
        }[self.compares]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: all tests must hold; without tests it is everything else. The first that holds decides."""

    group: str
    reason: str
    says: str
    source: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class MarkerEdition:
    """One edition of one table model."""

    model: str
    edition: str
    effective: date
    title: str
    statement: str
    groups: tuple[str, ...]
    inputs: tuple[Input, ...]
    table: tuple[Row, ...]
    readings: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    checksum: str


def parse(text: str) -> MarkerEdition:
    """An edition from a file's text. Raises ValueError naming what the file lacks or gets wrong."""
    content = tomllib.loads(text, parse_float=Decimal)
    lacking = [name for name in NEEDED if name not in content]
    if lacking:
        raise ValueError(f"The file lacks {', '.join(lacking)}.")
    if content["statement"] != INVESTIGATIONAL:
        raise ValueError(f"statement: it must read “{INVESTIGATIONAL}”")
    if not isinstance(content["effective"], date):
        raise ValueError("effective: give a date without quotes, such as 2026-12-01.")
    inputs = {name: _input(name, table) for name, table in content["inputs"].items()}
    groups = tuple(str(group) for group in content["groups"])
    return MarkerEdition(
        model=str(content["model"]), edition=str(content["edition"]), effective=content["effective"],
        title=str(content["title"]), statement=str(content["statement"]), groups=groups,
        inputs=tuple(inputs.values()), table=_table(content["table"], inputs, groups, content["sources"]),
        readings=tuple(content.get("readings", {}).items()), sources=tuple(content["sources"].items()),
        evidence=tuple(Evidence(**row) for row in content.get("evidence", [])), checksum=checksum(text),
    )  # fmt: skip


def _input(name: str, table: Mapping[str, Any]) -> Input:
    kind = str(table.get("kind", NUMBER))
    if kind not in (NUMBER, YES_NO):
        raise ValueError(f"inputs.{name}.kind: “{kind}” is neither {NUMBER} nor {YES_NO}.")
    if "label" not in table:
        raise ValueError(f"inputs.{name}.label: say what it is.")
    low, high = Decimal(table.get("low", 0)), Decimal(table.get("high", 100))
    if low >= high:
        raise ValueError(f"inputs.{name}: low {low} is not below high {high}.")
    return Input(name, str(table["label"]), kind, str(table.get("unit", "")), low, high)


def _table(
    rows: list[Mapping[str, Any]], inputs: Mapping[str, Input], groups: tuple[str, ...], sources: Mapping[str, str]
) -> tuple[Row, ...]:
    found = tuple(_row(number, row, inputs, groups, sources) for number, row in enumerate(rows, start=1))
    if not found or found[-1].tests:
        raise ValueError("table: the last row has no tests, so that every case has a group.")
    if any(not row.tests for row in found[:-1]):
        raise ValueError("table: only the last row has no tests; rows below it could never decide.")
    unused = [group for group in groups if group not in {row.group for row in found}]
    if unused:
        raise ValueError(f"groups: no row gives {', '.join(unused)}.")
    return found


def _row(
    number: int, row: Mapping[str, Any], inputs: Mapping[str, Input], groups: tuple[str, ...],
    sources: Mapping[str, str],
) -> Row:  # fmt: skip
    place = f"table row {number}"
    lacking = [name for name in ("group", "says", "source") if name not in row]
    if lacking:
        raise ValueError(f"{place} lacks {', '.join(lacking)}.")
    if row["group"] not in groups:
        raise ValueError(f"{place}: group “{row['group']}” is not one of {', '.join(groups)}.")
    if row["source"] not in sources:
        raise ValueError(f"{place}: source “{row['source']}” is not among sources: {', '.join(sources)}.")
    tests = tuple(_test(place, test, inputs) for test in row.get("when", []))
    return Row(str(row["group"]), str(row.get("reason", "")), str(row["says"]), str(row["source"]), tests)


def _test(place: str, test: Mapping[str, Any], inputs: Mapping[str, Input]) -> Test:
    name = str(test.get("input", ""))
    if name not in inputs:
        raise ValueError(f"{place}: “{name}” is no input; the inputs are {', '.join(inputs)}.")
    given = [word for word in test if word != "input"]
    if len(given) != 1 or given[0] not in COMPARISONS:
        raise ValueError(f"{place}: compare {name} by one of {', '.join(COMPARISONS)}.")
    compares, value, wanted = given[0], test[given[0]], inputs[name]
    if (wanted.kind == YES_NO) != (compares == "is"):
        raise ValueError(f"{place}: {name} is a {wanted.kind}; “{compares}” does not fit it.")
    if wanted.kind == YES_NO:
        if value not in ("yes", "no"):
            raise ValueError(f"{place}: {name} is yes or no, not “{value}”.")
        return Test(name, compares, value)
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or not wanted.low <= value <= wanted.high:
        raise ValueError(f"{place}: {name} lies between {wanted.low} and {wanted.high}; {value} does not.")
    return Test(name, compares, Decimal(value))


@cache
def every_edition() -> tuple[MarkerEdition, ...]:
    """All editions on the shelves, in the order of their files' names."""
    return tuple(parse(path.read_text(encoding="utf-8")) for path in shelves.files(KIND))


shelves.when_changed(every_edition.cache_clear)


def in_force(model: str, name: str = "") -> MarkerEdition:
    """The edition of this name, or the latest by its date. Raises ValueError when there is none."""
    found = [each for each in every_edition() if each.model == model and name in ("", each.edition)]
    if not found:
        raise ValueError(f"There is no edition {name} of {model}." if name else f"There is no model {model}.")
    return max(found, key=lambda each: (each.effective, each.edition))


def models() -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.model for each in every_edition()))


def vectors_beside(path: Path) -> Path:
    """The worked cases of an edition file: the same name, ending in .vectors.csv."""
    return path.with_suffix(".vectors.csv")
