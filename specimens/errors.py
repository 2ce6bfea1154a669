"""Refusals: what a deed raises when it will not be done. Each is one sentence a person can act on."""

from collections.abc import Sequence
from dataclasses import dataclass

WRONG_STATE = "wrong_state"


class Refused(Exception):
    """A deed was refused. `code` is stable for programs, `sentence` is for people.

    The base class means a wrong state (409 at the API's door); the subclasses say otherwise.
    """

    status = 409

    def __init__(self, code: str, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.field = field


class Invalid(Refused):
    """Something typed or sent cannot be right (400)."""

    status = 400


class Forbidden(Refused):
    """This person may not do this (403)."""

    status = 403


class Unknown(Refused):
    """There is no such thing within this person's reach (404)."""

    status = 404


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One fault of one row of a sheet or one field of a form. `row` counts from 1; 0 is the whole.

    The code WRONG_STATE says that what was sent is well formed and only comes at the wrong time.
    """

    row: int
    field: str
    sentence: str
    value: str = ""
    code: str = "invalid"


class Rejected(Invalid):
    """A form or sheet with one or more faulty fields; nothing of it was kept.

    When nothing but the state of things stands against it, it is a conflict (409).
    """

    def __init__(self, problems: Sequence[RowProblem], *, code: str = "invalid") -> None:
        first = problems[0]
        place = f"Row {first.row}, {first.field}: " if first.row else ""
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(code, f"{place}{first.sentence}{more}", field=first.field)
        self.problems = list(problems)
        if all(problem.code == WRONG_STATE for problem in problems):
            self.status = Refused.status
