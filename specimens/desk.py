"""Lists of the desk that are not about parcels or the bench: patients, jobs, ledger, corrections.

Every function takes a Scope where tissue is concerned, asks a fixed number of queries, and pages by id.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from specimens import queries
from specimens.errors import Unknown
from specimens.models import Consent, Correction, Institution, Job, LedgerEntry, Patient, Trial
from specimens.scope import Scope
from specimens.vocabulary import InstitutionRole

PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Up to PAGE rows; `after` is the id to go on from, None on the last page."""

    rows: list[Row]
    after: int | None = None
    size: int = PAGE


def paged(found: QuerySet[Any], before_id: int | None, *, key: str = "pk") -> Page[Any]:
    """The newest rows below `before_id`, by id: one query however deep."""
    if before_id is not None:
        found = found.filter(**{f"{key}__lt": before_id})
    rows: list[Model] = list(found.order_by(f"-{key}")[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


# ---- patients ----
@dataclass(frozen=True, slots=True)
class PatientRow:
    pk: int
    study_id: str
    trial: str
    site: str
    enrolled_on: date | None
    consent: str
    specimens: int
    synthetic: bool


def consent_flags(patients: QuerySet[Patient]) -> QuerySet[Any]:
    """Each patient with `consented` and `withdrawn`, about this study."""
    about = Consent.objects.filter(patient=OuterRef("pk"), scope="this_study")
    return patients.annotate(
        consented=Exists(about.filter(withdrawal__isnull=True)),
        withdrawn=Exists(about.filter(withdrawal__isnull=False)),
    )


def consent_word(patient: Any) -> str:
    """“given”, “withdrawn” or “none” of a patient annotated by `consent_flags`."""
    if patient.withdrawn:
        return "withdrawn"
    return "given" if patient.consented else "none"


def patient_list(scope: Scope, *, trial: str = "", sought: str = "", before_id: int | None = None) -> Page[PatientRow]:
    """Patients within reach, newest first. Two queries."""
    found = consent_flags(queries.patients(scope))
    if trial:
        found = found.filter(trial__code__iexact=trial)
    if sought:
        found = found.filter(study_id__icontains=sought)
    page = paged(found, before_id)
    ids = [p.pk for p in page.rows]
    counted = Patient.objects.filter(pk__in=ids).annotate(held=Count("specimens")).values_list("pk", "held")
    held = dict(counted)
    rows = [
        PatientRow(
            p.pk,
            p.study_id,
            p.trial.code,
            p.treating_site.name,
            p.enrolled_on,
            consent_word(p),
            held[p.pk],
            p.synthetic,
        )
        for p in page.rows
    ]
    return Page(rows, page.after)


def patients_like(scope: Scope, sought: str, limit: int = 25) -> list[Patient]:
    return list(queries.patients(scope).filter(study_id__icontains=sought).order_by("study_id")[:limit])


def patient(scope: Scope, pk: int) -> Patient:
    found = queries.patients(scope).filter(pk=pk).first()
    if found is None:
        raise Unknown("unknown_patient", "There is no such patient within your reach.")
    return found


def consents_of(patient: Patient) -> list[Consent]:
    found = patient.consents.select_related("withdrawal", "recorded_by", "withdrawal__recorded_by")
    return list(found.order_by("id"))


def consent_in(scope: Scope, pk: int) -> Consent:
    found = Consent.objects.filter(scope.patients("patient__"), pk=pk).select_related("patient").first()
    if found is None:
        raise Unknown("unknown_consent", "There is no such consent within your reach.")
    return found


def without_consent(scope: Scope) -> QuerySet[Patient]:
    """Patients who have given no consent to this study and withdrawn none."""
    return consent_flags(queries.patients(scope)).filter(consented=False, withdrawn=False)


def without_tissue(scope: Scope) -> QuerySet[Patient]:
    """Consenting patients of whom no specimen is on record."""
    return consent_flags(queries.patients(scope)).filter(consented=True, withdrawn=False, specimens__isnull=True)


# ---- institutions, trials ----
def sites(scope: Scope, role: InstitutionRole | None = None) -> QuerySet[Institution]:
    """Institutions the viewer acts for, by name; with `role`, those that have it."""
    found = (
        Institution.objects.all() if scope.everything else Institution.objects.filter(pk__in=scope.institutions or ())
    )
    return (found.filter(duties__role=role) if role else found).order_by("name")


def cores() -> QuerySet[Institution]:
    return Institution.objects.filter(duties__role=InstitutionRole.CORE).order_by("name")


def trials_with_counts() -> QuerySet[Trial]:
    return Trial.objects.annotate(enrolled=Count("patients", filter=Q(patients__merge__isnull=True))).order_by("code")


# ---- jobs ----
@dataclass(frozen=True, slots=True)
class JobCounts:
    waiting: int
    parked: int


def job_counts() -> JobCounts:
    counted = Job.objects.filter(done_at__isnull=True).aggregate(
        waiting=Count("id", filter=Q(parked_at__isnull=True)),
        parked=Count("id", filter=Q(parked_at__isnull=False)),
    )
    return JobCounts(counted["waiting"], counted["parked"])


# ---- ledger, corrections ----
def ledger_list(
    scope: Scope, *, rooms: tuple[str, ...], deed: str = "", sought: str = "", before_id: int | None = None
) -> Page[LedgerEntry]:
    """Entries about things of `rooms` (as “specimens.”), newest first; a site sees its own alone."""
    found = LedgerEntry.objects.filter(in_rooms(rooms))
    if not scope.everything:
        found = found.filter(patient_id__in=queries.patients(scope).values("pk"))
    if deed:
        found = found.filter(deed=deed)
    if sought:
        found = found.filter(
            Q(label__icontains=sought) | Q(sentence__icontains=sought) | Q(actor_name__icontains=sought)
        )
    return paged(found, before_id, key="number")


def in_rooms(rooms: tuple[str, ...]) -> Q:
    return Q(*[("thing__startswith", room) for room in rooms], _connector=Q.OR)


def deeds_done(rooms: tuple[str, ...]) -> list[str]:
    found = LedgerEntry.objects.filter(in_rooms(rooms)).order_by("deed")
    return list(found.values_list("deed", flat=True).distinct())


def lines_about(*things: Any) -> list[LedgerEntry]:
    """Ledger lines about these things, by number. One query."""
    about = Q(pk__in=[])
    for thing in things:
        about |= Q(thing=thing._meta.label_lower, thing_id=str(thing.pk))
    return list(LedgerEntry.objects.filter(about).order_by("number"))


def corrections(before_id: int | None = None) -> Page[Correction]:
    return paged(Correction.objects.select_related("corrected_by"), before_id)
