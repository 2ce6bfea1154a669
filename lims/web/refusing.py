"""From the desk: another slide asked of the bench. The page knows the case, its slide and nothing of its tissue."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.web.forms import reason_field, tried
from lims.web.gate import needs, person
from scoring import queries, refusing
from scoring.cases import ASSAY_LABELS
from scoring.refusing import LONGEST_REASON, refuse_slide
from scoring.views import CaseView
from scoring.vocabulary import Wish

READ, DECIDE = "scoring.sign_read", "scoring.adjudicate"
WISHES = (
    (Wish.RECUT.value, "a recut: a fresh section, stained anew"),
    (Wish.RESTAIN.value, "a restain: the section is good, the stain is not"),
)


class RefusalForm(forms.Form):
    wish = forms.ChoiceField(label="What is needed", choices=WISHES, widget=forms.RadioSelect, initial=Wish.RECUT.value)
    reason = reason_field("What is wrong with the slide", help_text="The bench reads this, and not who asks.")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["reason"].max_length = LONGEST_REASON  # type: ignore[attr-defined]
        self.fields["reason"].widget.attrs |= {"maxlength": LONGEST_REASON, "autofocus": True}


@needs(READ, DECIDE)
def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """A small form; once sent, the case waits for its new slide and the next one opens."""
    user, view = person(request), queries.case_for(person(request), code)
    if view.own:
        return redirect("case", view.code)
    form = RefusalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if tried(form, lambda: asked(request, view, Wish(said["wish"]), said["reason"])):
            messages.success(request, f"Another slide is asked for in place of the one of case {view.code}.")
            return redirect("to_read" if user.has_perm(READ) else "to_decide")
    context = {
        "case": view,
        "assay": ASSAY_LABELS[view.assay],
        "form": form,
        "closed": view.may_sign if user.has_perm(READ) else view.may_adjudicate,
        "asked": refusing.asked_by(user).get(view.code),
        "back": "read" if user.has_perm(READ) else "decide",
    }
    return render(request, "reading/refuse.html", context)


def asked(request: HttpRequest, view: CaseView, wish: Wish, reason: str) -> bool:
    case = queries.case_named(view.code)
    refuse_slide(by=person(request), at=timezone.now(), case=case, wish=wish, reason=reason)
    return True


urls: list[URLPattern] = [path("read/<str:code>/refuse/", refuse, name="refuse_slide")]
