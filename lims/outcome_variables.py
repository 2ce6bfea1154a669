"""Endpoints of a trial's own: declared once, then imported and compared like any other, without a migration."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet

from lims.models.outcome_variables import OutcomeMapping, OutcomeVariable
from lims.outcome_rows import OURS, NewOutcome, row_problems
from lims.vocabulary import VariableKind
from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, require, unfit
from specimens.errors import Invalid, Rejected, RowProblem
from specimens.models import Patient, Trial
from specimens.scope import Scope

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,9})?")
PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
EARLIEST, LATEST = 1900, 2199
LENGTHS = {"label": 40, "unit": 20, "source": 300}
LONGEST_CODE, LONGEST_TIME_POINT, LONGEST_VALUE = 40, 40, 200
AT = "@"
ASKS = {
    VariableKind.NUMBER: "Give a number, as 66.7.",
    VariableKind.WHOLE: "Give a whole number.",
    VariableKind.TEXT: f"Give at most {LONGEST_VALUE} printable characters on one line.",
    VariableKind.DATE: "Write the date as far as it is known: 2005, 2005-03 or 2005-03-14.",
    VariableKind.FLAG: "Give 1 for yes, 0 for no, or leave it blank.",
}


@deed
def declare_variable(
    *, by: Actor, at: datetime, trial: Trial, name: str, label: str, kind: str, source: str, unit: str = "",
    codes: Mapping[str, str] | None = None, by_time_point: bool = False,
) -> OutcomeVariable:  # fmt: skip
    """Declare an endpoint; from now on releases of the trial may hold a column of its name (`name@time point`).

    Rejected names every faulty field; a name declared before is refused.
    """
    require(by, "lims.import_outcomes", "Only a statistician declares outcome variables.")
    meant = {code.strip(): meaning.strip() for code, meaning in (codes or {}).items()}
    problems = [*declared_problems(name, kind, unit, meant), *text_problems(label=label, unit=unit, source=source)]
    if problems:
        raise Rejected([RowProblem(0, *problem) for problem in problems], code="variable_rejected")
    kept = OutcomeVariable.objects.create(
        trial=trial, name=name, label=label.strip(), kind=kind, unit=unit.strip(), codes=meant, source=source.strip(),
        by_time_point=by_time_point, declared_at=at, declared_by_id=person_id(by),
    )  # fmt: skip
    became = {"label": kept.label, "kind": kind, "unit": kept.unit, "codes": meant, "by_time_point": by_time_point}
    said = f"The outcome variable {kept} of {trial} was declared: {kept.label}."
    ledger.write([ledger.line("declare variable", kept, said, became=became)], by=by, at=at)
    return kept


def declared_problems(name: str, kind: str, unit: str, codes: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(field, sentence, value) for each fault of a declaration but its texts'."""
    found = []
    if not NAME.fullmatch(name):
        found.append(("name", "A name has 1 to 32 of a-z, 0-9 and _, and begins with a letter: qlq_fa.", name[:80]))
    elif name in OURS:
        found.append(("name", f"Every release has a column {name} already; choose another name.", name))
    if kind not in list(VariableKind):
        found.append(("kind", f"Give one of {', '.join(VariableKind)}.", kind[:80]))
    if unit.strip() and kind not in (VariableKind.NUMBER, VariableKind.WHOLE):
        found.append(("unit", "Only a number has a unit.", unit[:80]))
    if (kind == VariableKind.CODE) != bool(codes):
        said = "A code needs its codes and what they mean." if not codes else "Only the kind code has codes."
        found.append(("codes", said, ""))
    for code, meaning in codes.items():
        if not code or unfit(code, LONGEST_CODE) or not meaning or unfit(meaning, LONGEST_VALUE):
            found.append(("codes", f"A code has 1 to {LONGEST_CODE} printable characters, and a meaning.", code[:80]))
    return found


def text_problems(**texts: str) -> list[tuple[str, str, str]]:
    found = []
    for field, text in texts.items():
        if sentence := unfit(text, LENGTHS[field]):
            found.append((field, sentence, text[:80]))
        elif not text.strip() and field != "unit":
            found.append((field, "Say it in a few words: it stands in the dictionary.", ""))
    return found


def variables(trial: Trial) -> dict[str, OutcomeVariable]:
    """A trial's declared variables by name."""
    return {each.name: each for each in OutcomeVariable.objects.filter(trial=trial).order_by("name")}


def declared(scope: Scope) -> QuerySet[OutcomeVariable]:
    """Declared variables of the trials that have patients within `scope`, each with how many values came in there."""
    here = scope.patients("values__outcome__patient__")
    found = OutcomeVariable.objects.select_related("trial", "declared_by").annotate(held=Count("values", filter=here))
    if scope.everything:
        return found
    return found.filter(trial_id__in=Patient.objects.filter(scope.patients("")).values("trial_id"))


# ---- one value ----


def column_of(heading: str) -> tuple[str, str]:
    """`qlq_fa@week 12` as (name, time point)."""
    name, _, time_point = heading.partition(AT)
    return name.strip(), time_point.strip()


def heading_of(variable: str, time_point: str) -> str:
    return f"{variable}{AT}{time_point}" if time_point else variable


def value_problems(row: NewOutcome, known: Mapping[str, OutcomeVariable]) -> list[tuple[str, str, str]]:
    """(field, sentence, value) for each fault of the row's declared variables."""
    found, seen = [], set()
    for each in row.values:
        field = heading_of(each.variable, each.time_point)
        sentence = value_fault(known.get(each.variable), each.time_point, each.value)
        if field in seen:
            sentence = "This variable stands twice in the row."
        if sentence:
            found.append((field[:80], sentence, each.value[:80]))
        seen.add(field)
    return found


def every_problem(
    rows: Sequence[NewOutcome], patients: Mapping[str, Patient], known: Mapping[str, OutcomeVariable]
) -> list[RowProblem]:
    """Every fault of every row, its declared variables included; rows count from 1."""
    found = row_problems(rows, patients)
    for number, row in enumerate(rows, start=1):
        found += [RowProblem(number, *problem) for problem in value_problems(row, known)]
    return sorted(found, key=lambda problem: problem.row)


def value_fault(variable: OutcomeVariable | None, time_point: str, value: str) -> str:
    """What is wrong with a value of the variable; blank when nothing is."""
    if variable is None:
        return "No variable of this name is declared for the trial; declare it first."
    if variable.by_time_point != bool(time_point):
        named = f"{variable}{AT}week 12"
        return f"Name its time point, as {named}." if variable.by_time_point else f"{variable} has no time points."
    if unfit(time_point, LONGEST_TIME_POINT):
        return f"A time point has at most {LONGEST_TIME_POINT} printable characters."
    if variable.kind == VariableKind.CODE:
        return "" if value in variable.codes else f"Give one of {', '.join(variable.codes)}, or leave it blank."
    return "" if FITS[VariableKind(variable.kind)](value) else ASKS[VariableKind(variable.kind)]


def is_partial_date(value: str) -> bool:
    """2005, 2005-03 or 2005-03-14, and a day there was."""
    if not (parts := PARTIAL_DATE.fullmatch(value)):
        return False
    year, month, day = (int(part or 1) for part in parts.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return EARLIEST <= year <= LATEST


FITS: dict[VariableKind, Any] = {
    VariableKind.NUMBER: NUMBER.fullmatch,
    VariableKind.WHOLE: re.compile(r"-?\d{1,12}").fullmatch,
    VariableKind.TEXT: lambda value: value and not unfit(value, LONGEST_VALUE),
    VariableKind.DATE: is_partial_date,
    VariableKind.FLAG: lambda value: value in ("0", "1"),
}


def number_of(variable: OutcomeVariable, value: str) -> float | None:
    """The value as a number, where its kind has one."""
    return float(value) if variable.kind in (VariableKind.NUMBER, VariableKind.WHOLE, VariableKind.FLAG) else None


# ---- how a source names its columns ----


@deed
def remember_mapping(
    *, by: Actor, at: datetime, trial: Trial, source: str, columns: Mapping[str, str]
) -> OutcomeMapping | None:
    """Keep how this source's headings became ours, for its next file. None where it is remembered so already."""
    require(by, "lims.import_outcomes", "Only a statistician maps the columns of outcomes.")
    if len(source.strip()) > LENGTHS["source"]:
        raise Invalid("too_long", "A source has at most 300 characters.", field="source")
    if remembered(trial, source) == dict(columns):
        return None
    kept = OutcomeMapping.objects.create(
        trial=trial, source=source.strip(), columns=dict(columns), used_at=at, used_by_id=person_id(by)
    )
    said = f"How {kept.source[:60]} names its columns was kept for {trial}."
    ledger.write([ledger.line("map outcome columns", kept, said, became={"columns": dict(columns)})], by=by, at=at)
    return kept


def remembered(trial: Trial, source: str) -> dict[str, str]:
    """The latest mapping of a source's headings."""
    found = OutcomeMapping.objects.filter(trial=trial, source=source.strip()).order_by("pk").last()
    return dict(found.columns) if found else {}
