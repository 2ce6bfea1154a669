"""The ledger of loans, one loan, and what the core and its owner say about it."""

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
from lims.people import scope_of
from lims.web.forms import DayField, PickField, aloud, reason_field, tried, typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.worklist import MOST_ROWS, Due, local_today
from specimens import desk, identifiers, lending, loan_desk, queries
from specimens.identifiers import parsed
from specimens.loan_desk import SHAPES
from specimens.loan_starts import specimen_of
from specimens.loan_state import HERE
from specimens.vocabulary import LoanEventKind, LoanState

GROUPS = ("open", "in hand")
MORE_TIME = timedelta(days=14)


@needs("specimens.view")
def loans(request: HttpRequest) -> HttpResponse:
    scope, today = scope_of(person(request)), local_today()
    state, owner = typed(request.GET, "state"), typed(request.GET, "owner")
    page = loan_desk.loan_list(scope, today, state=state, owner=owner, before_id=pager(request).before_id)
    context = {
        "page": pager(request).of(page),
        "rows": [(row, SHAPES[LoanState(row.state)], loan_desk.thing_of(row), specimen_of(row.item).patient)
                 for row in page.rows],
        "states": [*GROUPS, *(state.value for state in LoanState)],
        "state": state,
        "owner": owner,
        "owners": loan_desk.lenders(scope),
        "rates": loan_desk.on_time(scope, today),
        "here": {state.value for state in HERE},
        "may_return": may_return(request),
        "today": today,
    }  # fmt: skip
    return render(request, "loans/list.html", context)


def may_return(request: HttpRequest) -> bool:
    return may(person(request), "specimens.lend") and scope_of(person(request)).everything


# ---- one loan ----
class AskForm(forms.Form):
    until = DayField(label="Until")
    reason = reason_field("Why it must stay longer")


class AnswerForm(forms.Form):
    granted = forms.ChoiceField(
        label="The owner", choices=[("yes", "extends it"), ("no", "does not")], widget=forms.RadioSelect, initial="yes"
    )
    until = DayField(label="Until", required=False, help_text="Blank: the day that was asked for.")
    reason = reason_field("Why not, or what was said", required=False)


class SayForm(forms.Form):
    reason = reason_field("Why, or how it was said", required=False)


FORMS: dict[str, tuple[type[forms.Form], str]] = {
    "ask": (AskForm, "The owner is asked for more time."),
    "answer": (AnswerForm, "The owner’s answer was recorded."),
    "recall": (SayForm, "The recall was recorded: it goes back next."),
    "withdraw": (SayForm, "The recall was withdrawn."),
    "donate": (SayForm, "It was given for good: the loan has ended."),
}


def loan_of(request: HttpRequest, accession: str) -> Any:
    return loan_desk.loan(scope_of(person(request)), parsed(accession), local_today())


@needs("specimens.view")
def loan(request: HttpRequest, accession: str) -> HttpResponse:
    return loan_page(request, loan_of(request, accession))


def loan_page(request: HttpRequest, found: Any, refused: tuple[str, forms.Form] | None = None) -> HttpResponse:
    scope, specimen = scope_of(person(request)), specimen_of(found.item)
    offered = [name for name in FORMS if offers(request, found, name)]
    made = {name: FORMS[name][0](prefix=name) for name in offered}
    if refused and refused[0] in made:
        made[refused[0]] = refused[1]
    context = {
        "loan": found,
        "shape": SHAPES[LoanState(found.state)],
        "thing": loan_desk.thing_of(found),
        "thing_page": "slide" if found.item.slide else "block",
        "specimen": specimen,
        "may_open": scope.holds(specimen.patient.treating_site_id),
        "events": loan_desk.events_of(found),
        "forms": made,
        "opened": refused[0] if refused else "",
        "may_return": may_return(request) and found.state in HERE,
        "entries": desk.lines_about(found) if may(person(request), "specimens.view_ledger") else None,
        "late": (local_today() - found.due_now).days if found.due_now and found.state in HERE else 0,
    }
    return render(request, "loans/loan.html", context)


def offers(request: HttpRequest, found: Any, name: str) -> bool:
    """May this person say this of the loan now? The deed checks again."""
    if not may(person(request), "specimens.lend") or found.state not in HERE:
        return False
    scope, recalled = scope_of(person(request)), found.state == LoanState.RECALLED
    asked = found.asked_kind == LoanEventKind.EXTENSION_ASKED
    return {
        "ask": scope.everything and not recalled and not asked,
        "answer": scope.holds(found.lender_id),
        "recall": scope.holds(found.lender_id) and not recalled,
        "withdraw": scope.holds(found.lender_id) and recalled,
        "donate": scope.holds(found.lender_id),
    }[name]


@needs("specimens.lend")
@require_POST
def say(request: HttpRequest, accession: str, word: str) -> HttpResponse:
    """One of the five things that can be said of a loan."""
    found = loan_of(request, accession)
    form = FORMS[word][0](request.POST, prefix=word)
    if form.is_valid():
        done = tried(form, lambda: deeds(request, found, form.cleaned_data)[word]())
        if done:
            messages.success(request, FORMS[word][1])
            return redirect("loan", found.accession)
    if not offers(request, found, word):
        aloud(request, form)
    return loan_page(request, found, (word, form))


def deeds(request: HttpRequest, found: Any, said: dict[str, Any]) -> dict[str, Callable[[], object]]:
    who: dict[str, Any] = {"by": person(request), "at": timezone.now(), "loan": found}
    why = {"reason": said["reason"]}
    return {
        "ask": lambda: lending.ask_extension(**who, **why, until=said["until"]),
        "answer": lambda: lending.answer_extension(**who, **why, granted=said["granted"] == "yes", until=said["until"]),
        "recall": lambda: lending.recall(**who, **why),
        "withdraw": lambda: lending.withdraw_recall(**who, **why),
        "donate": lambda: lending.donate(**who, **why),
    }


# ---- how long loans last ----
class TermsForm(forms.Form):
    """Of a trial or of an institution; days blank takes an institution's own length away."""

    trial = PickField(label="Trial", queryset=None, to_field_name="code", required=False, empty_label="none")
    institution = PickField(
        label="or institution", queryset=None, to_field_name="code", required=False, empty_label="none"
    )
    days = forms.IntegerField(label="Days", required=False, min_value=1, max_value=lending.MOST_DAYS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]
        self.fields["institution"].queryset = queries.institutions()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if bool(said.get("trial")) == bool(said.get("institution")):
            self.add_error("trial", "Choose a trial or an institution, one of the two.")
        return said


@needs("specimens.lend")
def terms(request: HttpRequest) -> HttpResponse:
    """How long a loan lasts when its parcel says nothing."""
    form = TermsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def deed() -> bool:
            lending.set_loan_days(by=person(request), at=timezone.now(), **form.cleaned_data)
            return True

        if tried(form, deed):
            messages.success(request, "The length of loans was set; running loans keep their day.")
            return redirect("loan_terms")
    context = {
        "form": form,
        "trials": queries.trials(),
        "institutions": [i for i in queries.institutions() if i.loan_days],
        "may_set": may_return(request),
    }
    return render(request, "loans/terms.html", context)


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Loans to send back and to ask about, for the core; questions to answer and recalls under way, for the owner."""
    if not may(user, "specimens.lend"):
        return []
    scope, today = scope_of(user), local_today()
    if scope.everything:
        return [owed(loan) for loan in loan_desk.due_loans(scope, today, MOST_ROWS)]
    asked = loan_desk.questions(scope, today, MOST_ROWS)
    return [question(loan) for loan in asked if scope.holds(loan.lender_id)]


def owed(found: Any) -> Due:
    """One loan the core owes: a recalled one is due since its recall."""
    thing, recalled = loan_desk.thing_of(found), found.state == LoanState.RECALLED
    since = timezone.localtime(found.recall_at).date() if recalled else None
    soon = found.state == LoanState.DUE_SOON
    kind = "slide" if found.item.slide else "block"
    asked = found.asked_kind == LoanEventKind.EXTENSION_ASKED
    ends = f"the loan {'ends' if soon else 'ended'} on {found.due_now}"
    what = f"Return {kind} {thing}: " + (f"recalled by its owner on {since}" if recalled else ends)
    href = reverse("loan", args=[found.accession]) if soon else f"{reverse('send_back')}?things={thing}"
    return Due(
        on=since or found.due_now,
        kind="Loan",
        number=found.accession,
        what=what + (f"; {found.lender} was asked for more time" if asked else ""),
        where=found.lender.name,
        state=found.state.replace("_", " "),
        shape=SHAPES[LoanState(found.state)],
        action="Open the loan" if soon else f"Return 1 {kind}",
        href=href,
        patient=specimen_of(found.item).patient.study_id,
        synthetic=found.synthetic,
    )


def question(found: Any) -> Due:
    return Due(
        on=found.due_now,
        kind="Loan",
        number=found.accession,
        what=f"The core asks to keep {loan_desk.thing_of(found)} until {found.asked_until}",
        where=found.lender.name,
        state="asked for more time",
        shape="ask",
        action="Answer",
        href=reverse("loan", args=[found.accession]) + "#answer",
        patient=specimen_of(found.item).patient.study_id,
        synthetic=found.synthetic,
    )


urls: list[URLPattern] = [
    path("loans/", loans, name="loans"),
    path("loans/terms/", terms, name="loan_terms"),
    path("loans/<str:accession>/", loan, name="loan"),
    *(path(f"loans/<str:accession>/{word}/", say, {"word": word}, name=f"loan_{word}") for word in FORMS),
]
finds = {identifiers.LOAN: "loan"}
places = [Place("loans", "Loans", "h", ("specimens.lend",), 25)]
