"""Why: the sentence, the rows that applied, and what would change the answer."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings

from scoring.rules.changes import bands
from scoring.rules.editions import CURRENT
from scoring.rules.inputs import AXES, representatives, value_of
from scoring.rules.model import assess
from scoring.rules.vocabulary import ClearCell, Holds, Risk, said
from scoring.rules.why import compartment_rows, conditions, sentence, what_would_change
from tests.scoring.rules.cast import INPUTS, inputs

SHOWN = inputs("yes", "42.5", "17.5", 0, 90)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (SHOWN, "Intermediate pathology, CA-IX high: eligible under edition 2005-R1. Investigational."),
        (
            inputs("yes", None, 20, 0, 85),
            "Intermediate or poor pathology, CA-IX low: not eligible under edition 2005-R1; "
            "still needed: alveolar. Investigational.",
        ),
        (
            inputs("yes", 40, 0, 0, 99, False),
            "Intermediate pathology, CA-IX not evaluable: indeterminate under edition 2005-R1; "
            "still needed: CA-IX. Investigational.",
        ),
        (
            inputs("yes", caix=90),
            "Good, intermediate or poor pathology, CA-IX high: indeterminate under edition 2005-R1; "
            "still needed: alveolar, granular, papillary. Investigational.",
        ),
    ],
)
def test_sentence(given, says):
    assert sentence(assess(given, CURRENT)) == says


def test_conditions_against_this_specimen():
    rows = conditions(SHOWN, CURRENT, type_label="8310/3 clear cell")
    assert [(row.risk, row.condition, row.here, row.holds) for row in rows] == [
        ("poor, if any", "not clear cell", "8310/3 clear cell", "no"),
        ("", "papillary above 0 %", "0 %", "no"),
        ("", "alveolar 0 %", "42.5 %", "no"),
        ("", "granular above 50 %", "17.5 %", "no"),
        (
            "good, if all",
            "clear cell, alveolar above 50 %, granular 0 %, papillary 0 %",
            "42.5 %; 17.5 %; 0 %",
            "no",
        ),
        ("intermediate", "everything else", "", "yes"),
    ]


def test_a_blank_is_not_known_and_leaves_the_condition_unknown():
    rows = conditions(inputs("yes", None, 0, 1), CURRENT)
    assert [row.holds for row in rows] == ["no", "yes", "unknown", "no", "no", "no"]
    assert rows[2].here == "not known"


@pytest.mark.parametrize(
    ("given", "row"),
    [
        (inputs("yes", 80, 0, 0), 0),
        (SHOWN, 1),
        (inputs("yes", 40, 0, 0, 85), 2),
        (inputs("yes", 40, 0, 0), 3),
        (inputs("yes", 40, 0, 0, 90, False), 3),
        (inputs("no"), 4),
    ],
)
def test_the_row_that_applied(given, row):
    verdict = assess(given, CURRENT)
    rows = compartment_rows(verdict, given, CURRENT)
    assert [number for number, each in enumerate(rows) if each.applies] == [row]
    assert (rows[row].compartment, rows[row].eligibility) == (verdict.compartment, verdict.eligibility)


def test_no_row_applies_while_the_category_is_open():
    given = inputs("yes", None, 20, 0, 85)
    rows = compartment_rows(assess(given, CURRENT), given, CURRENT)
    assert [row.applies for row in rows] == [False] * 5
    assert [row.possible for row in rows] == [False, False, True, False, True]
    assert rows[2].here == "85 %"


def test_what_would_change_it():
    assert [(each.if_, each.then) for each in what_would_change(SHOWN, CURRENT)] == [
        ("CA-IX were 85 % or less", "not eligible"),
        ("any papillary were found", "poor: not eligible"),
        ("granular were above 50 %", "poor: not eligible"),
        ("alveolar were 0 %", "poor: not eligible"),
        ("the type were not clear cell", "poor: not eligible"),
        ("alveolar were above 50 % and granular were 0 %", "good: eligible whatever CA-IX"),
    ]


def test_what_would_change_follows_the_edition():
    lower = replace(CURRENT, caix_high_above=Decimal(70), checksum="another")
    assert ("CA-IX were 70 % or less", "not eligible") in [
        (each.if_, each.then) for each in what_would_change(SHOWN, lower)
    ]


@settings(max_examples=100, deadline=None)
@given(INPUTS)
def test_every_change_told_alters_the_answer(given):
    now = assess(given, CURRENT)
    for change in what_would_change(given, CURRENT):
        chosen = [band for axis in AXES for band in bands(axis, CURRENT) if band.says in change.if_.split(" and ")]
        assert len(chosen) == len(change.if_.split(" and ")) <= 3
        values = {band.axis: band.value for band in chosen}
        values["caix_evaluable"] = given.caix_evaluable or "caix" in values
        then = assess(replace(given, **values), CURRENT)
        assert (then.risk, then.compartment) != (now.risk, now.compartment)
        assert change.then.removesuffix(" whatever CA-IX").endswith(said(then.eligibility))


@pytest.mark.parametrize("axis", AXES)
def test_every_value_lies_in_exactly_one_band(axis):
    for value in representatives(CURRENT)[axis]:
        assert sum(band.holds(value) for band in bands(axis, CURRENT)) == 1
    assert not any(band.holds(None) for band in bands(axis, CURRENT))


@settings(max_examples=100, deadline=None)
@given(INPUTS)
def test_conditions_agree_with_the_verdict(given):
    verdict, rows = assess(given, CURRENT), conditions(given, CURRENT)
    assert sum(row.holds is Holds.YES for row in rows[:4]) == len(verdict.reasons)
    assert (rows[4].holds is Holds.YES) == (verdict.risk is Risk.GOOD)
    assert (rows[5].holds is Holds.YES) == (verdict.risk is Risk.INTERMEDIATE)
    if value_of(given, "clear_cell") is ClearCell.NO:
        assert rows[0].holds is Holds.YES
