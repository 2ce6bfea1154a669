"""Units of laboratory values: what converts to what, and what is refused with which words."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.clinical_words import WrongField
from scoring.clinical_words import given as given_factor
from scoring.units import LABS, RATIO, converted, known_unit


@pytest.mark.parametrize(
    ("factor", "value", "unit", "becomes"),
    [
        ("calcium", "2.5", "mmol/L", "10.0195"),
        ("calcium", "10", "mg/dL", "10"),
        ("haemoglobin", "140", "g/L", "14"),
        ("haemoglobin", "10", "mmol/L", "16.114"),
        ("albumin", "40", "g/L", "4"),
        ("ldh", "3", "ukat/L", "180"),
        ("ldh", "3000", "nkat/L", "180"),
        ("ldh", "250", "IU/L", "250"),
        ("ldh", "1.5", RATIO, "1.5"),
        ("neutrophils", "7500", "/uL", "7.5"),
        ("neutrophils", "7.5", "10^3/uL", "7.5"),
        ("platelets", "450", "K/uL", "450"),
        ("platelets", "450000", "/mm3", "450"),
        ("platelets", "450", "/nL", "450"),
        ("tsh", "2.5", "uIU/mL", "2.5"),
    ],
)
def test_the_library_converts(factor: str, value: str, unit: str, becomes: str) -> None:
    assert converted(factor, Decimal(value), unit) == Decimal(becomes)


@pytest.mark.parametrize(
    ("factor", "written", "unit"),
    [
        ("neutrophils", "× 10⁹ / l", "10^9/L"),
        ("neutrophils", "x10^9/L", "10^9/L"),
        ("platelets", "/µL", "/uL"),
        ("platelets", "/mm³", "/mm3"),
        ("haemoglobin", "G/DL", "g/dL"),
        ("ldh", "µkat/L", "ukat/L"),
        ("ldh", "x uln", "xULN"),
    ],
)
def test_spellings_of_a_unit(factor: str, written: str, unit: str) -> None:
    assert known_unit(factor, written) == unit


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        (("calcium", "2.5", "mg/dL"), "value", "was it measured in mmol/L?"),
        (("calcium", "10", "mmol/L"), "value", "was it measured in mg/dL?"),
        (("haemoglobin", "140", "g/dL"), "value", "was it measured in g/L?"),
        (("haemoglobin", "14", "g/L"), "value", "was it measured in g/dL or mmol/L?"),
        (("haemoglobin", "14", "%"), "unit", "these would do: g/dL, g/L, mmol/L."),
        (("ldh", "200", ""), "unit", "Give the unit of ldh; these would do: U/L"),
        (("albumin", "40", "g/dL"), "value", "was it measured in g/L?"),
        (("platelets", "450000", "10^9/L"), "value", "was it measured in /uL"),
        (("ldh", "1,5", "xULN"), "value", "no comma"),
        (("ldh", "1.5", "xULN", "", "250"), "upper", "no reference range of its own"),
        (("haemoglobin", "14", "g/dL", "17", "13"), "upper", "not above the lower limit"),
        (("haemoglobin", "14", "g/dL", "130", ""), "lower", "was it measured in g/L?"),
        (("karnofsky", "80", "%"), "unit", "has no unit"),
        (("karnofsky", "120"), "value", "not between 0 and 100"),
        (("diagnosis_date", "2025-2-1"), "value", "write 2026-11-23"),
        (("sani_2003_group", "good"), "value", "none of low, intermediate, high"),
        (("shoe_size", "44"), "factor", "No factor is called"),
        (("ecog", ""), "value", "Give the value"),
    ],
)
def test_what_is_refused(row: tuple[str, ...], field: str, says: str) -> None:
    with pytest.raises(WrongField) as caught:
        given_factor(*row)
    assert (caught.value.field, says in caught.value.sentence) == (field, True), caught.value.sentence


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(LABS)), st.decimals("0.1", "900", places=2), st.data())
def test_order_is_kept_in_every_unit(factor: str, value: Decimal, drawn: st.DataObject) -> None:
    """More stays more, and twice as much twice as much: a conversion never shifts a boundary."""
    unit = drawn.draw(st.sampled_from(sorted(LABS[factor].units)))
    one, two = converted(factor, value, unit), converted(factor, 2 * value, unit)
    assert two > one
    assert two == 2 * one
