"""What two freezes say differently: which patients, which columns, and the deeds between them that account for it."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lims.export.query import TABLES
from lims.freezing import opened
from lims.models.freezes import Freeze
from specimens.models import Patient
from specimens.models.ledger import LedgerEntry

MOST_NAMED = 200
Row = dict[str, str]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that became another. `key` names the row."""

    trial: str
    study_id: str
    key: str
    column: str
    was: str
    became: str


@dataclass(slots=True)
class TableDifference:
    """One table: how many rows came, went and changed, which columns, and the first of the changes by name."""

    table: str
    came: int = 0
    went: int = 0
    changed: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    patients: set[tuple[str, str]] = field(default_factory=set)

    @property
    def same(self) -> bool:
        return not (self.came or self.went or self.changed)


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed about a patient between the two moments."""

    trial: str
    study_id: str
    deed: str
    times: int


@dataclass(frozen=True, slots=True)
class Difference:
    """`why` are deeds between the two moments about the patients concerned, at most as many as are named at once."""

    earlier: Freeze
    later: Freeze
    tables: list[TableDifference]
    patients: list[tuple[str, str]]
    why: list[Deed]
    reasons: list[str]


def difference(a: Freeze, b: Freeze) -> Difference:
    """What the later of the two says differently. Raises Unknown or Refused as `freezing.opened` does."""
    earlier, later = sorted((a, b), key=lambda each: (each.asked_at, each.pk))
    tables = [table_difference(earlier, later, name) for name in TABLES]
    patients = sorted(set[tuple[str, str]]().union(*(table.patients for table in tables)))
    reasons = [
        f"The {what} was {was} and is {became}."
        for what, was, became in (
            ("edition of the rules", earlier.edition, later.edition),
            ("version of the dictionary", earlier.dictionary, later.dictionary),
            ("trial", str(earlier.trial or "all"), str(later.trial or "all")),
        )
        if was != became
    ]
    return Difference(earlier, later, tables, patients, deeds_between(earlier, later, patients), reasons)


def table_difference(earlier: Freeze, later: Freeze, name: str) -> TableDifference:
    found, key = TableDifference(name), TABLES[name].key
    before = {key_of(row, key): row for row in rows_of(earlier, name)}
    for row in rows_of(later, name):
        was = before.pop(key_of(row, key), None)
        if was is None:
            found.came += 1
            found.patients.add(patient_of(row))
        elif was != row:
            tell(found, was, row, key)
    found.went = len(before)
    found.patients.update(patient_of(row) for row in before.values())
    return found


def tell(found: TableDifference, was: Row, row: Row, key: Key) -> None:
    found.changed += 1
    found.patients.add(patient_of(row))
    for column in dict.fromkeys([*was, *row]):
        before, after = was.get(column, ""), row.get(column, "")
        if before != after:
            found.columns[column] += 1
            if len(found.changes) < MOST_NAMED:
                found.changes.append(Change(*patient_of(row), " ".join(key_of(row, key)), column, before, after))


def rows_of(freeze: Freeze, name: str) -> Iterator[Row]:
    _, file = opened(freeze, name)
    with file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def key_of(row: Row, key: Key) -> Key:
    return tuple(row.get(column, "") for column in key)


def patient_of(row: Row) -> tuple[str, str]:
    return row["trial"], row["study_id"]


def deeds_between(earlier: Freeze, later: Freeze, patients: list[tuple[str, str]]) -> list[Deed]:
    """How often each deed was done to each patient in between; no names, no values."""
    wanted = set(patients[:MOST_NAMED])
    ids = {
        pk: (trial, study_id)
        for pk, trial, study_id in Patient.objects.filter(
            trial__code__in={trial for trial, _ in wanted}, study_id__in={study_id for _, study_id in wanted}
        ).values_list("pk", "trial__code", "study_id")
        if (trial, study_id) in wanted
    }
    entries = LedgerEntry.objects.filter(
        patient_id__in=ids, recorded_at__gt=earlier.asked_at, recorded_at__lte=later.asked_at
    ).values_list("patient_id", "deed")
    counted = Counter((*ids[patient_id], done) for patient_id, done in entries if patient_id is not None)
    return [Deed(trial, study_id, done, times) for (trial, study_id, done), times in sorted(counted.items())]
