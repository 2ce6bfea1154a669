"""What each synthetic section truly shows, before any reader looks at it. Every value is synthetic.

Sources of the shares: Upton 2005 (the denominators of its response table, primary and metastasis
together) for the categories; PMC3778911 for CA-IX. Nothing here depends on an outcome:
architecture is drawn by category alone, CA-IX by type and grade.
"""

from dataclasses import dataclass
from math import fsum

from lims.demo import words
from lims.demo.chance import Chance

CATEGORY_SHARES = {"good": 36 + 20, "intermediate": 77 + 22, "poor": 33 + 17, "not_clear_cell": 16 + 10}
HIGH_IN_CLEAR_CELL, HIGH_IN_OTHERS = 0.71, 0.03
HIGH_BY_GRADE = {1: 0.92, 2: 0.85, 3: 0.76, 4: 0.42}
OTHER_TYPES = {
    words.PAPILLARY: 0.45,
    words.CHROMOPHOBE: 0.25,
    words.UNCLASSIFIED: 0.20,
    words.COLLECTING_DUCT: 0.06,
    words.TRANSLOCATION: 0.04,
}
REST = {"solid": 0.45, "tubular": 0.2, "cystic": 0.15, "trabecular": 0.15, "other": 0.05}
INADEQUATE_SHARE, NOT_EVALUABLE_SHARE = 0.012, 0.02


@dataclass(frozen=True, slots=True)
class Truth:
    """One specimen as an unerring reader would record it; percentages are multiples of five.

    grade is None for a type that is not graded; `inadequate` and `not_evaluable` are reasons or None.
    """

    category: str
    histologic_type: str
    grade: int | None
    viable: int
    necrosis: int
    architecture: dict[str, int]
    cytoplasm: dict[str, int]
    rhabdoid: int
    caix: int
    inadequate: str | None
    not_evaluable: str | None


def of_category(chance: Chance, category: str, high: bool, grade: int, *, untyped: bool = False) -> Truth:
    """One specimen of a chosen category, with CA-IX above 85 % when `high`, else at most 80 %.

    `grade` 1 to 4; an `untyped` tumour is called not yet typed unless it is surely not clear cell.
    """
    kind = _type(chance, category, untyped=untyped)
    graded = None if kind == words.CHROMOPHOBE else grade
    architecture, cytoplasm = _pattern(chance, category, kind)
    return Truth(
        category=category,
        histologic_type=kind,
        grade=graded,
        viable=chance.five(50, 100),
        necrosis=0 if chance.under(0.6) else chance.five(5, 30),
        architecture=_with_sarcomatoid(chance, architecture) if graded == 4 else architecture,
        cytoplasm=cytoplasm,
        rhabdoid=chance.five(5, 20) if graded == 4 and chance.under(0.1) else 0,
        caix=_caix(chance, kind, high),
        inadequate=chance.pick(words.INADEQUATE) if chance.under(INADEQUATE_SHARE) else None,
        not_evaluable=chance.pick(words.NOT_EVALUABLE) if chance.under(NOT_EVALUABLE_SHARE) else None,
    )


def high_shares(grades: list[int]) -> dict[int, float]:
    """The printed share above 85 % by grade, shifted alike so that these grades together give 71 %.

    The printed series had more grade 4 than the cohort; one common factor on the odds keeps the
    order and the spacing of the four grades. The factor is found by halving an interval.
    """
    low, top = 0.1, 10.0
    for _ in range(60):
        factor = (low + top) / 2
        shares = {grade: _odds(share, factor) for grade, share in HIGH_BY_GRADE.items()}
        if fsum(shares[grade] for grade in grades) / len(grades) > HIGH_IN_CLEAR_CELL:
            top = factor
        else:
            low = factor
    return shares


def _odds(share: float, factor: float) -> float:
    odds = factor * share / (1 - share)
    return odds / (1 + odds)


def _type(chance: Chance, category: str, *, untyped: bool) -> str:
    if category == "not_clear_cell":
        return chance.weighted(OTHER_TYPES)
    return words.NOT_YET_TYPED if untyped else words.CLEAR_CELL


def _caix(chance: Chance, kind: str, high: bool) -> int:
    if high:
        return chance.weighted({90: 0.3, 95: 0.4, 100: 0.3})
    if kind not in (words.CLEAR_CELL, words.NOT_YET_TYPED):
        return 0 if chance.under(0.5) else chance.five(5, 40)
    return 0 if chance.under(0.12) else chance.five(10, 80)


def _pattern(chance: Chance, category: str, kind: str) -> tuple[dict[str, int], dict[str, int]]:
    """Architecture and cytoplasm that put a specimen in its category (models, section 1)."""
    if category == "not_clear_cell":
        return _other_pattern(chance, kind)
    if category == "good":
        return _filled(chance, alveolar=chance.five(55, 100)), _cytoplasm(chance, 0)
    if category == "intermediate":
        return _intermediate(chance)
    flaw = chance.weighted({"granular": 0.4, "papillary": 0.3, "no_alveolar": 0.3})
    granular = chance.five(55, 95) if flaw == "granular" else chance.pick((0, 0, 10, 20, 30))
    papillary = chance.five(5, 30) if flaw == "papillary" else 0
    alveolar = 0 if flaw == "no_alveolar" else chance.five(5, 60)
    return _filled(chance, alveolar=alveolar, papillary=papillary), _cytoplasm(chance, granular)


def _intermediate(chance: Chance) -> tuple[dict[str, int], dict[str, int]]:
    if chance.under(0.65):
        granular = 0 if chance.under(0.4) else chance.five(5, 45)
        return _filled(chance, alveolar=chance.five(5, 50)), _cytoplasm(chance, granular)
    return _filled(chance, alveolar=chance.five(55, 95)), _cytoplasm(chance, chance.five(5, 45))


def _other_pattern(chance: Chance, kind: str) -> tuple[dict[str, int], dict[str, int]]:
    papillary = chance.five(60, 100) if kind == words.PAPILLARY else 0
    granular = chance.five(40, 95) if kind in (words.CHROMOPHOBE, words.UNCLASSIFIED) else chance.five(0, 40)
    return _filled(chance, papillary=papillary), _cytoplasm(chance, granular)


def _filled(chance: Chance, **parts: int) -> dict[str, int]:
    """The named parts, and the rest of 100 dealt out in fives."""
    architecture = dict.fromkeys(words.ARCHITECTURE, 0) | parts
    for _ in range((100 - sum(parts.values())) // 5):
        architecture[chance.weighted(REST)] += 5
    return architecture


def _cytoplasm(chance: Chance, granular: int) -> dict[str, int]:
    other = 5 if granular < 95 and chance.under(0.1) else 0
    return {"clear": 100 - granular - other, "granular": granular, "other": other}


def _with_sarcomatoid(chance: Chance, architecture: dict[str, int]) -> dict[str, int]:
    """In three of ten grade 4 tumours with a solid part some of that is sarcomatoid; no category moves."""
    if architecture["solid"] < 5 or not chance.under(0.3):
        return architecture
    taken = chance.five(5, architecture["solid"])
    return architecture | {"solid": architecture["solid"] - taken, "sarcomatoid": taken}
