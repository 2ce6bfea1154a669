"""Home is the worklist of the role: what is due, oldest first, each row with its next action."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.people import roles_of
from lims.vocabulary import Role
from lims.web.families import FAMILIES
from lims.web.gate import person
from lims.web.worklist import MOST_ROWS, Due, grouped, headline, local_today


def due_rows(request: HttpRequest) -> list[Due]:
    """Everything the signed-in person can do next, from every family that offers work."""
    now = timezone.now()
    return [row for family in FAMILIES if hasattr(family, "due") for row in family.due(person(request), now)]


def home(request: HttpRequest) -> HttpResponse:
    today, rows = local_today(), due_rows(request)
    if roles_of(person(request)) == [Role.STATISTICIAN]:
        return redirect("scores")
    kinds = list(dict.fromkeys(row.kind for row in rows))
    chosen = request.GET.get("kind", "")
    shown = [row for row in rows if row.kind == chosen] if chosen in kinds else rows
    context = {
        "headline": headline(shown, today),
        "groups": grouped(shown, today),
        "kinds": [(kind, sum(row.kind == kind for row in rows)) for kind in kinds],
        "chosen": chosen if chosen in kinds else "",
        "total": len(rows),
        "shown": len(shown),
        "capped": [kind for kind in kinds if sum(row.kind == kind for row in rows) >= MOST_ROWS],
        "any_role": roles_of(person(request)),
    }
    return render(request, "home.html", context)


urls: list[URLPattern] = [path("", home, name="home")]
