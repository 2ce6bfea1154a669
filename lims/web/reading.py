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
from lims.web import case_pages, drafting, refusing
from lims.web.findings_sheet import signed
from lims.web.forms import typed
from lims.web.gate import may, needs, person
from lims.web.places import Place
from lims.web.signatures import Attempt, attempted, method_of
from lims.web.worklist import Due
from scoring import desk, drafts, queries
from scoring.cases import ASSAY_LABELS
from scoring.drafts import Begun, Form
from scoring.qualifying import warnings_for
from scoring.queries import QueueRow
from scoring.reading import amend_read, sign_read
from scoring.refusing import asked_by
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
    """Begun and due, what waits for the bench, and what was signed while its case is open."""
    user = person(request)
    rows, begun, asked = queries.reading_queue(user), drafts.begun_by(user), asked_by(user)
    chosen = request.GET.get("assay", "")
    shown = [row for row in rows if row.assay == chosen] if chosen in set(Assay) else rows
    typed_of = {each.code: each for each in begun if each.form is Form.READ}
    queue = {row.code for row in rows}
    why = {row.code: row.refusal or asked.get(row.code, "") for row in shown}
    ready = [row for row in shown if not why[row.code]]
    context = {
        "begun": [with_age(row, typed_of[row.code].saved_at) for row in ready if row.code in typed_of],
        "ready": [with_age(row) for row in ready if row.code not in typed_of],
        "waiting": [with_age(row, why[row.code], typed_of.get(row.code)) for row in shown if why[row.code]],
        "apart": [(each, ASSAY_LABELS[each.assay], page_of(each)) for each in begun if each.code not in queue],
        "due": len(ready),
        "assays": [(each.value, ASSAY_LABELS[each], sum(r.assay == each for r in rows)) for each in Assay],
        "chosen": chosen,
        "total": len(rows),
        "duties": warnings_for(user.pk, timezone.localdate()),
        "open": [(row, ASSAY_LABELS[row.assay]) for row in queries.signed_by(user) if not row.concluded],
    }
    return render(request, "reading/queue.html", context)


def with_age(row: QueueRow, *more: Any) -> tuple[Any, ...]:
    return row, age_of(row), ASSAY_LABELS[row.assay], *more


def page_of(begun: Begun) -> str:
    """Where what was begun is gone on with."""
    return reverse(drafting.PAGES[begun.form], args=[begun.code])


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
        return desk_page(request, view, None)
    found = attempted(
        request,
        view.assay,
        lambda sheet: sign_read(
            by=user,
            at=timezone.now(),
            case=queries.case_named(code),
            findings=sheet.given(),
            method=method_of(request),
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


def desk_page(
    request: HttpRequest, view: CaseView, found: Attempt | None, form: Form = Form.READ, **more: Any
) -> HttpResponse:
    """The desk as it was left (`found` None), or with what came of an attempt to sign."""
    user = person(request)
    kept = drafts.draft_of(user, view.id)
    if found is None and (kept is None or kept.form is not form) and form is Form.AMEND and view.own:
        found = Attempt(signed(view.assay, view.own.findings))
    found = found or Attempt(drafting.resumed(view.assay, kept))
    context = {
        "case": view,
        "assay": ASSAY_LABELS[view.assay],
        "pictures": desk.pictures(view),
        "tally": desk.tally(user),
        "sheet": found.sheet,
        "attempt": found,
        "closed": view.may_sign,
        "downtime_form": drafting.beside(request, kept, "downtime_form")[:60],
        "draft": drafting.draft_on(view, kept, form),
        "asked": asked_by(user).get(view.code),
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
    reason = drafting.beside(request, drafts.draft_of(user, view.id), "reason").strip()[:2000]
    found = None
    if request.method == "POST":
        found = attempted(
            request,
            view.assay,
            lambda sheet: amend_read(
                by=user, at=timezone.now(), read=own, findings=sheet.given(), reason=reason, method=method_of(request)
            ),
        )
    if found and found.read is not None:
        messages.success(request, f"Your read of case {view.code} is corrected; the earlier one stays beside it.")
        return redirect("case", view.code)
    more = {"amending": view.own, "reason": reason, "closed": view.may_amend}
    return desk_page(request, view, found, Form.AMEND, **more)


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
    asked = asked_by(user)
    return [case_due(row) for row in queries.reading_queue(user) if not (row.refusal or asked.get(row.code))]


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
    *drafting.urls,
    *refusing.urls,
    *case_pages.urls,
]
places = [
    Place("to_read", "To read", "r", (READ,), 10),
    Place("signed_reads", "Signed", "s", (READ, DECIDE), 12),
]
