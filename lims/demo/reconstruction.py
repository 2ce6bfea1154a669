"""The 66-patient nested case-control study, rebuilt from its published margins.

Print fixes: good 24 (17 responders, 7 not); intermediate 31 (9 responders, all CA-IX high, and 22
not: 11 high, 11 low); poor 11 (1 and 10); CA-IX high 41 (21 and 20). CA-IX within good and within
poor is not printed, which leaves sixteen integer solutions (Atkins 2004 and 2005, Upton 2005). The
one chosen here: in good 12 responders and 5 non-responders are high, in poor none and 4. Every row
is synthetic and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lims.demo import words
from lims.demo.agreement import disagreements, positive
from lims.demo.chance import Chance
from lims.demo.opinions import Opinion, exact
from lims.demo.plans import Read
from lims.demo.sections import workday
from lims.demo.synthetic import SEED
from lims.demo.truth import Truth, of_category

LABEL = "synthetic, consistent with the published margins"
DATA_CUT = "2004"
RESPONDERS = {"good": 17, "intermediate": 9, "poor": 1}
NON_RESPONDERS = {"good": 7, "intermediate": 22, "poor": 10}
HIGH_RESPONDERS, HIGH_NON_RESPONDERS = 21, 20
HIGH_INTERMEDIATE = (9, 11)
POOR_NOT_CLEAR_CELL = 4
FIRST_STAIN = date(2003, 9, 1)
RUN_SIZE = 22
SMALL_DIFFERENCE_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Solution:
    """CA-IX high responders and non-responders where print is silent: within good and within poor."""

    good_r: int
    good_nr: int
    poor_r: int
    poor_nr: int


CHOSEN = Solution(good_r=12, good_nr=5, poor_r=0, poor_nr=4)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One patient of the reconstruction, from block to response.

    response: R or NR. best_response: CR, PR, SD or PD, synthetic beyond R and NR. Labels name a
    synthetic block and its two sections; `run` is the number of both stain runs' batch.
    """

    study_id: str
    category: str
    caix_high: bool
    response: str
    best_response: str
    block: str
    he_slide: str
    caix_slide: str
    embedded: date
    cut: date
    run: str
    stained: date
    reads: tuple[Read, Read]
    truth: Truth
    specimen: str = "primary"
    data_cut: str = DATA_CUT
    label: str = LABEL
    synthetic: bool = True


def solutions() -> list[Solution]:
    """Every way to fill in CA-IX within good and poor that keeps all printed margins: sixteen."""
    found = []
    for good_r in range(RESPONDERS["good"] + 1):
        for good_nr in range(NON_RESPONDERS["good"] + 1):
            poor_r = HIGH_RESPONDERS - HIGH_INTERMEDIATE[0] - good_r
            poor_nr = HIGH_NON_RESPONDERS - HIGH_INTERMEDIATE[1] - good_nr
            if 0 <= poor_r <= RESPONDERS["poor"] and 0 <= poor_nr <= NON_RESPONDERS["poor"]:
                found.append(Solution(good_r, good_nr, poor_r, poor_nr))
    return found


def rebuilt(seed: int = SEED, chosen: Solution = CHOSEN) -> list[Rebuilt]:
    """The 66 patients in an order that tells nothing; ValueError for a solution that breaks a margin."""
    if chosen not in solutions():
        raise ValueError(f"{chosen} does not keep the published margins: choose one of solutions().")
    rows = list(_rows(chosen))
    order = sorted(range(len(rows)), key=lambda place: Chance(seed, "66", place, "order").draw())
    return [_patient(number, *rows[place], seed) for number, place in enumerate(order, start=1)]


def _rows(chosen: Solution) -> Iterator[tuple[str, bool, str, bool]]:
    """Category, CA-IX high, response and clear cell of each patient, by the chosen solution."""
    high = {
        ("good", "R"): chosen.good_r,
        ("good", "NR"): chosen.good_nr,
        ("intermediate", "R"): HIGH_INTERMEDIATE[0],
        ("intermediate", "NR"): HIGH_INTERMEDIATE[1],
        ("poor", "R"): chosen.poor_r,
        ("poor", "NR"): chosen.poor_nr,
    }
    for (category, response), many_high in high.items():
        many = (RESPONDERS if response == "R" else NON_RESPONDERS)[category]
        for place in range(many):
            other = category == "poor" and response == "NR" and place >= many - POOR_NOT_CLEAR_CELL
            yield category, place < many_high, response, not other


def _patient(number: int, category: str, high: bool, response: str, clear: bool, seed: int) -> Rebuilt:
    study_id = f"NCC-{number:03}"
    chance = Chance(seed, study_id)
    stained = workday(FIRST_STAIN + timedelta(days=21 * ((number - 1) // RUN_SIZE)))
    cut = workday(stained - timedelta(days=chance.whole(4, 30)), -1)
    grade = chance.pick((1, 2, 2, 3, 3, 4))
    drawn = of_category(chance, category if clear else "not_clear_cell", high, grade)
    truth = replace(drawn, category=category, inadequate=None, not_evaluable=None)
    return Rebuilt(
        study_id=study_id,
        category=category,
        caix_high=high,
        response=response,
        best_response=chance.pick(("CR", "PR", "PR")) if response == "R" else chance.pick(("SD", "PD")),
        block=f"{study_id}-A1",
        he_slide=f"{study_id}-A1-he1",
        caix_slide=f"{study_id}-A1-ca1",
        embedded=cut - timedelta(days=chance.whole(400, 2500)),
        cut=cut,
        run=f"NCC-{(number - 1) // RUN_SIZE + 1}",
        stained=stained,
        reads=_reads(chance, truth, stained),
        truth=truth,
    )


def _reads(chance: Chance, truth: Truth, stained: date) -> tuple[Read, Read]:
    """Two readers of one mind; some differ by a step that leaves category and CA-IX level alone."""
    first = exact(chance, truth)
    second = _nearly(chance, first, truth) if chance.under(SMALL_DIFFERENCE_SHARE) else first
    days = sorted(workday(stained + timedelta(days=chance.whole(3, 20))) for _ in range(2))
    return (
        Read("A", days[0], first.histology, first.caix),
        Read("B", days[1], second.histology, second.caix),
    )


def _nearly(chance: Chance, first: Opinion, truth: Truth) -> Opinion:
    """Five points more CA-IX or five less alveolar, taken only where the two still agree."""
    step = 5 if truth.caix in (90, 95) else -5
    nudged = exact(chance, replace(truth, caix=truth.caix + step)) if truth.caix >= 10 else first
    moved = Opinion(_less_alveolar(first.histology), nudged.caix)
    same_level = (positive(moved.caix) > 85) == (truth.caix > 85)
    return moved if same_level and not disagreements(first.both, moved.both) else first


def _less_alveolar(histology: dict[str, str]) -> dict[str, str]:
    alveolar, solid = int(histology["arch_alveolar"]), int(histology["arch_solid"])
    if alveolar <= 5 or alveolar == 55 or histology["histologic_type"] != words.CLEAR_CELL:
        return histology
    return histology | {"arch_alveolar": str(alveolar - 5), "arch_solid": str(solid + 5)}
