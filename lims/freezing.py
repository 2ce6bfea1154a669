"""Freezes: every table as it stood at one moment, kept with its checksum; made again, it gives the same bytes.

The deed names the moment; a worker writes the files from one snapshot of the database and records what it wrote.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from lims.export import dictionary
from lims.export.query import TABLES, Asked
from lims.export.rows import as_csv, export, snapshot
from lims.models.freezes import Freeze, FrozenTable
from scoring.models import Read
from scoring.phases import open_disputes
from scoring.rules.editions import CURRENT
from specimens import jobs, ledger
from specimens.actors import Actor, Automaton, person_id
from specimens.deeds import checked, deed, demand_core, require
from specimens.errors import Invalid, Refused, Unknown
from specimens.models import ConsentWithdrawal, Trial
from specimens.scope import EVERYTHING, Scope
from specimens.vocabulary import ConsentScope

MAKE = "make freeze"
MAKER = Automaton("freeze maker", frozenset({"lims.export"}))
FORBIDDEN = "Only a statistician freezes an export."


@dataclass(frozen=True, slots=True)
class Kept:
    """One table as it was written to the storage."""

    table: str
    rows: int
    size: int
    sha256: str
    file: str


def register() -> None:
    """Tell the job table what is done here. A snapshot of its own must be the outermost transaction."""
    jobs.does_in_steps(MAKE, make_freeze)


# ---- asking ----
@deed
def freeze_export(*, by: Actor, at: datetime, name: str, reason: str, trial: Trial | None = None) -> Freeze:
    """Name this moment and ask for its files. Raises Forbidden for who may not, Invalid by field, Refused for a
    name that was used."""
    require(by, "lims.export", FORBIDDEN)
    demand_core(by, "Freezing an export")
    for field, words in (("name", name), ("reason", reason)):
        if not words.strip() or not words.isprintable():
            said = "Name the freeze." if field == "name" else "Say why the export is frozen."
            raise Invalid("invalid", said, field=field)
    freeze = Freeze(
        name=name.strip(), reason=reason.strip(), trial=trial, dictionary=dictionary.VERSION, model=CURRENT.model,
        edition=CURRENT.edition, asked_at=at, asked_by_id=person_id(by),
    )  # fmt: skip
    checked(freeze).save()
    of = trial.code if trial else "all trials"
    said = f"The export of {of} was frozen as {freeze}."
    ledger.write([ledger.line("freeze export", freeze, said, reason=freeze.reason)], by=by, at=at)
    jobs.ask(MAKE, key=str(freeze.pk), arguments={"freeze_id": freeze.pk}, queue="bulk")
    return freeze


def asked_of(freeze: Freeze) -> Asked:
    """What the freeze asks of every table: what was known at its moment, patients enrolled by then."""
    code, at = freeze.trial.code if freeze.trial else "", freeze.asked_at
    return Asked(EVERYTHING, trial=code, as_of=at, enrolled_by=at)


# ---- the worker's ----
def make_freeze(freeze_id: int) -> None:
    """Write every table and record what was written. Done again after a death, it begins anew and records once."""
    freeze = Freeze.objects.select_related("trial").get(pk=freeze_id)
    if freeze.tables.exists():
        return
    with snapshot():
        kept = [written(freeze, name) for name in TABLES]
    record_tables(by=MAKER, at=timezone.now(), freeze=freeze, kept=kept)


def written(freeze: Freeze, name: str) -> Kept:
    """One table in the storage, as CSV."""
    place = f"freezes/{freeze.pk}/{name}.csv"
    if default_storage.exists(place):
        default_storage.delete(place)
    with TemporaryFile() as file:
        rows, size, sha256 = poured(freeze, name, file)
        file.seek(0)
        return Kept(name, rows, size, sha256, default_storage.save(place, File(file)))


def poured(freeze: Freeze, name: str, file: IO[bytes] | None = None) -> tuple[int, int, str]:
    """The table's rows, bytes and SHA-256 as they come now; into `file` where one is given."""
    digest, size = hashlib.sha256(), 0
    told = export(TABLES[name], asked_of(freeze), as_csv, at=freeze.asked_at)
    for chunk in told.chunks:
        digest.update(chunk)
        size += len(chunk)
        if file:
            file.write(chunk)
    return told.count, size, digest.hexdigest()


@deed
def record_tables(*, by: Actor, at: datetime, freeze: Freeze, kept: Sequence[Kept]) -> None:
    """Record what the files of a freeze hold; their checksums go into the ledger."""
    require(by, "lims.export", FORBIDDEN)
    FrozenTable.objects.bulk_create(
        FrozenTable(
            freeze=freeze, table=each.table, rows=each.rows, size=each.size, sha256=each.sha256, file=each.file,
            kept_at=at,
        )
        for each in kept
    )  # fmt: skip
    said = f"The freeze {freeze} was written: {len(kept)} tables, {sum(each.rows for each in kept)} rows."
    sums = {each.table: each.sha256 for each in kept}
    ledger.write([ledger.line("keep freeze", freeze, said, became=sums)], by=by, at=at)


# ---- looking ----
def freezes(scope: Scope) -> QuerySet[Freeze]:
    """Every freeze, the newest first, with `told` (rows of all tables; None while it is being made). The core's alone:
    a freeze holds every site."""
    found = Freeze.objects.select_related("trial", "asked_by").annotate(told=Sum("tables__rows")).order_by("-id")
    return found if scope.everything else found.none()


def one_freeze(scope: Scope, pk: int) -> Freeze:
    """Raises Unknown where there is none within reach."""
    found = freezes(scope).filter(pk=pk).first()
    if found is None:
        raise Unknown("unknown_freeze", "There is no such freeze within your reach.")
    return found


def tables_of(freeze: Freeze) -> list[FrozenTable]:
    """The tables in the dictionary's order; none while the freeze is being made."""
    places = list(TABLES)
    return sorted(freeze.tables.all(), key=lambda kept: places.index(kept.table) if kept.table in places else 99)


def sealed_since(freeze: Freeze) -> str:
    """Why its files are shown to nobody at present; blank when they may be."""
    gone = ConsentWithdrawal.objects.filter(
        consent__scope=ConsentScope.THIS_STUDY, recorded_at__gt=freeze.asked_at,
        consent__patient__enrolled_at__lte=freeze.asked_at,
    )  # fmt: skip
    known = Read.objects.filter(
        case_id=OuterRef("case_id"), slot=OuterRef("case__readers_required"), recorded_at__lte=freeze.asked_at
    )
    again = open_disputes().filter(Exists(known), compared_at__gt=freeze.asked_at)
    if freeze.trial_id:
        gone = gone.filter(consent__patient__trial_id=freeze.trial_id)
        again = again.filter(case__specimen__patient__trial_id=freeze.trial_id)
    if gone.exists():
        return "A patient in it has withdrawn consent since: its files stay closed. Make a new freeze."
    if again.exists():
        return "A case in it is being read again: its files open once that case has concluded."
    return ""


def opened(freeze: Freeze, table: str) -> tuple[FrozenTable, IO[bytes]]:
    """The kept file of one table. Raises Unknown where there is none, Refused while the freeze is sealed."""
    kept = freeze.tables.filter(table=table).first()
    if kept is None:
        raise Unknown("unknown_table", "This freeze holds no such table; it may still be being made.")
    if sealed := sealed_since(freeze):
        raise Refused("freeze_sealed", sealed)
    return kept, default_storage.open(kept.file)


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """A table made again as of the freeze's moment, beside what was kept."""

    table: str
    kept: str
    again: str
    rows_kept: int
    rows_again: int

    @property
    def same(self) -> bool:
        return self.kept == self.again


def made_again(freeze: Freeze) -> Iterator[MadeAgain]:
    """Every table as it would be frozen now, as of the same moment. The same bytes unless somebody withdrew, was
    merged or moved, a case is being read again, or the dictionary has another version."""
    with snapshot():
        for kept in tables_of(freeze):
            rows, _, sha256 = poured(freeze, kept.table)
            yield MadeAgain(kept.table, kept.sha256, sha256, kept.rows, rows)
