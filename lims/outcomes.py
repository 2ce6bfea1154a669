"""Outcomes come in by release, stand beside each other, and are never overwritten.

The ledger names the patient and the release of every row and never a value: its readers may be blinded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

import orjson
from django.db.models import Count, QuerySet
from django.utils.crypto import salted_hmac

from lims.models.outcome_variables import OutcomeValue, OutcomeVariable
from lims.models.outcomes import LocalDiagnosis, Outcome, OutcomeRelease
from lims.outcome_rows import NewLocalDiagnosis, NewOutcome, known_patients, normal, row_problems
from lims.outcome_variables import every_problem, number_of, variables
from specimens import ledger
from specimens.actors import Actor
from specimens.deeds import checked, deed, require
from specimens.errors import Rejected, RowProblem
from specimens.models import Patient, Trial
from specimens.scope import Scope

BATCH = 500


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
    patients, known = known_patients(trial, [row.study_id for row in rows]), variables(trial)
    problems = release_problems(name, source, cut_on, sha256, rows, at) + every_problem(rows, patients, known)
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
    OutcomeValue.objects.bulk_create(
        [value for outcome, row in zip(kept, rows, strict=True) for value in values_of(outcome, row, known)],
        batch_size=BATCH,
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
    said = asdict(row)
    del said["study_id"], said["values"]
    return Outcome(release=release, patient=patient, synthetic=release.synthetic, **said)


def values_of(outcome: Outcome, row: NewOutcome, known: Mapping[str, OutcomeVariable]) -> list[OutcomeValue]:
    return [
        OutcomeValue(
            outcome=outcome, variable=known[each.variable], time_point=each.time_point, value=each.value,
            number=number_of(known[each.variable], each.value),
        )
        for each in row.values
    ]  # fmt: skip


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
    values = asdict(row)
    if not values.get("values"):  # so that what was kept before there were any still proves itself
        values.pop("values", None)
    said = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    return salted_hmac("paraffin outcome", said, algorithm="sha256").hexdigest()


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
