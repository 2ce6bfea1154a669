"""linked: response by category, trend, forest, flow and gaps of the rebuilt cohort, as printed."""

import pytest

from lims.analysis.contingency import TwoByTwo
from lims.analysis.linked import by_group, compared, flow, forest, gaps, pairs, subjects, trend, two_by_two

COUNTS = {("good", "favourable"): (17, 7), ("intermediate", "favourable"): (9, 11),
          ("intermediate", "unfavourable"): (0, 11), ("poor", "unfavourable"): (1, 10)}  # fmt: skip


def row(risk: str, compartment: str, response: str) -> dict[str, object]:
    return {"risk": risk, "compartment": compartment, "response": response, "specimen": "SP-1", "arm": "IL-2",
            "histology_decided": "single", "caix_percent": 90.0 if compartment == "favourable" else 10.0,
            "os_time": 100, "os_event": 1}  # fmt: skip


ROWS = [row(risk, compartment, response) for (risk, compartment), (r, nr) in COUNTS.items()
        for response in ["R"] * r + ["NR"] * nr]  # fmt: skip


def test_response_by_category_is_the_printed_one() -> None:
    shares = by_group(ROWS, "risk", ("good", "intermediate", "poor"))
    assert [(each.responders, each.n) for each in shares] == [(17, 24), (9, 31), (1, 11)]
    assert (shares[0].low, shares[0].high) == pytest.approx((0.4891, 0.8738), abs=5e-5)
    found = trend(shares)
    assert found.p is not None
    assert found.p < 0.001
    assert trend(shares[:1]).p is None


def test_two_compartments_are_the_printed_table() -> None:
    assert two_by_two(ROWS, "compartment", "favourable", "unfavourable") == TwoByTwo(26, 18, 1, 21)
    parts = forest(ROWS, {"arm": "arm"})
    assert [(each.name, each.said.sample_odds_ratio) for each in parts] == [
        ("all patients", pytest.approx(30.33, abs=5e-3)), ("arm: IL-2", pytest.approx(30.33, abs=5e-3)),
    ]  # fmt: skip


def test_flow_and_gaps_count_everybody_once() -> None:
    lost = [{**ROWS[0], "specimen": None}, {**ROWS[0], "risk": "indeterminate"}, {**ROWS[0], "response": None}]
    found = flow([*ROWS, *lost])
    assert [(each.left, each.lost) for each in found] == [(69, 0), (68, 1), (68, 0), (67, 1), (67, 0), (66, 1)]
    assert found[0].left == found[-1].left + sum(each.lost for each in found)
    assert [(gap.name, gap.missing, gap.n) for gap in gaps([*ROWS, *lost], ["specimen", "response"])] == [
        ("specimen", 1, 69), ("response", 1, 69),
    ]  # fmt: skip


def test_only_who_has_both_is_compared() -> None:
    assert len(pairs([*ROWS, {**ROWS[0], "caix_percent": None}], "caix_percent", "response")) == 66
    assert len(subjects([*ROWS, {**ROWS[0], "os_time": None}], "os", "risk")) == 66


def test_site_against_core() -> None:
    (line,) = compared({"necrosis": [(10.0, 5.0), (20.0, 25.0), (30.0, 30.0)], "lymphocytes": []})
    assert (line.name, line.n, line.mean_difference) == ("necrosis", 3, 0)
    assert line.low == pytest.approx(-9.8)
    assert line.icc is not None
