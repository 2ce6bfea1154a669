"""The worked example of twelve specimens, and what is undefined."""

import pytest

from lims.analysis import agreement

CAIX_A = [95, 90, 85, 80, 100, 60, 0, 88, 86, 40, 92, 70]
CAIX_B = [90, 95, 90, 80, 100, 50, 0, 80, 90, 55, 85, 75]
CAIX = list(zip(CAIX_A, CAIX_B, strict=True))
RANK = {"g": 1, "i": 2, "p": 3}
RISK = [(RANK[a], RANK[b]) for a, b in zip("ggiigppgiigp", "giiigppggigi", strict=True)]
SIDE = [(a > 85, b > 85) for a, b in CAIX]


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (agreement.raw(RISK), 9 / 12),
        (agreement.kappa(RISK), 0.612903),
        (agreement.weighted_kappa(RISK, agreement.linear), 0.694915),
        (agreement.weighted_kappa(RISK, agreement.quadratic), 0.785714),
        (agreement.alpha(RISK, "nominal"), 0.627027),
        (agreement.alpha(RISK, "ordinal"), 0.779511),
        (agreement.raw(SIDE), 9 / 12),
        (agreement.kappa(SIDE), 0.5),
        (agreement.icc_2_1(CAIX), 0.970955),
        (agreement.bland_altman(CAIX).mean, -0.333333),
        (agreement.bland_altman(CAIX).low, -14.226184),
        (agreement.bland_altman(CAIX).high, 13.559517),
    ],
)
def test_the_worked_example_comes_out_to_six_decimals(figure, expected):
    assert figure == pytest.approx(expected, abs=5e-7)


def test_what_cannot_be_estimated_is_none():
    same = [(1, 1), (1, 1)]
    assert agreement.kappa([]) is None
    assert agreement.kappa(same) is None
    assert agreement.alpha(same, "nominal") is None
    assert agreement.alpha([(1, 2)], "interval") is None
    assert agreement.icc_2_1([(5, 5)]) is None
    assert agreement.icc_2_1([(5, 5), (5, 5)]) is None
    assert agreement.bland_altman([(1, 2)]) is None


def test_quadrants_count_every_pair_once():
    counted = agreement.quadrants(CAIX, 85)
    assert counted == {"both_high": 4, "first_high": 2, "second_high": 1, "both_low": 5}
    assert sum(counted.values()) == len(CAIX)


def test_exactly_85_is_low():
    assert agreement.quadrants([(85, 85.1)], 85)["second_high"] == 1
