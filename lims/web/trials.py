"""Trials and their opening."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.web.forms import tried
from lims.web.gate import needs, person
from lims.web.places import Place
from specimens import desk
from specimens.enrolling import open_trial


class TrialForm(forms.Form):
    code = forms.CharField(label="Code", max_length=15, help_text="such as SELECT")
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


urls: list[URLPattern] = [path("trials/", trials, name="trials")]
places = [Place("trials", "Trials", "t", ("lims.administer",), 12)]
