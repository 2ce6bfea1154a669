"""The printed comparisons of models.md section 6."""

import pytest

from lims.analysis.contingency import TwoByTwo, associate, printed_p

PRINTED = [
    ("CA-IX high v low", TwoByTwo(21, 20, 6, 19), 3.325, 0.0397),
    ("two compartments", TwoByTwo(26, 18, 1, 21), 30.33, 1.2e-5),
    ("histology", TwoByTwo(29, 86, 2, 48), 8.093, 0.000903),
    ("CWG response, 2004 cut", TwoByTwo(22, 74, 9, 87), 2.874, 0.01755),
    ("CWG 3 years, 2004 cut", TwoByTwo(9, 87, 2, 94), 4.862, 0.0579),
]


@pytest.mark.parametrize(("name", "table", "ratio", "p"), PRINTED, ids=[row[0] for row in PRINTED])
def test_printed_comparisons_are_reproduced(name, table, ratio, p):
    found = associate(table)
    assert found.sample_odds_ratio == pytest.approx(ratio, rel=5e-4)
    assert found.p == pytest.approx(p, rel=5e-2 if p < 1e-4 else 2e-3)


def test_an_infinite_odds_ratio_is_none_and_its_p_stands():
    found = associate(TwoByTwo(9, 11, 0, 11))
    assert found.sample_odds_ratio is None
    assert found.conditional_odds_ratio is None
    assert found.exact_high is None
    assert found.p == pytest.approx(0.0116, rel=5e-3)


def test_the_two_intervals_for_caix_disagree_at_the_margin():
    found = associate(TwoByTwo(21, 20, 6, 19))
    assert (round(found.wald_low, 2), round(found.wald_high, 2)) == (1.10, 10.02)
    assert (round(found.exact_low, 2), round(found.exact_high, 2)) == (0.99, 12.13)


@pytest.mark.parametrize(
    ("p", "words"), [(0.0397, "0.0397"), (1.2e-5, "< 0.0001"), (0.00005, "0.0001"), (1.0, "1.0000")]
)
def test_a_tiny_p_is_printed_as_less_than(p, words):
    assert printed_p(p) == words
