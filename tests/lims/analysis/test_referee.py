"""contingency and survival against R: fisher.test, binom.test, survfit, survdiff, coxph; equal to 1e-8.

One R process judges every case: the printed tables, random ones with empty cells, the linked real cohort, and random
survival with ties, without events and with a group of one.
"""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lims.analysis.contingency import TwoByTwo, associate, proportion
from lims.analysis.survival import Subject, Survival, survive
from lims.demo.kirc import cohort
from tests.lims.analysis.test_contingency import PRINTED

pytestmark = pytest.mark.server  # R comes from Debian's packages, as the servers do
REFEREE = Path(__file__).with_name("referee.R")
CLOSE = {"rel": 1e-8, "abs": 1e-8}


def tables() -> list[TwoByTwo]:
    dice = random.Random(20261126)
    drawn = [[dice.randrange(0, 12) for _ in range(4)] for _ in range(40)]
    sound = [cells for cells in drawn if cells[0] + cells[1] and cells[2] + cells[3]]
    both = [cells for cells in sound if cells[0] + cells[2] and cells[1] + cells[3]]
    return [row[1] for row in PRINTED] + [TwoByTwo(9, 11, 0, 11), *(TwoByTwo(*cells) for cells in both)]


def linked() -> list[Subject]:
    """The real cohort: days from diagnosis to death or last contact, by stage."""
    found = []
    for row in cohort().release("a"):
        dead = row.vital_status == "Dead"
        days = row.days_to_death if dead else row.days_to_last_contact
        if row.vital_status in ("Dead", "Alive") and days is not None and days >= 0 and row.stage.startswith("Stage"):
            found.append(Subject(float(days), dead, row.stage.replace(" ", "_")))
    return found


def samples() -> list[list[Subject]]:
    dice = random.Random(20261126)
    found = [linked()]
    found += [
        [Subject(float(dice.randrange(0, most)), dice.random() < 0.6, dice.choice(groups)) for _ in range(60)]
        for groups in ("ab", "ab", "abc", "abcd")
        for most in (5, 30)
    ]
    fractions = [Subject(dice.expovariate(0.1), dice.random() < 0.5, dice.choice("ab")) for _ in range(80)]
    alone = [Subject(float(time), time % 3 > 0, "a") for time in range(1, 20)] + [Subject(7.0, True, "b")]
    nothing = [Subject(float(time), False, "ab"[time % 2]) for time in range(1, 12)]
    no_event_in_b = [Subject(float(time), time % 2 == 0, "ab"[time % 2]) for time in range(1, 30)]
    return [*found, fractions, alone, nothing, no_event_in_b]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What R says of every case: lines of words."""
    folder = tmp_path_factory.mktemp("referee")
    for number, table in enumerate(tables()):
        cells = " ".join(str(cell) for row in table.rows() for cell in row)
        (folder / f"table{number:03}").write_text(cells)
    for number, subjects in enumerate(samples()):
        lines = [f"{each.time!r},{int(each.event)},{each.group}" for each in subjects]
        (folder / f"survival{number:03}").write_text("\n".join(["time,event,group", *lines]) + "\n")
    ran = subprocess.run(
        ["Rscript", "--vanilla", str(REFEREE), str(folder)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return [line.split() for line in ran.stdout.splitlines()]


def numbers(words: list[str]) -> list[float | None]:
    return [None if word == "null" else float(word) for word in words]


def of(verdicts: list[list[str]], *words: str) -> Iterator[list[float | None]]:
    """The numbers of the lines that begin with these words."""
    return (numbers(line[len(words) :]) for line in verdicts if line[: len(words)] == list(words))


def test_every_table(verdicts: list[list[str]]) -> None:
    for number, table in enumerate(tables()):
        found = associate(table)
        n, m = sum(table.rows()[0]), sum(table.rows()[1])
        ours = [found.p, found.conditional_odds_ratio, found.exact_low, found.exact_high]
        ours += [*proportion(table.exposed_responders, n), *proportion(table.unexposed_responders, m)]
        (theirs,) = of(verdicts, f"table{number:03}")
        assert ours == [each if each is None else pytest.approx(each, **CLOSE) for each in theirs], table


def test_every_curve_and_median(verdicts: list[list[str]]) -> None:
    compared = 0
    for number, subjects in enumerate(samples()):
        for curve in survive(subjects).curves:
            (median,) = of(verdicts, f"survival{number:03}", "median", curve.group)
            assert [curve.median, curve.median_low, curve.median_high] == close(median)
            steps = list(of(verdicts, f"survival{number:03}", "step", curve.group))
            ours = [[s.time, s.at_risk, s.events, s.survival, s.low, s.high] for s in curve.steps]
            assert ours == [close(step) for step in steps]
            compared += len(steps)
    assert compared > 500


def close(figures: list[float | None]) -> list[object]:
    return [each if each is None else pytest.approx(each, **CLOSE) for each in figures]


def test_every_comparison(verdicts: list[list[str]]) -> None:
    judged = 0
    for number, subjects in enumerate(samples()):
        found = survive(subjects)
        for theirs in of(verdicts, f"survival{number:03}", "log-rank"):
            assert found.log_rank
            assert [found.log_rank.statistic, found.log_rank.p] == close(theirs)
            judged += 1
        judged += hazards(found, verdicts, f"survival{number:03}")
    assert judged > 20


def hazards(found: Survival, verdicts: list[list[str]], case: str) -> int:
    """How many hazard ratios were equal; one that we call undefined R finds absurd."""
    for each in found.hazard_ratios:
        (theirs,) = of(verdicts, case, "hazard", each.group)
        if each.ratio is None:
            assert theirs[0] is None or theirs[2] is None or theirs[2] / max(theirs[1] or 0, 1e-300) > 1e6
        else:
            assert [each.ratio, each.low, each.high, each.p] == close(theirs)
    return sum(each.ratio is not None for each in found.hazard_ratios)
