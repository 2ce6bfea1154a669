"""Intervals against printed examples, and where there is none."""

import numpy as np
import pytest

from lims.analysis import agreement, intervals

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
TWO_BY_TWO = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
CAIX = list(
    zip((95, 90, 85, 80, 100, 60, 0, 88, 86, 40, 92, 70), (90, 95, 90, 80, 100, 50, 0, 80, 90, 55, 85, 75), strict=True)
)


def differ(a: object, b: object) -> float:
    return float(a != b)


def test_icc_of_shrout_and_fleiss() -> None:
    assert agreement.icc_2_1(SHROUT_FLEISS) == pytest.approx(0.29, abs=0.005)
    assert intervals.icc(SHROUT_FLEISS) == pytest.approx((0.019, 0.761), abs=0.0006)


def test_kappa_of_the_printed_fourfold_table() -> None:
    """Kappa 0.40; 0.151 to 0.649 by Fleiss, Cohen and Everitt's error."""
    assert agreement.kappa(TWO_BY_TWO) == pytest.approx(0.4)
    assert intervals.kappa(TWO_BY_TWO, differ) == pytest.approx((0.151, 0.649), abs=0.001)


@pytest.mark.parametrize("weights", [differ, agreement.linear, agreement.quadratic])
def test_the_error_of_kappa_is_the_one_that_redrawing_finds(weights) -> None:
    draw = np.random.default_rng(1)
    first = draw.integers(0, 4, 400)
    second = np.where(draw.random(400) < 0.6, first, draw.integers(0, 4, 400))
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    again = [agreement.weighted_kappa([pairs[n] for n in draw.integers(0, 400, 400)], weights) for _ in range(400)]
    low, high = intervals.kappa(pairs, weights)
    assert high - low == pytest.approx(2 * 1.96 * float(np.std(again)), rel=0.12)


def test_wilson_of_nine_in_twelve() -> None:
    found = intervals.raw([(1, 1)] * 9 + [(1, 2)] * 3)
    assert found == pytest.approx((0.4677, 0.9111), abs=0.0001)


def test_limits_of_agreement_have_intervals_of_their_own() -> None:
    mean, low, high = intervals.bland_altman(CAIX)
    assert mean == pytest.approx((-4.836954, 4.170287), abs=1e-6)
    assert low[0] < -14.226184 < low[1]
    assert high[0] < 13.559517 < high[1]


@pytest.mark.parametrize(("level", "value"), [("nominal", 0.4), ("ordinal", 0.4)])
def test_alpha_is_drawn_alike_every_time_and_around_the_value(level: str, value: float) -> None:
    pairs = [(int(a == "y"), int(b == "y")) for a, b in TWO_BY_TWO]
    found = intervals.alpha(pairs, level)
    assert found == intervals.alpha(pairs, level)
    assert found[0] < agreement.alpha(pairs, level) < found[1]
    assert found == pytest.approx((value - 0.25, value + 0.25), abs=0.06)


def test_alpha_of_percentages_is_the_one_the_sums_over_all_values_give() -> None:
    samples = np.array([[1] * len(CAIX)])
    assert intervals.interval_alphas(samples, np.array(CAIX, float)) == pytest.approx(
        [agreement.alpha(CAIX, "interval")]
    )


def test_there_is_none_where_nothing_can_be_said() -> None:
    same = [(1, 1)] * 5
    assert intervals.raw([]) is None
    assert intervals.kappa(same, differ) is None
    assert intervals.icc([(5, 5)] * 5) is None
    assert intervals.icc([(1, 1), (2, 2), (3, 3)]) is None, "no error at all: no interval"
    assert intervals.alpha(same, "nominal") is None
    assert intervals.bland_altman([(1, 2), (2, 1)]) is None
