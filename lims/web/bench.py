"""Stain runs: their slides, their controls, the worksheet, and what to cut anew when a control fails."""

from datetime import date, datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.models import User
from lims.papers.worksheet import worksheet_pdf
from lims.people import scope_of
from lims.web import staining
from lims.web.forms import DayField, reason_field, tried, typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.worklist import MOST_ROWS, Due, local_today
from specimens import bench_desk, cutting_desk, desk, queries
from specimens.cutting_desk import Redo
from specimens.deeds import demand_core
from specimens.errors import Refused
from specimens.identifiers import RUN, parsed
from specimens.models import Slide, StainRun
from specimens.ordering import NewOrder, order_sections
from specimens.staining import record_controls
from specimens.vocabulary import STAIN_LABELS, ControlKind, RunControls, Stain

CONTROL_SHAPES = {RunControls.PENDING: "due", RunControls.PASSED: "done", RunControls.FAILED: "stop"}
CONTROL_WORDS = {RunControls.PENDING: "controls awaited"} | {
    state: f"controls {state}" for state in (RunControls.PASSED, RunControls.FAILED)
}
PASSED_OR_FAILED = [("passed", "passed"), ("failed", "failed")]


class ControlForm(forms.Form):
    """What the control slides showed; a control left open has not been looked at."""

    positive = forms.ChoiceField(
        label="Positive control",
        choices=PASSED_OR_FAILED,
        widget=forms.RadioSelect,
        required=False,
    )
    negative = forms.ChoiceField(
        label="Negative control", choices=PASSED_OR_FAILED, widget=forms.RadioSelect, required=False
    )
    observed_on = DayField(label="Looked at on", initial=timezone.localdate)
    reason = reason_field("Why an earlier result no longer stands", required=False)

    def begins(self) -> "ControlForm":
        """The same form, its first choice ready to be taken by the space bar."""
        self.fields["positive"].widget.attrs["autofocus"] = True
        return self

    def results(self) -> dict[ControlKind, bool]:
        said = {kind: self.cleaned_data[kind.value] for kind in ControlKind}
        return {kind: word == "passed" for kind, word in said.items() if word}


@needs("specimens.view")
def runs(request: HttpRequest) -> HttpResponse:
    page = bench_desk.run_list(pager(request).before_id)
    controls = queries.run_controls([run.pk for run in page.rows])
    rows = [(run, CONTROL_WORDS[controls[run.pk]], CONTROL_SHAPES[controls[run.pk]]) for run in page.rows]
    context = {
        "page": pager(request).of(page),
        "rows": rows,
        "may_stain": may(person(request), "specimens.stain"),
    }
    return render(request, "bench/runs.html", context)


@needs("specimens.view")
def run(request: HttpRequest, accession: str) -> HttpResponse:
    """One run: its slides, its lot, its controls; and the form that records them."""
    found = queries.stain_run(parsed(accession))
    recording = may(person(request), "specimens.control")
    form = ControlForm(request.POST or None) if recording else None
    if request.method == "POST" and form and form.is_valid():
        said = form.cleaned_data
        done = tried(
            form,
            lambda: record_controls(
                by=person(request),
                at=timezone.now(),
                run=found,
                results=form.results(),
                observed_on=said["observed_on"],
                reason=said["reason"],
            ),
        )
        if done:
            words = ", ".join(f"{r.kind} {'passed' if r.passed else 'failed'}" for r in done)
            messages.success(request, f"Controls of run {found}: {words}.")
            return redirect("run", found.accession)
    return run_page(request, found, form)


def run_page(
    request: HttpRequest, found: StainRun, form: ControlForm | None, *, wrong: str = "", reason: str = ""
) -> HttpResponse:
    state = queries.run_controls([found.pk])[found.pk]
    everything = scope_of(person(request)).everything
    ordering = may(person(request), "specimens.order_cutting") and everything and state is RunControls.FAILED
    redo = cutting_desk.to_redo(found) if ordering else []
    context = {
        "run": found,
        "state": CONTROL_WORDS[state],
        "shape": CONTROL_SHAPES[state],
        "controls": queries.grouped_controls([found.pk])[found.pk],
        "may_label": may(person(request), "specimens.label"),
        "control_slides": bench_desk.control_slides(found),
        "stainings": bench_desk.stainings_of(found) if everything else [],
        "form": form.begins() if form and state is RunControls.PENDING else form,
        "redo": redo,
        "orderable": any(each.orderable for each in redo),
        "reason": reason or (cutting_desk.reason_to_redo(found) if ordering else ""),
        "wrong": wrong,
        "may_print": everything,
        "entries": desk.lines_about(found) if may(person(request), "specimens.view_ledger") else None,
    }
    return render(request, "bench/run.html", context)


@needs("specimens.view")
def worksheet(request: HttpRequest, accession: str) -> HttpResponse:
    """The run on paper: to lie beside the stainer, and to write on."""
    found = queries.stain_run(parsed(accession))
    demand_core(person(request), "The worksheet of a run")
    paper = worksheet_pdf(
        found, bench_desk.stainings_of(found), bench_desk.control_slides(found), at=timezone.localtime()
    )
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found}-worksheet.pdf"'
    return answer


@needs("specimens.order_cutting")
@require_POST
def restain(request: HttpRequest, accession: str) -> HttpResponse:
    """Order a section in place of each ticked slide of a failed run, all of them or none."""
    found = queries.stain_run(parsed(accession))
    demand_core(person(request), "Ordering restains")
    numbers, reason = request.POST.getlist("slide"), typed(request.POST, "reason", 500)
    ticked = [redo for redo in cutting_desk.to_redo(found) if redo.slide.accession in numbers]
    try:
        if not ticked:
            raise Refused("none_ticked", "Tick the slides to cut anew.")
        orders = [in_place_of(redo, found, reason) for redo in ticked]
        order_sections(by=person(request), at=timezone.now(), orders=orders)
    except Refused as refused:
        said = getattr(refused, "problems", [refused])[0].sentence
        form = ControlForm() if may(person(request), "specimens.control") else None
        return run_page(request, found, form, wrong=said, reason=reason)
    messages.success(request, f"{len(orders)} restains of run {found} stand on the cutting list.")
    return redirect("run", found.accession)


def in_place_of(redo: Redo, found: StainRun, reason: str) -> NewOrder:
    slide = redo.slide
    return NewOrder(
        block=slide.block,
        sections=1,
        stain=Stain(found.stain),
        thickness_um=slide.thickness_um,
        replaces=slide,
        reason=reason,
        synthetic=slide.synthetic,
    )


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Runs without controls, failed runs to redo, sections to stain."""
    if not may(user, "specimens.cut"):
        return []
    waiting = [controls_due(r) for r in bench_desk.runs_waiting()[:MOST_ROWS]]
    failed = [redo_due(r) for r in cutting_desk.failed_runs()[:MOST_ROWS]]
    return waiting + failed + [stain_due(s) for s in bench_desk.slides_to_stain()[:MOST_ROWS]]


def controls_due(found: StainRun) -> Due:
    return Due(
        on=found.stained_on + timedelta(days=1),
        kind="Run",
        number=found.accession,
        what=f"{STAIN_LABELS[Stain(found.stain)]}, {found.count} slides, stained {found.stained_on}",  # type: ignore[attr-defined]
        state="controls awaited",
        shape="due",
        action="Record the controls",
        href=reverse("run", args=[found.accession]),
        synthetic=found.synthetic,
    )


def redo_due(found: StainRun) -> Due:
    return Due(
        on=found.stained_on + timedelta(days=1),
        kind="Run",
        number=found.accession,
        what=f"{STAIN_LABELS[Stain(found.stain)]}, stained {found.stained_on}: slides without a restain",
        state="controls failed",
        shape="stop",
        action="Order the restains",
        href=reverse("run", args=[found.accession]) + "#restains",
        synthetic=found.synthetic,
    )


def stain_due(slide: Slide) -> Due:
    specimen = slide.block.specimen
    trial = specimen.patient.trial
    by: date | None = slide.cut_on + timedelta(days=trial.section_age_warn_days) if slide.cut_on else None
    ageing = by is not None and by < local_today()
    return Due(
        on=by,
        kind="Slide",
        number=slide.accession,
        what=f"Unstained section of block {slide.block}" + (f", cut {slide.cut_on}" if slide.cut_on else ""),
        state="ageing" if ageing else "to stain",
        shape="due" if ageing else "part",
        action="Stain it",
        href=f"{reverse('stain')}?slides={slide.accession}",
        patient=specimen.patient.study_id,
        where=specimen.holding_site.name,
        synthetic=slide.synthetic,
    )


urls: list[URLPattern] = [
    path("runs/", runs, name="runs"),
    *staining.urls,
    path("runs/<str:accession>/", run, name="run"),
    path("runs/<str:accession>/worksheet.pdf", worksheet, name="worksheet"),
    path("runs/<str:accession>/restain/", restain, name="restain"),
]
places = [Place("runs", "Stain runs", "r", ("specimens.stain",), 22)]
finds = {RUN: "run"}
