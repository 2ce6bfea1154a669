"""Who may read what until when: a reader's own qualifications, and all of them for the lead pathologist."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.models import User
from lims.web.forms import DayField, PickField, aloud, reason_field, tried
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.worklist import Due, local_today
from scoring import training_desk as desk
from scoring.assigning import hand_back
from scoring.assignment_desk import unread_by
from scoring.cases import ASSAY_LABELS
from scoring.qualifying import end_qualification, qualify_by_hand, warnings_for
from scoring.readers import reader, who_reads
from scoring.rules.vocabulary import Assay

READ, OVERSEE = "scoring.sign_read", "scoring.oversee"
SHAPES = {"stands": "done", "to come": "part", "over": "stop", "ended": "none"}


class QualifyForm(forms.Form):
    reader_id = forms.TypedChoiceField(label="Reader", coerce=int)
    assay = forms.ChoiceField(label="Assay", choices=[(a.value, ASSAY_LABELS[a]) for a in Assay])
    version = PickField(label="Version", queryset=None, required=False, empty_label="every version of it")
    valid_until = DayField(label="Until")
    reason = reason_field("What it rests on")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["reader_id"].choices = [("", "choose"), *((r.id, r.name) for r in who_reads())]  # type: ignore[attr-defined]
        self.fields["version"].queryset = desk.versions()  # type: ignore[attr-defined]

    def clean_assay(self) -> Assay:
        return Assay(self.cleaned_data["assay"])


class EndForm(forms.Form):
    reason = reason_field("Why it ends")


class BackForm(forms.Form):
    reason = reason_field("Why you hand them back", help_text="such as: on leave until 4 January")


@needs(READ, OVERSEE)
def qualifications(request: HttpRequest) -> HttpResponse:
    """One's own, or everybody's; the lead's POST qualifies somebody by hand."""
    user = person(request)
    form = QualifyForm(request.POST or None) if may(user, OVERSEE) else None
    if request.method == "POST" and form and form.is_valid():
        said = form.cleaned_data
        if tried(form, lambda: qualify_by_hand(by=user, at=timezone.now(), **said)):
            messages.success(request, f"{reader(said['reader_id']).name} is qualified until {said['valid_until']}.")
            return redirect("qualifications")
    return qualifications_page(request, form)


def qualifications_page(request: HttpRequest, form: QualifyForm | None, back: BackForm | None = None,
                        refused: tuple[int, EndForm] | None = None) -> HttpResponse:  # fmt: skip
    user, pages = person(request), pager(request)
    page = pages.of(desk.qualifications(user, local_today(), pages.before_id))
    rows = []
    for row in page.rows:
        ending = refused[1] if refused and refused[0] == row.id else EndForm(prefix=f"q{row.id}")
        rows.append((row, ASSAY_LABELS[row.assay], SHAPES[row.state], ending))
    reads = may(user, READ)
    context = {
        "page": page,
        "rows": rows,
        "form": form,
        "lead": form is not None,
        "refused": refused[0] if refused else None,
        "warnings": warnings_for(user.pk, local_today()) if reads else [],
        "unread": unread_by(user) if reads else 0,
        "back": back or BackForm(),
    }
    return render(request, "training/qualifications.html", context)


@needs(OVERSEE)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    form = EndForm(request.POST, prefix=f"q{pk}")
    held = desk.qualification(person(request), pk)
    if form.is_valid():
        why = form.cleaned_data["reason"]
        if tried(
            form, lambda: end_qualification(by=person(request), at=timezone.now(), qualification=held, reason=why)
        ):
            messages.success(request, "The qualification is ended; what was signed under it stands.")
            return redirect("qualifications")
    aloud(request, form)
    return qualifications_page(request, QualifyForm(), refused=(pk, form))


@needs(READ)
@require_POST
def hand_all_back(request: HttpRequest) -> HttpResponse:
    """Everything that was given to this reader and is unread, as before a leave."""
    form = BackForm(request.POST)
    if form.is_valid():
        done = tried(form, lambda: hand_back(by=person(request), at=timezone.now(), reason=form.cleaned_data["reason"]))
        if done:
            messages.success(request, f"{len(done)} handed back: somebody else will read them.")
            return redirect("qualifications")
    aloud(request, form)
    return qualifications_page(request, QualifyForm() if may(person(request), OVERSEE) else None, form)


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """What ends soon, or is over: a reader's own."""
    if not may(user, READ):
        return []
    return [
        Due(on=None, kind="Qualification", number="", what=said, state="ends", shape="ask",
            action="Look at it", href=reverse("qualifications"))
        for said in warnings_for(user.pk, timezone.localtime(now).date())
    ]  # fmt: skip


urls: list[URLPattern] = [
    path("qualifications/", qualifications, name="qualifications"),
    path("qualifications/hand-back/", hand_all_back, name="hand_all_back"),
    path("qualifications/<int:pk>/end/", end, name="end_qualification"),
]
places = [Place("qualifications", "Qualifications", "q", (READ, OVERSEE), 65)]
