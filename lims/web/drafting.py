"""The draft behind a desk: saved as it is typed, given back, thrown away; and what the rules say meanwhile.

Answers are JSON to the desk's own script. They speak of what was typed here and of nothing else.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lims.web.findings_sheet import KINDS, LONGEST, Sheet, blank, judged
from lims.web.gate import needs, person
from scoring import drafts, queries
from scoring.drafts import Form, Kept, Older
from scoring.rules.problem import Problem
from scoring.rules.vocabulary import Assay, Severity
from scoring.views import CaseView
from specimens.errors import Invalid, Refused

READ, DECIDE = "scoring.sign_read", "scoring.adjudicate"
BESIDE = ("reason", "how", "present", "downtime_form")
UNFINISHED = {"blank", "blank_part", "reason_needed"}
LARGEST_BODY = 128 * 1024
FRESH = timedelta(minutes=15)
PAGES = {Form.READ: "read", Form.DECIDE: "decide", Form.AMEND: "amend"}


@needs(READ, DECIDE)
@never_cache
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """What is kept of the case, or keep what is typed now. Either says what the rules find wrong with it."""
    try:
        view = queries.case_for(person(request), code)
        if request.method == "GET":
            return JsonResponse(state(drafts.draft_of(person(request), view.id), signed=view.own is not None))
        return saved(request, view)
    except Refused as refused:
        return JsonResponse({"code": refused.code, "sentence": refused.sentence}, status=refused.status)


def saved(request: HttpRequest, view: CaseView) -> HttpResponse:
    body = body_of(request)
    typed = typed_of(view.assay, body)
    said = live(view.assay, typed, everything=body.get("everything") is True)
    try:
        kept = drafts.save_draft(
            by=person(request),
            at=timezone.now(),
            case=queries.case_named(view.code),
            typed=typed,
            version=number(body.get("version")),
            window=str(body.get("window") or ""),
            form=form_named(body.get("form")),
        )
    except Older as older:
        told = state(drafts.draft_of(person(request), view.id), signed=view.own is not None)
        return JsonResponse(told | {"code": older.code, "sentence": older.sentence, "said": said}, status=older.status)
    except Refused as refused:
        told = {"code": refused.code, "sentence": refused.sentence, "said": said}
        return JsonResponse(told, status=refused.status)
    return JsonResponse(state(kept, signed=False) | {"said": said})


@needs(READ, DECIDE)
@require_POST
def drop(request: HttpRequest, code: str) -> HttpResponse:
    """Begin anew: what was typed of the case is thrown away."""
    view = queries.case_for(person(request), code)
    kept = drafts.draft_of(person(request), view.id)
    drafts.drop_draft(by=person(request), at=timezone.now(), case=queries.case_named(view.code))
    messages.success(request, f"What you had typed of case {view.code} is thrown away.")
    return redirect(PAGES[kept.form] if kept else "read", view.code)


# ---- what comes in ----
def body_of(request: HttpRequest) -> dict[str, Any]:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        raise Invalid("draft_too_large", "This is more than a desk ever sends.")
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Invalid("malformed", "A draft comes as JSON.") from error
    if not isinstance(body, dict) or not isinstance(body.get("typed"), dict):
        raise Invalid("malformed", "A draft comes as JSON, with what is typed by field.")
    return body


def typed_of(assay: Assay, body: Mapping[str, Any]) -> dict[str, str]:
    """What is typed, field by field; what no desk has is left out."""
    names = (*KINDS[assay], *BESIDE)
    return {name: str(body["typed"][name] or "")[:LONGEST] for name in names if name in body["typed"]}


def number(said: object) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) else -1


def form_named(said: object) -> Form:
    if said not in set(Form):
        raise Invalid("malformed", f"The form is one of {', '.join(Form)}.")
    return Form(str(said))


# ---- what goes out ----
def state(kept: Kept | None, *, signed: bool) -> dict[str, Any]:
    if kept is None:
        return {"version": 0, "window": "", "saved": "", "signed": signed}
    return {"version": kept.version, "window": kept.window, "saved": clock(kept.saved_at), "signed": signed}


def clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"


def live(assay: Assay, typed: Mapping[str, str], *, everything: bool) -> list[dict[str, Any]]:
    """What the rules find wrong with it so far; what is merely not typed yet only where `everything` is asked."""
    found = judged(Sheet(assay, {name: typed.get(name, "") for name in KINDS[assay]})).found
    return [told(each) for each in found if everything or each.code not in UNFINISHED]


def told(problem: Problem) -> dict[str, Any]:
    return {
        "field": problem.field,
        "others": list(problem.other_fields),
        "sentence": problem.sentence,
        "refuses": problem.severity is Severity.REFUSE,
    }


# ---- on the desk's page ----
def resumed(assay: Assay, kept: Kept | None) -> Sheet:
    """The form as it was left, or a blank one."""
    begun = blank(assay)
    if kept is None:
        return begun
    names = KINDS[assay]
    return Sheet(assay, {**begun.typed, **{name: text for name, text in kept.typed.items() if name in names}})


def beside(request: HttpRequest, kept: Kept | None, name: str, default: str = "") -> str:
    """What stands in a field that is no finding: as posted, else as it was left."""
    if request.method == "POST":
        return request.POST.get(name, default)
    return kept.typed.get(name, default) if kept else default


def draft_on(view: CaseView, kept: Kept | None, form: Form) -> dict[str, Any]:
    """What the page tells the desk's script of the draft."""
    now = timezone.now()
    return {
        "address": reverse("draft", args=[view.code]),
        "drop": reverse("drop_draft", args=[view.code]),
        "form": form.value,
        "version": kept.version if kept else 0,
        "window": kept.window if kept else "",
        "saved_at": kept.saved_at if kept else None,
        "today": bool(kept) and timezone.localdate(kept.saved_at if kept else now) == timezone.localdate(now),
        "fresh": bool(kept) and now - (kept.saved_at if kept else now) < FRESH,
    }


urls: list[URLPattern] = [
    path("read/<str:code>/draft/", draft, name="draft"),
    path("read/<str:code>/draft/drop/", drop, name="drop_draft"),
]
