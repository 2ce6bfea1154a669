"""Linked patients within reach, for the analysis desk: rows of the patients table as the export tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lims.analysis.linked import Told
from lims.export.query import TIDY, Asked
from lims.export.rows import patient_rows
from scoring.rules.editions import CURRENT, Edition
from specimens.scope import Scope

NAMES = [column.name for column in TIDY.columns]
BASES = ("primary", "metastasis")
ANY = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which patients: of a trial, a kind of tissue, an arm or regimen; outcomes of the latest or a named release."""

    trial: str = ANY
    release: str = ANY
    basis: str = ANY
    arm: str = ANY
    regimen: str = ANY
    as_of: datetime | None = None
    edition: Edition = CURRENT


def linked(scope: Scope, wanted: Wanted) -> list[Told]:
    """The patients, in the order of enrolment; in memory, for a trial's size."""
    asked = Asked(scope, trial=wanted.trial, release=wanted.release, as_of=wanted.as_of, edition=wanted.edition)
    rows = [dict(zip(NAMES, row, strict=True)) for row in patient_rows(asked)]
    return [row for row in rows if fits(row, wanted)]


def fits(row: Mapping[str, object], wanted: Wanted) -> bool:
    return (
        (not wanted.basis or is_of(row, wanted.basis))
        and (not wanted.arm or row["arm"] == wanted.arm)
        and (not wanted.regimen or wanted.regimen.lower() in str(row["regimen"] or "").lower())
    )


def is_of(row: Mapping[str, object], basis: str) -> bool:
    """Was the patient scored on this kind of tissue?"""
    return str(row["basis"] or "").startswith(basis)


def is_synthetic(rows: list[Told]) -> bool:
    return any(row["synthetic"] == "yes" for row in rows)
