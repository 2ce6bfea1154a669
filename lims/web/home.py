"""Home is the worklist of the role: what is due, oldest first, each row with its next action."""

import csv
import io
from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import urlencode

from lims.export.spelling import FORMULA
from lims.people import roles_of
from lims.vocabulary import Role
from lims.web.families import FAMILIES
from lims.web.forms import typed
from lims.web.gate import person
from lims.web.worklist import MOST_ROWS, Chosen, Due, at_most, grouped, headline, local_today

COLUMNS = ("group", "due", "days_late", "kind", "number", "what", "patient", "held_at", "state", "next", "synthetic")


def due_rows(request: HttpRequest) -> list[Due]:
    """Everything the signed-in person can do next, from every family that offers work."""
    now = timezone.now()
    return at_most(row for family in FAMILIES if hasattr(family, "due") for row in family.due(person(request), now))


def chosen_by(request: HttpRequest, rows: list[Due]) -> Chosen:
    """What the address asks for; a word that no row has asks for nothing."""
    kind, where = typed(request.GET, "kind"), typed(request.GET, "where", 200)
    return Chosen(
        kind if any(row.kind == kind for row in rows) else "", where if any(row.where == where for row in rows) else ""
    )


def home(request: HttpRequest) -> HttpResponse:
    if roles_of(person(request)) == [Role.STATISTICIAN]:
        return redirect("scores")
    today, rows = local_today(), due_rows(request)
    chosen = chosen_by(request, rows)
    shown = chosen.among(rows)
    context = {
        "headline": headline(shown, today),
        "groups": grouped(shown, today),
        "kinds": kinds_of(rows, chosen),
        "places": sorted({row.where for row in rows if row.where}),
        "chosen": chosen,
        "total": len(replace(chosen, kind="").among(rows)),
        "shown": len(shown),
        "download": urlencode({name: word for name, word in (("kind", chosen.kind), ("where", chosen.where)) if word}),
        "capped": [kind for kind, _ in kinds_of(rows, Chosen()) if sum(r.kind == kind for r in rows) >= MOST_ROWS],
        "any_role": roles_of(person(request)),
    }
    return render(request, "home.html", context)


def kinds_of(rows: list[Due], chosen: Chosen) -> list[tuple[str, int]]:
    """Each kind of work with as many rows as choosing it would show."""
    kinds = dict.fromkeys(row.kind for row in rows)
    return [(kind, len(replace(chosen, kind=kind).among(rows))) for kind in kinds]


def download(request: HttpRequest) -> HttpResponse:
    """The rows the page shows, in its order, as CSV."""
    rows = due_rows(request)
    written = as_csv(chosen_by(request, rows).among(rows), local_today())
    answer = HttpResponse(written, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="due-{timezone.localtime():%Y%m%d-%H%M}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def as_csv(rows: list[Due], today: date) -> str:
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    for group in grouped(rows, today):
        for row, late in group.rows:
            said = (
                group.title, row.on.isoformat() if row.on else "", late or "", row.kind, row.number, row.what,
                row.patient, row.where, row.state, row.action, int(row.synthetic),
            )  # fmt: skip
            sheet.writerow([plain(value) for value in said])
    return text.getvalue()


def plain(value: object) -> object:
    """No text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


urls: list[URLPattern] = [path("", home, name="home"), path("due.csv", download, name="due_csv")]
