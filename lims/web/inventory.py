"""The slide inventory: filtered lists, what remains of each block, and the same list as a file."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.export.spelling import FORMULA
from lims.people import scope_of
from lims.web.forms import typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.staining import BAND_SHAPES
from lims.web.worklist import local_today
from specimens import inventory, queries, slide_sheet
from specimens.errors import Refused
from specimens.identifiers import parsed
from specimens.inventory import CONSENTS, SlideRow, Sought
from specimens.slide_sheet import SheetRow
from specimens.vocabulary import STAIN_LABELS, AgeBand, Presence, Stain

STATES = [("unstained", "unstained"), ("stained", "stained"), *((s.value, STAIN_LABELS[s]) for s in Stain)]
BANDS = [
    (AgeBand.FRESH, "fresh"),
    (AgeBand.AGEING, "past the warning"),
    (AgeBand.PAST, "past the limit"),
    (AgeBand.UNKNOWN, "cut not known"),
]
PLACES = [(Presence.CORE, "at the core"), (Presence.AWAY, "elsewhere"), (Presence.GONE, "no more")]
WHERE_WORDS = dict(PLACES)
CONSENT_SHAPES = {"given": "done", "withdrawn": "stop", "none": "due"}
HEADINGS = (
    "slide", "block", "specimen", "trial", "study_id", "level", "cut_on", "thickness_um", "stain", "run",
    "section_age_days", "age", "where", "place", "consent", "unstained_left_of_block", "synthetic",
)  # fmt: skip


def choice(label: str, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", "all"), *choices], required=False)


class FilterForm(forms.Form):
    """What the list is narrowed by; the address carries it."""

    trial = forms.ChoiceField(label="Trial", required=False)
    block = forms.CharField(
        label="Block",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"class": "id", "autocomplete": "off", "spellcheck": "false", "data-scan": ""}),
    )
    state = choice("Stain", STATES)
    age = choice("Age, unstained", BANDS)
    consent = choice("Consent", [(word, word) for word in CONSENTS])
    where = choice("Where", PLACES)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        codes = [(trial.code, trial.code) for trial in queries.trials()]
        self.fields["trial"].choices = [("", "all"), *codes]  # type: ignore[attr-defined]

    def clean_block(self) -> str:
        try:
            return parsed(self.cleaned_data["block"]) if self.cleaned_data["block"] else ""
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from refused

    def sought(self) -> Sought:
        """What is asked for; a filter that cannot be is said beside it and left out."""
        self.is_valid()
        said = self.cleaned_data
        age, where = said.get("age"), said.get("where")
        return Sought(
            trial=said.get("trial", ""),
            block=said.get("block", ""),
            state=said.get("state", ""),
            age=AgeBand(age) if age else None,
            consent=said.get("consent", ""),
            where=Presence(where) if where else None,
        )


@needs("specimens.view")
def slides(request: HttpRequest) -> HttpResponse:
    """Slides within reach, last accessioned first, fifty at a time."""
    form, place = FilterForm(request.GET), pager(request)
    sought = form.sought()
    page = inventory.slide_page(scope_of(person(request)), sought, local_today(), place.before_id)
    context = {
        "page": place.of(page),
        "rows": [shown(row) for row in page.rows],
        "form": form,
        "filtered": sought != Sought(),
        "query": pager(request).of(page).before or request.GET.urlencode(),
        "may_stain": may(person(request), "specimens.stain"),
    }
    return render(request, "bench/inventory.html", context)


def shown(row: SlideRow) -> dict[str, Any]:
    """One row with the shapes of its states."""
    shape = BAND_SHAPES[row.band] if not row.stain else "none"
    where = row.place or WHERE_WORDS[row.where]
    return {"row": row, "age_shape": shape, "where": where, "consent_shape": CONSENT_SHAPES[row.consent]}


class Echo:
    """What `csv` writes to: gives the line back at once."""

    def write(self, line: str) -> str:
        return line


@needs("specimens.view")
def slides_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as CSV, streamed: heading and rows, UTF-8; a formula is neutralised."""
    form = FilterForm(request.GET)
    found = slide_sheet.sheet(scope_of(person(request)), form.sought(), local_today())
    answer = StreamingHttpResponse(lines(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="slides-{timezone.localtime():%Y-%m-%d}.csv"'
    answer["X-Accel-Buffering"] = "no"
    return answer


def lines(found: Iterable[SheetRow]) -> Iterator[str]:
    writer = csv.writer(Echo(), lineterminator="\n")
    yield writer.writerow(HEADINGS)
    for row in found:
        yield writer.writerow([harmless(cell) for cell in (*row[:-1], "yes" if row.synthetic else "no")])


def harmless(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


LEFT = [("", "at the core"), ("none", "no unstained slide left"), ("empty", "used up")]


@needs("specimens.view")
def remains(request: HttpRequest) -> HttpResponse:
    """What remains of each block: unstained slides, sections ordered, whether it can be cut again."""
    trial, left, place = typed(request.GET, "trial", 24), typed(request.GET, "left", 8), pager(request)
    left = left if left in dict(LEFT) else ""
    page = inventory.block_page(scope_of(person(request)), trial, left, place.before_id)
    context = {
        "page": place.of(page),
        "rows": [(row, row.place or WHERE_WORDS[row.where]) for row in page.rows],
        "trials": queries.trials(),
        "trial": trial,
        "left": left,
        "choices": LEFT,
        "may_ask": may(person(request), "specimens.request"),
        "may_order": may(person(request), "specimens.order_cutting") and scope_of(person(request)).everything,
    }
    return render(request, "bench/remains.html", context)


urls: list[URLPattern] = [
    path("inventory/", slides, name="inventory"),
    path("inventory/slides.csv", slides_csv, name="slides_csv"),
    path("inventory/blocks/", remains, name="remains"),
]
places = [Place("inventory", "Slides", "i", ("specimens.cut",), 23)]
