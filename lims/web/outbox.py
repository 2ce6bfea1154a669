"""The outbox: every letter, what became of it, and what a person decides when nobody knows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.models import User
from lims.papers.letters import letter_pdf
from lims.people import scope_of
from lims.web.forms import reason_field, tried, typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.worklist import MOST_ROWS, Due
from specimens import letter_desk
from specimens.letter_desk import LetterRow
from specimens.models import Letter
from specimens.posting import NOT_MAILED, mark_arrived, mark_posted, send_again
from specimens.vocabulary import LetterPurpose, LetterState

SAID = {
    LetterState.BY_POST: ("print and post", "due"),
    LetterState.WAITING: ("waiting to be sent", "open"),
    LetterState.NOT_KNOWN: ("not known whether it was sent", "ask"),
    LetterState.SENT: ("sent", "done"),
    LetterState.REFUSED: ("refused by the mail server", "stop"),
}


class DecideForm(forms.Form):
    note = reason_field("How you know, or why")


@needs("specimens.request", "lims.administer")
def outbox(request: HttpRequest) -> HttpResponse:
    state, purpose, sought = (typed(request.GET, name) for name in ("state", "purpose", "q"))
    page = letter_desk.letter_list(
        scope_of(person(request)),
        state=state if state in LetterState.__members__.values() else "",
        purpose=purpose if purpose in LetterPurpose.__members__.values() else "",
        sought=sought,
        before_id=pager(request).before_id,
    )
    context = {
        "page": pager(request).of(page),
        "rows": [(row, *words_of(row)) for row in page.rows],
        "states": [(word.value, said) for word, (said, _) in SAID.items()],
        "purposes": [(word.value, word.value.replace("_", " ")) for word in LetterPurpose],
        "state": state,
        "purpose": purpose,
        "sought": sought,
        "may_open": may(person(request), "specimens.request"),
        "mails": settings.PARAFFIN_MAILS,
    }
    return render(request, "requests/outbox.html", context)


def words_of(row: LetterRow) -> tuple[str, str]:
    if row.state is LetterState.REFUSED and row.again:
        return "refused, tried again by itself", "part"
    if row.state is LetterState.WAITING and row.letter.synthetic and settings.PARAFFIN_MAILS:
        return "synthetic, never mailed", "none"
    if row.state is LetterState.SENT and row.last and row.last.result.cause == NOT_MAILED:
        return "kept, not mailed", "done"
    return SAID[row.state]


@needs("specimens.request")
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    return letter_page(request, letter_of(request, pk), DecideForm())


def letter_of(request: HttpRequest, pk: int) -> Letter:
    return letter_desk.letter(scope_of(person(request)), pk)


def letter_page(request: HttpRequest, found: Letter, form: forms.Form) -> HttpResponse:
    row = letter_desk.letter_rows([found])[0]
    word, shape = words_of(row)
    decides = may(person(request), "specimens.request") and scope_of(person(request)).everything
    context = {
        "letter": found,
        "row": row,
        "word": word,
        "shape": shape,
        "address": letter_desk.postal_address(found),
        "form": form,
        "may_arrive": decides and row.state is LetterState.NOT_KNOWN,
        "may_resend": decides and not row.again and row.state in (LetterState.NOT_KNOWN, LetterState.REFUSED),
        "may_post": decides and not row.again and row.state in (LetterState.BY_POST, LetterState.REFUSED),
    }
    return render(request, "requests/letter.html", context)


@needs("specimens.request")
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    found = letter_of(request, pk)
    about = found.request or found.query or found.loan or found.shipment
    pdf = letter_pdf(
        subject=found.subject,
        body=found.body,
        to=found.to_name,
        address=letter_desk.postal_address(found),
        institution=found.institution.name,
        written_at=found.written_at,
        code=str(about.accession) if about and hasattr(about, "accession") else "",
        synthetic=found.synthetic,
    )
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="letter-{found.pk}.pdf"'
    return answer


@require_POST
@needs("specimens.request")
def decide(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """A person says what became of the letter, or has it sent again."""
    found, form = letter_of(request, pk), DecideForm(request.POST)
    who: dict[str, Any] = {"by": person(request), "at": timezone.now(), "letter": found}
    deeds: dict[str, Callable[[], object]] = {
        "arrived": lambda: mark_arrived(note=form.cleaned_data["note"], **who),
        "again": lambda: send_again(reason=form.cleaned_data["note"], **who),
    }
    if form.is_valid() and tried(form, lambda: bool(deeds[what]())):
        messages.success(request, "Marked as arrived." if what == "arrived" else "It is sent again.")
        return redirect("letter", pk)
    return letter_page(request, found, form)


@require_POST
@needs("specimens.request")
def post(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = letter_of(request, pk), DecideForm({"note": "posted"})
    form.full_clean()
    if tried(form, lambda: mark_posted(by=person(request), at=timezone.now(), letter=found)):
        messages.success(request, "Marked as posted.")
        return redirect("outbox")
    return letter_page(request, found, form)


def due(user: User, now: datetime) -> list[Due]:
    """Letters that go no further by themselves."""
    if not may(user, "specimens.request") or not scope_of(user).everything:
        return []
    rows = letter_desk.letters_to_decide(scope_of(user), now, MOST_ROWS)
    return [as_due(row) for row in rows]


ACTIONS = {
    LetterState.NOT_KNOWN: "Decide",
    LetterState.REFUSED: "Look at the cause",
    LetterState.BY_POST: "Print the letter",
}


def as_due(row: LetterRow) -> Due:
    word, shape = words_of(row)
    found = row.letter
    return Due(
        on=timezone.localtime(found.written_at).date(),
        kind="Letter",
        number=str(found.request or found.pk),
        what=found.subject,
        where=found.institution.name,
        state=word,
        shape=shape,
        action=ACTIONS[row.state],
        href=reverse("letter", args=[found.pk]),
        synthetic=found.synthetic,
    )


urls: list[URLPattern] = [
    path("outbox/", outbox, name="outbox"),
    path("outbox/<int:pk>/", letter, name="letter"),
    path("outbox/<int:pk>/letter.pdf", printed, name="letter_pdf"),
    path("outbox/<int:pk>/arrived/", decide, {"what": "arrived"}, name="letter_arrived"),
    path("outbox/<int:pk>/again/", decide, {"what": "again"}, name="letter_again"),
    path("outbox/<int:pk>/posted/", post, name="letter_posted"),
]
places = [Place("outbox", "Outbox", "o", ("specimens.request", "lims.administer"), 40)]
