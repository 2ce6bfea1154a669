"""Boundaries of every cutoff, reasons, what is missing, and Upton's fourth group."""

from decimal import Decimal

import pytest

from scoring.rules.editions import CURRENT
from scoring.rules.model import Inputs, upton_group
from tests.scoring.rules.cast import inputs, verdict

BOUNDARIES = [
    # alveolar, granular, papillary, caix -> risk, eligibility
    ("50.0000001", 0, 0, 0, "good", "eligible"),
    ("50", 0, 0, "85.0001", "intermediate", "eligible"),
    ("49.9999999", 0, 0, 85, "intermediate", "not_eligible"),
    ("0.0000001", 0, 0, 86, "intermediate", "eligible"),
    (0, 0, 0, 100, "poor", "not_eligible"),
    (100, "0.0000001", 0, "84.9999", "intermediate", "not_eligible"),
    (100, 50, 0, 100, "intermediate", "eligible"),
    (100, "50.0000001", 0, 100, "poor", "not_eligible"),
    (100, 0, "0.0000001", 100, "poor", "not_eligible"),
    (100, 100, 0, 100, "poor", "not_eligible"),
    (20, 20, 0, 85, "intermediate", "not_eligible"),
    (20, 20, 0, "85." + "0" * 30 + "1", "intermediate", "eligible"),
]


@pytest.mark.parametrize(("alveolar", "granular", "papillary", "caix", "risk", "eligibility"), BOUNDARIES)
def test_boundary(alveolar, granular, papillary, caix, risk, eligibility):
    found = verdict("yes", alveolar, granular, papillary, caix)
    assert (found.risk, found.eligibility, found.missing) == (risk, eligibility, ())


def test_every_reason_is_given_in_the_rules_order():
    found = verdict("no", 0, 51, 1)
    assert found.reasons == ("NON_CLEAR_CELL", "PAPILLARY_PRESENT", "NO_ALVEOLAR", "GRANULAR_OVER_50")


def test_compartment_is_decided_while_the_category_is_not():
    found = verdict("yes", None, 20, 0, 85)
    assert found.possible_risks == ("intermediate", "poor")
    assert (found.risk, found.compartment) == ("indeterminate", "unfavourable")
    assert found.missing == ("alveolar",)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (inputs("no"), ()),
        (inputs(None), ("clear_cell", "alveolar", "granular", "papillary", "caix")),
        (inputs(None, 80, 0, 0), ("clear_cell",)),
        (inputs(None, 40, 0, 0), ("clear_cell", "caix")),
        (inputs(None, 0), ()),
        (inputs("yes", 40, 0, 0, 90, False), ("caix",)),
        (inputs("yes", 80, 0, 0, 90, False), ()),
        (inputs("yes", 40, None, 0, 10), ("granular",)),
    ],
)
def test_missing_names_only_what_could_change_the_answer(given, missing):
    from scoring.rules.model import assess

    assert assess(given, CURRENT).missing == missing


def test_not_evaluable_hides_the_number():
    found = verdict("yes", 40, 0, 0, 99, False)
    assert (found.caix_level, found.compartment, found.eligibility) == (
        "not_evaluable",
        "indeterminate",
        "indeterminate",
    )


@pytest.mark.parametrize(
    ("given", "group"),
    [
        (inputs("no", 80, 0, 0), "not_clear_cell"),
        (inputs("yes", 0, 0, 0), "poor"),
        (inputs("yes", 80, 0, 0), "good"),
        (inputs("yes", 80, 1, 0), "intermediate"),
        (inputs("yes", 80, 1), "indeterminate"),
        (inputs(None, 0, 0, 0), "indeterminate"),
    ],
)
def test_upton_keeps_not_clear_cell_apart(given, group):
    assert upton_group(given, CURRENT) == group


@pytest.mark.parametrize("wrong", ["-0.1", "100.1", "NaN", "Infinity"])
def test_a_percentage_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="from 0 to 100"):
        Inputs(alveolar=Decimal(wrong))
