"""Deals the published shares out to the cohort: categories, CA-IX levels, tumours left untyped."""

from lims.demo.chance import Chance, dealt
from lims.demo.kirc import Cohort
from lims.demo.rows import PatientRow
from lims.demo.truth import (
    CATEGORY_SHARES,
    HIGH_IN_CLEAR_CELL,
    HIGH_IN_OTHERS,
    Truth,
    high_shares,
    of_category,
)

GRADES = {"g1": 1, "g2": 2, "g3": 3, "g4": 4}
NO_TYPE, NOT_YET_TYPED_SHARE = "8312/3", 0.5


def specimens(cohort: Cohort, seed: int) -> dict[str, Truth]:
    """The truth of every patient's tumour, categories and CA-IX levels dealt in the published shares."""
    known = {patient.barcode: GRADES.get(patient.grade) for patient in cohort.patients}
    category = dealt(list(known), CATEGORY_SHARES, seed, "category")
    shares = high_shares([g for name, g in known.items() if g and category[name] != "not_clear_cell"])
    other = [name for name in known if category[name] == "not_clear_cell"]
    high = _dealt_high(other, HIGH_IN_OTHERS, seed)
    for grade in (1, 2, 3, 4, None):
        same = [name for name in known if known[name] == grade and name not in high]
        high |= _dealt_high(same, shares[grade] if grade else HIGH_IN_CLEAR_CELL, seed)
    untyped = _untyped(cohort, other, seed)
    return {
        p.barcode: _truth(p, category[p.barcode], high[p.barcode], seed, untyped=p.barcode in untyped)
        for p in cohort.patients
    }


def _untyped(cohort: Cohort, other: list[str], seed: int) -> set[str]:
    """Some of the tumours the registry itself left untyped stay so at the core."""
    coded = [p.barcode for p in cohort.patients if p.icd_o_3 == NO_TYPE and p.barcode not in other]
    kept = dealt(coded, {True: NOT_YET_TYPED_SHARE, False: 1 - NOT_YET_TYPED_SHARE}, seed, "untyped")
    return {name for name, stays in kept.items() if stays}


def _dealt_high(names: list[str], share: float, seed: int) -> dict[str, bool]:
    return dealt(names, {True: share, False: 1 - share}, seed, "caix")


def _truth(patient: PatientRow, category: str, high: bool, seed: int, *, untyped: bool) -> Truth:
    chance = Chance(seed, patient.barcode, "truth")
    grade = GRADES.get(patient.grade) or chance.pick((2, 3))
    return of_category(chance, category, high, grade, untyped=untyped)
