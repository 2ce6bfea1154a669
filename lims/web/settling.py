"""Where two releases say different things: each conflict, who decided it and why, and the release made of that."""

from collections import Counter
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims import settling
from lims.models.outcome_variables import OutcomeDecision
from lims.models.outcomes import OutcomeRelease
from lims.settling import Choice, Conflict
from lims.web.forms import reason_field, tried
from lims.web.gate import may, needs, person
from lims.web.releases import release_of

MOST_SHOWN = 200
A, B = "a", "b"


@dataclass(frozen=True, slots=True)
class Line:
    """One conflict on the page: the name of its choice, what is chosen there, and what was decided before."""

    conflict: Conflict
    name: str
    picked: str
    decided: OutcomeDecision | None


class DecisionForm(forms.Form):
    """Choices are radio buttons named after their conflict; one reason for all that are sent together."""

    every = forms.ChoiceField(label="Every open conflict of", required=False)
    side = forms.ChoiceField(label="take", required=False)
    reason = reason_field("Why")

    def __init__(self, a: OutcomeRelease, b: OutcomeRelease, fields: list[str], *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["every"].choices = [("", "(none)"), *((field, field) for field in fields)]  # type: ignore[attr-defined]
        self.fields["side"].choices = [("", "—"), (A, a.name), (B, b.name)]  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    name = forms.CharField(label="Name of the settled release", max_length=60)


@needs("lims.view_outcomes")
def conflicts(request: HttpRequest, a: int, b: int) -> HttpResponse:
    """Where two releases of one trial say different things of a patient; decided one by one or field by field."""
    one, other = release_of(request, a), release_of(request, b)
    settling.demand_pair(one, other)
    found, decided = settling.conflicts_of(one, other), settling.decisions(one, other)
    fields = sorted({each.field for each in found if place(each) not in decided})
    settles = request.method == "POST" and "settle" in request.POST
    form = DecisionForm(one, other, fields, request.POST if request.method == "POST" and not settles else None)
    settle = SettleForm(request.POST if settles else None)
    if request.method == "POST" and may(person(request), "lims.import_outcomes"):
        said = settled(request, one, other, settle) if settles else recorded(request, one, other, form, found, decided)
        if said:
            messages.success(request, said)
            return redirect(request.path if not settles else "outcomes")
    lines = [Line(each, name_of(each), request.POST.get(name_of(each), ""), decided.get(place(each))) for each in found]
    lines.sort(key=lambda line: line.decided is not None)
    context = {
        "a": one,
        "b": other,
        "lines": lines[:MOST_SHOWN],
        "total": len(found),
        "open": sum(line.decided is None for line in lines),
        "patients": len({each.study_id for each in found}),
        "counts": Counter(each.field for each in found).most_common(),
        "form": form,
        "settle": settle,
        "came_of_it": settling.settled_from(one, other),
        "may_decide": may(person(request), "lims.import_outcomes"),
    }
    return render(request, "statistics/conflicts.html", context)


def place(conflict: Conflict) -> settling.Place:
    return conflict.study_id, conflict.field


def name_of(conflict: Conflict) -> str:
    return f"pick {conflict.study_id} {conflict.field}"


def recorded(
    request: HttpRequest, a: OutcomeRelease, b: OutcomeRelease, form: DecisionForm, found: list[Conflict],
    decided: dict[settling.Place, OutcomeDecision],
) -> str:  # fmt: skip
    """Record what was chosen; blank when it was refused, the refusal then standing in the form."""
    if not form.is_valid():
        return ""
    picked = {place(each): request.POST.get(name_of(each), "") for each in found}
    every, side = form.cleaned_data["every"], form.cleaned_data["side"]
    if every and not side:
        form.add_error("side", "Say which release is right.")
        return ""
    if every:
        picked |= {place(each): side for each in found if each.field == every and place(each) not in decided}
    choices = [Choice(*where, said == B) for where, said in picked.items() if said in (A, B)]
    count = tried(form, lambda: settling.decide_conflicts(
        by=person(request), at=timezone.now(), release_a=a, release_b=b, choices=choices,
        reason=form.cleaned_data["reason"],
    ))  # fmt: skip
    return f"{count} decisions were recorded." if count else ""


def settled(request: HttpRequest, a: OutcomeRelease, b: OutcomeRelease, form: SettleForm) -> str:
    if not form.is_valid():
        return ""
    release = tried(form, lambda: settling.settle_releases(
        by=person(request), at=timezone.now(), release_a=a, release_b=b, name=form.cleaned_data["name"],
    ))  # fmt: skip
    return f"Release {release} was made of {a} and {b}." if release else ""


urls: list[URLPattern] = [path("outcomes/<int:a>/against/<int:b>/", conflicts, name="conflicts")]
