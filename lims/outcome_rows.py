"""One row of outcomes as it comes in, and everything that can be wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from lims.vocabulary import Response, TimeOrigin, TimeUnit
from specimens.errors import RowProblem
from specimens.models import Patient, Trial

LONGEST_DAYS = 36_525
TIMES = ("response_days", "pfs_time", "os_time")
FLAGS = ("pfs_event", "os_event")
LENGTHS = {
    "study_id": 40,
    "arm": 60,
    "regimen": 200,
    "vital_status": 40,
    "days_to_death": 40,
    "days_to_last_contact": 40,
    "stage": 40,
    "icd_o_3": 10,
    "histology": 120,
    "grade": 10,
}
COMPARED = (
    "arm",
    "regimen",
    "vital_status",
    "days_to_death",
    "days_to_last_contact",
    "stage",
    "response",
    "response_days",
    "pfs_time",
    "pfs_event",
    "os_time",
    "os_event",
    "time_origin",
)


@dataclass(frozen=True, slots=True)
class NewValue:
    """A declared variable's value, as text; a blank time point where it has none."""

    variable: str
    time_point: str
    value: str


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """What a release says of one patient. Times are whole days from `time_origin`; None and "" are unknown.

    The four before `values` stand as the release spells them, bracketed words included; `values` are those of the
    trial's declared variables.
    """

    study_id: str
    arm: str = ""
    regimen: str = ""
    response: str = ""
    response_days: int | None = None
    pfs_time: int | None = None
    pfs_event: bool | None = None
    os_time: int | None = None
    os_event: bool | None = None
    time_origin: str = ""
    time_unit: str = TimeUnit.DAYS
    vital_status: str = ""
    days_to_death: str = ""
    days_to_last_contact: str = ""
    stage: str = ""
    values: tuple[NewValue, ...] = ()


@dataclass(frozen=True, slots=True)
class NewLocalDiagnosis:
    """What one hospital's pathologist called one patient's tumour."""

    study_id: str
    icd_o_3: str = ""
    histology: str = ""
    grade: str = ""
    stage: str = ""


Row = NewOutcome | NewLocalDiagnosis
OURS = tuple(each.name for each in fields(NewOutcome) if each.name != "values")


def known_patients(trial: Trial, study_ids: Sequence[str]) -> dict[str, Patient]:
    """Normal study id -> patient of the trial; enrolled, and not merged into another."""
    wanted = {normal(study_id) for study_id in study_ids}
    found = Patient.objects.filter(trial=trial, merge__isnull=True).only("id", "study_id", "trial_id")
    return {patient.study_id: patient for patient in found.iterator(2000) if patient.study_id in wanted}


def normal(study_id: str) -> str:
    """A study id as enrolment keeps it."""
    return study_id.strip().upper()


def row_problems(rows: Sequence[Row], patients: Mapping[str, Patient]) -> list[RowProblem]:
    """Every fault of every row; rows count from 1."""
    found: list[RowProblem] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        study_id = normal(row.study_id)
        if study_id not in patients:
            sentence = "No patient with this study id is enrolled in this trial."
            found.append(RowProblem(number, "study_id", sentence, row.study_id[:80], "unknown_patient"))
        elif study_id in seen:
            sentence = f"This patient stands in row {seen[study_id]} already; a release has one row a patient."
            found.append(RowProblem(number, "study_id", sentence, row.study_id, "duplicate_row"))
        seen.setdefault(study_id, number)
        found += [RowProblem(number, field, sentence, value) for field, sentence, value in faults(row)]
    return found


def faults(row: Row) -> Iterator[tuple[str, str, str]]:
    """(field, sentence, value) for each fault of one row by itself."""
    yield from text_faults(row)
    if isinstance(row, NewOutcome):
        yield from word_faults(row)
        yield from time_faults(row)


def text_faults(row: Row) -> Iterator[tuple[str, str, str]]:
    for each in fields(row):
        value, longest = getattr(row, each.name), LENGTHS.get(each.name)
        if longest is None:
            continue
        if not isinstance(value, str) or len(value) > longest or not (value == "" or value.isprintable()):
            yield each.name, f"Give at most {longest} printable characters on one line.", str(value)[:80]


def word_faults(row: NewOutcome) -> Iterator[tuple[str, str, str]]:
    for field, words in (("response", Response), ("time_origin", TimeOrigin), ("time_unit", TimeUnit)):
        known = [str(word) for word in words]
        value = getattr(row, field)
        if value not in known:
            allowed = ", ".join(word for word in known if word)
            blank = " or leave it blank" if "" in known else ""
            yield field, f"Give one of {allowed}{blank}.", str(value)[:80]


def time_faults(row: NewOutcome) -> Iterator[tuple[str, str, str]]:
    for field in TIMES:
        value = getattr(row, field)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and 0 <= value <= LONGEST_DAYS):
            yield field, f"Give a whole number of days from 0 to {LONGEST_DAYS}.", str(value)[:80]
    for field in FLAGS:
        flag, time = getattr(row, field), field.replace("event", "time")
        if flag is not None and not isinstance(flag, bool):
            yield field, "Give 1 for an event, 0 for none, or leave it blank.", str(flag)[:80]
        elif flag is not None and getattr(row, time) is None:
            yield (
                field,
                f"An event flag needs its time: give {time} too, or leave both blank.",
                str(int(flag)),
            )
        elif flag is None and getattr(row, time) is not None:
            yield time, f"A time needs its event flag: say in {field} whether the event happened by then.", ""
    if (row.pfs_time is not None or row.os_time is not None) and not row.time_origin:
        yield (
            "time_origin",
            "A time needs the day it counts from: registration, therapy_start, diagnosis …",
            "",
        )
    if row.response_days is not None and not row.response:
        yield "response_days", "A duration of response needs the response.", str(row.response_days)[:80]
