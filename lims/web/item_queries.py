"""Questions to senders about items of their parcels: the list, one question, its answers and its end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.models import User
from lims.people import scope_of, who_may_at
from lims.web.forms import tried, typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.parcels import may_receive
from lims.web.places import Place
from lims.web.worklist import MOST_ROWS, Due
from specimens import desk, query_desk
from specimens.identifiers import QUERY, parsed
from specimens.query_desk import QueryRow, QueryState
from specimens.questioning import answer_query, close_query, hand_over

ANSWERS = ("specimens.announce", "specimens.receive")
SHAPES = {QueryState.OPEN: "open", QueryState.ANSWERED: "ask", QueryState.CLOSED: "done"}
ANSWERED_WITHIN = timedelta(days=7)


class AnswerForm(forms.Form):
    text = forms.CharField(label="Answer", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label="What came of it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The ledger keeps it.",
    )


class HandOverForm(forms.Form):
    """To somebody who receives parcels where this one went."""

    to = forms.ChoiceField(label="To")
    reason = forms.CharField(label="Why", max_length=500, help_text="The ledger keeps it.")

    def __init__(self, row: QueryRow, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(each.pk): each for each in who_may_at("specimens.receive", row.receiver_id)}
        others = [(pk, str(each)) for pk, each in self.people.items() if each.pk != row.owner_id]
        self.fields["to"].choices = [("", "choose who"), *others]  # type: ignore[attr-defined]

    def clean_to(self) -> User:
        return self.people[self.cleaned_data["to"]]


@needs("specimens.view")
def item_queries(request: HttpRequest) -> HttpResponse:
    user, state = person(request), typed(request.GET, "state")
    chosen = {"sender": typed(request.GET, "sender"), "parcel": typed(request.GET, "parcel").upper()}
    mine = "mine" in request.GET
    page = query_desk.query_list(
        scope_of(user), state=state, owner_id=user.pk if mine else None, before_id=pager(request).before_id, **chosen
    )
    context = {
        "page": pager(request).of(page),
        "rows": [(row, SHAPES[row.state]) for row in page.rows],
        "states": [state.value for state in QueryState],
        "state": state,
        "mine": mine,
        "senders": desk.sites(scope_of(user)),
        **chosen,
    }
    return render(request, "queries/list.html", context)


@needs("specimens.view")
def item_query(request: HttpRequest, accession: str) -> HttpResponse:
    return query_page(request, query_of(request, accession))


def query_of(request: HttpRequest, accession: str) -> Any:
    return query_desk.query_in(scope_of(person(request)), parsed(accession))


def query_page(request: HttpRequest, found: Any, **given: forms.Form) -> HttpResponse:
    user, row = person(request), query_desk.query_row(found)
    context = {
        "query": found,
        "row": row,
        "shape": SHAPES[row.state],
        "answers": query_desk.answers_to(found),
        "letters": found.letters.order_by("id"),
        "open": row.state != QueryState.CLOSED,
        "may_answer": may_answer(user, row),
        "on_behalf": on_behalf(user),
        "may_close": may_receive(user, row.receiver_id),
        "answer": given.get("answer") or AnswerForm(prefix="answer"),
        "closing": given.get("closing") or OutcomeForm(prefix="closing"),
        "handing": given.get("handing") or HandOverForm(row, prefix="handing"),
        "handovers": query_desk.handovers_of(found),
    }
    return render(request, "queries/query.html", context)


def may_answer(user: User, row: QueryRow) -> bool:
    return may(user, *ANSWERS) and scope_of(user).holds(row.sender_id)


def on_behalf(user: User) -> bool:
    """The core's own people write down what the sender told them."""
    return scope_of(user).everything


@needs(*ANSWERS)
@require_POST
def answer(request: HttpRequest, accession: str) -> HttpResponse:
    form, user = AnswerForm(request.POST, prefix="answer"), person(request)
    return done(
        request,
        accession,
        form,
        lambda query: answer_query(
            by=user, at=timezone.now(), query=query, text=form.cleaned_data["text"], on_behalf=on_behalf(user)
        ),
        "answer",
        "The answer is on record.",
    )


@needs("specimens.receive")
@require_POST
def close(request: HttpRequest, accession: str) -> HttpResponse:
    form = OutcomeForm(request.POST, prefix="closing")
    return done(
        request,
        accession,
        form,
        lambda query: close_query(
            by=person(request), at=timezone.now(), query=query, outcome=form.cleaned_data["outcome"]
        ),
        "closing",
        "The question is closed.",
    )


@needs("specimens.receive")
@require_POST
def hand(request: HttpRequest, accession: str) -> HttpResponse:
    row = query_desk.query_row(query_of(request, accession))
    form = HandOverForm(row, request.POST, prefix="handing")
    return done(
        request,
        accession,
        form,
        lambda query: hand_over(by=person(request), at=timezone.now(), query=query, **form.cleaned_data),
        "handing",
        "The question is handed over.",
    )


def done(
    request: HttpRequest, accession: str, form: forms.Form, deed: Callable[[Any], object], name: str, said: str
) -> HttpResponse:
    """Do the deed and show the question again; refused, with the form as it was typed."""
    found = query_of(request, accession)
    if form.is_valid() and tried(form, lambda: deed(found)) is not None:
        messages.success(request, said)
        return redirect("item_query", found.accession)
    for sentence in form.non_field_errors():
        messages.warning(request, str(sentence))
    return query_page(request, query_of(request, accession), **{name: form})


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """For a hospital what it is asked; for the core what was answered, and what stays unanswered."""
    if not may(user, *ANSWERS):
        return []
    rows = query_desk.undone(scope_of(user), MOST_ROWS)
    return [asked(row, user) for row in rows if may_answer(user, row) or may_receive(user, row.receiver_id)]


def asked(row: QueryRow, user: User) -> Due:
    closes, answered = may_receive(user, row.receiver_id), row.state == QueryState.ANSWERED
    since = timezone.localtime(row.asked_at).date()
    action = ("Close the question" if answered else "Look after it") if closes else "Answer"
    return Due(
        on=since if answered and closes else since + ANSWERED_WITHIN,
        kind="Question",
        number=row.accession,
        what=f"{row.thing} of parcel {row.parcel}: {row.question}",
        where=row.sender,
        patient=row.patient,
        state=row.state,
        shape=SHAPES[row.state],
        action=action,
        href=reverse("item_query", args=[row.accession]),
        synthetic=row.synthetic,
        since=row.asked_at,
    )


urls: list[URLPattern] = [
    path("queries/", item_queries, name="item_queries"),
    path("queries/<str:accession>/", item_query, name="item_query"),
    path("queries/<str:accession>/answer/", answer, name="answer_query"),
    path("queries/<str:accession>/close/", close, name="close_query"),
    path("queries/<str:accession>/hand-over/", hand, name="hand_over_query"),
]
finds = {QUERY: "item_query"}
places = [Place("item_queries", "Questions", "k", ("specimens.announce", "specimens.receive"), 24)]
