"""A reader's pages: what is to be read, the desk itself, correcting one's own read, what one has signed.

Nothing on them says whose tissue it is, who else has read it, or where a cutoff lies.
"""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.models import User
from lims.web import case_pages
from lims.web.findings_sheet import blank, signed
from lims.web.forms import typed
from lims.web.gate import may, needs, person
from lims.web.places import Place
from lims.web.signatures import METHOD, Attempt, attempted
from lims.web.worklist import Due
from scoring import desk, queries
from scoring.cases import ASSAY_LABELS
from scoring.qualifying import warnings_for
from scoring.queries import QueueRow
from scoring.reading import amend_read, sign_read
from scoring.rules.vocabulary import Assay
from scoring.views import CaseView
from specimens.errors import Refused
from specimens.form_desk import form_numbered
from specimens.models import DowntimeForm

READ, DECIDE = "scoring.sign_read", "scoring.adjudicate"
SIGNED_ALREADY = (
    "You signed case {code} already: nothing was signed a second time. "
    "If what you typed just now says something else, correct the read below."
)


@needs(READ)
def to_read(request: HttpRequest) -> HttpResponse:
    """Due now, waiting for the bench, and what was signed while its case is open."""
    rows = queries.reading_queue(person(request))
    chosen = request.GET.get("assay", "")
    shown = [row for row in rows if row.assay == chosen] if chosen in set(Assay) else rows
    ready = [row for row in shown if not row.refusal]
    context = {
        "ready": [(row, age_of(row), ASSAY_LABELS[row.assay]) for row in ready],
        "waiting": [(row, age_of(row), ASSAY_LABELS[row.assay]) for row in shown if row.refusal],
        "assays": [(each.value, ASSAY_LABELS[each], sum(r.assay == each for r in rows)) for each in Assay],
        "chosen": chosen,
        "total": len(rows),
        "duties": warnings_for(person(request).pk, timezone.localdate()),
        "open": [(row, ASSAY_LABELS[row.assay]) for row in queries.signed_by(person(request)) if not row.concluded],
    }
    return render(request, "reading/queue.html", context)


def age_of(row: QueueRow) -> int | None:
    """Whole days since the slide was stained."""
    return (timezone.localdate() - row.stained_on).days if row.stained_on else None


@needs(READ)
def read(request: HttpRequest, code: str) -> HttpResponse:
    """The desk: the slide and one's own blank form; a POST is one step towards the signature."""
    user, view = person(request), queries.case_for(person(request), code)
    if view.own:
        if request.method == "POST":
            messages.warning(request, SIGNED_ALREADY.format(code=view.code))
        return redirect("case", view.code)
    if request.method != "POST":
        return desk_page(request, view, Attempt(blank(view.assay)))
    found = attempted(
        request,
        view.assay,
        lambda sheet: sign_read(
            by=user,
            at=timezone.now(),
            case=queries.case_named(code),
            findings=sheet.given(),
            method=METHOD,
            downtime_form=form_of(request),
        ),
    )
    if found.read is None:
        return desk_page(request, view, found)
    return onwards(request, view, found.read.signed_at)


def form_of(request: HttpRequest) -> DowntimeForm | None:
    """The downtime form that the read was written on, if its number was typed."""
    written = typed(request.POST, "downtime_form")
    return form_numbered(written, "downtime_form") if written else None


def onwards(request: HttpRequest, view: CaseView, at: datetime) -> HttpResponse:
    """Straight to the next case that is due, saying what was just signed."""
    clock = f"{timezone.localtime(at):%H:%M:%S}"
    said = f"Your {ASSAY_LABELS[view.assay]} read of case {view.code} is signed, {clock}."
    following = desk.next_case(person(request), view.assay)
    if following is None:
        messages.success(request, f"{said} Nothing else is due.")
        return redirect("to_read")
    messages.success(request, f"{said} This is the next one.")
    return redirect("read", following)


def desk_page(request: HttpRequest, view: CaseView, found: Attempt, **more: Any) -> HttpResponse:
    context = {
        "case": view,
        "assay": ASSAY_LABELS[view.assay],
        "pictures": desk.pictures(view),
        "tally": desk.tally(person(request)),
        "sheet": found.sheet,
        "attempt": found,
        "closed": view.may_sign,
        "downtime_form": typed(request.POST, "downtime_form"),
        **more,
    }
    return render(request, f"reading/{view.assay}.html", context)


@needs(READ, DECIDE)
def amend(request: HttpRequest, code: str) -> HttpResponse:
    """Supersede one's own read: the whole form as it was signed, and a reason."""
    user, view = person(request), queries.case_for(person(request), code)
    if view.own is None:
        raise Refused("nothing_signed", f"You have signed nothing of case {view.code} that could be corrected.")
    own = queries.own_read(user, view.own.id)
    reason = request.POST.get("reason", "").strip()[:2000]
    if request.method != "POST":
        found = Attempt(signed(view.assay, view.own.findings))
    else:
        found = attempted(
            request,
            view.assay,
            lambda sheet: amend_read(
                by=user, at=timezone.now(), read=own, findings=sheet.given(), reason=reason, method=METHOD
            ),
        )
    if found.read is not None:
        messages.success(request, f"Your read of case {view.code} is corrected; the earlier one stays beside it.")
        return redirect("case", view.code)
    more = {"amending": view.own, "reason": reason, "closed": view.may_amend}
    return desk_page(request, view, found, **more)


@needs(READ, DECIDE)
def signed_reads(request: HttpRequest) -> HttpResponse:
    """What this person signed that stands, latest first, each with whether its signature still holds."""
    rows = queries.signed_by(person(request))
    holds = desk.signatures_hold([row.read_id for row in rows])
    context = {"rows": [(row, ASSAY_LABELS[row.assay], holds[row.read_id]) for row in rows]}
    return render(request, "reading/signed.html", context)


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """The cases this reader may read now."""
    if not may(user, READ):
        return []
    return [case_due(row) for row in queries.reading_queue(user) if not row.refusal]


def case_due(row: QueueRow) -> Due:
    stained = f", stained {row.stained_on}" if row.stained_on else ""
    slide = f"Slide {row.slide}{stained}" if row.slide else "On the screen"
    return Due(
        on=None,
        kind="Histology case" if row.assay is Assay.HISTOLOGY else "CA-IX case",
        number=row.code,
        what=slide,
        state="to read",
        shape="open",
        action="Read this case",
        href=reverse("read", args=[row.code]),
        synthetic=row.synthetic,
        since=row.opened_at,
    )


urls: list[URLPattern] = [
    path("read/", to_read, name="to_read"),
    path("read/signed/", signed_reads, name="signed_reads"),
    path("read/<str:code>/", read, name="read"),
    path("read/<str:code>/amend/", amend, name="amend"),
    *case_pages.urls,
]
places = [
    Place("to_read", "To read", "r", (READ,), 10),
    Place("signed_reads", "Signed", "s", (READ, DECIDE), 12),
]
