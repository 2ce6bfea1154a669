"""Results that go home: whose are due, one patient's reports, the signature under the next, the paper."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from lims import report_words, second_factor
from lims.models import User
from lims.papers.result_report import result_report
from lims.people import scope_of
from lims.web.forms import typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.signatures import Proof, proof_of
from lims.web.worklist import Due
from scoring import report_desk
from scoring.models import ResultReport
from scoring.report_desk import SEES
from scoring.reporting import SIGN, holds, sign_report
from specimens.deeds import require
from specimens.errors import Refused

LONGEST_REASON = 2000


@needs(SIGN, SEES)
def reports(request: HttpRequest) -> HttpResponse:
    """Who signs: what is due, the amendments first. Who sees scores: what was signed."""
    user, scope, place = person(request), scope_of(person(request)), pager(request)
    signing, past = may(user, SIGN), typed(request.GET, "show", 8) == "signed"
    if signing and not past:
        context = {"due": place.of(report_desk.due(user, before_id=place.before_id))}
        context["amended"] = [] if place.before_id else report_desk.due(user, amended=True).rows  # type: ignore[assignment]
    else:
        context = {"signed": place.of(report_desk.latest(user, scope, place.before_id))}
    return render(request, "reports/list.html", context | {"signing": signing})


@sensitive_post_parameters("password", "code")
@needs(SIGN, SEES)
def patient_reports(request: HttpRequest, pk: int) -> HttpResponse:
    """One patient's reports; for who signs also what the next would say, and the signature."""
    user = person(request)
    patient = report_desk.patient_of(user, scope_of(user), pk=pk)
    context: dict[str, object] = {"patient": patient, "signing": may(user, SIGN)}
    if request.method == "POST":
        require(user, SIGN, "Only the lead pathologist signs results for the trial office.")
        proof, refused, signed = attempt(request, patient)
        if signed:
            messages.success(request, f"Report {signed.number} of {patient} is signed.")
            return redirect("report", signed.pk)
        context |= {"proof": proof, "refused": refused, "reason": typed(request.POST, "reason", LONGEST_REASON)}
    if may(user, SIGN):
        draft = report_desk.draft(user, patient)
        context |= {"draft": draft, "changes": report_words.changed(draft.changes)} | worded(draft.content)
    return render(
        request,
        "reports/patient.html",
        context | {"reports": report_desk.reports_of(patient), "enrolled": second_factor.is_enrolled(user)},
    )


def attempt(request: HttpRequest, patient: object) -> tuple[Proof, Refused | None, ResultReport | None]:
    """The posted signature: proved, then one deed."""
    proof = proof_of(request)
    if not proof.holds:
        return proof, None, None
    try:
        return proof, None, sign_report(
            by=person(request),
            at=timezone.now(),
            patient=patient,  # type: ignore[arg-type]
            seen=typed(request.POST, "seen", 64),
            method=proof.method,
            reason=typed(request.POST, "reason", LONGEST_REASON),
        )  # fmt: skip
    except Refused as refused:
        return proof, refused, None


def worded(content: dict[str, object]) -> dict[str, object]:
    return {
        "content": content,
        "headline": report_words.headline(content),
        "verdict": report_words.verdict(content),
        "sections": report_words.sections(content),
    }


@needs(SIGN, SEES)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One signed report as it was signed."""
    found = report_desk.report(person(request), scope_of(person(request)), pk=pk)
    latest = report_desk.newest_number(found.patient_id)
    context = {
        "report": found,
        "changes": report_words.changed(found.changes),
        "holds": holds(found),
        "latest": latest if latest > found.number else 0,
        **worded(found.content),
    }
    return render(request, "reports/one.html", context)


@needs(SIGN, SEES)
def report_paper(request: HttpRequest, pk: int) -> HttpResponse:
    found = report_desk.report(person(request), scope_of(person(request)), pk=pk)
    latest = report_desk.newest_number(found.patient_id)
    made = result_report(found, holds=holds(found), superseded_by=latest if latest > found.number else 0)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="result-{found.pk}.pdf"'
    return answer


def due(user: User, now: object) -> list[Due]:
    """Amendments wait at home; first reports in the list, where there may be hundreds."""
    if not user.has_perm(SIGN):
        return []
    return [
        Due(
            on=None,
            kind="result report",
            number=row.study_id,
            what=f"The score has changed since report {row.last}",
            state="to amend",
            shape="due",
            action="Read and sign",
            href=reverse("patient_reports", args=[row.patient_id]),
            patient=row.study_id,
            synthetic=row.synthetic,
            since=row.scored_at,
        )
        for row in report_desk.due(user, amended=True).rows[:25]
    ]


urls: list[URLPattern] = [
    path("reports/", reports, name="reports"),
    path("reports/patients/<int:pk>/", patient_reports, name="patient_reports"),
    path("reports/<int:pk>/", report, name="report"),
    path("reports/<int:pk>/paper/", report_paper, name="report_paper"),
]
places = [Place("reports", "Reports", "e", (SIGN, SEES), 64)]
