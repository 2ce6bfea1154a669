"""cutoff: known areas and intervals, every cutoff by hand, the same seed the same figures, optimism above nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.analysis.contingency import TwoByTwo
from lims.analysis.cutoff import explore

SMALL = [(10.0, False), (20.0, False), (30.0, True), (30.0, False), (40.0, True), (50.0, True)]


def test_every_cutoff_by_hand() -> None:
    found = explore(SMALL, also=[85])
    assert [each.cutoff for each in found.sweep] == [10, 20, 30, 40, 85]
    at30 = found.sweep[2]
    assert (at30.table, at30.sensitivity, at30.specificity) == (TwoByTwo(2, 0, 1, 3), pytest.approx(2 / 3), 1.0)
    assert found.sweep[4].sensitivity == 0
    assert (found.n, found.events) == (6, 3)
    assert found.area == pytest.approx(8.5 / 9)


def test_delongs_interval_is_that_of_the_paired_formula() -> None:
    """Structural components counted pair by pair."""
    draw = np.random.default_rng(1)
    pairs = [(float(value), bool(value + noise > 60)) for value, noise in zip(
        draw.integers(0, 100, 60), draw.integers(-40, 40, 60), strict=True)]  # fmt: skip
    found = explore(pairs, samples=10)
    cases, others = [v for v, e in pairs if e], [v for v, e in pairs if not e]
    won = np.array([[1.0 if a > b else 0.5 if a == b else 0.0 for b in others] for a in cases])
    error = (won.mean(axis=1).var(ddof=1) / len(cases) + won.mean(axis=0).var(ddof=1) / len(others)) ** 0.5
    assert found.area == pytest.approx(won.mean())
    assert found.area_low == pytest.approx(max(0, won.mean() - 1.959963984540054 * error))


def test_the_same_seed_gives_the_same_figures_and_noise_is_corrected_down() -> None:
    draw = np.random.default_rng(7)
    noise = [(float(value), bool(event)) for value, event in zip(
        draw.integers(0, 101, 80), draw.integers(0, 2, 80), strict=True)]  # fmt: skip
    one, again, other = (explore(noise, samples=200, seed=seed).chosen for seed in (1, 1, 2))
    assert one == again != other
    assert one
    assert one.corrected < one.youden
    assert one.low < one.high
    assert sum(count for _, count in one.spread) == one.samples


@pytest.mark.parametrize("pairs", [[], [(1.0, True)], [(1.0, True), (2.0, True)], [(1.0, True)] * 5 + [(1.0, False)]])
def test_too_little_says_nothing(pairs: list[tuple[float, bool]]) -> None:
    found = explore(pairs)
    assert (found.sweep, found.area, found.chosen) == ((), None, None)


def test_a_marker_of_one_value_has_no_cutoff() -> None:
    found = explore([(5.0, True)] * 3 + [(5.0, False)] * 3)
    assert (found.sweep, found.area, found.chosen) == ((), 0.5, None)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20).map(float), st.booleans()), min_size=4, max_size=30))
def test_turning_the_marker_round_turns_the_area_round(pairs: list[tuple[float, bool]]) -> None:
    one, other = explore(pairs, samples=1), explore([(-value, said) for value, said in pairs], samples=1)
    if one.area is not None and other.area is not None:
        assert one.area == pytest.approx(1 - other.area)
