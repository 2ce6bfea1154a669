"""Asking for tissue: of one patient from their page, or of many who have consented and have none here."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.people import scope_of
from lims.web.forms import PickField, beside, typed
from lims.web.gate import needs, person
from lims.web.paging import pager
from specimens import desk, queries, request_desk
from specimens.deeds import demand_core
from specimens.errors import Refused, Rejected
from specimens.models import Patient
from specimens.requesting import MOST_SECTIONS, NewRequest, open_requests
from specimens.scope import Scope
from specimens.vocabulary import InstitutionRole, Wanted

WANTED = [
    (Wanted.EITHER.value, "a block or unstained slides"),
    (Wanted.BLOCK.value, "a block"),
    (Wanted.UNSTAINED_SLIDES.value, "unstained slides"),
]


class AskForm(forms.Form):
    """Who is asked for what; `holding_site` blank is each patient's own treating site."""

    holding_site = PickField(
        label="Ask", queryset=None, to_field_name="code", required=False, empty_label="where each was treated"
    )
    wanted = forms.ChoiceField(label="For", choices=WANTED)
    sections = forms.IntegerField(label="Slides", required=False, min_value=1, max_value=MOST_SECTIONS)
    note = forms.CharField(label="Note in the letter", max_length=500, required=False)
    send = forms.BooleanField(label="Send the letters now", required=False, initial=True)

    def __init__(self, scope: Scope, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["holding_site"].queryset = desk.sites(scope, InstitutionRole.HOLDING)  # type: ignore[attr-defined]

    def wishes(self, patients: list[Patient]) -> list[NewRequest]:
        said = self.cleaned_data
        return [
            NewRequest(
                patient,
                said["holding_site"] or patient.treating_site,
                Wanted(said["wanted"]),
                said["sections"],
                said["note"],
            )
            for patient in patients
        ]


def numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19][:500]


@needs("specimens.request")
def ask(request: HttpRequest) -> HttpResponse:
    """The form and the patients to tick; posted, one deed opens all requests or names what stops each."""
    demand_core(person(request), "Asking for tissue")
    scope = scope_of(person(request))
    if request.method != "POST":
        return ask_page(request, AskForm(scope), numbers(request.GET.getlist("patient")), {})
    form, ticked = AskForm(scope, request.POST), numbers(request.POST.getlist("patient"))
    if not form.is_valid():
        return ask_page(request, form, ticked, {})
    patients = request_desk.patients_named(scope, ticked)
    problems: dict[str, str] = {}
    try:
        opened = open_requests(
            by=person(request), at=timezone.now(), wanted=form.wishes(patients), send=form.cleaned_data["send"]
        )
    except Rejected as refused:
        for problem in refused.problems:
            if problem.field in form.fields and problem.field != "holding_site":
                beside(form, problem.field, problem.sentence)
            problems.setdefault(problem.value, problem.sentence)
        return ask_page(request, form, ticked, problems)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return ask_page(request, form, ticked, problems)
    count = f"{len(opened)} request{'' if len(opened) == 1 else 's'}"
    went = "sent" if form.cleaned_data["send"] else "opened, not yet sent"
    messages.success(request, f"{count} {'was' if len(opened) == 1 else 'were'} {went}.")
    return redirect("request", opened[0].accession) if len(opened) == 1 else redirect("requests")


def ask_page(request: HttpRequest, form: AskForm, ticked: list[int], problems: dict[str, str]) -> HttpResponse:
    """Only the named patients when the address names some; else everybody who may be asked for."""
    scope, trial, site = scope_of(person(request)), typed(request.GET, "trial"), typed(request.GET, "site")
    one = request.method != "POST" and bool(ticked)
    page = request_desk.to_ask_for(scope, trial=trial, site=site, before_id=pager(request).before_id)
    named = request_desk.patients_named(scope, ticked) if ticked else []
    others: list[Any] = [] if one else [p for p in page.rows if p.pk not in ticked]
    context = {
        "form": form,
        "patients": [(p, p.pk in ticked, problems.get(str(p), "")) for p in [*named, *others]],
        "page": pager(request).of(page),
        "one": one,
        "problems": problems,
        "trials": queries.trials(),
        "sites": desk.sites(scope, InstitutionRole.TREATING),
        "trial": trial,
        "site": site,
        "back": reverse("requests"),
    }
    return render(request, "requests/ask.html", context)


urls: list[URLPattern] = [path("requests/ask/", ask, name="ask")]
