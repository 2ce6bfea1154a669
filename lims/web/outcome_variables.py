"""Endpoints a trial declares for itself: those there are, and one more."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims import outcome_variables as own
from lims.models.outcome_variables import OutcomeVariable
from lims.people import scope_of
from lims.vocabulary import VariableKind
from lims.web.forms import PickField, tried
from lims.web.gate import may, needs, person
from specimens import queries

KINDS = [
    (VariableKind.NUMBER.value, "a number"),
    (VariableKind.WHOLE.value, "a whole number"),
    (VariableKind.CODE.value, "one of some codes"),
    (VariableKind.FLAG.value, "an event: 1 or 0"),
    (VariableKind.DATE.value, "a date, as far as it is known"),
    (VariableKind.TEXT.value, "text"),
]


class VariableForm(forms.Form):
    trial = PickField(label="Trial", queryset=None, empty_label=None, to_field_name="code")
    name = forms.CharField(
        label="Name of its column", max_length=32, help_text="such as qlq_fa",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "id"}),
    )  # fmt: skip
    label = forms.CharField(label="What it is", max_length=40, help_text="such as QLQ-C30 fatigue; it is its label")
    kind = forms.ChoiceField(label="Each value is", choices=KINDS, widget=forms.RadioSelect, initial="number")
    unit = forms.CharField(label="Unit", max_length=20, required=False, help_text="of a number, such as score 0-100")
    codes = forms.CharField(
        label="Codes", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="one a line, such as 1 = mild",
    )  # fmt: skip
    by_time_point = forms.BooleanField(label="At time points: qlq_fa@week 12", required=False)
    source = forms.CharField(label="Instrument or definition", max_length=300)

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]

    def clean_codes(self) -> dict[str, str]:
        found = {}
        for line in filter(str.strip, self.cleaned_data["codes"].splitlines()):
            code, sign, meaning = line.partition("=")
            if not sign or not code.strip() or not meaning.strip():
                raise forms.ValidationError(f"Write “{line.strip()[:40]}” as a code, =, and what it means: 1 = mild.")
            if code.strip() in found:
                raise forms.ValidationError(f"The code {code.strip()[:40]} stands there twice.")
            found[code.strip()] = meaning.strip()
        return found


@needs("lims.view_outcomes")
def variables(request: HttpRequest) -> HttpResponse:
    """What the trials declared, and a form for one more."""
    may_declare = may(person(request), "lims.import_outcomes")
    form = VariableForm(request.POST or None)
    if request.method == "POST" and may_declare and form.is_valid() and (done := declared(request, form)):
        messages.success(request, f"{done} of {done.trial} is declared: releases may hold it from now on.")
        return redirect("outcome_variables")
    found = own.declared(scope_of(person(request))).order_by("trial__code", "name")
    context = {"variables": found, "form": form if may_declare else None}
    return render(request, "statistics/variables.html", context)


def declared(request: HttpRequest, form: VariableForm) -> OutcomeVariable | None:
    return tried(form, lambda: own.declare_variable(by=person(request), at=timezone.now(), **form.cleaned_data))


urls: list[URLPattern] = [path("outcomes/variables/", variables, name="outcome_variables")]
