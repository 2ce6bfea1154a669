"""Signed results for pages and programs: whose are due, what one says, what the next would say.

They are seen by who signs them and by who sees scores, each within reach.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from scoring.models import ResultReport
from scoring.queries import current_patient_scores
from scoring.reporting import SIGN, Content, changes, check_may_sign, content_of, fingerprint
from specimens import queries
from specimens.actors import Actor
from specimens.deeds import require
from specimens.desk import Page, paged
from specimens.errors import Forbidden, Refused, Unknown
from specimens.models import Consent, Patient
from specimens.scope import EVERYTHING, Scope
from specimens.vocabulary import ConsentScope

SEES = "scoring.view_scores"


@dataclass(frozen=True, slots=True)
class DueReport:
    """A patient whose current score no report has told yet. `last` is the report before, 0 for none."""

    patient_id: int
    study_id: str
    trial: str
    risk: str
    eligibility: str
    missing: tuple[str, ...]
    scored_at: datetime
    last: int
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be signed now, and what that changes of `last`. `refusal` is blank when it may be signed."""

    patient: Patient
    content: Content
    seen: str
    last: ResultReport | None
    changes: list[dict[str, Any]]
    refusal: str


def check_sees(viewer: Actor) -> None:
    if not (viewer.has_perm(SIGN) or viewer.has_perm(SEES)):
        raise Forbidden("not_your_role", "Result reports are shown to who signs them and to who sees scores.")


# ---- due ----
def untold() -> QuerySet[Any]:
    """Current scores that speak for a patient whose consent stands and that the last report did not tell."""
    last = ResultReport.objects.filter(patient_id=OuterRef("patient_id")).order_by("-number")
    told = last.annotate(told=Cast(KT("content__source__patient_score"), BigIntegerField()))
    withdrawn = Consent.objects.filter(
        patient_id=OuterRef("patient_id"), scope=ConsentScope.THIS_STUDY, withdrawal__isnull=False
    )
    found: QuerySet[Any] = current_patient_scores(EVERYTHING).filter(~Exists(withdrawn), score__isnull=False)
    found = found.annotate(told=Subquery(told.values("told")[:1]), last=Subquery(last.values("number")[:1]))
    return found.filter(Q(told__isnull=True) | Q(told__lt=F("id")))


def due(viewer: Actor, *, amended: bool = False, before_id: int | None = None) -> Page[DueReport]:
    """Patients whose result is to be signed, last scored first; `amended` only those reported before. One query."""
    require(viewer, SIGN, "Only the lead pathologist signs results for the trial office.")
    found = untold()
    page = paged(found.filter(last__isnull=False) if amended else found, before_id)
    return Page([due_of(each) for each in page.rows], page.after)


def due_of(scored: Any) -> DueReport:
    score = scored.score
    return DueReport(
        scored.patient_id,
        scored.patient.study_id,
        scored.patient.trial.code,
        score.risk,
        score.eligibility,
        tuple(word for word in score.missing.split("|") if word),
        scored.computed_at,
        scored.last or 0,
        scored.patient.synthetic or score.synthetic,
    )


# ---- one patient's ----
def patient_of(viewer: Actor, scope: Scope, **which: Any) -> Patient:
    """The patient whose reports are asked for. Raises Unknown alike for what is not there and out of reach."""
    check_sees(viewer)
    found = queries.patients(scope).filter(**which).first()
    if found is None:
        raise Unknown("unknown_patient", "There is no such patient within your reach.")
    return found


def reports_of(patient: Patient) -> list[ResultReport]:
    """Latest first. One query."""
    return list(ResultReport.objects.filter(patient=patient).select_related("patient__trial").order_by("-number"))


def numbered(reports: list[ResultReport], number: int) -> tuple[ResultReport, int]:
    """The report of that number among a patient's, and the highest number. Raises Unknown."""
    for each in reports:
        if each.number == number:
            return each, reports[0].number
    raise Unknown("unknown_report", "There is no such report of this patient.")


def report(viewer: Actor, scope: Scope, **which: Any) -> ResultReport:
    """One report. Raises Unknown alike for what is not there and out of reach."""
    check_sees(viewer)
    found = ResultReport.objects.filter(**which, patient__in=queries.patients(scope).values("pk"))
    one = found.select_related("patient__trial").first()
    if one is None:
        raise Unknown("unknown_report", "There is no such report within your reach.")
    return one


def latest(viewer: Actor, scope: Scope, before_id: int | None = None) -> Page[ResultReport]:
    """What was signed, latest first. One query."""
    check_sees(viewer)
    found = ResultReport.objects.filter(patient__in=queries.patients(scope).values("pk"))
    return paged(found.select_related("patient__trial"), before_id)


def newest_number(patient_id: int) -> int:
    last = ResultReport.objects.filter(patient_id=patient_id).order_by("-number").values_list("number", flat=True)
    return last.first() or 0


def draft(viewer: Actor, patient: Patient) -> Draft:
    """What would be signed now. Raises Forbidden for who does not sign."""
    require(viewer, SIGN, "Only the lead pathologist signs results for the trial office.")
    last = next(iter(reports_of(patient)), None)
    content = content_of(patient)
    refusal = ""
    try:
        check_may_sign(patient, content, last)
    except Refused as refused:
        refusal = refused.sentence
    return Draft(patient, content, fingerprint(content), last, changes(last.content, content) if last else [], refusal)
