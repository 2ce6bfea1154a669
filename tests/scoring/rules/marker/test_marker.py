"""Models that are a file alone: read strictly, three-valued, the first row that holds decides."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.rules.marker.editions import MarkerEdition, parse
from scoring.rules.marker.model import assess, read, what_would_change

TEXT = Path("docs/new-edition/marker/ki67-2026-T1.toml").read_text(encoding="utf-8")
KI67 = parse(TEXT)


def said(**values: Any) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    found = assess(KI67, {name: Decimal(value) if name == "ki67" else value for name, value in values.items()})
    return found.group, found.possible_groups, found.reasons, found.missing


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"ki67": "15", "enough_cells": "yes"}, ("low", ("low",), (), ())),
        ({"ki67": "15.1", "enough_cells": "yes"}, ("high", ("high",), ("KI67_ABOVE_15",), ())),
        ({"ki67": "99", "enough_cells": "no"}, ("not_evaluable", ("not_evaluable",), ("TOO_FEW_CELLS",), ())),
        ({"enough_cells": "no"}, ("not_evaluable", ("not_evaluable",), ("TOO_FEW_CELLS",), ())),
        ({"enough_cells": "yes"}, ("indeterminate", ("high", "low"), (), ("ki67",))),
        ({"ki67": "3"}, ("indeterminate", ("low", "not_evaluable"), (), ("enough_cells",))),
        ({}, ("indeterminate", ("high", "low", "not_evaluable"), (), ("ki67", "enough_cells"))),
    ],
)
def test_the_table(values: dict[str, Any], answer: Any) -> None:
    assert said(**values) == answer


def test_what_would_change_it() -> None:
    changes = what_would_change(KI67, {"ki67": Decimal(10), "enough_cells": "yes"})
    assert [(change.if_, change.then) for change in changes] == [
        ("Ki-67 positive tumour cells were 57.5 %", "high"), ("At least 500 tumour cells were no", "not_evaluable"),
    ]  # fmt: skip


KNOWN = st.decimals(0, 100, places=1)


@given(KNOWN, st.sampled_from(["yes", "no"]))
def test_filling_a_blank_only_shrinks_the_set(ki67: Decimal, enough: str) -> None:
    full = assess(KI67, {"ki67": ki67, "enough_cells": enough})
    assert len(full.possible_groups) == 1
    for part in ({}, {"ki67": ki67}, {"enough_cells": enough}):
        assert set(full.possible_groups) <= set(assess(KI67, part).possible_groups)


@pytest.mark.parametrize(
    ("was", "is_now", "sentence"),
    [
        ('model = "ki67-tutorial"\n', "", "The file lacks model."),
        ("not validated for treatment decisions", "fine", "statement: it must read"),
        ("effective = 2026-12-01", 'effective = "soon"', "effective: give a date without quotes"),
        ("above = 15", "over = 15", "compare ki67 by one of above"),
        ("above = 15", "above = 150", "ki67 lies between 0 and 100; 150 does not."),
        ("above = 15", 'above = "x"', "does not."),
        ("above = 15", 'is = "yes"', "“is” does not fit it."),
        ('input = "ki67"', 'input = "ki76"', "“ki76” is no input; the inputs are ki67, enough_cells."),
        ('is = "no"', 'is = "maybe"', "enough_cells is yes or no, not “maybe”."),
        ('group = "high"\nwhen', 'group = "tall"\nwhen', "group “tall” is not one of high, low, not_evaluable."),
        ('source = "tutorial"\n\n[sources]', 'source = "x"\n\n[sources]', "source “x” is not among sources"),
        ('[[table]]\ngroup = "low"\nsays = "everything else"\nsource = "tutorial"\n', "", "the last row has no tests"),
        ('groups = ["high", "low", "not_evaluable"]', 'groups = ["high", "low", "not_evaluable", "odd"]',
         "no row gives odd"),
        ('label = "Ki-67 positive tumour cells"\n', "", "inputs.ki67.label: say what it is."),
        ("high = 100", "high = 0", "low 0 is not below high 0."),
        ('kind = "yes_no"', 'kind = "word"', "neither number nor yes_no"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_told_where(was: str, is_now: str, sentence: str) -> None:
    assert was in TEXT
    with pytest.raises(ValueError, match=re.escape(sentence)):
        parse(TEXT.replace(was, is_now, 1))


def of(name: str, edition: MarkerEdition = KI67) -> Any:
    return next(each for each in edition.inputs if each.name == name)


@pytest.mark.parametrize("written", ["15,1", "-1", "101", "15 %", "1e1", ".", "9" * 50])
def test_a_value_that_cannot_be_is_told(written: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        read(of("ki67"), written)


def test_values_are_read_as_typed() -> None:
    assert (read(of("ki67"), " 15.10 "), read(of("ki67"), ""), read(of("enough_cells"), "yes")) == (
        Decimal("15.10"), None, "yes",
    )  # fmt: skip
    with pytest.raises(ValueError, match="is not yes, no or blank"):
        read(of("enough_cells"), "perhaps")
