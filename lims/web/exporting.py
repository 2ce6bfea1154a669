"""The export: choose a table and a format, see how many rows will come, take it; the dictionary; snippets."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from lims.export import dictionary
from lims.export.formats import FORMATS
from lims.export.query import TABLES, Asked
from lims.export.rows import number_of
from lims.moments import end_of
from lims.people import scope_of
from lims.web.forms import PastDayField
from lims.web.gate import needs, person
from scoring.rules.editions import CURRENT
from specimens import queries

NOTHING: dict[str, Any] = {"table": "patients", "trial": None, "as_of": None, "format": "csv"}


class ExportForm(forms.Form):
    table = forms.ChoiceField(
        label="Table", choices=[(name, name.replace("_", " ")) for name in TABLES], required=False
    )
    trial: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Trial", queryset=None, required=False, empty_label="all trials", to_field_name="code"
    )
    as_of = PastDayField(label="As of", required=False, help_text="End of that day, UTC; blank is now.")
    format = forms.ChoiceField(label="Format", choices=[(each.name, each.title) for each in FORMATS.values()])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]


@needs("lims.export")
def export(request: HttpRequest) -> HttpResponse:
    """The choice in the address, so that it can be kept and sent; the file itself comes from the API."""
    form = ExportForm({"format": "csv", "table": "patients", **request.GET.dict()})
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else NOTHING
    trial = chosen["trial"].code if chosen["trial"] else ""
    day: date | None = chosen["as_of"]
    until = end_of(day) if day else None
    wanted = {"format": chosen["format"], "trial": trial, "as_of": day.isoformat() if day else ""}
    table = TABLES[chosen["table"] or "patients"]
    path = reverse(f"api-export-{table.name}")
    address = f"{path}?{urlencode({name: value for name, value in wanted.items() if value})}"
    whole = {name: value for name, value in (wanted | {"format": "csv"}).items() if value}
    context = {
        "form": form,
        "count": number_of(Asked(scope_of(person(request)), trial=trial, as_of=until), table),
        "trial": trial,
        "day": day,
        "kind": FORMATS[chosen["format"]].title,
        "address": address,
        "whole": request.build_absolute_uri(f"{path}?{urlencode(whole)}"),
        "columns": table.columns,
        "version": dictionary.VERSION,
        "table": table,
        "edition": CURRENT.edition,
    }
    return render(request, "statistics/export.html", context)


urls: list[URLPattern] = [path("export/", export, name="export")]
