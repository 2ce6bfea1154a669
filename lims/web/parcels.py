"""Parcels: the list, one parcel, announcing one line by line or from a sheet."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.intake.parcel_sheet import COLUMNS, read_items
from lims.intake.sheets import MOST_BYTES
from lims.models import User
from lims.people import scope_of
from lims.web.forms import DayField, PickField, beside, tried, typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.worklist import MOST_ROWS, Due
from specimens import desk, parcel_desk, queries, receipt_desk, receipts
from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.errors import Rejected, RowProblem
from specimens.identifiers import PARCEL, parsed
from specimens.models import Shipment
from specimens.parcel_desk import ParcelRow
from specimens.returning import is_return
from specimens.scope import Scope
from specimens.vocabulary import ItemKind, SpecimenKind, Terms

EXPECTED_WITHIN = timedelta(days=3)
LINES_AT_FIRST, LINES_ADDED, MOST_LINES = 3, 3, 60
STATE_SHAPES = {"announced": "open", "open": "part", "closed": "done"}
LINES_A_PAGE = 100
ITEM_SHAPES = {
    "missing": "due",
    "in another parcel": "none",
    "not here after all": "none",
    "damaged": "due",
    "not announced": "ask",
    "quarantined": "stop",
    "rejected": "stop",
    "accepted": "done",
    "here": "done",
}


@needs("specimens.view")
def parcels(request: HttpRequest) -> HttpResponse:
    scope, state = scope_of(person(request)), typed(request.GET, "state")
    page = parcel_desk.parcel_list(scope, state=state, before_id=pager(request).before_id)
    cores = {core.pk for core in desk.cores()}
    context = {
        "page": pager(request).of(page),
        "rows": [(row, STATE_SHAPES[row.state]) for row in page.rows],
        "states": parcel_desk.STATES,
        "state": state,
        "may_announce": may(person(request), "specimens.announce"),
        "going_out": [row.accession for row in page.rows if row.receiver_id not in cores],
        "receives": [row.accession for row in page.rows if may_receive(person(request), row.receiver_id)],
    }
    return render(request, "parcels/list.html", context)


def may_receive(user: User, receiver_id: int) -> bool:
    """The core's own people receive at the core; a hospital's coordinator what is sent to that hospital."""
    scope = scope_of(user)
    return may(user, "specimens.receive") and (scope.everything or receiver_id in (scope.institutions or ()))


def shipment_of(request: HttpRequest, accession: str) -> Shipment:
    return queries.shipment(scope_of(person(request)), parsed(accession))


@needs("specimens.view")
def parcel(request: HttpRequest, accession: str) -> HttpResponse:
    found, scope = shipment_of(request, accession), scope_of(person(request))
    start = first_line(request)
    elsewhere = receipts.explained([found.pk])
    items = parcel_desk.items_of(found, Q(line__gte=start, line__lt=start + LINES_A_PAGE), elsewhere)
    sums = receipt_desk.tally_of(found, len(elsewhere))
    context = {
        "parcel": found,
        "open_patients": {i.patient_id for i in items if i.treating_site_id and scope.holds(i.treating_site_id)},
        "items": [(item, ITEM_SHAPES[item.state]) for item in items],
        "tally": sums,
        "onwards": start + LINES_A_PAGE if sums.lines >= start + LINES_A_PAGE else None,
        "start": start,
        "may_receive": may_receive(person(request), found.receiver_id),
        "may_label": may(person(request), "specimens.label"),
        "returning": is_return(found),
        "closed": getattr(found, "closure", None),
        "entries": desk.lines_about(found) if may(person(request), "specimens.view_ledger") else None,
    }
    return render(request, "parcels/parcel.html", context)


def first_line(request: HttpRequest) -> int:
    """The line that the page begins with; anything that is no number is the first."""
    said = typed(request.GET, "line", 6)
    return max(1, int(said)) if said.isascii() and said.isdigit() else 1


# ---- announce ----
class ParcelForm(forms.Form):
    """What stands on the parcel. A hospital's coordinator sends from that hospital alone."""

    sender = PickField(label="Sent by", queryset=None, to_field_name="code", empty_label="choose the sender")
    receiver = PickField(label="Sent to", queryset=None, to_field_name="code", empty_label=None)
    trial = PickField(label="Trial", queryset=None, to_field_name="code", empty_label=None)
    sent_on = DayField(label="Sent on", required=False)
    courier = forms.CharField(label="Courier", max_length=60, required=False)
    tracking = forms.CharField(label="Tracking number", max_length=60, required=False)
    sender_reference = forms.CharField(label="Sender’s reference", max_length=60, required=False)
    sheet = forms.FileField(
        label="Items from a sheet",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text="CSV in UTF-8, instead of the lines below.",
    )

    def __init__(self, scope: Scope, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["sender"].queryset = desk.sites(scope)  # type: ignore[attr-defined]
        self.fields["receiver"].queryset = desk.cores()  # type: ignore[attr-defined]
        self.fields["trial"].queryset = queries.trials()  # type: ignore[attr-defined]
        if len(scope.institutions or ()) == 1:
            self.fields["sender"].empty_label = None  # type: ignore[attr-defined]

    def parcel(self, items: list[AnnouncedItem]) -> Parcel:
        said = {k: v for k, v in self.cleaned_data.items() if k not in ("trial", "sheet")}
        return Parcel(items=tuple(items), **said)


KINDS = [(kind.value, kind.value.replace("_", " ").replace("he slide", "H&E slide")) for kind in ItemKind]
TERMS = [("", "not said"), *((t.value, t.value) for t in Terms)]
TUMOURS = [(kind.value, kind.value) for kind in SpecimenKind]


class LineForm(forms.Form):
    """One item. A blank line is no item."""

    kind = forms.ChoiceField(label="Item", choices=KINDS)
    study_id = forms.CharField(label="Study id", max_length=40, required=False)
    specimen_kind = forms.ChoiceField(label="Tissue", choices=TUMOURS, required=False)
    specimen_label = forms.CharField(label="Specimen", max_length=60, required=False)
    block_label = forms.CharField(label="Of block", max_length=60, required=False)
    label = forms.CharField(label="Label on it", max_length=60, required=False)
    procedure_on = DayField(label="Procedure on", required=False)
    cut_on = DayField(label="Cut on", required=False)
    terms = forms.ChoiceField(label="Terms", choices=TERMS, required=False)
    due_back_on = DayField(label="Due back", required=False)
    hospital_number = forms.CharField(label="Hospital’s number", max_length=60, required=False)

    def item(self, trial: str) -> AnnouncedItem:
        said = {name: self.cleaned_data[name] for name in LineForm.base_fields}
        kind = ItemKind(said.pop("kind"))
        tissue = SpecimenKind(said.pop("specimen_kind") or SpecimenKind.PRIMARY)
        return AnnouncedItem(kind=kind, specimen_kind=tissue, trial=trial, **said)


WRITTEN = ("study_id", "specimen_label", "block_label", "label", "hospital_number")


class BaseLines(forms.BaseFormSet):
    def get_form_kwargs(self, index: int | None) -> dict[str, object]:
        """Each line may be left blank."""
        return super().get_form_kwargs(index) | {"empty_permitted": True, "use_required_attribute": False}

    def written(self) -> list[LineForm]:
        return [form for form in self.forms if any(form.cleaned_data.get(name) for name in WRITTEN)]


Lines: Any = forms.formset_factory(LineForm, formset=BaseLines, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES)


@needs("specimens.announce")
def announce(request: HttpRequest) -> HttpResponse:
    scope = scope_of(person(request))
    if request.method != "POST":
        first = {k: typed(request.GET, k) for k in ("study_id", "trial") if k in request.GET}
        lines = Lines(initial=[{"study_id": first.get("study_id", "")}, *[{}] * (LINES_AT_FIRST - 1)])
        return announce_page(request, ParcelForm(scope, initial=first), lines)
    if "more" in request.POST:
        return announce_page(request, ParcelForm(scope, request.POST), with_more_lines(request))
    form, lines = ParcelForm(scope, request.POST, request.FILES), Lines(request.POST)
    if form.is_valid() and lines.is_valid():
        announced = tried(form, lambda: announced_from(request, form, lines))
        if announced:
            messages.success(request, f"Parcel {announced} was announced; write its number on the parcel.")
            return redirect("parcel", announced.accession)
    return announce_page(request, form, lines)


def announced_from(request: HttpRequest, form: ParcelForm, lines: BaseLines) -> Shipment | None:
    """The deed; the faults of a line stand beside that line."""
    trial = form.cleaned_data["trial"].code
    written = lines.written()
    sheet = form.cleaned_data["sheet"]
    items, problems = [line.item(trial) for line in written], list[RowProblem]()
    if sheet:
        items, problems = read_items(sheet.read(MOST_BYTES + 1), trial)
    if problems:
        raise Rejected([on_sheet(problem) for problem in problems])
    try:
        return announce_shipments(by=person(request), at=timezone.now(), parcels=[form.parcel(items)])[0]
    except Rejected as refused:
        if sheet:
            raise Rejected([on_sheet(problem) for problem in refused.problems]) from refused
        for problem in refused.problems:
            beside(written[problem.row - 1] if problem.row else form, problem.field, problem.sentence)
        return None


def on_sheet(problem: RowProblem) -> RowProblem:
    """A fault of a sheet's row says which row, since the sheet is not on the page."""
    said = (
        f"Row {problem.row}, {problem.field.replace('_', ' ')}: {problem.sentence}" if problem.row else problem.sentence
    )
    return RowProblem(problem.row, "sheet", said)


def with_more_lines(request: HttpRequest) -> BaseLines:
    """What was typed, and three blank lines more."""
    typed = request.POST.copy()
    total = typed.get("form-TOTAL_FORMS", "0")
    count = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else 0
    typed["form-TOTAL_FORMS"] = str(min(count + LINES_ADDED, MOST_LINES))
    return Lines(typed)


def announce_page(request: HttpRequest, form: ParcelForm, lines: BaseLines) -> HttpResponse:
    context = {"form": form, "lines": lines, "columns": COLUMNS, "touched": "more" not in request.POST}
    return render(request, "parcels/announce.html", context)


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Parcels on their way and parcels open; for who receives, with the receipt as next action."""
    if not may(user, "specimens.receive"):
        return []
    rows = parcel_desk.parcels_open(scope_of(user), MOST_ROWS)
    return [arrival(row, user) if row.state == "announced" else unfinished(row, user) for row in rows]


def arrival(row: ParcelRow, user: User) -> Due:
    mine = may_receive(user, row.receiver_id)
    count = f"{row.expected} item{'' if row.expected == 1 else 's'}"
    return Due(
        on=row.sent_on + EXPECTED_WITHIN if row.sent_on else None,
        kind="Parcel",
        number=row.accession,
        what=f"{count} announced" + (f", sent {row.sent_on}" if row.sent_on else ""),
        where=row.sender,
        state="on its way",
        shape="open",
        action=f"Receive {count}" if mine else "Open the parcel",
        href=reverse("receive" if mine else "parcel", args=[row.accession]),
        synthetic=row.synthetic,
    )


def unfinished(row: ParcelRow, user: User) -> Due:
    mine = may_receive(user, row.receiver_id)
    began = timezone.localtime(row.last_receipt).date() if row.last_receipt else None
    what = f"{row.here} of {row.expected} here" + (
        f", {row.missing} missing: close it, or scan on" if row.missing else ""
    )
    action = f"Finish with {row.missing} missing" if row.missing else "Close the parcel"
    return Due(
        on=began,
        kind="Parcel",
        number=row.accession,
        what=what,
        where=row.sender,
        state=f"{row.missing} missing" if row.missing else "all here",
        shape="due" if row.missing else "part",
        action=action if mine else "Open the parcel",
        href=reverse("receive" if mine else "parcel", args=[row.accession]),
        synthetic=row.synthetic,
    )


urls: list[URLPattern] = [
    path("parcels/", parcels, name="parcels"),
    path("parcels/announce/", announce, name="announce"),
    path("parcels/<str:accession>/", parcel, name="parcel"),
]
places = [Place("parcels", "Parcels", "p", ("specimens.announce", "specimens.receive"), 20)]
finds = {PARCEL: "parcel"}
