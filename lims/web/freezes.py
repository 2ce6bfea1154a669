"""Freezes of the export: those there are, one more, what a freeze holds, how two differ."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims import freeze_differences, freezing
from lims.people import scope_of
from lims.web.forms import PickField, tried
from lims.web.gate import needs, person
from lims.web.paging import LARGEST
from specimens import queries

MOST_SHOWN = 50


class FreezeForm(forms.Form):
    name = forms.CharField(label="Name of the freeze", max_length=60, help_text="such as 2026-11 interim")
    trial = PickField(label="Trial", queryset=None, required=False, empty_label="all trials", to_field_name="code")
    reason = forms.CharField(label="Why", max_length=500)

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]


@needs("lims.export")
def freezes(request: HttpRequest) -> HttpResponse:
    """The newest fifty, and the form for one more. Of the core's own people alone."""
    user = person(request)
    scope = scope_of(user)
    form = FreezeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        kept = tried(form, lambda: freezing.freeze_export(by=user, at=timezone.now(), **said))
        if kept:
            messages.success(request, f"{kept} is being written; its tables stand here in a moment.")
            return redirect("freeze", kept.pk)
    context = {"freezes": freezing.freezes(scope)[:MOST_SHOWN], "form": form if scope.everything else None}
    return render(request, "statistics/freezes.html", context)


@needs("lims.export")
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """What it holds, with every checksum; `?again=1` makes every table once more and compares."""
    scope = scope_of(person(request))
    found = freezing.one_freeze(scope, min(pk, LARGEST))
    context = {
        "freeze": found,
        "tables": freezing.tables_of(found),
        "sealed": freezing.sealed_since(found),
        "again": {each.table: each for each in freezing.made_again(found)} if request.GET.get("again") else {},
        "others": freezing.freezes(scope).exclude(pk=found.pk)[:MOST_SHOWN],
    }
    return render(request, "statistics/freeze.html", context)


@needs("lims.export")
def difference(request: HttpRequest, a: int, b: int) -> HttpResponse:
    """What the later of two says differently."""
    scope = scope_of(person(request))
    one, other = (freezing.one_freeze(scope, min(pk, LARGEST)) for pk in (a, b))
    found = freeze_differences.difference(one, other)
    context = {
        "found": found,
        "tables": [table for table in found.tables if not table.same],
        "patients": found.patients[:MOST_SHOWN],
    }
    return render(request, "statistics/freeze_difference.html", context)


urls: list[URLPattern] = [
    path("freezes/", freezes, name="freezes"),
    path("freezes/<int:pk>/", freeze, name="freeze"),
    path("freezes/<int:a>/against/<int:b>/", difference, name="freeze_difference"),
]
