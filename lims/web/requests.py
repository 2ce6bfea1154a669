"""Requests: the worklist by what is due, what is done with many at once, asking for tissue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from lims import saved_views
from lims.models import User
from lims.people import scope_of
from lims.web.forms import aloud, tried, typed
from lims.web.gate import may, needs, person
from lims.web.paging import LARGEST, Leaf
from lims.web.places import Place
from lims.web.request_words import SaidRow, said_row
from lims.web.worklist import MOST_ROWS, Due, local_today
from specimens import desk, queries, request_desk
from specimens.errors import Refused, Rejected
from specimens.request_desk import DUES, RequestRow, Wish
from specimens.requesting import cancel, remind, send_requests
from specimens.vocabulary import InstitutionRole, RequestState

PAGE = "requests"
STATES = [("", "open"), ("all", "all"), *((s.value, s.value.replace("_", " ")) for s in RequestState)]
FILTERS = ("trial", "site", "state", "due", "q", "mine")


def wish_of(said: QueryDict, user: User) -> Wish:
    """The filters that an address asks for; words it does not know are no filters."""
    state, due = typed(said, "state"), typed(said, "due")
    return Wish(
        trial=typed(said, "trial"),
        site=typed(said, "site"),
        state=state if state in dict(STATES) else "",
        due=due if due in DUES else "",
        sought=typed(said, "q"),
        opened_by=user.pk if typed(said, "mine") else None,
    )


def filters_of(said: QueryDict) -> dict[str, str]:
    return {name: typed(said, name) for name in FILTERS if typed(said, name)}


def begins(said: QueryDict) -> request_desk.Place | None:
    """Where in the list the address begins: `after` is a day and an id, or an id alone; anything else is the start."""
    day, _, number = typed(said, "after").rpartition("_")
    if not (number.isascii() and number.isdigit() and len(number) < 20 and int(number) <= LARGEST):
        return None
    try:
        return request_desk.Place(date.fromisoformat(day) if day else None, int(number))
    except ValueError:
        return None


@needs("specimens.request")
def requests(request: HttpRequest) -> HttpResponse:
    return list_page(request, request.GET)


def list_page(
    request: HttpRequest, said: QueryDict, *, problems: dict[str, str] | None = None, ticked: tuple[str, ...] = (),
    form: forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    scope, today, wish = scope_of(person(request)), local_today(), wish_of(said, person(request))
    rows, onward = request_desk.request_page(scope, wish, today, begins(said))
    filters = filters_of(said)
    context = {
        "groups": grouped([drawn(row, today, problems or {}, ticked) for row in rows], today, wish),
        "counts": request_desk.due_counts(scope, wish_without_due(wish), today),
        "page": Leaf(urlencode(filters) or "start=1" if begins(said) else "", next_page(filters, onward), 50, rows),
        "wish": wish,
        "filters": filters,
        "dues": [(due, urlencode(filters | {"due": due})) for due in DUES],
        "every_due": urlencode({k: v for k, v in filters.items() if k != "due"}),
        "states": STATES,
        "trials": queries.trials(),
        "sites": desk.sites(scope, InstitutionRole.HOLDING),
        "core": scope.everything,
        "views": [(view, view.query == urlencode(filters)) for view in saved_views.views_of(person(request), PAGE)],
        "query": urlencode(filters),
        "form": form or BulkForm(),
        "problems": problems,
        "refused": form is not None,
    }
    return render(request, "requests/list.html", context)


def wish_without_due(wish: Wish) -> Wish:
    """The same list whatever is due: what the counts beside the due filters count."""
    return replace(wish, due="")


def next_page(filters: dict[str, str], onward: request_desk.Place | None) -> str:
    if onward is None:
        return ""
    place = f"{onward.due_on.isoformat()}_{onward.pk}" if onward.due_on else str(onward.pk)
    return urlencode(filters | {"after": place})


def drawn(row: RequestRow, today: date, problems: dict[str, str], ticked: tuple[str, ...]) -> SaidRow:
    href = reverse("request", args=[row.accession])
    return said_row(row, today, href, problem=problems.get(row.accession, ""), ticked=row.accession in ticked)


def grouped(rows: list[SaidRow], today: date, wish: Wish) -> list[tuple[str, str, list[SaidRow]]]:
    """(key, title, rows) of overdue, today, later; one group without a title where nothing is due any more."""
    if not wish.open_only:
        return [("", "", rows)] if rows else []
    titles = {"overdue": "Overdue", "today": f"Today, {today:%A}", "later": "Later"}
    held: dict[str, list[SaidRow]] = {due: [] for due in DUES}
    for each in rows:
        held["overdue" if each.late else "today" if each.row.due_on == today else "later"].append(each)
    return [(due, titles[due], held[due]) for due in DUES if held[due]]


# ---- many at once ----
class BulkForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=500, required=False, help_text="for cancelling alone")


Bulk = Callable[..., list[Any]]
BULK: dict[str, tuple[Bulk, str]] = {
    "send": (send_requests, "{} sent."),
    "remind": (remind, "{} reminded of."),
    "cancel": (cancel, "{} cancelled."),
}


@require_POST
@needs("specimens.request")
def bulk(request: HttpRequest) -> HttpResponse:
    """One deed over the ticked rows; refused, the list comes back with each row's reason and the ticks."""
    said = QueryDict(typed(request.POST, "filters", 600))
    ticked = tuple(text[:24] for text in request.POST.getlist("request")[:500])
    deed, done = BULK.get(typed(request.POST, "do"), (None, ""))
    form = BulkForm(request.POST)
    if deed is None or not form.is_valid():
        return list_page(request, said, ticked=ticked, form=form)
    more = {"reason": form.cleaned_data["reason"]} if deed is cancel else {}
    try:
        chosen = request_desk.rows_named(scope_of(person(request)), list(ticked))
        events = deed(by=person(request), at=timezone.now(), requests=chosen, **more)
    except Rejected as refused:
        problems = {problem.value: problem.sentence for problem in refused.problems}
        return list_page(request, said, problems=problems, ticked=ticked, form=form)
    except Refused as refused:
        form.add_error("reason" if refused.field == "reason" else None, refused.sentence)
        return list_page(request, said, ticked=ticked, form=form)
    count = f"{len(events)} request{'' if len(events) == 1 else 's'}"
    messages.success(request, done.format(f"{count} {'was' if len(events) == 1 else 'were'}"))
    return redirect(f"{reverse('requests')}?{said.urlencode()}")


# ---- saved views ----
class ViewForm(forms.Form):
    name = forms.CharField(max_length=60, required=False)


@require_POST
@needs("specimens.request")
def save_view(request: HttpRequest) -> HttpResponse:
    form, query = ViewForm(request.POST), typed(request.POST, "query", 600)
    if form.is_valid():
        kept = tried(
            form,
            lambda: saved_views.save_view(
                by=person(request), at=timezone.now(), page=PAGE, name=form.cleaned_data["name"], query=query
            ),
        )
        if kept:
            messages.success(request, f"The view “{kept.name}” is kept.")
    aloud(request, form)
    return redirect(f"{reverse('requests')}?{query}")


@require_POST
@needs("specimens.request")
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    name = saved_views.delete_view(by=person(request), at=timezone.now(), pk=pk)
    messages.success(request, f"The view “{name}” is forgotten.")
    return redirect("requests")


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Requests that wait for a person, each with its next action; a hospital's people answer theirs."""
    if not may(user, "specimens.request"):
        return []
    scope, today = scope_of(user), timezone.localtime(now).date()
    rows = request_desk.due_requests(scope, today, MOST_ROWS)
    return [as_due(said_row(row, today, reverse("request", args=[row.accession])), scope.everything) for row in rows]


def as_due(said: SaidRow, core: bool) -> Due:
    return Due(
        on=said.row.due_on if core or said.late else None,
        kind="Request",
        number=said.row.accession,
        what=said.what if core else f"The core asks for tissue since {said.row.asked_on}",
        patient=said.row.study_id,
        where=said.row.site,
        state=said.state,
        shape=said.shape,
        action=said.action if core else "Answer the request",
        href=said.href,
        synthetic=said.row.synthetic,
    )


urls: list[URLPattern] = [
    path("requests/", requests, name="requests"),
    path("requests/many/", bulk, name="requests_bulk"),
    path("requests/views/", save_view, name="save_view"),
    path("requests/views/<int:pk>/delete/", delete_view, name="delete_view"),
]
places = [Place("requests", "Requests", "q", ("specimens.request",), 15)]
