"""Disposals: proposed by one, confirmed by another, certified on paper."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.models import User
from lims.papers.certificate import certificate
from lims.people import scope_of
from lims.web.forms import beside, reason_field, typed
from lims.web.gate import may, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.store import keepers
from lims.web.worklist import MOST_ROWS, Due
from scoring.queries import being_read
from specimens import disposal_desk, store_desk
from specimens.disposal_desk import STATES, state_of
from specimens.disposing import answer_disposals, propose_disposal, thing_of
from specimens.errors import Refused, Rejected
from specimens.identifiers import parsed
from specimens.models import Disposal, Slide
from specimens.standing import Thing
from specimens.vocabulary import DisposalKind

DISPOSES = "specimens.dispose"
STATE_SHAPES = {"waiting": "due", "done": "done", "refused": "none"}
KINDS = [
    (DisposalKind.DESTROYED.value, "destroyed: it still exists and is to be thrown away"),
    (DisposalKind.CONSUMED.value, "consumed: nothing of it is left, as a block cut through"),
]


@keepers
def disposals(request: HttpRequest) -> HttpResponse:
    return list_page(request)


def list_page(request: HttpRequest, problems: tuple[str, ...] = ()) -> HttpResponse:
    state = typed(request.GET, "state") or "waiting"
    page = disposal_desk.disposal_list("" if state == "all" else state, pager(request).before_id)
    read = being_read([d.slide_id for d in page.rows if d.slide_id and state_of(d) == "waiting"])
    context = {
        "page": pager(request).of(page),
        "rows": [row_of(each, read, person(request)) for each in page.rows],
        "state": state,
        "states": [*STATES, "all"],
        "may_dispose": may(person(request), DISPOSES),
        "problems": problems,
    }
    return render(request, "disposals/list.html", context)


def row_of(disposal: Disposal, read: dict[int, str], viewer: User) -> dict[str, Any]:
    """One proposal as the list shows it."""
    thing, state = thing_of(disposal), state_of(disposal)
    block = thing.block if isinstance(thing, Slide) else thing
    return {
        "disposal": disposal,
        "thing": thing,
        "page": "slide" if isinstance(thing, Slide) else "block",
        "patient": block.specimen.patient.study_id,
        "state": state,
        "shape": STATE_SHAPES[state],
        "mine": disposal.proposed_by_id == viewer.pk,
        "case": read.get(disposal.slide_id or 0, ""),
    }


# ---- proposing ----
class ProposalForm(forms.Form):
    """What is to go, how, and why. `aware` only when a slide is still being read."""

    things = forms.CharField(
        label="Blocks and slides",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "id", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label="It is", choices=KINDS, widget=forms.RadioSelect, initial=DisposalKind.DESTROYED)
    reason = reason_field("Why", help_text="The second person reads it, and the ledger keeps it.")
    aware = forms.BooleanField(label="Propose it all the same", required=False)

    def clean_things(self) -> list[Thing]:
        try:
            accessions = [parsed(each) for each in self.cleaned_data["things"].replace(",", " ").split()]
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from refused
        found = store_desk.things_named(accessions)
        if unknown := [each for each in accessions if each not in found]:
            raise forms.ValidationError(f"There is no block or slide {', '.join(unknown[:5])}.")
        return [found[each] for each in accessions]


@keepers
def propose(request: HttpRequest) -> HttpResponse:
    first = typed(request.GET, "things", 2000).replace(",", "\n")
    form = ProposalForm(request.POST or None, initial={"things": first})
    if request.method == "POST" and form.is_valid() and is_aware(form):
        made = proposed(request, form)
        if made:
            messages.success(request, f"{counted(made)} proposed. A second person confirms on the page Disposals.")
            return redirect("disposals")
    return render(request, "disposals/propose.html", {"form": form, "asks_twice": "aware" in form.errors})


def counted(made: list[Disposal]) -> str:
    return "One disposal was" if len(made) == 1 else f"{len(made)} disposals were"


def is_aware(form: ProposalForm) -> bool:
    """Nobody ends a slide that is being read without being told so first."""
    slides = {t.pk: t for t in form.cleaned_data["things"] if isinstance(t, Slide)}
    read = being_read(list(slides))
    if read and not form.cleaned_data["aware"]:
        listed = ", ".join(f"{slides[pk]} (case {code})" for pk, code in list(read.items())[:5])
        form.add_error("aware", f"Still being read: {listed}. Its case could not be read on this slide any more.")
        return False
    return True


def proposed(request: HttpRequest, form: ProposalForm) -> list[Disposal] | None:
    """The deed; faults of single things stand beside their list."""
    said = form.cleaned_data
    try:
        return propose_disposal(
            by=person(request),
            at=timezone.now(),
            things=said["things"],
            kind=DisposalKind(said["kind"]),
            reason=said["reason"],
        )
    except Rejected as refused:
        for sentence in dict.fromkeys(problem.sentence for problem in refused.problems):
            beside(form, "things", sentence)
    except Refused as refused:
        beside(form, refused.field, refused.sentence)
    return None


# ---- answering ----
@keepers
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Confirm or refuse the chosen proposals, or the one whose own button was pressed."""
    word, _, one = typed(request.POST, "answer").partition(" ")
    wanted = [one] if one else request.POST.getlist("disposal")[:500]
    ids = [int(each) for each in wanted if each.isascii() and each.isdigit() and len(each) < 19]
    try:
        given = answer_disposals(
            by=person(request),
            at=timezone.now(),
            disposals=disposal_desk.disposals_numbered(ids),
            confirmed=word == "confirm",
            reason=typed(request.POST, "reason", 600),
        )
    except Refused as refused:
        problems = [p.sentence for p in getattr(refused, "problems", [])] or [refused.sentence]
        return list_page(request, tuple(problems))
    done = "confirmed; it is gone from the store" if word == "confirm" else "refused; it stays"
    messages.success(request, f"{len(given)} {'disposal was' if len(given) == 1 else 'disposals were'} {done}.")
    return redirect(f"{reverse('disposals')}?state={'done' if word == 'confirm' else 'refused'}")


@keepers
def certificate_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate of everything confirmed together with this one, as a PDF."""
    found = disposal_desk.disposal(pk)
    if state_of(found) != "done":
        raise Refused("not_done", f"{thing_of(found)} was not disposed of: there is nothing to certify.")
    made = certificate(disposal_desk.confirmed_with(found))
    answer_ = HttpResponse(made, content_type="application/pdf")
    answer_["Content-Disposition"] = f'inline; filename="certificate-{found.pk}.pdf"'
    return answer_


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Proposals of others that wait for this second person."""
    if not may(user, DISPOSES) or not scope_of(user).everything:
        return []
    return [confirm_due(each) for each in disposal_desk.waiting_for(user.pk, MOST_ROWS)]


def confirm_due(disposal: Disposal) -> Due:
    thing = thing_of(disposal)
    block = thing.block if isinstance(thing, Slide) else thing
    return Due(
        on=timezone.localtime(disposal.proposed_at).date(),
        kind="Disposal",
        number=thing.accession,
        what=f"{disposal.proposed_by} proposes that it be {disposal.kind}: {disposal.reason}",
        state="second person",
        shape="due",
        action="Confirm or refuse",
        href=f"{reverse('disposals')}#d-{disposal.pk}",
        patient=block.specimen.patient.study_id,
        synthetic=thing.synthetic,
    )


urls: list[URLPattern] = [
    path("disposals/", disposals, name="disposals"),
    path("disposals/propose/", propose, name="propose_disposal"),
    path("disposals/answer/", answer, name="answer_disposals"),
    path("disposals/<int:pk>/certificate/", certificate_of, name="certificate"),
]
places = [Place("disposals", "Disposals", "y", (DISPOSES,), 45, core_only=True)]
