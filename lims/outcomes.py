"""Outcomes come in by release, stand beside each other, and are never overwritten.

The ledger names the patient and the release of every row and never a value: its readers may be blinded.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import orjson
from django.db.models import Count, QuerySet
from django.utils.crypto import salted_hmac

from lims.models.outcomes import LocalDiagnosis, Outcome, OutcomeRelease
from lims.outcome_rows import COMPARED, NewLocalDiagnosis, NewOutcome, known_patients, normal, row_problems
from specimens import ledger
from specimens.actors import Actor
from specimens.deeds import checked, deed, require
from specimens.errors import Rejected, RowProblem
from specimens.models import Patient, Trial
from specimens.scope import Scope

BATCH = 500


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two releases say different things of one patient. Values as text; "" is blank.

    The field `listed` says that one release does not hold the patient at all.
    """

    field: str
    study_id: str
    a: str
    b: str


@deed
def import_release(
    *,
    by: Actor,
    at: datetime,
    trial: Trial,
    name: str,
    source: str,
    cut_on: date | None,
    sha256: str,
    rows: Sequence[NewOutcome],
    synthetic: bool = False,
) -> OutcomeRelease:
    """Keep one release of outcomes, all of it or nothing.

    Rejected lists every faulty row (from 1) and field; a name or a file imported before is refused.
    """
    require(by, "lims.import_outcomes", "Only a statistician imports outcomes.")
    patients = known_patients(trial, [row.study_id for row in rows])
    problems = release_problems(name, source, cut_on, sha256, rows, at) + row_problems(rows, patients)
    if problems:
        raise Rejected(problems, code="outcomes_rejected")
    release = OutcomeRelease(
        trial=trial,
        name=name.strip(),
        source=source.strip(),
        cut_on=cut_on,
        sha256=sha256,
        imported_at=at,
        imported_by_id=by.pk,  # type: ignore[misc]
        synthetic=synthetic,
    )
    release.save()
    kept = Outcome.objects.bulk_create(
        [outcome_of(release, patients[normal(row.study_id)], row) for row in rows], batch_size=BATCH
    )
    said = f"Outcome release {release} of {trial} came in with {len(kept)} patients."
    ledger.write([ledger.line("import outcomes", release, said), *lines_of(release, kept, rows)], by=by, at=at)
    return release


@deed
def record_local_diagnoses(
    *, by: Actor, at: datetime, trial: Trial, source: str, rows: Sequence[NewLocalDiagnosis]
) -> int:
    """Keep what the hospitals' own pathologists called the tumours. Returns how many; all or nothing."""
    require(by, "lims.import_outcomes", "Only a statistician records local diagnoses.")
    patients = known_patients(trial, [row.study_id for row in rows])
    problems = row_problems(rows, patients)
    if problems:
        raise Rejected(problems, code="local_diagnoses_rejected")
    kept = LocalDiagnosis.objects.bulk_create(
        [checked_diagnosis(patients[normal(row.study_id)], source, row, at) for row in rows], batch_size=BATCH
    )
    lines = [
        ledger.line(
            "record local diagnosis",
            said,
            f"A local diagnosis of {row.study_id} came in from {source}.",
            patient_id=said.patient_id,
            became={"digest": digest_of(row)},
        )
        for said, row in zip(kept, rows, strict=True)
    ]
    ledger.write(lines, by=by, at=at)
    return len(kept)


def release_problems(
    name: str, source: str, cut_on: date | None, sha256: str, rows: Sequence[NewOutcome], at: datetime
) -> list[RowProblem]:
    """What is wrong with the release as a whole; row 0."""
    found = []
    if not 1 <= len(name.strip()) <= 60 or not name.isprintable():
        found.append(RowProblem(0, "name", "Name the release in 1 to 60 characters, as “2005-01 cut”.", name[:80]))
    if not 1 <= len(source.strip()) <= 300 or not source.isprintable():
        found.append(RowProblem(0, "source", "Say in 1 to 300 characters where the release comes from.", source[:80]))
    if cut_on and cut_on > at.date():
        found.append(
            RowProblem(
                0,
                "cut_on",
                "The data cut lies in the future; give the day the facts were cut.",
                cut_on.isoformat(),
            )
        )
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        found.append(RowProblem(0, "sha256", "The file's SHA-256 is 64 characters of 0-9 and a-f.", sha256[:80]))
    if not rows:
        found.append(RowProblem(0, "rows", "The release holds no rows; send one row a patient."))
    return found


def outcome_of(release: OutcomeRelease, patient: Patient, row: NewOutcome) -> Outcome:
    values = asdict(row)
    values.pop("study_id")
    return Outcome(release=release, patient=patient, synthetic=release.synthetic, **values)


def checked_diagnosis(patient: Patient, source: str, row: NewLocalDiagnosis, at: datetime) -> LocalDiagnosis:
    said = LocalDiagnosis(
        patient=patient,
        source=source,
        icd_o_3=row.icd_o_3,
        histology=row.histology,
        grade=row.grade,
        stage=row.stage,
        recorded_at=at,
    )
    checked(said)
    return said


def lines_of(release: OutcomeRelease, kept: Sequence[Outcome], rows: Sequence[NewOutcome]) -> list[ledger.Line]:
    return [
        ledger.Line(
            "import outcome",
            "lims.outcome",
            outcome.pk,
            f"{row.study_id} in {release}"[:120],
            f"An outcome of {row.study_id} came in with release {release}.",
            patient_id=outcome.patient_id,
            became={"digest": digest_of(row)},
        )
        for outcome, row in zip(kept, rows, strict=True)
    ]


def digest_of(row: NewOutcome | NewLocalDiagnosis) -> str:
    """Keyed SHA-256 over the row as it came in: proves later what was said, and cannot be guessed from a few values."""
    said = orjson.dumps(asdict(row), option=orjson.OPT_SORT_KEYS)
    return salted_hmac("paraffin outcome", said, algorithm="sha256").hexdigest()


def conflicts(*, trial: Trial, release_a: OutcomeRelease, release_b: OutcomeRelease) -> list[Conflict]:
    """Where two releases of a trial disagree, field by field in order of study id; neither is preferred."""
    assert release_a.trial_id == release_b.trial_id == trial.pk, "two releases of one trial"
    a, b = told(release_a), told(release_b)
    found = []
    for study_id in sorted(a.keys() | b.keys()):
        if study_id not in a or study_id not in b:
            found.append(Conflict("listed", study_id, yes_no(study_id in a), yes_no(study_id in b)))
            continue
        found += [
            Conflict(field, study_id, text(x), text(y))
            for field, x, y in zip(COMPARED, a[study_id], b[study_id], strict=True)
            if x != y
        ]
    return found


def told(release: OutcomeRelease) -> dict[str, tuple]:
    rows = Outcome.objects.filter(release=release).values_list("patient__study_id", *COMPARED)
    return {study_id: tuple(values) for study_id, *values in rows}


def yes_no(value: bool) -> str:
    return "yes" if value else "no"


def text(value: object) -> str:
    if isinstance(value, bool):
        return yes_no(value)
    return "" if value is None else str(value)


# ---- what may be asked ----


def releases(scope: Scope) -> QuerySet[OutcomeRelease]:
    """Releases of the trials that have patients within `scope`, each with its number of rows there."""
    reach = Outcome.objects.filter(scope.patients("patient__")).values("release_id")
    found = OutcomeRelease.objects.select_related("trial", "imported_by")
    if not scope.everything:
        found = found.filter(pk__in=reach)
    return found.annotate(rows=Count("outcomes", filter=scope.patients("outcomes__patient__")))


def outcomes(scope: Scope) -> QuerySet[Outcome]:
    """Outcome rows of patients within `scope`."""
    found = Outcome.objects.filter(scope.patients("patient__"))
    return found.select_related("release__trial", "patient__trial", "patient__treating_site")


def local_diagnoses(scope: Scope) -> QuerySet[LocalDiagnosis]:
    found = LocalDiagnosis.objects.filter(scope.patients("patient__"))
    return found.select_related("patient__trial")


def latest_releases(*, name: str = "", as_of: datetime | None = None) -> dict[int, int]:
    """Trial id -> id of its latest release by data cut, then by import; of that name when one is given."""
    found = OutcomeRelease.objects.order_by("trial_id", "id")
    if name:
        found = found.filter(name=name)
    if as_of:
        found = found.filter(imported_at__lte=as_of)
    rows = list(found.values_list("trial_id", "cut_on", "id"))
    rows.sort(key=lambda row: (row[1] or date.min, row[2]))
    return {trial_id: release_id for trial_id, _, release_id in rows}
