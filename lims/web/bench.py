"""The bench: cutting sections, staining runs, reagent lots, control results."""

from datetime import date, datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.models import User
from lims.people import scope_of
from lims.web.forms import DayField, PickField, beside, reason_field, tried
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.worklist import MOST_ROWS, Due
from specimens import bench_desk, desk, queries
from specimens.errors import Invalid, Rejected
from specimens.identifiers import RUN, parsed
from specimens.models import Block, Slide, StainRun
from specimens.scope import EVERYTHING
from specimens.sectioning import MOST_SECTIONS, Cut, cut_sections
from specimens.staining import NewRun, age_fault, age_warning, record_controls, record_lot, stain_run
from specimens.vocabulary import STAIN_LABELS, ControlKind, RunControls, Stain

CUT_WITHIN = timedelta(days=7)
CONTROL_SHAPES = {RunControls.PENDING: "due", RunControls.PASSED: "done", RunControls.FAILED: "stop"}
CONTROL_WORDS = {RunControls.PENDING: "controls awaited"} | {
    state: f"controls {state}" for state in (RunControls.PASSED, RunControls.FAILED)
}
PASSED_OR_FAILED = [("passed", "passed"), ("failed", "failed")]


# ---- cutting ----
class CutForm(forms.Form):
    sections = forms.IntegerField(label="Sections", min_value=1, max_value=MOST_SECTIONS, initial=5)
    cut_on = DayField(label="Cut on", initial=timezone.localdate)
    thickness_um = forms.DecimalField(
        label="Thickness in µm", min_value=1, max_value=50, max_digits=4, decimal_places=1, initial=4
    )
    position = forms.CharField(label="Level", max_length=20, required=False, help_text="top, bottom or a level")
    further_block = PickField(
        label="Shows the face of a further block too",
        queryset=None,
        to_field_name="accession",
        required=False,
    )

    def __init__(self, block: Block, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        beside_it = bench_desk.blocks_beside(block)
        if beside_it.exists():
            self.fields["further_block"].queryset = beside_it  # type: ignore[attr-defined]
        else:
            del self.fields["further_block"]


@needs("specimens.cut")
def cutting(request: HttpRequest) -> HttpResponse:
    """Blocks at the core of which nothing has been cut, longest here first."""
    return render(request, "bench/cutting.html", {"blocks": bench_desk.blocks_to_cut()[: desk.PAGE]})


@needs("specimens.cut")
def cut(request: HttpRequest, accession: str) -> HttpResponse:
    block = queries.block(EVERYTHING, parsed(accession))
    form = CutForm(block, request.POST or None)
    if request.method == "POST" and form.is_valid():
        cuts = [Cut(block=block, **form.cleaned_data)]
        slides = tried(form, lambda: cut_sections(by=person(request), at=timezone.now(), cuts=cuts))
        if slides:
            numbers = f"{slides[0]}" if len(slides) == 1 else f"{slides[0]} to {slides[-1]}"
            messages.success(request, f"{len(slides)} sections were cut from block {block}: {numbers}.")
            return redirect("block", block.accession)
    context = {"the_block": block, "form": form, "slides": bench_desk.slides_of(block)}
    return render(request, "bench/cut.html", context)


# ---- lots ----
class LotForm(forms.Form):
    stain = forms.ChoiceField(
        label="Stain",
        choices=[(s.value, label) for s, label in STAIN_LABELS.items()],
        widget=forms.RadioSelect,
    )
    lot = forms.CharField(label="Lot number", max_length=60)
    clone = forms.CharField(
        label="Antibody clone", max_length=60, required=False, help_text="CA-IX needs it; such as M75"
    )
    supplier = forms.CharField(label="Supplier", max_length=120, required=False)
    expires_on = DayField(label="Expires on", required=False)


@needs("specimens.stain")
def add_lot(request: HttpRequest) -> HttpResponse:
    form = LotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data | {"stain": Stain(form.cleaned_data["stain"])}
        lot = tried(form, lambda: record_lot(by=person(request), at=timezone.now(), **said))
        if lot:
            messages.success(request, f"Lot {lot.lot} was recorded.")
            return redirect(f"{reverse('stain')}?lot={lot.pk}")
    return render(request, "bench/lot.html", {"form": form})


# ---- staining ----
class RunForm(forms.Form):
    """A batch. Slides one a line, as the scanner writes them."""

    slides = forms.CharField(
        label="Slides in this run",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "id", "spellcheck": "false", "data-counts": "count"}),
        help_text="One accession number a line.",
    )
    lot = PickField(label="Reagent lot", queryset=None, empty_label=None)
    dilution = forms.CharField(label="Dilution", max_length=20, required=False, help_text="such as 1:100")
    platform = forms.CharField(label="Stainer", max_length=80, required=False)
    stained_on = DayField(label="Stained on", initial=timezone.localdate)
    override_reason = reason_field("Why sections past the limit are stained all the same", required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["lot"]
        field.queryset = bench_desk.lots()  # type: ignore[attr-defined]
        field.label_from_instance = lot_label  # type: ignore[attr-defined]

    def clean_slides(self) -> list[Slide]:
        """The slides, each known; the first that is not says so."""
        typed = self.cleaned_data["slides"].split()
        try:
            accessions = [parsed(each) for each in typed]
        except Invalid as refused:
            raise forms.ValidationError(refused.sentence) from refused
        if twice := sorted({each for each in accessions if accessions.count(each) > 1}):
            raise forms.ValidationError(f"{', '.join(twice[:5])} stands twice in the list.")
        slides = bench_desk.slides_by_accession(accessions)
        known = {slide.accession for slide in slides}
        if unknown := [each for each in accessions if each not in known]:
            raise forms.ValidationError(f"There is no slide {', '.join(unknown[:5])}.")
        return slides

    def run(self) -> NewRun:
        """The batch; the reason for overriding is kept only with the slides that need one."""
        said = dict(self.cleaned_data)
        reason = said.pop("override_reason")
        plain = NewRun(**said)
        too_old = [slide for slide in plain.slides if past_limit(slide, plain)]
        return NewRun(**said, override_reasons={slide.pk: reason for slide in too_old})


def lot_label(lot: object) -> str:
    label = STAIN_LABELS[Stain(lot.stain)]  # type: ignore[attr-defined]
    return f"{label} · {lot}"


def past_limit(slide: Slide, run: NewRun) -> bool:
    fault = age_fault(slide, run)
    return fault is not None and fault[0] == "override_reason"


@needs("specimens.stain")
def stain(request: HttpRequest) -> HttpResponse:
    """Scan slides into a batch, look at their ages, stain them."""
    first = {"slides": request.GET.get("slides", "").replace(",", "\n"), "lot": request.GET.get("lot")}
    form = RunForm(request.POST or None, initial={k: v for k, v in first.items() if v})
    context: dict[str, object] = {"form": form, "lots": bench_desk.lots().exists()}
    if request.method == "POST" and form.is_valid():
        run = form.run()
        context["ages"] = ages(run)
        done = tried(form, lambda: stained(request, form, run)) if "commit" in request.POST else None
        if done:
            messages.success(request, f"Run {done} stained {len(run.slides)} slides. Look at its controls next.")
            return redirect("run", done.accession)
    return render(request, "bench/stain.html", context)


def stained(request: HttpRequest, form: RunForm, run: NewRun) -> StainRun | None:
    """The deed; faults of single slides stand beside the list of slides."""
    try:
        return stain_run(by=person(request), at=timezone.now(), run=run)
    except Rejected as refused:
        for problem in refused.problems:
            beside(form, "slides" if problem.field == "slide" else problem.field, problem.sentence)
        return None


def ages(run: NewRun) -> list[tuple[Slide, int | None, str, str]]:
    """(slide, age in days, what to warn of, shape) of each slide, in the order scanned."""
    found = []
    for slide in run.slides:
        age = (run.stained_on - slide.cut_on).days if slide.cut_on else None
        over = past_limit(slide, NewRun(lot=run.lot, slides=[slide], stained_on=run.stained_on))
        warning = age_warning(slide, run.stained_on)
        found.append((slide, age, warning or "fresh enough", "stop" if over else "due" if warning else "done"))
    return found


# ---- runs and controls ----
class ControlForm(forms.Form):
    """What the control slides showed; a control left open has not been looked at."""

    positive = forms.ChoiceField(
        label="Positive control", choices=PASSED_OR_FAILED, widget=forms.RadioSelect, required=False
    )
    negative = forms.ChoiceField(
        label="Negative control", choices=PASSED_OR_FAILED, widget=forms.RadioSelect, required=False
    )
    observed_on = DayField(label="Looked at on", initial=timezone.localdate)
    reason = reason_field("Why an earlier result no longer stands", required=False)

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


def run_page(request: HttpRequest, found: StainRun, form: ControlForm | None) -> HttpResponse:
    state = queries.run_controls([found.pk])[found.pk]
    context = {
        "run": found,
        "state": CONTROL_WORDS[state],
        "shape": CONTROL_SHAPES[state],
        "controls": queries.grouped_controls([found.pk])[found.pk],
        "stainings": bench_desk.stainings_of(found) if scope_of(person(request)).everything else [],
        "may_label": may(person(request), "specimens.label"),
        "form": form,
        "entries": desk.lines_about(found) if may(person(request), "specimens.view_ledger") else None,
    }
    return render(request, "bench/run.html", context)


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Runs without controls, sections to stain, blocks to cut."""
    if not may(user, "specimens.cut"):
        return []
    waiting = [controls_due(r) for r in bench_desk.runs_waiting()[:MOST_ROWS]]
    glass = [stain_due(s) for s in bench_desk.slides_to_stain()[:MOST_ROWS]]
    return waiting + glass + [cut_due(b) for b in bench_desk.blocks_to_cut()[:MOST_ROWS]]


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


def stain_due(slide: Slide) -> Due:
    specimen = slide.block.specimen
    trial = specimen.patient.trial
    by: date | None = slide.cut_on + timedelta(days=trial.section_age_warn_days) if slide.cut_on else None
    return Due(
        on=by,
        kind="Slide",
        number=slide.accession,
        what=f"Unstained section of block {slide.block}" + (f", cut {slide.cut_on}" if slide.cut_on else ""),
        state="to stain",
        shape="part",
        action="Stain it",
        href=f"{reverse('stain')}?slides={slide.accession}",
        patient=specimen.patient.study_id,
        where=specimen.holding_site.name,
        synthetic=slide.synthetic,
    )


def cut_due(block: Block) -> Due:
    specimen = block.specimen
    here = timezone.localtime(block.here_since).date()  # type: ignore[attr-defined]
    return Due(
        on=here + CUT_WITHIN,
        kind="Block",
        number=block.accession,
        what=f"{specimen.get_kind_display().capitalize()}, label {block.site_label}, here since {here}",
        state="to cut",
        shape="open",
        action="Cut sections",
        href=reverse("cut", args=[block.accession]),
        patient=specimen.patient.study_id,
        where=specimen.holding_site.name,
        synthetic=block.synthetic,
    )


urls: list[URLPattern] = [
    path("cutting/", cutting, name="cutting"),
    path("blocks/<str:accession>/cut/", cut, name="cut"),
    path("lots/add/", add_lot, name="add_lot"),
    path("runs/", runs, name="runs"),
    path("runs/stain/", stain, name="stain"),
    path("runs/<str:accession>/", run, name="run"),
]
places = [
    Place("cutting", "Cutting", "c", ("specimens.cut",), 21),
    Place("runs", "Stain runs", "r", ("specimens.stain",), 22),
]
finds = {RUN: "run"}
