"""A sheet of patients to enrol."""

from lims.intake.sheets import Cells, Faults, cells_of
from specimens.enrolling import NewPatient
from specimens.errors import RowProblem
from specimens.vocabulary import ConsentScope

REQUIRED = ("study_id", "treating_site")
COLUMNS = (*REQUIRED, "enrolled_on", "consent", "consent_version", "consent_on")


def read_enrolment(content: bytes) -> tuple[list[NewPatient], list[RowProblem]]:
    """The rows of the sheet and what is wrong with them by themselves; Rejected when it is no sheet at all.

    `consent` lists scopes (this_study|future_research); blank is none.
    """
    problems: list[RowProblem] = []
    rows = [row_of(Faults(n, cells), problems) for n, cells in enumerate(cells_of_sheet(content), start=1)]
    return rows, problems


def cells_of_sheet(content: bytes) -> list[Cells]:
    return cells_of(content, required=REQUIRED, allowed=COLUMNS)


def row_of(row: Faults, problems: list[RowProblem]) -> NewPatient:
    patient = NewPatient(
        study_id=row.cells["study_id"],
        treating_site=row.cells["treating_site"],
        enrolled_on=row.day("enrolled_on"),
        consent_scopes=scopes_of(row),
        consent_version=row.cells["consent_version"] or "1",
        consent_on=row.day("consent_on"),
    )
    problems.extend(row.problems)
    return patient


def scopes_of(row: Faults) -> tuple[ConsentScope, ...]:
    """The consents of a row, in its own order."""
    named = [word.strip().lower().replace(" ", "_") for word in row.cells["consent"].split("|") if word.strip()]
    known = {scope.value for scope in ConsentScope}
    if unknown := [word for word in named if word not in known]:
        row.say("consent", f"“{unknown[0]}” is no consent; write {'|'.join(sorted(known, reverse=True))}.")
    return tuple(ConsentScope(word) for word in dict.fromkeys(named) if word in known)
