"""Downtime: numbered forms printed in good time, and entered afterwards as what they are."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.papers.bench_card import bench_card as card
from lims.papers.forms import paper_of
from lims.web.forms import ScanField, beside, tried, typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.parcels import first_line
from lims.web.receipt import CONDITIONS, WHOSE, ExtraForm, parcel_to_receive
from specimens import form_desk, queries
from specimens.downtime import MOST_FORMS, FromForm, print_forms
from specimens.errors import Invalid, Rejected
from specimens.identifiers import DOWNTIME, parsed
from specimens.models import Shipment, ShipmentItem
from specimens.receiving import ReceivedItem, add_unannounced, receive_items
from specimens.vocabulary import Condition, DowntimeKind

PRINTS = ("specimens.receive", "scoring.sign_read", "scoring.adjudicate")
MOST_ENTERED = 60


class PrintForm(forms.Form):
    kind = forms.ChoiceField(label="For", choices=[("receipt", "receipt of a parcel"), ("reads", "reads")])
    count = forms.IntegerField(label="How many", min_value=1, max_value=MOST_FORMS, initial=1)


class EntryForm(forms.Form):
    """What stands on the form, beside its lines."""

    form = ScanField(label="Number of the form")
    happened_at = forms.DateTimeField(
        label="When it happened",
        input_formats=["%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(
            attrs={"placeholder": "2026-11-23 09:40", "autocomplete": "off"}, format="%Y-%m-%d %H:%M"
        ),
        error_messages={"invalid": "Write the moment as 2026-11-23 09:40."},
        help_text="In your site’s time.",
    )
    written_by = forms.CharField(label="Written by", max_length=120)


class LineEntry(forms.Form):
    """One line of the form; left blank it was not in the parcel."""

    condition = forms.ChoiceField(label="It is", choices=[("", "not here"), *CONDITIONS], required=False)
    agree = forms.TypedChoiceField(
        label="Identifiers", choices=[(2, "2 of 2"), (1, "1 of 2"), (0, "none")], coerce=int, initial=2
    )
    note = forms.CharField(label="What is seen", max_length=500, required=False)


def pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


@needs("specimens.receive")
def bench_card(request: HttpRequest) -> HttpResponse:
    return pdf(card(), "bench-card")


@needs(*PRINTS)
def downtime(request: HttpRequest) -> HttpResponse:
    """The forms printed, and printing more."""
    return downtime_page(request, PrintForm())


def downtime_page(request: HttpRequest, form: PrintForm) -> HttpResponse:
    page = form_desk.form_list(person(request), pager(request).before_id)
    receives = may(person(request), "specimens.receive")
    if not receives:
        form.fields["kind"].choices = [("reads", "reads")]  # type: ignore[attr-defined]
    context = {"form": form, "page": pager(request).of(page), "rows": page.rows, "receives": receives}
    return render(request, "downtime/list.html", context)


@needs(*PRINTS)
@require_POST
def print_blank(request: HttpRequest) -> HttpResponse:
    form = PrintForm(request.POST)
    if form.is_valid():
        kind, count = DowntimeKind(form.cleaned_data["kind"]), form.cleaned_data["count"]
        printed = tried(form, lambda: print_forms(by=person(request), at=timezone.now(), kind=kind, count=count))
        if printed:
            return told_of(request, printed)
    return downtime_page(request, form)


def told_of(request: HttpRequest, printed: list[Any]) -> HttpResponse:
    if len(printed) == 1:
        return redirect("downtime_paper", printed[0].accession)
    messages.success(request, f"{len(printed)} forms are numbered: open each below to print it.")
    return redirect("downtime")


@needs(*PRINTS)
def downtime_paper(request: HttpRequest, accession: str) -> HttpResponse:
    found = form_desk.form_of(person(request), parsed(accession))
    return pdf(paper_of(found), f"downtime-{found}")


@needs("specimens.receive")
@require_POST
def print_for_parcel(request: HttpRequest, accession: str) -> HttpResponse:
    found = parcel_to_receive(request, accession)
    printed = print_forms(by=person(request), at=timezone.now(), kind=DowntimeKind.RECEIPT, shipment=found)
    return redirect("downtime_paper", printed[0].accession)


@needs("specimens.receive")
def downtime_entry(request: HttpRequest, accession: str) -> HttpResponse:
    """A receipt form entered afterwards."""
    found = parcel_to_receive(request, accession)
    begin = first_line(request)
    awaited = form_desk.lines_awaited(found, MOST_ENTERED + 1, begin)
    items, onwards = awaited[:MOST_ENTERED], awaited[MOST_ENTERED:]
    posted = request.POST if request.method == "POST" else None
    form = EntryForm(posted, initial={"form": typed(request.GET, "form")})
    lines = [(item, LineEntry(posted, prefix=f"line-{item.line}")) for item in items]
    whole = [each.is_valid() for _, each in lines]
    if posted is not None and form.is_valid() and all(whole):
        receipts = tried(form, lambda: entered(request, found, form, lines))
        if receipts:
            messages.success(request, f"{len(receipts)} received, entered later from form {form.cleaned_data['form']}.")
            return redirect("receive", found.accession)
    return entry_page(request, found, form, lines=lines, onwards=onwards, begin=begin)


def entry_page(request: HttpRequest, found: Shipment, form: EntryForm, **more: Any) -> HttpResponse:
    """The announced lines, or with `extra` the one thing on the form that nobody announced."""
    return render(request, "downtime/entry.html", {"parcel": found, "form": form, "trials": queries.trials(), **more})


@needs("specimens.receive")
def downtime_extra(request: HttpRequest, accession: str) -> HttpResponse:
    """Something that stands on the form and was not announced, entered afterwards."""
    found = parcel_to_receive(request, accession)
    posted = request.POST if request.method == "POST" else None
    form, extra = EntryForm(posted, initial={"form": typed(request.GET, "form")}), ExtraForm(posted, prefix="extra")
    if posted is not None and all([form.is_valid(), extra.is_valid()]):
        receipt = tried(extra, lambda: added(request, found, form, extra))
        if receipt:
            messages.success(request, f"{receipt.item.label} was added as not announced, entered later.")
            return redirect("receive", found.accession)
    return entry_page(request, found, form, extra=extra)


def added(request: HttpRequest, found: Shipment, form: EntryForm, extra: ExtraForm) -> Any:
    """The deed; what is wrong with the heading of the form stands beside its fields."""
    item = extra.item(typed(request.POST, "extra-trial") if extra.cleaned_data["study_id"] else "")
    question = WHOSE if not extra.cleaned_data["study_id"] and extra.cleaned_data["ask"] else ""
    try:
        return add_unannounced(
            by=person(request), at=timezone.now(), shipment=found, item=item, question=question,
            written=from_form(form), **extra.seen(),
        )  # fmt: skip
    except Rejected as refused:
        heading = [problem for problem in refused.problems if problem.field in form.fields]
        for problem in heading:
            beside(form, problem.field, problem.sentence)
        if not heading:
            raise
        return None


def entered(
    request: HttpRequest, found: Shipment, form: EntryForm, lines: list[tuple[ShipmentItem, LineEntry]]
) -> list[Any]:
    items = [received(item.line, each.cleaned_data) for item, each in lines if each.cleaned_data["condition"]]
    if not items:
        raise Invalid("nothing_entered", "Say of at least one line how it came.")
    return receive_items(by=person(request), at=timezone.now(), shipment=found, items=items, written=from_form(form))


def from_form(form: EntryForm) -> FromForm:
    said = form.cleaned_data
    return FromForm(form_desk.form_numbered(said["form"], "form"), said["happened_at"], said["written_by"])


def received(line: int, said: dict[str, Any]) -> ReceivedItem:
    return ReceivedItem(line, Condition(said["condition"]), said["agree"], said["note"])


urls: list[URLPattern] = [
    path("downtime/", downtime, name="downtime"),
    path("downtime/print/", print_blank, name="print_blank"),
    path("downtime/bench-card/", bench_card, name="bench_card"),
    path("downtime/<str:accession>/paper/", downtime_paper, name="downtime_paper"),
    path("parcels/<str:accession>/downtime/", downtime_entry, name="downtime_entry"),
    path("parcels/<str:accession>/downtime/extra/", downtime_extra, name="downtime_extra"),
    path("parcels/<str:accession>/downtime/print/", print_for_parcel, name="print_for_parcel"),
]
finds = {DOWNTIME: "downtime_paper"}
