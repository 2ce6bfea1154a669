"""Adjudication: discordant cases, both reads side by side without names, the decider's own blank form."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.models import User
from lims.web import drafting
from lims.web.compared import rows_of, said_of
from lims.web.findings_sheet import Sheet, label_of
from lims.web.gate import may, needs, person
from lims.web.places import Place
from lims.web.signatures import Attempt, attempted, method_of
from lims.web.worklist import Due
from scoring import desk, drafts, queries
from scoring.adjudicating import adjudicate, record_meeting
from scoring.cases import ASSAY_LABELS
from scoring.drafts import Form
from scoring.models import Read
from scoring.queries import QueueRow
from scoring.rules.editions import CURRENT
from scoring.rules.findings import INTENSITIES
from scoring.views import CaseView

DECIDE = "scoring.adjudicate"
LONGEST_PRESENT = 2000


@needs(DECIDE)
def to_decide(request: HttpRequest) -> HttpResponse:
    rows = desk.decision_queue(person(request))
    context = {
        "ready": [(row, ASSAY_LABELS[row.assay], said_of(row.discordances)) for row in rows if not row.refusal],
        "waiting": [(row, ASSAY_LABELS[row.assay], said_of(row.discordances)) for row in rows if row.refusal],
    }
    return render(request, "adjudication/queue.html", context)


@needs(DECIDE)
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """One discordant case. A POST is one step towards the decision, alone or as a meeting's."""
    user, view = person(request), queries.case_for(person(request), code)
    if view.own or view.discordances == () or not view.reads:
        return redirect("case", view.code)
    if request.method != "POST":
        return decision_page(request, view, None)
    found = attempted(request, view.assay, lambda sheet: decided(request, user, code, sheet))
    if found.read is None:
        return decision_page(request, view, found)
    messages.success(
        request,
        f"Case {view.code} is decided and signed, {timezone.localtime(found.read.signed_at):%H:%M:%S}.",
    )
    waiting = next((row.code for row in desk.decision_queue(user) if not row.refusal), None)
    return redirect("decide", waiting) if waiting else redirect("to_decide")


def decided(request: HttpRequest, user: User, code: str, sheet: Sheet) -> Read:
    """The one deed: alone, or what a meeting of the named people found."""
    case, at = queries.case_named(code), timezone.now()
    if request.POST.get("how") == "meeting":
        present = request.POST.get("present", "")[:LONGEST_PRESENT].splitlines()
        return record_meeting(
            by=user, at=at, case=case, findings=sheet.given(), present=present, method=method_of(request)
        )
    return adjudicate(by=user, at=at, case=case, findings=sheet.given(), method=method_of(request))


def decision_page(request: HttpRequest, view: CaseView, found: Attempt | None) -> HttpResponse:
    first, second = view.reads
    kept = drafts.draft_of(person(request), view.id)
    found = found or Attempt(drafting.resumed(view.assay, kept))
    rows = rows_of(view.assay, first, second, view.discordances)
    parts = {label_of(name) for name in INTENSITIES}
    context = {
        "case": view,
        "assay": ASSAY_LABELS[view.assay],
        "discordances": said_of(view.discordances),
        "pictures": desk.pictures(view),
        "sheet": found.sheet,
        "attempt": found,
        "closed": view.may_adjudicate,
        "deciding": True,
        "differing": [row for row in rows if row.differs and row.label not in parts],
        "lying": [row for row in rows if row.label in parts],
        "agreeing": [row for row in rows if not row.differs and row.label not in parts],
        "edition": CURRENT.edition,
        "draft": drafting.draft_on(view, kept, Form.DECIDE),
        "how": drafting.beside(request, kept, "how", "alone"),
        "present": drafting.beside(request, kept, "present")[:LONGEST_PRESENT],
    }
    return render(request, "adjudication/decide.html", context)


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Discordant cases this person may decide now."""
    if not may(user, DECIDE):
        return []
    return [decision_due(row) for row in desk.decision_queue(user) if not row.refusal]


def decision_due(row: QueueRow) -> Due:
    return Due(
        on=None,
        kind=f"{ASSAY_LABELS[row.assay]} case",
        number=row.code,
        what=said_of(row.discordances).capitalize(),
        state="discordant",
        shape="ask",
        action="Decide this case",
        href=reverse("decide", args=[row.code]),
        synthetic=row.synthetic,
        since=row.opened_at,
    )


urls: list[URLPattern] = [
    path("decide/", to_decide, name="to_decide"),
    path("decide/<str:code>/", decide, name="decide"),
]
places = [Place("to_decide", "To decide", "e", (DECIDE,), 11)]
