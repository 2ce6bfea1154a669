"""A patient's clinical factors: what coordinators record, and the group that each clinical system makes of it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.people import scope_of
from lims.web.forms import DayField, tried
from lims.web.gate import may, needs, person
from lims.web.places import Place
from scoring.chart import VIEW, Chart, Group, chart_of
from scoring.charting import LONGEST_REASON, LONGEST_SOURCE, RECORD, NewFactor, record_clinical_factors
from scoring.clinical_words import CHOICES, FACTORS
from scoring.rules.clinical.factors import DATES
from scoring.units import LABS
from specimens.deeds import local_day

UNITS = [unit for lab in LABS.values() for unit in lab.units]


def kind_of(factor: str) -> str:
    if factor in LABS:
        return "Laboratory, with unit and reference range"
    if factor in DATES:
        return "Dates, as 2026-11-23"
    return "Groups entered by hand" if factor.endswith("_group") else "Status and sites"


def offered() -> list[tuple[str, list[tuple[str, str]]]]:
    """The factors as a person picks them, by kind."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for factor in FACTORS:
        choices = f" ({', '.join(CHOICES[factor])})" if factor in CHOICES else ""
        kinds.setdefault(kind_of(factor), []).append((factor, factor.replace("_", " ") + choices))
    return list(kinds.items())


class FactorForm(forms.Form):
    """One factor in the words of its source; the rules of the deed judge it."""

    factor = forms.ChoiceField(label="Factor", choices=offered)
    value = forms.CharField(label="Value", max_length=40, required=False, help_text="Yes-or-no factors: yes or no.")
    unit = forms.CharField(
        label="Unit as given", max_length=20, required=False,
        help_text=f"Of a laboratory value: {', '.join(dict.fromkeys(UNITS))}.",
    )  # fmt: skip
    lower = forms.CharField(label="Lower limit of normal", max_length=20, required=False)
    upper = forms.CharField(label="Upper limit of normal", max_length=20, required=False)
    on = DayField(label="As of", help_text="The day it was measured or true.")
    source = forms.CharField(label="Source", max_length=LONGEST_SOURCE, help_text="Chart, form, registry, paper.")
    reason = forms.CharField(
        label="Why it is corrected", max_length=LONGEST_REASON, required=False,
        help_text="Only for a day that has this factor already. A blank value takes it back.",
    )  # fmt: skip

    def row(self, chart: Chart) -> NewFactor:
        return NewFactor(chart.patient.trial.code, chart.patient.study_id, **self.cleaned_data)


@needs(VIEW)
def clinical(request: HttpRequest, pk: int) -> HttpResponse:
    """The chart with every system's group; for coordinators the form for one factor more."""
    user = person(request)
    chart = chart_of(user, scope_of(user), pk=pk)
    records = may(user, RECORD)
    form = FactorForm(request.POST or None, initial={"on": local_day(timezone.now())}) if records else None
    if request.method == "POST" and form is None:
        record_clinical_factors(by=user, at=timezone.now(), rows=[])  # refuses with the deed's own sentence
    if request.method == "POST" and form is not None and form.is_valid():
        made = tried(form, lambda: record_clinical_factors(by=user, at=timezone.now(), rows=[form.row(chart)]))
        if made is not None:
            said = "was recorded." if made else "is recorded already: nothing changed."
            messages.success(request, f"{form.cleaned_data['factor'].replace('_', ' ')} {said}")
            return redirect("clinical", pk)
    context = {
        "chart": chart,
        "patient": chart.patient,
        "form": form,
        "groups": [(group, words_of(group)) for group in chart.groups],
    }
    return render(request, "patients/clinical.html", context)


def words_of(group: Group) -> dict[str, str]:
    """The lists of a verdict in words."""
    verdict = group.verdict
    if verdict is None:
        return {}
    told = {"possible": verdict.possible_groups, "reasons": verdict.reasons, "missing": verdict.missing}
    return {name: ", ".join(word.replace("_", " ").lower() for word in words) for name, words in told.items()}


urls: list[URLPattern] = [path("patients/<int:pk>/clinical/", clinical, name="clinical")]
places: list[Place] = []
