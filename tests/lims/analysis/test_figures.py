"""The report from pairs: the worked example unrounded, slices, the line's neighbourhood, drift, repeats."""

from decimal import Decimal

import pytest

from lims.analysis import figures, tables
from scoring.agreement_desk import Opinion, Pair, Pairs
from scoring.rules.editions import CURRENT
from scoring.rules.vocabulary import Assay

A = (95, 90, 85, 80, 100, 60, 0, 88, 86, 40, 92, 70)
B = (90, 95, 90, 80, 100, 50, 0, 80, 90, 55, 85, 75)
RISKS = {"g": "good", "i": "intermediate", "p": "poor"}


def stain(a: int, b: int, readers=("R1", "R2"), month: str = "2026-10", value: int | None = None) -> Pair:
    both = [Opinion(caix=Decimal(n), level="high" if n > 85 else "low") for n in (a, b)]
    concluded = None if value is None else Opinion(caix=Decimal(value))
    return Pair("C", Assay.CAIX, *both, True, readers, concluded, month)


def section(a: str, b: str) -> Pair:
    return Pair(
        "H", Assay.HISTOLOGY, Opinion(risk=RISKS[a]), Opinion(risk=RISKS[b]), True, ("R1", "R2"), None, "2026-10"
    )


WORKED = Pairs(
    tuple(section(a, b) for a, b in zip("ggiigppgiigp", "giiigppggigi", strict=True)),
    tuple(stain(a, b) for a, b in zip(A, B, strict=True)),
    0,
)


@pytest.mark.parametrize(
    ("of", "measure", "expected"),
    [
        ("pathology risk", "raw", 9 / 12),
        ("pathology risk", "kappa", 0.612903),
        ("pathology risk", "kappa_linear", 0.694915),
        ("pathology risk", "kappa_quadratic", 0.785714),
        ("pathology risk", "alpha_nominal", 0.627027),
        ("pathology risk", "alpha_ordinal", 0.779511),
        ("CA-IX level", "raw", 9 / 12),
        ("CA-IX level", "kappa", 0.5),
        ("CA-IX percentage", "icc_2_1", 0.970955),
        ("CA-IX percentage", "mean_difference", -0.333333),
        ("CA-IX percentage", "lower_limit", -14.226184),
        ("CA-IX percentage", "upper_limit", 13.559517),
    ],
)
def test_the_worked_example_to_six_decimals(of: str, measure: str, expected: float) -> None:
    found = next(each for each in figures.figures(WORKED) if (each.of, each.measure) == (of, measure))
    assert found.value == pytest.approx(expected, abs=5e-7)
    assert found.n == 12
    assert found.low is not None
    assert found.low <= found.value <= found.high


def test_a_pair_of_readers_is_one_whoever_read_first() -> None:
    mixed = Pairs((), (stain(90, 80, ("R1", "R2")), stain(70, 80, ("R2", "R1")), stain(50, 50, ("R10", "R2"))), 0)
    told = {each.name: each for each in figures.by_readers(mixed)}
    assert list(told) == ["R1 and R2", "R2 and R10"]
    assert told["R1 and R2"].mean_difference == pytest.approx(10), "R1 less R2 both times"


def test_every_pair_is_in_one_bin_and_85_belongs_below_the_line() -> None:
    bins = figures.around(WORKED.caix, CURRENT)
    assert sum(each.n for each in bins) == 12
    assert [(each.low, each.high) for each in bins if each.low == 85 or each.high == 85] == [(80, 85), (85, 90)]
    assert {(each.low, each.high): (each.apart, each.n) for each in bins if each.apart} == {
        (80, 85): (1, 1),
        (85, 90): (2, 3),
    }
    assert figures.around((stain(85, 85),), CURRENT)[16].n == 1


def test_drift_marks_the_month_that_leaves_its_limits() -> None:
    steady = [stain(80 + (n % 2), 80, month=f"2026-0{1 + n // 10}", value=80) for n in range(40)]
    wild = [stain(99, 80, month="2026-05", value=80) for _ in range(3)]
    months = [each for each in figures.drift([*steady, *wild]) if each.reader == "R1"]
    assert [each.month for each in months if each.out] == ["2026-05"]
    assert months[-1].difference == 19
    assert figures.drift([stain(80, 90, value=85)])[0].low is None, "one read gives no limits"


def test_repeats_are_sliced_by_their_reader() -> None:
    again = Pairs((), (), 0, (stain(90, 84, ("R3", "R3")), stain(40, 42, ("R3", "R3"))))
    found = figures.by_repeats(again)
    assert [(each.name, each.caix_n, each.level_agree) for each in found] == [("R3", 2, 1)]


def test_a_name_that_looks_like_a_formula_is_written_as_text() -> None:
    assert tables.as_csv([{"reader": "=1+1", "n": -1}]) == "reader,n\r\n'=1+1,-1\r\n"
