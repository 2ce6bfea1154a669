"""Training sets: the lead makes them, a reader works through one at a desk like the reading desk.

A reader meets no answer before the try is finished.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from lims.web.compared import in_words, said_of
from lims.web.findings_sheet import blank, label_of
from lims.web.forms import PickField, ScanField, aloud, tried, typed
from lims.web.gate import may, needs, person
from lims.web.places import Place
from lims.web.signatures import Attempt, attempted
from lims.web.slide_images import served
from scoring import queries
from scoring import training_desk as desk
from scoring.cases import ASSAY_LABELS
from scoring.models import TrainingItem
from scoring.rules.vocabulary import Assay, Discordance
from scoring.training import add_item_from_case, answer_item, close_training_set, make_training_set

READ, OVERSEE = "scoring.sign_read", "scoring.oversee"


class SetForm(forms.Form):
    name = forms.CharField(label="Name", max_length=60)
    assay = forms.ChoiceField(label="Assay", choices=[(a.value, ASSAY_LABELS[a]) for a in Assay])
    version = PickField(label="Version", queryset=None, required=False, empty_label="every version of it")
    pass_percent = forms.IntegerField(label="Passes with, % right", min_value=1, max_value=100, initial=80)
    within_points = forms.DecimalField(
        label="A percentage may be off by, points",
        min_value=0, max_value=100, max_digits=4, decimal_places=1, initial=10,
    )  # fmt: skip
    valid_days = forms.IntegerField(label="Qualifies for, days", min_value=1, max_value=3650, initial=365)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["version"].queryset = desk.versions()  # type: ignore[attr-defined]


class ItemForm(forms.Form):
    case = ScanField(label="Case", max_length=20, help_text="Concluded: its slide, and its final value as the answer.")


@dataclass(frozen=True, slots=True)
class Bench:
    """What the desk's templates ask of a case, said of a training slide."""

    code: str
    assay: Assay
    slide: str


@needs(READ, OVERSEE)
def sets(request: HttpRequest) -> HttpResponse:
    """Every set for the lead; for a reader what there is to do, and how their tries went."""
    user = person(request)
    rows = [(row, ASSAY_LABELS[row.assay]) for row in desk.training_sets(user)]
    return render(request, "training/sets.html", {"rows": rows, "lead": may(user, OVERSEE), "reads": may(user, READ)})


@needs(OVERSEE)
def add(request: HttpRequest) -> HttpResponse:
    form = SetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        told = {"name": said["name"], "assay": Assay(said["assay"]), "version": said["version"]}
        told |= {"within_points": said["within_points"], "valid_days": said["valid_days"]}
        share = Decimal(said["pass_percent"]) / 100
        made = tried(form, lambda: make_training_set(by=person(request), at=timezone.now(), pass_share=share, **told))
        if made:
            messages.success(request, f"Training set {made} is made; add its slides.")
            return redirect("training_set", made.pk)
    return render(request, "training/add.html", {"form": form})


@needs(READ, OVERSEE)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The set with its answers for the lead, who adds a slide by a POST; a reader's own tries."""
    user, row = person(request), desk.one_set(person(request), pk)
    form = ItemForm(request.POST or None) if may(user, OVERSEE) and not row.closed else None
    if request.method == "POST" and form and form.is_valid():
        training, code = desk.training_set(pk), form.cleaned_data["case"]
        kept = tried(form, lambda: add_item_from_case(
            by=user, at=timezone.now(), training=training, case=queries.case_named(code)))  # fmt: skip
        if kept:
            messages.success(request, f"Slide {kept.slide} is number {kept.number}.")
            return redirect("training_set", pk)
    items = []
    if may(user, OVERSEE):
        items = [(each, answer_words(row.assay, each)) for each in desk.items_of(user, desk.training_set(pk))]
    context = {"row": row, "assay": ASSAY_LABELS[row.assay], "form": form, "items": items, "tries": tries_of(row),
               "may_read": may(user, READ) and not row.closed and not row.own and row.items and not row.until,
               "lead": may(user, OVERSEE)}  # fmt: skip
    return render(request, "training/set.html", context)


def answer_words(assay: Assay, item: TrainingItem) -> str:
    """The known answer in one line."""
    return "; ".join(f"{label} {value}" for label, value in in_words(assay, item.answer, None, None) if value)


def tries_of(row: desk.SetRow) -> list[tuple[desk.Try, list[tuple[int, str]]]]:
    """Each finished try, with what was not right of each slide in words."""
    return [(each, [(number, told(wrong)) for number, wrong in each.items]) for each in row.tries]


def told(wrong: tuple[str, ...]) -> str:
    codes = set(Discordance)
    rule = said_of(tuple(code for code in wrong if code in codes))
    fields = [f"{label_of(name)} too far off" for name in wrong if name not in codes]
    return "; ".join([*([rule] if rule else []), *fields])


@needs(OVERSEE)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    form = forms.Form(request.POST)
    form.is_valid()
    if tried(form, lambda: close_training_set(by=person(request), at=timezone.now(), training=desk.training_set(pk))):
        messages.success(request, "The set is closed; who passed it stays qualified.")
    aloud(request, form)
    return redirect("training_set", pk)


@needs(READ)
def train(request: HttpRequest, pk: int) -> HttpResponse:
    """The next slide of the try that goes on."""
    user, row = person(request), desk.one_set(person(request), pk)
    following = desk.next_item(user, desk.training_set(pk))
    if following is None or row.closed or row.own or row.until:
        return redirect("training_set", pk)
    return redirect("training_slide", pk, following.number)


@needs(READ)
def slide(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One slide and a blank form; a POST is one step towards the signature."""
    user, row = person(request), desk.one_set(person(request), pk)
    item = desk.item(user, pk, number)
    if request.method != "POST":
        return training_page(request, row, item, Attempt(blank(row.assay)))

    def sign(sheet: Any) -> Any:
        findings, told = sheet.given(), typed(request.POST, "try", 4)
        of_try = int(told) if told.isdigit() else None
        return answer_item(by=user, at=timezone.now(), item=item, findings=findings, of_try=of_try)

    found = attempted(request, row.assay, sign)
    if found.read is None:
        return training_page(request, row, item, found)
    return onwards(request, pk, row)


def onwards(request: HttpRequest, pk: int, before: desk.SetRow) -> HttpResponse:
    """The next slide; after the last one how the try went."""
    after = desk.one_set(person(request), pk)
    if len(after.tries) == len(before.tries):
        messages.success(request, f"{after.answered} of {after.items} read. The result comes after the last.")
        return redirect("train", pk)
    last = after.tries[-1]
    said = f"{last.right} of {last.of} right."
    if last.passed:
        messages.success(request, f"{said} You passed {after.name} and are qualified.")
    else:
        messages.warning(request, f"{said} {after.pass_share} % are needed: try again when you are ready.")
    return redirect("training_set", pk)


def training_page(request: HttpRequest, row: desk.SetRow, item: TrainingItem, found: Attempt) -> HttpResponse:
    pictures = desk.pictures_of(item)
    context = {
        "case": Bench(f"{row.name}, slide", row.assay, "" if pictures else item.slide.accession),
        "row": row,
        "item": item,
        "assay": ASSAY_LABELS[row.assay],
        "shots": [(place, each) for place, each in enumerate(pictures, start=1)],
        "sheet": found.sheet,
        "attempt": found,
    }
    return render(request, "training/desk.html", context)


@needs(READ)
@cache_control(private=True, max_age=3600)
def picture(request: HttpRequest, pk: int, number: int, place: int) -> FileResponse:
    """A picture of a training slide, by its place; under no name of its own."""
    desk.one_set(person(request), pk)
    found = desk.picture(person(request), pk, number, place)
    return served(found, f"training-{pk}-{number}")


urls: list[URLPattern] = [
    path("training/", sets, name="training"),
    path("training/add/", add, name="add_training_set"),
    path("training/<int:pk>/", one, name="training_set"),
    path("training/<int:pk>/close/", close, name="close_training_set"),
    path("training/<int:pk>/read/", train, name="train"),
    path("training/<int:pk>/<int:number>/", slide, name="training_slide"),
    path("training/<int:pk>/<int:number>/pictures/<int:place>/", picture, name="training_picture"),
]
places = [Place("training", "Training", "t", (READ, OVERSEE), 66)]
