"""Outcome releases: those that came in, and one more as a file, whatever its columns are called."""

import base64
import binascii
import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims import outcomes
from lims.intake.outcome_sheet import COLUMNS, LEFT_OUT, headings, is_ours, read_outcomes
from lims.manifests.annotating import neutral
from lims.models.outcomes import OutcomeRelease
from lims.outcome_rows import NewOutcome, known_patients
from lims.outcome_variables import AT, every_problem, remember_mapping, remembered, variables
from lims.people import scope_of
from lims.web.forms import DayField, tried, typed
from lims.web.gate import may, needs, person
from lims.web.paging import LARGEST
from specimens import queries
from specimens.errors import Rejected, RowProblem, Unknown
from specimens.models import Trial

LARGEST_SHEET = 3 * 2**20


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


def release_of(request: HttpRequest, pk: int) -> OutcomeRelease:
    found = outcomes.releases(scope_of(person(request))).filter(pk=min(pk, LARGEST)).first()
    if found is None:
        raise Unknown("unknown_release", "There is no such outcome release within your reach.")
    return found


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
        label="Sheet of outcomes", widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
        error_messages={
            "required": "Choose the sheet first.",
            "empty": "The file is empty; send a heading and one row a patient.",
        },
        help_text="CSV in UTF-8 or .xlsx, one row a patient. Nothing is kept before you have seen every row.",
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
class Column:
    """One heading of the file, the field of the form that maps it, and what it was taken for."""

    field: str
    heading: str
    taken_for: str
    known: bool


@dataclass(frozen=True, slots=True)
class DryRun:
    """Every row with what is wrong with it; `whole` is what is wrong with the file or the release."""

    rows: Sequence[tuple[int, NewOutcome | None, list[RowProblem]]]
    whole: list[RowProblem]
    kept: str
    columns: Sequence[Column] = ()

    @property
    def faulty(self) -> int:
        return sum(bool(problems) for _, _, problems in self.rows)

    @property
    def sound(self) -> bool:
        return not self.whole and not self.faulty

    @property
    def strange(self) -> list[Column]:
        """The columns that are called otherwise than ours."""
        return [each for each in self.columns if not each.known]


@needs("lims.import_outcomes")
def add_release(request: HttpRequest) -> HttpResponse:
    """First a dry run with a verdict for each row; then, of the same bytes, the deed: all or nothing."""
    form = ReleaseForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "columns": COLUMNS}
    if request.method == "POST" and form.is_valid():
        content = form.content()
        mapping = mapping_said(request, form, content)
        run = dry_run(form.cleaned_data["trial"], content, mapping)
        context |= {"run": run, "choices": choices_of(form.cleaned_data["trial"])}
        if "verdicts" in request.POST and run.rows:
            return verdict_sheet(run)
        if run.sound and "commit" in request.POST and not form.errors:
            done = tried(form, lambda: imported(request, form, content, mapping))
            if done:
                messages.success(request, f"Release {done} of {done.trial} came in with {len(run.rows)} patients.")
                return redirect("outcomes")
    return render(request, "statistics/release.html", context)


def mapping_said(request: HttpRequest, form: ReleaseForm, content: bytes) -> dict[str, str]:
    """What the page says each heading is; where it says nothing, what this source's last file said."""
    trial, before = form.cleaned_data["trial"], remembered(form.cleaned_data["trial"], form.cleaned_data["source"])
    try:
        named = headings(content)
    except Rejected:
        return {}
    found = {}
    for number, heading in enumerate(named):
        said = typed(request.POST, f"column_{number}", 80) or before.get(heading, "")
        if said and not (is_ours(heading, variables(trial)) and said == heading):
            found[heading] = said
    return found


def choices_of(trial: Trial) -> list[str]:
    """What a column can be: one of ours, a declared variable, or nothing."""
    own = [f"{each}{AT}" if each.by_time_point else each.name for each in variables(trial).values()]
    return [*COLUMNS, *own, LEFT_OUT]


def imported(request: HttpRequest, form: ReleaseForm, content: bytes, mapping: Mapping[str, str]) -> OutcomeRelease:
    said, at = form.cleaned_data, timezone.now()
    done = outcomes.import_release(
        by=person(request), at=at, trial=said["trial"], name=said["name"], source=said["source"],
        cut_on=said["cut_on"], sha256=hashlib.sha256(content).hexdigest(),
        rows=read_outcomes(content, declared=variables(said["trial"]), mapping=mapping), synthetic=said["synthetic"],
    )  # fmt: skip
    if mapping:
        remember_mapping(by=person(request), at=at, trial=said["trial"], source=said["source"], columns=mapping)
    return done


def dry_run(trial: Trial, content: bytes, mapping: Mapping[str, str]) -> DryRun:
    kept, known = base64.b64encode(content).decode(), variables(trial)
    try:
        columns = columns_of(headings(content), mapping, known)
    except Rejected as refused:
        return faulty_run(refused.problems, kept, ())
    try:
        rows = read_outcomes(content, declared=known, mapping=mapping)
    except Rejected as refused:
        return faulty_run(refused.problems, kept, columns)
    problems = every_problem(rows, known_patients(trial, [row.study_id for row in rows]), known)
    said = [(number, row, [p for p in problems if p.row == number]) for number, row in enumerate(rows, start=1)]
    return DryRun(said, [], kept, columns)


def columns_of(named: Sequence[str], mapping: Mapping[str, str], known: Mapping[str, object]) -> list[Column]:
    return [
        Column(
            f"column_{number}", heading, mapping.get(heading, ""), heading not in mapping and is_ours(heading, known)
        )
        for number, heading in enumerate(named)
    ]


def faulty_run(problems: list[RowProblem], kept: str, columns: Sequence[Column]) -> DryRun:
    """What could not even be read: the rows that are at fault, without their values."""
    numbers = sorted({problem.row for problem in problems if problem.row})
    rows: list[tuple[int, NewOutcome | None, list[RowProblem]]] = [
        (number, None, [problem for problem in problems if problem.row == number]) for number in numbers
    ]
    return DryRun(rows, [problem for problem in problems if not problem.row], kept, columns)


def verdict_sheet(run: DryRun) -> HttpResponse:
    """Every row's verdict as CSV: the sheet to send back to whoever sent the outcomes."""
    said = io.StringIO()
    writer = csv.writer(said, lineterminator="\r\n")
    writer.writerow(["row", "study_id", "verdict", "field", "value", "sentence"])
    for number, row, problems in run.rows:
        study_id = row.study_id if row else ""
        for problem in problems:
            cells = [study_id, "refused", problem.field, problem.value, problem.sentence]
            writer.writerow([number, *map(neutral, cells)])
        if not problems:
            writer.writerow([number, neutral(study_id), "can come in", "", "", ""])
    answer = HttpResponse(said.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="outcomes-verdicts.csv"'
    return answer


urls: list[URLPattern] = [
    path("outcomes/", releases, name="outcomes"),
    path("outcomes/add/", add_release, name="add_release"),
]
