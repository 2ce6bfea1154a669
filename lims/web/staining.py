"""Staining: reagent lots, assay versions, and the batch that is scanned, looked at as it grows, and stained."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from lims.web.forms import DayField, PickField, beside, onward, reason_field, tried, typed
from lims.web.gate import may, needs, person
from lims.web.worklist import local_today
from specimens import bench_desk
from specimens.assays import record_assay_version, retire_assay_version
from specimens.batch_desk import Look, look
from specimens.errors import Invalid, Rejected
from specimens.identifiers import parsed
from specimens.models import AssayVersion, Slide, StainRun
from specimens.staining import NewRun, past_limit, record_lot, stain_run
from specimens.vocabulary import STAIN_LABELS, AgeBand, ControlKind, Stain

BAND_SHAPES = {AgeBand.FRESH: "done", AgeBand.AGEING: "due", AgeBand.PAST: "stop", AgeBand.UNKNOWN: "ask"}
WHAT_TO_DO = {
    AgeBand.FRESH: "",
    AgeBand.AGEING: "Stain it soon, or take a fresher section of the block.",
    AgeBand.PAST: "Past the trial’s limit: give the reason, or order a fresh section.",
    AgeBand.UNKNOWN: "Stain it, and trust a weak stain less.",
}
LISTING = {
    "rows": 6, "class": "id", "spellcheck": "false", "data-counts": "count", "data-says": "scan-said",
    "hx-post": reverse_lazy("look_at"), "hx-trigger": "input delay:120ms, change from:#id_stained_on",
    "hx-target": "#looked",
}  # fmt: skip
STAINS = [(stain.value, label) for stain, label in STAIN_LABELS.items()]


# ---- lots ----
class LotForm(forms.Form):
    stain = forms.ChoiceField(
        label="Stain",
        choices=STAINS,
        widget=forms.RadioSelect,
    )
    lot = onward(forms.CharField(label="Lot number", max_length=60))
    clone = onward(
        forms.CharField(label="Antibody clone", max_length=60, required=False, help_text="CA-IX needs it; such as M75")
    )
    supplier = onward(forms.CharField(label="Supplier", max_length=120, required=False))
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


# ---- assay versions ----
class AssayForm(forms.Form):
    stain = forms.ChoiceField(label="Stain", choices=STAINS, widget=forms.RadioSelect)
    name = forms.CharField(label="Name of the version", max_length=60, help_text="as “CA-IX 3”; never used again")
    clone = forms.CharField(label="Antibody clone", max_length=60, required=False, help_text="CA-IX needs it")
    dilution = forms.CharField(label="Dilution", max_length=20, required=False, help_text="such as 1:100")
    retrieval = forms.CharField(
        label="Antigen retrieval", max_length=120, required=False, help_text="such as pH 9, 97 °C, 20 min"
    )
    platform = forms.CharField(label="Stainer", max_length=80, required=False)


class RetireForm(forms.Form):
    reason = reason_field("Why it is retired")


@needs("specimens.view")
def assays(request: HttpRequest) -> HttpResponse:
    """Every assay version, the newest first, with those retired; a POST records a new one."""
    may_record = may(person(request), "specimens.stain")
    form = AssayForm(request.POST or None) if may_record else None
    if request.method == "POST" and form and form.is_valid():
        said = form.cleaned_data | {"stain": Stain(form.cleaned_data["stain"])}
        made = tried(form, lambda: record_assay_version(by=person(request), at=timezone.now(), **said))
        if made:
            messages.success(request, f"Assay version {made} was recorded.")
            return redirect("assays")
    return render(request, "bench/assays.html", {"assays": bench_desk.assays(retired=True), "form": form})


@needs("specimens.stain")
def retire_assay(request: HttpRequest, pk: int) -> HttpResponse:
    assay = bench_desk.assay(pk)
    form = RetireForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if tried(form, lambda: retire_assay_version(by=person(request), at=timezone.now(), assay=assay, reason=reason)):
            messages.success(request, f"Assay version {assay} was retired.")
            return redirect("assays")
    return render(request, "bench/retire_assay.html", {"assay": assay, "form": form})


# ---- staining ----
class RunForm(forms.Form):
    """A batch. Slides one a line, as the scanner writes them."""

    slides = forms.CharField(
        label="Slides in this run",
        max_length=20_000,
        widget=forms.Textarea(attrs=LISTING),
        help_text="One accession number a line.",
    )
    lot = PickField(label="Reagent lot", queryset=None, empty_label=None)
    assay = PickField(label="Assay version", queryset=None, empty_label="none recorded", required=False)
    stained_on = DayField(label="Stained on", initial=timezone.localdate)
    dilution = onward(
        forms.CharField(label="Dilution", max_length=20, required=False, help_text="blank: as the version says")
    )
    retrieval = onward(forms.CharField(label="Antigen retrieval", max_length=120, required=False))
    platform = onward(forms.CharField(label="Stainer", max_length=80, required=False))
    positive = onward(
        forms.CharField(
            label="Positive control slides", max_length=400, required=False, help_text="Scan or name; CA-IX needs one."
        )
    )
    negative = onward(
        forms.CharField(
            label="Negative control slides", max_length=400, required=False, help_text="Several: a comma between."
        )
    )
    override_reason = reason_field("Why sections past the limit are stained all the same", required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["lot"]
        field.queryset = bench_desk.lots()  # type: ignore[attr-defined]
        field.label_from_instance = lot_label  # type: ignore[attr-defined]
        versions = self.fields["assay"]
        versions.queryset = bench_desk.assays()  # type: ignore[attr-defined]
        versions.label_from_instance = assay_label  # type: ignore[attr-defined]

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
        controls = [(kind, label) for kind in ControlKind for label in labels_in(said.pop(kind.value))]
        too_old = [slide for slide in said["slides"] if past_limit(slide, said["stained_on"])]
        return NewRun(**said, controls=controls, override_reasons={slide.pk: reason for slide in too_old})


def labels_in(text: str) -> list[str]:
    return [label.strip() for label in text.split(",") if label.strip()]


def lot_label(lot: object) -> str:
    label = STAIN_LABELS[Stain(lot.stain)]  # type: ignore[attr-defined]
    ended = lot.expires_on and lot.expires_on < local_today()  # type: ignore[attr-defined]
    return f"{label} · {lot}" + (f" · expired {lot.expires_on}" if ended else "")  # type: ignore[attr-defined]


def assay_label(assay: AssayVersion) -> str:
    return f"{STAIN_LABELS[Stain(assay.stain)]} · {assay}"


@needs("specimens.stain")
def stain(request: HttpRequest) -> HttpResponse:
    """Scan slides into a batch, see at once how old they are, stain them."""
    first = {"slides": request.GET.get("slides", "").replace(",", "\n"), "lot": request.GET.get("lot")}
    form = RunForm(request.POST or None, initial={k: v for k, v in first.items() if v})
    context: dict[str, object] = {"form": form, "lots": bench_desk.lots().exists()}
    if request.method == "POST" and form.is_valid() and "commit" in request.POST:
        run = form.run()
        done = tried(form, lambda: stained(request, form, run))
        if done:
            messages.success(request, f"Run {done} stained {len(run.slides)} slides. Look at its controls next.")
            return redirect("run", done.accession)
    context["looks"] = looks_of(request) if request.method == "POST" else looks_at(first["slides"] or "")
    return render(request, "bench/stain.html", context)


@needs("specimens.stain")
@require_POST
def look_at(request: HttpRequest) -> HttpResponse:
    """The list as it grows: each slide's age, what to warn of and what to do, the last scanned first."""
    return render(request, "bench/looked.html", {"looks": looks_of(request)})


def looks_of(request: HttpRequest) -> list[tuple[Look, str, str]]:
    return looks_at(typed(request.POST, "slides", 20_000), request.POST.get("stained_on", ""))


def looks_at(text: str, day: str = "") -> list[tuple[Look, str, str]]:
    """(what was found, shape, what to do) of each scan, the last one first."""
    try:
        stained_on = parse_date(day.strip()) or local_today()
    except ValueError:
        stained_on = local_today()
    looked = look(text.split(), stained_on)
    return [(each, shape_of(each), to_do(each)) for each in reversed(looked)]


def shape_of(each: Look) -> str:
    return "stop" if each.refusal or each.band is None else BAND_SHAPES[each.band]


def to_do(each: Look) -> str:
    return each.refusal or (WHAT_TO_DO[each.band] if each.band else "")


def stained(request: HttpRequest, form: RunForm, run: NewRun) -> StainRun | None:
    """The deed; faults of single slides stand beside the list of slides."""
    try:
        return stain_run(by=person(request), at=timezone.now(), run=run)
    except Rejected as refused:
        for problem in refused.problems:
            beside(form, "slides" if problem.field == "slide" else problem.field, problem.sentence)
        return None


urls: list[URLPattern] = [
    path("lots/add/", add_lot, name="add_lot"),
    path("assays/", assays, name="assays"),
    path("assays/<int:pk>/retire/", retire_assay, name="retire_assay"),
    path("runs/stain/", stain, name="stain"),
    path("runs/stain/look/", look_at, name="look_at"),
]
