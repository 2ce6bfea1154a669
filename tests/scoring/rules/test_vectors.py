"""The worked cases, from the project's reference of decision vectors (kept in scoring/rules)."""

import pytest

from scoring.rules.editions import CURRENT
from scoring.rules.model import ELIGIBILITY, assess
from scoring.rules.vectors import vectors

CASES = list(vectors())


def test_all_thirty_four_cases_are_there():
    assert len(CASES) == 34
    assert len({case.name for case in CASES}) == 34


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"case{case.name}")
def test_case(case):
    verdict = assess(case.inputs, CURRENT)
    assert verdict.risk is case.risk
    assert verdict.possible_risks == case.possible_risks
    assert verdict.caix_level is case.caix_level
    assert verdict.compartment is case.compartment
    assert verdict.eligibility is ELIGIBILITY[case.compartment]
    assert (verdict.model, verdict.edition) == ("cwg-two-compartment", "2005-R1")
