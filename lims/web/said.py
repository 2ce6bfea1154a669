"""What was said of a patient as of a day: the category, its reads with their signatures, controls and edition."""

from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.moments import end_of
from lims.papers.said import said_paper
from lims.people import scope_of
from lims.web.forms import PastDayField
from lims.web.gate import needs, person
from lims.web.places import Place
from scoring.as_of import Said, said_of


class DayForm(forms.Form):
    as_of = PastDayField(label="As of", required=False, help_text="The end of that day, UTC; blank is now.")


@needs("scoring.view_scores")
def said(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer for the day in the address; a day that cannot be is told beside the field, and nothing answered."""
    form = DayForm(request.GET)
    day = form.cleaned_data["as_of"] if form.is_valid() else None
    told = asked(request, pk, day)
    context = {"form": form, "day": day, "told": told, "answers": form.is_valid(),
               "patient": told.patient, "why": told.why, "speaks": told.said}  # fmt: skip
    return render(request, "patients/said.html", context)


@needs("scoring.view_scores")
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The same on paper, with the day in the address."""
    form = DayForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('said', args=[pk])}?{request.GET.urlencode()}")
    told = asked(request, pk, form.cleaned_data["as_of"])
    answer = HttpResponse(said_paper(told, made_at=timezone.now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="said-{told.patient.study_id}.pdf"'
    return answer


def asked(request: HttpRequest, pk: int, day: date | None) -> Said:
    return said_of(person(request), scope_of(person(request)), end_of(day) if day else timezone.now(), pk=pk)


urls: list[URLPattern] = [
    path("patients/<int:pk>/said/", said, name="said"),
    path("patients/<int:pk>/said/paper/", paper, name="said_paper"),
]
places: list[Place] = []
