"""Labels: scan what needs one, choose the stock, see what will be printed, print it; every print is on record."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from lims import labels
from lims.models import User
from lims.papers.label_files import close_up, drawing
from lims.papers.stock import ROLLS, SHEETS, STOCK, Roll, Sheet
from lims.people import scope_of
from lims.web.forms import beside, tried, typed
from lims.web.gate import may, needs, person
from lims.web.places import Place
from lims.web.worklist import MOST_ROWS, Due
from specimens import label_desk
from specimens.errors import Forbidden, Refused, Rejected
from specimens.identifiers import parsed
from specimens.models import LabelPrint

LONGEST_LIST = 20_000
FETCHED_WITHIN = timedelta(hours=1)
COME_FROM = {"parcel": label_desk.in_parcel, "run": label_desk.in_run, "block": label_desk.of_block}


class LabelForm(forms.Form):
    items = forms.CharField(
        label="Blocks and slides",
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 10, "class": "id", "spellcheck": "false", "autocomplete": "off"}),
        help_text="One accession number a line, in the order the labels shall have.",
    )
    stock = forms.ChoiceField(
        label="Stock",
        choices=[
            ("Sheets (PDF)", [(s.name, s.title) for s in SHEETS]),
            ("Rolls (ZPL II)", [(r.name, r.title) for r in ROLLS]),
        ],
    )
    start = forms.IntegerField(
        label="First free place", min_value=1, initial=1, help_text="On a partly used sheet, counted row by row."
    )
    reason = forms.CharField(
        label="Why printed again", max_length=200, required=False, help_text="Only for what has a label already."
    )
    batch = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


@needs("specimens.label")
def page(request: HttpRequest) -> HttpResponse:
    """GET shows what the address names; a POST looks at the labels or prints them."""
    form = LabelForm(request.POST) if request.method == "POST" else LabelForm(initial=asked(request))
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        wanted = tried(form, lambda: looked_at(request, form))
        if wanted and "print" in request.POST:
            told = form.cleaned_data
            done = tried(form, lambda: printed(request, told["batch"], wanted, told["reason"]))
            if done:
                return redirect("labels_printed", told["batch"])
        context |= seen(wanted) if wanted else {}
    elif request.method != "POST" and form.initial.get("items"):
        context |= first_look(request, form)
    context["hint"] = sheet_hint(request, str(form["stock"].value()))
    return render(request, "labels/labels.html", context)


def asked(request: HttpRequest) -> dict[str, Any]:
    """What the form begins with: items named in the address, or what lies in a parcel, run or block."""
    written = request.GET.get("items", "").replace("\x00", "")[:LONGEST_LIST].replace(",", " ").split()
    for name, found in COME_FROM.items():
        if accession := typed(request.GET, name):
            written += found(scope_of(person(request)), parsed(accession))
    stock = typed(request.GET, "stock")
    first = {"items": "\n".join(written), "stock": stock if stock in STOCK else "", "batch": uuid.uuid4()}
    return {name: value for name, value in first.items() if value}


def first_look(request: HttpRequest, form: LabelForm) -> dict[str, Any]:
    """What the address named, laid out at once; a fault of it stands above the form."""
    try:
        stock = str(form.initial.get("stock") or SHEETS[0].name)
        return seen(labels.ready(scope_of(person(request)), form.initial["items"].split(), stock=stock))
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return {}


def looked_at(request: HttpRequest, form: LabelForm) -> labels.Ready | None:
    told = form.cleaned_data
    start = told["start"] if isinstance(STOCK[told["stock"]], Sheet) else 1
    try:
        return labels.ready(scope_of(person(request)), told["items"].split(), stock=told["stock"], start=start)
    except Rejected as refused:
        for problem in refused.problems[:10]:
            beside(form, "items", f"Line {problem.row}: {problem.sentence}")
        return None


def printed(request: HttpRequest, batch: uuid.UUID, wanted: labels.Ready, reason: str) -> list[LabelPrint]:
    return labels.printed(by=person(request), at=timezone.now(), batch=batch, wanted=wanted, reason=reason)


def seen(wanted: labels.Ready) -> dict[str, Any]:
    """What the page shows of labels before they are printed."""
    return {
        "wanted": wanted,
        "rows": [
            (thing, label, wanted.printed.get(str(thing)))
            for thing, label in zip(wanted.things, wanted.labels, strict=True)
        ],
        "drawing": drawn(drawing(wanted.labels, wanted.stock, start=wanted.start)),
        "close_up": drawn(close_up(wanted.labels[0], wanted.stock)),
        "again": sum(str(thing) in wanted.printed for thing in wanted.things),
        "sheets": sheets(wanted),
    }


def drawn(picture: str) -> SafeString:
    """A drawing of ours, in which every text is escaped."""
    return mark_safe(picture)  # noqa: S308


def sheets(wanted: labels.Ready) -> int:
    """How many sheets are needed; 0 for a roll."""
    if isinstance(wanted.stock, Roll):
        return 0
    return -(-(wanted.start - 1 + len(wanted.labels)) // wanted.stock.count)


def sheet_hint(request: HttpRequest, stock: str) -> str:
    """Where the sheet this person used last goes on."""
    chosen = STOCK.get(stock, SHEETS[0])
    last = label_desk.last_place(person(request).pk, chosen.name) if isinstance(chosen, Sheet) else None
    if last is None or not isinstance(chosen, Sheet) or last % chosen.count == 0:
        return ""
    return f"Your last sheet of {chosen.title.partition(',')[0]} is used up to place {last % chosen.count}."


# ---- printed ----
@needs("specimens.label")
def done(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    prints = label_desk.batch(scope_of(person(request)), batch, person(request).pk)
    context = {
        "prints": prints,
        "first": prints[0],
        "stock": STOCK[prints[0].stock],
        "batch": batch,
        "may_fetch": fresh(prints[0]),
    }
    return render(request, "labels/printed.html", context)


@needs("specimens.label")
def file(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """The file of what this person printed; for an hour, then it is a reprint with a reason."""
    scope = scope_of(person(request))
    prints = label_desk.batch(scope, batch, person(request).pk)
    if not fresh(prints[0]):
        raise Forbidden("too_late", "These labels were printed more than an hour ago: print them again, with a reason.")
    made = labels.file_of(scope, prints)
    answer = HttpResponse(made.content, content_type=made.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def fresh(printed: LabelPrint) -> bool:
    return timezone.now() - printed.printed_at <= FETCHED_WITHIN


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Sections cut in the last days without a label, by block; for who cuts them."""
    if not may(user, "specimens.cut"):
        return []
    return [row_of(each) for each in label_desk.unlabelled(now, MOST_ROWS)]


def row_of(each: dict[str, Any]) -> Due:
    count = each["count"]
    return Due(
        on=timezone.localtime(each["since"]).date(),
        kind="Labels",
        number=each["of_block"],
        what=f"{count} {'section' if count == 1 else 'sections'} cut without a label",
        state="labels not printed",
        shape="part",
        action=f"Print {count} {'label' if count == 1 else 'labels'}",
        href=f"{reverse('labels')}?block={each['of_block']}",
        patient=each["study_id"],
        where=each["site"],
        synthetic=each["made_up"],
    )


urls: list[URLPattern] = [
    path("labels/", page, name="labels"),
    path("labels/printed/<uuid:batch>/", done, name="labels_printed"),
    path("labels/printed/<uuid:batch>/file/", file, name="labels_file"),
]
places = [Place("labels", "Labels", "b", ("specimens.label",), 24)]
