"""Trials: opened, and closed with a reason."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.web.forms import DayField, reason_field, tried
from lims.web.gate import needs, person
from lims.web.places import Place
from lims.web.worklist import local_today
from specimens import desk, queries, request_desk
from specimens.enrolling import close_trial, open_trial


class TrialForm(forms.Form):
    code = forms.CharField(label="Code", max_length=24, help_text="such as SELECT")
    title = forms.CharField(label="Title", max_length=300)
    readers_per_case = forms.TypedChoiceField(
        label="Readers a case", choices=[(2, "2"), (1, "1")], coerce=int, widget=forms.RadioSelect, initial=2
    )
    synthetic = forms.BooleanField(label="All of it is synthetic", required=False)
    note = forms.CharField(label="Note", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


@needs("lims.administer")
def trials(request: HttpRequest) -> HttpResponse:
    form = TrialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        opened = tried(form, lambda: open_trial(by=person(request), at=timezone.now(), **form.cleaned_data))
        if opened:
            messages.success(request, f"Trial {opened.code} is open for enrolment.")
            return redirect("trials")
    return render(request, "house/trials.html", {"form": form, "trials": desk.trials_with_counts()})


class CloseForm(forms.Form):
    closed_on = DayField(label="Closed on")
    reason = reason_field("Why")


@needs("lims.administer")
def close(request: HttpRequest, code: str) -> HttpResponse:
    """What closing stops, and what stays to be done; then the deed."""
    found = queries.trial(code)
    form = CloseForm(request.POST or None, initial={"closed_on": local_today()})
    if request.method == "POST" and form.is_valid():
        closed = tried(
            form, lambda: close_trial(by=person(request), at=timezone.now(), trial=found, **form.cleaned_data)
        )
        if closed:
            messages.success(request, f"Trial {closed} is closed.")
            return redirect("trials")
    context = {"trial": found, "form": form, "chased": request_desk.still_chased(found)}
    return render(request, "house/close_trial.html", context)


urls: list[URLPattern] = [
    path("trials/", trials, name="trials"),
    path("trials/<str:code>/close/", close, name="close_trial"),
]
places = [Place("trials", "Trials", "t", ("lims.administer",), 12)]
