"""Times from request to receipt: quartiles of what came, and the median that does not forget who waits."""

import pytest

from specimens.waiting_times import median_of_all, times


def test_quartiles_are_of_what_came() -> None:
    found = times([4, 8, 12, 16, 20], [3], 2)
    assert (found.asked, found.received, found.waiting, found.without) == (8, 5, 1, 2)
    assert (found.quarter, found.median, found.three_quarters, found.longest) == (8, 12, 16, 20)


def test_without_a_receipt_there_is_no_time() -> None:
    found = times([], [5, 9], 1)
    assert (found.quarter, found.median, found.longest, found.median_of_all) == (None, None, None, None)


@pytest.mark.parametrize(
    ("received", "waiting", "expected"),
    [
        ([10, 20, 30], [], 20),
        ([10, 20], [40, 40], 20),
        ([10], [40, 40, 40], None),
        ([10, 20, 30], [15], 20),
        ([10, 10, 30], [1, 2], 10),
    ],
)
def test_who_waits_counts_as_at_least_so_long(received: list[int], waiting: list[int], expected: float | None) -> None:
    """Worked by hand after Kaplan and Meier: 10, 20, 30 with one censored at 15 leaves 3/4, 3/8, 0."""
    assert median_of_all(received, waiting) == expected
