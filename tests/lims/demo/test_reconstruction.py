"""The 66 patients keep every printed margin, whichever of the sixteen solutions is taken."""

from collections import Counter

import pytest

from lims.demo.agreement import categories, positive
from lims.demo.published import published_table
from lims.demo.reconstruction import CHOSEN, LABEL, Rebuilt, Solution, rebuilt, solutions
from scoring.rules.consistency import problems
from scoring.rules.findings import caix_from_mapping, histology_from_mapping


@pytest.fixture(scope="module")
def patients() -> list[Rebuilt]:
    return rebuilt()


def test_there_are_sixteen_solutions_and_one_is_taken() -> None:
    assert len(solutions()) == len(set(solutions())) == 16
    assert {s.good_r for s in solutions()} == {11, 12}
    assert {s.good_nr for s in solutions()} == set(range(8))
    assert CHOSEN in solutions()


@pytest.mark.parametrize("solution", solutions())
def test_each_solution_keeps_the_margins(solution: Solution) -> None:
    found = rebuilt(chosen=solution)
    assert Counter(p.category for p in found) == {"good": 24, "intermediate": 31, "poor": 11}
    assert Counter(p.response for p in found if p.caix_high) == {"R": 21, "NR": 20}
    assert _counts(found) == {
        ("good", "R"): 17,
        ("good", "NR"): 7,
        ("intermediate", "R"): 9,
        ("intermediate", "NR"): 22,
        ("poor", "R"): 1,
        ("poor", "NR"): 10,
    }
    high = _counts([p for p in found if p.caix_high])
    assert (high["intermediate", "R"], high["intermediate", "NR"]) == (9, 11)
    assert (high["good", "R"], high["good", "NR"]) == (solution.good_r, solution.good_nr)


def test_another_solution_is_refused() -> None:
    with pytest.raises(ValueError, match="does not keep the published margins"):
        rebuilt(chosen=Solution(10, 5, 2, 4))


def test_the_printed_tables_come_out_of_the_reads(patients: list[Rebuilt]) -> None:
    computed = {
        "caix": _table(patients, lambda p: _mean(p) > 85),
        "caix_in_intermediate": _table([p for p in patients if _risk(p) == "intermediate"], lambda p: _mean(p) > 85),
        "two_compartments": _table(
            patients, lambda p: _risk(p) == "good" or (_risk(p) == "intermediate" and _mean(p) > 85)
        ),
    }
    assert computed == {f.key: f.counts for f in published_table() if f.counts}


def test_the_mean_of_the_two_reads_is_in_the_category(patients: list[Rebuilt]) -> None:
    for p in patients:
        assert _risk(p) == p.category
        assert (_mean(p) > 85) == p.caix_high
        for read in p.reads:
            assert problems(histology_from_mapping(read.histology)[0]) == []
            assert problems(caix_from_mapping(read.caix)[0]) == []


def test_some_pairs_differ_a_little(patients: list[Rebuilt]) -> None:
    differing = [p for p in patients if p.reads[0].caix != p.reads[1].caix]
    assert 5 <= len(differing) < 33


def test_dates_labels_and_the_data_cut(patients: list[Rebuilt]) -> None:
    assert len({p.study_id for p in patients}) == 66
    for p in patients:
        assert p.embedded < p.cut <= p.stained < min(read.on for read in p.reads)
        assert (p.stained - p.cut).days <= 42
        assert (p.label, p.synthetic, p.data_cut) == (LABEL, True, "2004")


def test_the_study_number_tells_nothing(patients: list[Rebuilt]) -> None:
    assert {p.response for p in patients[:20]} == {"R", "NR"}
    assert {p.category for p in patients[:20]} == {"good", "intermediate", "poor"}


def test_it_is_the_same_from_the_same_seed(patients: list[Rebuilt]) -> None:
    assert rebuilt() == patients
    assert rebuilt(seed=3) != patients


def test_the_printed_values() -> None:
    printed = {figure.key: figure.printed for figure in published_table()}
    assert printed["categories"] == "24 / 31 / 11"
    assert printed["caix_high"] == "41"
    assert printed["caix"] == "21/27 v 20/39, odds ratio 3.3, P 0.04"
    assert printed["caix_in_intermediate"] == "9/9 v 11/22"
    assert printed["two_compartments"] == "26/27 v 18/39, odds ratio 30, P < 0.01"
    assert all(figure.source for figure in published_table())


def _counts(patients: list[Rebuilt]) -> Counter[tuple[str, str]]:
    return Counter((p.category, p.response) for p in patients)


def _table(patients, exposed):
    counts = Counter((exposed(p), p.response) for p in patients)
    return tuple(tuple(counts[side, response] for response in ("R", "NR")) for side in (True, False))


def _mean(p: Rebuilt) -> float:
    return sum(positive(read.caix) for read in p.reads) / 2


def _risk(p: Rebuilt) -> str:
    a, b = (read.histology for read in p.reads)
    parts = ("arch_alveolar", "cyto_granular", "arch_papillary")
    (risk,) = categories(a["histologic_type"], *((float(a[part]) + float(b[part])) / 2 for part in parts))
    return risk
