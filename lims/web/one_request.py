"""One request: where it stands, what happened, its letters and parcels, and what is answered."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.people import scope_of
from lims.web.forms import DayField, aloud, beside, tried
from lims.web.gate import may, needs, person
from lims.web.request_words import REASONS, said_row
from lims.web.worklist import local_today
from specimens import desk, request_desk
from specimens.asking import wanted_words
from specimens.chasing import ANSWERABLE, OPEN
from specimens.errors import Rejected
from specimens.identifiers import REQUEST, parsed
from specimens.models import TissueRequest
from specimens.requesting import cancel, decline, no_tissue, promise, record_call, remind, send_requests
from specimens.scope import Scope
from specimens.vocabulary import NextStep, NoTissueReason, RequestState

CODED = [("", "choose the reason"), *((reason.value, words) for reason, words in REASONS.items())]


def note_field(label: str = "Note", *, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, max_length=500, required=required, widget=widget)


class SendForm(forms.Form):
    pass


class RemindForm(forms.Form):
    pass


class PromiseForm(forms.Form):
    promised_for = DayField(label="Will be sent by")
    note = note_field()


class CallForm(forms.Form):
    note = note_field("What the call came to", required=True)
    on = DayField(label="Called on", required=False, help_text="blank: today")


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(label="Reason", choices=CODED)
    note = note_field()

    def clean_reason(self) -> NoTissueReason:
        return NoTissueReason(self.cleaned_data["reason"])


class CancelForm(forms.Form):
    reason = note_field("Why it is no longer wanted", required=True)


Deed = Callable[..., Any]
# what is done: (form, deed, takes several, what the page then says, the button)
ANSWERS: dict[str, tuple[type[forms.Form], Deed, bool, str, str]] = {
    "send": (SendForm, send_requests, True, "sent", "Send this request"),
    "remind": (RemindForm, remind, True, "sent again as a reminder", "Send a reminder now"),
    "promise": (PromiseForm, promise, False, "marked as promised", "Record the promise"),
    "call": (CallForm, record_call, False, "given the call", "Record the call"),
    "decline": (ReasonForm, decline, False, "declined", "Record that it is declined"),
    "no-tissue": (ReasonForm, no_tissue, False, "closed without tissue", "Record that there is no tissue"),
    "cancel": (CancelForm, cancel, True, "cancelled", "Cancel this request"),
}
TITLES = {
    "promise": "It is promised",
    "call": "Record a call",
    "decline": "They decline",
    "no-tissue": "There is no tissue",
    "cancel": "Cancel the request",
}
CORE_ONLY = ("send", "remind", "call", "cancel")


@needs("specimens.request", "specimens.view")
def one_request(request: HttpRequest, accession: str) -> HttpResponse:
    return request_page(request, parsed(accession))


@require_POST
@needs("specimens.request")
def answer(request: HttpRequest, accession: str, what: str) -> HttpResponse:
    """One deed about this request; refused, its sentence stands in the form it came from."""
    found = request_desk.request(scope_of(person(request)), parsed(accession))
    form_class, deed, several, done, _ = ANSWERS[what]
    form = form_class(request.POST, prefix=what)
    if form.is_valid() and tried(form, lambda: did(request, found, deed, several, form)):
        messages.success(request, f"Request {found} was {done}.")
        return redirect("request", found.accession)
    if what not in open_deeds(request_desk.request_row(found).state, scope_of(person(request))):
        aloud(request, form)  # somebody else was quicker, and its form has gone from the page
    return request_page(request, found.accession, {what: form})


def did(request: HttpRequest, found: TissueRequest, deed: Deed, several: bool, form: forms.Form) -> Any:
    what: dict[str, Any] = {"requests": [found]} if several else {"request": found}
    try:
        return deed(by=person(request), at=timezone.now(), **what, **form.cleaned_data)
    except Rejected as refused:
        for problem in refused.problems:
            beside(form, problem.field, problem.sentence)
        return None


def request_page(request: HttpRequest, accession: str, filled: dict[str, forms.Form] | None = None) -> HttpResponse:
    scope = scope_of(person(request))
    facts = request_desk.request_facts(scope, accession)
    row = facts.row
    acts = may(person(request), "specimens.request")
    forms_shown = [
        (what, TITLES.get(what, ""), form_of(what, filled), ANSWERS[what][4], bool(filled and what in filled))
        for what in open_deeds(row.state, scope)
        if acts
    ]
    context = {
        "the_request": facts.request,
        "said": said_row(row, local_today(), ""),
        "wanted": wanted_words(facts.request),
        "facts": facts,
        "events": [(event, REASONS.get(NoTissueReason(event.reason), "")) for event in facts.events],
        "first": first_deed(row.step, scope, [what for what, *_ in forms_shown]),
        "forms": forms_shown,
        "over": row.state not in OPEN,
        "may_open": scope.holds(row.treating_site_id) and may(person(request), "specimens.view"),
        "may_contact": may(person(request), "specimens.keep_contacts"),
        "may_announce": may(person(request), "specimens.announce") and row.state in OPEN,
        "shows_letters": scope.everything and acts,
        "entries": desk.lines_about(facts.request) if may(person(request), "specimens.view_ledger") else None,
    }
    return render(request, "requests/request.html", context)


def form_of(what: str, filled: dict[str, forms.Form] | None) -> forms.Form:
    return (filled or {}).get(what) or ANSWERS[what][0](prefix=what)


def open_deeds(state: RequestState, scope: Scope) -> list[str]:
    """What may be done with a request now: by the core, or by the hospital it was sent to."""
    possible: list[str] = []
    if state is RequestState.NOT_SENT:
        possible = ["send", "cancel"]
    elif state in ANSWERABLE:
        possible = ["remind", "promise", "call", "decline", "no-tissue", "cancel"]
        if state is RequestState.SHIPPED:
            possible.remove("remind")
    return [what for what in possible if scope.everything or what not in CORE_ONLY]


def first_deed(step: NextStep, scope: Scope, possible: list[str]) -> str:
    """The one next action of the page."""
    wanted = {
        NextStep.SEND: "send",
        NextStep.TELEPHONE: "call",
        NextStep.REMINDER: "remind",
        NextStep.PROMISE: "remind",
        NextStep.TRACE: "call",
        NextStep.ASK_FOR_REST: "remind",
        NextStep.CANCEL: "cancel",
    }.get(step, "")
    wanted = wanted if scope.everything else "promise"
    return wanted if wanted in possible else ""


urls: list[URLPattern] = [
    path("requests/<str:accession>/", one_request, name="request"),
    *(
        path(f"requests/<str:accession>/{what}/", answer, {"what": what}, name=f"request_{what.replace('-', '_')}")
        for what in ANSWERS
    ),
]
finds = {REQUEST: "request"}
