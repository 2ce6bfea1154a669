"""contingency A B C D: the printed tables, what is infinite or undefined, what is no count."""

import json
from io import StringIO
from typing import Any

import pytest
import scipy
from django.core.management import CommandError, call_command


def told(*cells: int) -> dict[str, Any]:
    out = StringIO()
    call_command("contingency", *map(str, cells), stdout=out)
    return json.loads(out.getvalue())


def test_the_printed_comparison_of_ca_ix() -> None:
    found = told(21, 20, 6, 19)
    assert found["sample_odds_ratio"]["estimate"] == pytest.approx(3.325)
    assert found["conditional_odds_ratio"]["estimate"] == pytest.approx(3.2645, abs=5e-5)
    assert found["fisher"] == {"name": "Fisher’s exact test, two-sided", "p": pytest.approx(0.0397, abs=5e-5)}
    assert found["response"]["exposed"]["estimate"] == 21 / 41
    assert found["response"]["exposed"]["interval"] == "exact (Clopper-Pearson), 95%"
    assert found["notes"] == []
    assert found["libraries"] == {"scipy": scipy.__version__}


def test_newcombes_own_example_of_a_difference() -> None:
    """Newcombe (1998), example (a), method 10: 56/70 against 48/80."""
    found = told(56, 14, 48, 32)["proportion_difference"]
    assert (found["estimate"], found["low"], found["high"]) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("cells", "undefined", "note"),
    [
        ((9, 11, 0, 11), [("sample_odds_ratio", "estimate"), ("conditional_odds_ratio", "high"),
                          ("proportion_ratio", "estimate")], "both odds ratios are infinite"),
        ((0, 0, 3, 4), [("sample_odds_ratio", "estimate"), ("proportion_difference", "low")], "One group has nobody"),
        ((0, 5, 0, 5), [("sample_odds_ratio", "estimate"), ("proportion_ratio", "estimate")], "nobody did"),
        ((0, 5, 5, 2), [("sample_odds_ratio", "low"), ("proportion_ratio", "low")], "both odds ratios are 0"),
        ((0, 0, 0, 0), [("sample_odds_ratio", "estimate"), ("conditional_odds_ratio", "low")], "One group has nobody"),
    ],
)  # fmt: skip
def test_what_is_infinite_or_undefined_is_null_with_a_note(cells: Any, undefined: Any, note: str) -> None:
    found = told(*cells)
    assert [place for place in undefined if found[place[0]][place[1]] is not None] == []
    assert note in " ".join(found["notes"])
    assert 0 <= found["fisher"]["p"] <= 1


@pytest.mark.parametrize("word", ["-1", "1.5", "x", "", "20000"])
def test_what_is_no_count_is_refused(word: str) -> None:
    with pytest.raises(CommandError, match="is no count: give a whole number from 0 to 10000"):
        call_command("contingency", "--", "1", word, "3", "4")
