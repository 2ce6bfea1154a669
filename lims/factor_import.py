"""The import of clinical factors: one verdict a row for the page, the API and the shell alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lims.intake.factor_sheet import read_factors
from scoring.charting import RECORD, Judged, NewFactor, judge, record_clinical_factors
from specimens.actors import Actor
from specimens.deeds import require
from specimens.errors import Rejected, RowProblem


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of the rows, or what became of them. `kept` counts the facts that were written."""

    rows: tuple[Judged, ...]
    kept: int = 0

    @property
    def problems(self) -> list[RowProblem]:
        return [problem for each in self.rows for problem in each.problems]

    def count(self, verdict: str) -> int:
        return sum(each.verdict == verdict for each in self.rows)

    @property
    def refused(self) -> int:
        return self.count("refused")


def read_and_judge(*, by: Actor, at: datetime, content: bytes) -> Verdict:
    """A dry run over a sheet: nothing is written. Rejected when the file is no sheet, Forbidden for others than
    coordinators."""
    require(by, RECORD, "Only coordinators record clinical factors.")
    rows, unread = read_factors(content)
    return judged_with(by, at, rows, unread)


def judged_with(by: Actor, at: datetime, rows: Sequence[NewFactor], unread: Sequence[RowProblem] = ()) -> Verdict:
    """A day that could not be read is told once, as what was written there."""
    require(by, RECORD, "Only coordinators record clinical factors.")
    judged = judge(rows, by.scope, at.date())
    for problem in unread:
        each = judged[problem.row - 1]
        each.problems = [other for other in each.problems if other.field != problem.field] + [problem]
    return Verdict(tuple(judged))


def import_sheet(*, by: Actor, at: datetime, content: bytes) -> Verdict:
    """All rows of the sheet, or, with every fault named, none; what is recorded already is passed over."""
    verdict = read_and_judge(by=by, at=at, content=content)
    if verdict.problems:
        raise Rejected(verdict.problems, code="factors_rejected")
    made = record_clinical_factors(by=by, at=at, rows=[each.told for each in verdict.rows])
    return Verdict(verdict.rows, len(made))
