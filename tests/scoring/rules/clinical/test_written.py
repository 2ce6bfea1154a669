"""Factors as they are typed: what is read, and what is refused with which words."""

from datetime import date
from decimal import Decimal

import pytest

from scoring.rules.clinical.factors import Factors
from scoring.rules.clinical.written import read


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("ldh", "", None),
        ("ldh", " ", None),
        ("ldh", " 250.50 ", Decimal("250.50")),
        ("ecog", "2.0", 2),
        ("til", "yes", "yes"),
        ("diagnosis_date", "2020-02-29", date(2020, 2, 29)),
    ],
)
def test_what_is_read(name, text, value):
    assert read(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("ldh", "1,5", "decimal point"),
        ("ldh", "250 U/L", "without a unit"),
        ("ldh", "-3", "from 0 up"),
        ("ldh", "NaN", "plain digits"),
        ("ldh", "1e3", "plain digits"),
        ("ldh", "٣", "plain digits"),
        ("ldh", "1" * 41, "plain digits"),
        ("ldh_uln", "0", "more than 0"),
        ("karnofsky", "101", "0 and 100"),
        ("ecog", "6", "0 and 5"),
        ("ecog", "1.5", "whole number"),
        ("metastatic_sites", "many", "plain digits"),
        ("til", "YES", "yes, no or blank"),
        ("til", "1", "yes, no or blank"),
        ("diagnosis_date", "29.02.2020", "write 2026-11-23"),
        ("diagnosis_date", "2021-02-29", "write 2026-11-23"),
        ("diagnosis_date", "20200229", "write 2026-11-23"),
        ("diagnosis_date", "0202-02-02", "between 1900 and 2199"),
        ("calcium_mg_dl", "2.6", "mmol/L"),
        ("calcium_uln_mg_dl", "2.6", "mmol/L"),
        ("albumin_g_dl", "40", "g/L"),
    ],
)
def test_what_is_refused(name, text, says):
    with pytest.raises(ValueError, match=says):
        read(name, text)


def test_factors_refuse_what_cannot_be():
    with pytest.raises(ValueError, match="albumin_g_dl: 40 cannot be in g/dL"):
        Factors(albumin_g_dl=Decimal(40))
    with pytest.raises(ValueError, match="ldh: NaN"):
        Factors(ldh=Decimal("NaN"))
