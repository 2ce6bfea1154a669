"""Figures as they are printed, and medians of rounds taken in turn."""

from lims.bench.figures import Figure, in_turn, rounded, table


def test_the_table_has_a_line_for_each_and_shows_what_is_missed() -> None:
    good = Figure("a", 2.0, "ms", 1.0, 2.0, "at most 3", True)
    bad = Figure("bb", 9.0, "ms", 1.0, 9.0, "at most 3", False)
    titles, first, second = (line.split() for line in table([good, bad]).splitlines())
    assert titles == ["name", "figure", "unit", "beside", "ratio", "target", "met"]
    assert first == ["a", "2", "ms", "1", "2", "at", "most", "3", "yes"]
    assert second[-1] == "NO"


def test_works_alternate_and_each_keeps_its_own_median() -> None:
    done: list[str] = []
    times = in_turn(3, lambda: done.append("one"), lambda: done.append("other"))
    assert done == ["one", "other"] * 3
    assert len(times) == 2


def test_three_digits_are_kept() -> None:
    assert (rounded(12345.6), rounded(0.123456)) == (12300.0, 0.123)
