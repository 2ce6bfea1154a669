"""Rescoring the archive: a dry run with its list first, then for good; paused, resumed, cancelled between chunks."""

import csv

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.manifests.annotating import neutral
from lims.people import scope_of
from lims.web.forms import PickField, reason_field, tried, typed
from lims.web.gate import may, needs, person
from lims.web.inventory import Echo
from lims.web.paging import LARGEST
from lims.web.places import Place
from scoring import rescoring as deeds
from scoring import rescoring_desk as desk
from scoring.models import Rescoring
from scoring.rescoring import Among
from scoring.rules.catalogue import card
from scoring.rules.editions import CURRENT, TWO_COMPARTMENT, edition
from scoring.vocabulary import RescoringCause, RescoringState
from specimens import queries
from specimens.deeds import demand_core
from specimens.errors import Refused, Unknown

RIGHT, SEES = deeds.RESCORE, "scoring.view_scores"
MOST, MOST_SHOWN = 50, 200
COLUMNS = ("trial", "study_id", *(f"was_{name}" for name in deeds.CATEGORY), *deeds.CATEGORY)
TURNS = {"pause": deeds.pause_rescoring, "resume": deeds.resume_rescoring, "cancel": deeds.cancel_rescoring}
CAUSES = [(cause.value, cause.value.replace("_", " ")) for cause in RescoringCause]


class RescoringForm(forms.Form):
    edition = forms.ChoiceField(label="Edition")
    trial = PickField(label="Trial", queryset=None, required=False, empty_label="all trials", to_field_name="code")
    study_id = forms.CharField(
        label="One patient", max_length=40, required=False, help_text="a study id of the trial; blank is all",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "id"}),
    )  # fmt: skip
    cause = forms.ChoiceField(label="Because of", choices=CAUSES)
    reason = reason_field("Why")

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["edition"].choices = [(each.edition, each.edition) for each in card(TWO_COMPARTMENT).history]  # type: ignore[attr-defined]
        self.fields["edition"].initial = CURRENT.edition
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]


@needs(RIGHT, SEES)
def rescorings(request: HttpRequest) -> HttpResponse:
    """Those there were, and a form for a dry run."""
    demand_core(person(request), "Scoring patients again")
    may_start = may(person(request), RIGHT)
    form = RescoringForm(request.POST or None)
    if (
        request.method == "POST"
        and may_start
        and form.is_valid()
        and (begun := tried(form, lambda: started(request, form)))
    ):
        return redirect("rescoring", begun.pk)
    found = [(each, desk.progress(each)) for each in desk.rescorings()[:MOST]]
    return render(request, "rescorings/rescorings.html", {"form": form if may_start else None, "found": found})


def started(request: HttpRequest, form: RescoringForm) -> Rescoring:
    said, patient = form.cleaned_data, None
    if said["study_id"]:
        if said["trial"] is None:
            raise Refused("no_trial", "Choose the patient’s trial too.", field="trial")
        theirs = queries.patients(scope_of(person(request))).filter(trial=said["trial"])
        patient = theirs.filter(study_id__iexact=said["study_id"].strip()).first()
        if patient is None:
            raise Unknown("unknown_patient", f"{said['trial']} has no patient {said['study_id']}.", field="study_id")
    return deeds.start_rescoring(
        by=person(request), at=timezone.now(), edition=edition(TWO_COMPARTMENT, said["edition"]),
        whom=Among(None if patient else said["trial"], patient), cause=RescoringCause(said["cause"]),
        reason=said["reason"],
    )  # fmt: skip


def found(request: HttpRequest, pk: int) -> Rescoring:
    demand_core(person(request), "Scoring patients again")
    return desk.rescoring(min(pk, LARGEST))


@needs(RIGHT, SEES)
def rescoring(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: its progress, and for who may see scores the patients whose category changes."""
    one = found(request, pk)
    progress = desk.progress(one)
    sees = may(person(request), SEES)
    context = {
        "progress": progress,
        "share": round(100 * progress.patients / one.patients),
        "under_way": progress.state in (RescoringState.RUNNING, RescoringState.PAUSED),
        "may_turn": may(person(request), RIGHT),
        "may_carry_out": may(person(request), RIGHT) and one.dry and progress.state is RescoringState.DONE,
        "one": one,
        "sees": sees,
        "changes": list(desk.changes(one)[:MOST_SHOWN]) if sees else [],
        "current": CURRENT,
    }
    whole = "rescorings/progress.html" if "bar" in request.GET else "rescorings/rescoring.html"
    return render(request, whole, context)


@needs(SEES)
def changes_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The patients whose category changes, as CSV."""
    one = found(request, pk)
    writer = csv.writer(Echo(), lineterminator="\n")
    rows = (
        [each.patient.trial.code, neutral(each.patient.study_id), *(each.was[name] for name in deeds.CATEGORY),
         *(each.becomes[name] for name in deeds.CATEGORY)]
        for each in desk.changes(one).iterator(2000)
    )  # fmt: skip
    told = (writer.writerow(row) for part in ([COLUMNS], rows) for row in part)
    answer = StreamingHttpResponse(told, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rescoring-{one.pk}-changes.csv"'
    return answer


@require_POST
@needs(RIGHT)
def carried_out(request: HttpRequest, pk: int) -> HttpResponse:
    begun = deeds.carry_out(by=person(request), at=timezone.now(), dry_run=found(request, pk))
    messages.success(request, f"{begun.patients:,} patients are being scored under edition {begun.edition}.")
    return redirect("rescoring", begun.pk)


@require_POST
@needs(RIGHT)
def turned(request: HttpRequest, pk: int, turn: str) -> HttpResponse:
    """Pause, resume or cancel it, with the reason that was typed."""
    if turn not in TURNS:
        raise Unknown("unknown_turn", f"A rescoring is turned by one of {', '.join(TURNS)}.")
    made = TURNS[turn](
        by=person(request), at=timezone.now(), rescoring=found(request, pk), reason=typed(request.POST, "reason", 500)
    )
    messages.success(request, f"It was {made.turn}.")
    return redirect("rescoring", pk)


urls: list[URLPattern] = [
    path("rescorings/", rescorings, name="rescorings"),
    path("rescorings/<int:pk>/", rescoring, name="rescoring"),
    path("rescorings/<int:pk>/changes.csv", changes_csv, name="rescoring_changes"),
    path("rescorings/<int:pk>/carry-out/", carried_out, name="rescoring_carry_out"),
    path("rescorings/<int:pk>/<slug:turn>/", turned, name="rescoring_turn"),
]
places = [Place("rescorings", "Rescoring", "9", (RIGHT, SEES), 67, core_only=True)]
