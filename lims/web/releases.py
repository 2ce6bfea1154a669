"""Outcome releases: those that came in, where two of them disagree, and one more as a file."""

import base64
import binascii
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims import outcomes
from lims.intake.outcome_sheet import COLUMNS, read_outcomes
from lims.models.outcomes import OutcomeRelease
from lims.outcome_rows import NewOutcome, known_patients, row_problems
from lims.people import scope_of
from lims.web.forms import DayField, tried
from lims.web.gate import may, needs, person
from lims.web.paging import LARGEST
from specimens import queries
from specimens.errors import Refused, Rejected, RowProblem, Unknown
from specimens.models import Trial

LARGEST_SHEET = 3 * 2**20
MOST_SHOWN = 200


@needs("lims.view_outcomes")
def releases(request: HttpRequest) -> HttpResponse:
    """Every release within reach, and for each trial the pairs that can be held against each other."""
    found = list(outcomes.releases(scope_of(person(request))).order_by("trial__code", "cut_on", "id"))
    context = {
        "releases": found,
        "pairs": [(a, b) for a, b in pairwise(found) if a.trial_id == b.trial_id],
        "may_import": may(person(request), "lims.import_outcomes"),
    }
    return render(request, "statistics/outcomes.html", context)


def release(request: HttpRequest, pk: int) -> OutcomeRelease:
    found = outcomes.releases(scope_of(person(request))).filter(pk=min(pk, LARGEST)).first()
    if found is None:
        raise Unknown("unknown_release", "There is no such outcome release within your reach.")
    return found


@needs("lims.view_outcomes")
def conflicts(request: HttpRequest, a: int, b: int) -> HttpResponse:
    """Where two releases of one trial say different things of a patient. Neither is preferred."""
    one, other = release(request, a), release(request, b)
    if one.trial_id != other.trial_id or one.pk == other.pk:
        raise Refused("not_comparable", "Choose two releases of the same trial: these cannot be held together.")
    found = outcomes.conflicts(trial=one.trial, release_a=one, release_b=other)
    counts: dict[str, int] = defaultdict(int)
    for each in found:
        counts[each.field] += 1
    context = {
        "a": one,
        "b": other,
        "conflicts": found[:MOST_SHOWN],
        "total": len(found),
        "patients": len({each.study_id for each in found}),
        "counts": sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])),
    }
    return render(request, "statistics/conflicts.html", context)


# ---- one more release ----
class ReleaseForm(forms.Form):
    """A release as it was sent. The file's very bytes travel with the form between dry run and import."""

    trial: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Trial", queryset=None, empty_label=None, to_field_name="code"
    )
    name = forms.CharField(label="Name of the release", max_length=60, help_text="such as 2005-01 cut")
    source = forms.CharField(label="Where it comes from", max_length=300)
    cut_on = DayField(label="Data cut", required=False, help_text="Blank when its source does not say.")
    synthetic = forms.BooleanField(label="These outcomes are synthetic", required=False)
    sheet = forms.FileField(
        label="Sheet of outcomes", widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": "Choose the sheet first.",
            "empty": "The file is empty; send a heading and one row a patient.",
        },
        help_text="CSV in UTF-8, one row a patient. Nothing is kept before you have seen every row.",
    )  # fmt: skip
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]
        self.fields["sheet"].required = not self.data.get("kept")

    def clean(self) -> dict[str, object]:
        said = super().clean() or {}
        sheet = said.get("sheet")
        if sheet and sheet.size > LARGEST_SHEET:
            self.add_error("sheet", "The sheet is larger than 3 MB; send it through the API instead.")
        return said

    def content(self) -> bytes:
        """The sheet as uploaded, or as carried along from its dry run."""
        sheet = self.cleaned_data["sheet"]
        if sheet:
            return bytes(sheet.read())
        try:
            return base64.b64decode(self.cleaned_data["kept"], validate=True)
        except (binascii.Error, ValueError):
            self.add_error("sheet", "The sheet was damaged on its way; choose it again.")
            return b""


@dataclass(frozen=True, slots=True)
class DryRun:
    """Every row with what is wrong with it; `whole` is what is wrong with the file or the release."""

    rows: Sequence[tuple[int, NewOutcome | None, list[RowProblem]]]
    whole: list[RowProblem]
    kept: str

    @property
    def faulty(self) -> int:
        return sum(bool(problems) for _, _, problems in self.rows)

    @property
    def sound(self) -> bool:
        return not self.whole and not self.faulty


@needs("lims.import_outcomes")
def add_release(request: HttpRequest) -> HttpResponse:
    """First a dry run with a verdict for each row; then, of the same bytes, the deed: all or nothing."""
    form = ReleaseForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "columns": COLUMNS}
    if request.method == "POST" and form.is_valid():
        content = form.content()
        run = dry_run(form.cleaned_data["trial"], content)
        context["run"] = run
        if run.sound and "commit" in request.POST and not form.errors:
            done = tried(form, lambda: imported(request, form, content))
            if done:
                messages.success(request, f"Release {done} of {done.trial} came in with {len(run.rows)} patients.")
                return redirect("outcomes")
    return render(request, "statistics/release.html", context)


def imported(request: HttpRequest, form: ReleaseForm, content: bytes) -> OutcomeRelease:
    said = form.cleaned_data
    return outcomes.import_release(
        by=person(request), at=timezone.now(), trial=said["trial"], name=said["name"], source=said["source"],
        cut_on=said["cut_on"], sha256=hashlib.sha256(content).hexdigest(), rows=read_outcomes(content),
        synthetic=said["synthetic"],
    )  # fmt: skip


def dry_run(trial: Trial, content: bytes) -> DryRun:
    kept = base64.b64encode(content).decode()
    try:
        rows = read_outcomes(content)
    except Rejected as refused:
        return faulty_run(refused.problems, kept)
    problems = row_problems(rows, known_patients(trial, [row.study_id for row in rows]))
    said = [(number, row, [p for p in problems if p.row == number]) for number, row in enumerate(rows, start=1)]
    return DryRun(said, [], kept)


def faulty_run(problems: list[RowProblem], kept: str) -> DryRun:
    """What could not even be read: the rows that are at fault, without their values."""
    numbers = sorted({problem.row for problem in problems if problem.row})
    rows: list[tuple[int, NewOutcome | None, list[RowProblem]]] = [
        (number, None, [problem for problem in problems if problem.row == number]) for number in numbers
    ]
    return DryRun(rows, [problem for problem in problems if not problem.row], kept)


urls: list[URLPattern] = [
    path("outcomes/", releases, name="outcomes"),
    path("outcomes/add/", add_release, name="add_release"),
    path("outcomes/<int:a>/against/<int:b>/", conflicts, name="conflicts"),
]
