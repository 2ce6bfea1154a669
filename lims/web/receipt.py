"""Receipt: the scan box, the tally, what needs a decision, and closing, which never waits."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.models import User
from lims.people import scope_of
from lims.web.forms import aloud, tried, typed
from lims.web.gate import may, needs, person
from lims.web.parcels import ITEM_SHAPES, LineForm, may_receive, shipment_of
from lims.web.scanning import Answer, Scan, answered
from lims.web.worklist import MOST_ROWS, Due
from specimens import parcel_desk, queries, receipt_desk
from specimens.errors import Forbidden
from specimens.models import Shipment
from specimens.receiving import add_unannounced, close_shipment
from specimens.vocabulary import Condition

CONDITIONS = [(c.value, c.value.replace("_", " ")) for c in Condition]
WHOSE = "It was in the parcel, was not announced, and we cannot tell whose it is. Whose is it, and may we keep it?"


class ExtraForm(LineForm):
    """Something the sender did not announce, and how it looks."""

    condition = forms.ChoiceField(label="Condition", choices=CONDITIONS, initial=Condition.INTACT, required=False)
    note = forms.CharField(label="What is seen", max_length=500, required=False)
    ask = forms.BooleanField(label="Ask its sender whose it is", required=False, initial=True)

    def seen(self) -> dict[str, Any]:
        condition = self.cleaned_data["condition"] or Condition.INTACT
        return {"condition": Condition(condition), "note": self.cleaned_data["note"]}


class ClosingForm(forms.Form):
    note = forms.CharField(
        label="Note for the sender", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    ask = forms.BooleanField(label="Ask the sender about each missing item", required=False, initial=True)


def parcel_to_receive(request: HttpRequest, accession: str) -> Shipment:
    found = shipment_of(request, accession)
    if not may_receive(person(request), found.receiver_id):
        raise Forbidden("not_your_parcel", f"Parcel {found} is received at {found.receiver}, not by you.")
    return found


@needs("specimens.receive")
def receive(request: HttpRequest, accession: str) -> HttpResponse:
    """The receiving desk. A POST is one scan: the box is empty again afterwards, or says why not."""
    found = parcel_to_receive(request, accession)
    if request.method != "POST":
        return desk_page(request, found, Answer())
    said = answered(person(request), found, scan_of(request))
    if said.look:
        return onwards(request, reverse("parcel_item", args=[found.accession, said.look]))
    if request.htmx or said.fault or said.mark or said.first:  # type: ignore[attr-defined]
        return desk_page(request, found, said)
    if said.notice:
        messages.success(request, said.notice)
    return redirect("receive", accession)


def scan_of(request: HttpRequest) -> Scan:
    mark, first = typed(request.POST, "mark"), typed(request.POST, "first", 6)
    return Scan(
        text=typed(request.POST, "item"),
        mark=Condition(mark) if mark in {c.value for c in Condition} else None,
        first=int(first) if first.isascii() and first.isdigit() else None,
        two="two" in request.POST,
    )


def onwards(request: HttpRequest, address: str) -> HttpResponse:
    """To another page, also from within a fragment."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(address)
    return HttpResponse(status=204, headers={"HX-Redirect": address})


def desk_page(request: HttpRequest, found: Shipment, said: Answer, **forms_: Any) -> HttpResponse:
    desk = receipt_desk.desk_of(found, person(request).pk)
    last = receipt_desk.line_row(found, said.touched) if said.touched else desk.last
    extra = {"label": said.stranger} if said.stranger else {}
    context = {
        "parcel": found,
        "closed": getattr(found, "closure", None),
        "tally": desk.tally,
        "needing": [(item, ITEM_SHAPES[item.state]) for item in desk.needing],
        "asked": [(item, ITEM_SHAPES[item.state]) for item in desk.asked],
        "quiet": [(item, ITEM_SHAPES[item.state]) for item in desk.quiet],
        "more_missing": desk.tally.missing - sum(item.state == "missing" for item in (*desk.needing, *desk.asked)),
        "last": last,
        "last_shape": ITEM_SHAPES[last.state] if last else "",
        "me": person(request).pk,
        "said": said,
        "two": "two" in request.POST,
        "extra": forms_.get("extra") or ExtraForm(prefix="extra", initial=extra),
        "closing": forms_.get("closing") or ClosingForm(prefix="closing"),
        "opened": forms_.get("opened") or ("extra" if said.stranger else ""),
        "trials": queries.trials(),
        "labels": labels_of(found),
    }
    template = "parcels/receive_desk.html" if request.htmx else "parcels/receive.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=200)


def labels_of(found: Shipment) -> str:
    """Where the labels of this parcel's items are printed; blank where nothing prints labels."""
    try:
        return f"{reverse('labels')}?parcel={found}"
    except NoReverseMatch:
        return ""


@needs("specimens.receive")
@require_POST
def unannounced(request: HttpRequest, accession: str) -> HttpResponse:
    """Receive something that was not announced; without a study id it is kept apart under its label, and its
    sender asked about it if wanted."""
    form = ExtraForm(request.POST, prefix="extra")

    def deed(found: Shipment) -> object:
        unnamed = not form.cleaned_data["study_id"]
        item = form.item("" if unnamed else typed(request.POST, "extra-trial"))
        question = WHOSE if unnamed and form.cleaned_data["ask"] else ""
        return add_unannounced(
            by=person(request), at=timezone.now(), shipment=found, item=item, question=question, **form.seen()
        )

    return decided(request, accession, form, deed, "extra", "The item was added as not announced.")


@needs("specimens.receive")
@require_POST
def close(request: HttpRequest, accession: str) -> HttpResponse:
    form = ClosingForm(request.POST, prefix="closing")

    def deed(found: Shipment) -> object:
        return close_shipment(by=person(request), at=timezone.now(), shipment=found, **form.cleaned_data)

    return decided(request, accession, form, deed, "closing", f"Parcel {accession} was closed.")


def decided(
    request: HttpRequest,
    accession: str,
    form: forms.Form,
    deed: Callable[[Shipment], object],
    opened: str,
    done: str,
) -> HttpResponse:
    """Do the deed and go back to the desk; refused, the desk shows the form as it was typed."""
    found = parcel_to_receive(request, accession)
    if form.is_valid() and tried(form, lambda: deed(found)) is not None:
        messages.success(request, done)
        return redirect("receive", accession)
    if opened == "closing" and hasattr(found, "closure"):
        aloud(request, form)
    return desk_page(request, found, Answer(), opened=opened, **{opened: form})


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Items kept apart that somebody must settle."""
    if not may(user, "specimens.receive"):
        return []
    waiting = parcel_desk.doubtful(scope_of(user))[:MOST_ROWS]
    return [doubt(receipt) for receipt in waiting if may_receive(user, receipt.item.shipment.receiver_id)]


def doubt(receipt: Any) -> Due:
    item = receipt.item
    block = item.slide.block if item.slide else item.block
    said = receipt.note or receipt.now_condition.replace("_", " ")
    return Due(
        on=timezone.localtime(receipt.received_at).date(),
        kind="Item",
        number=str(item.slide or item.block or item.label),
        what=f"Kept apart from parcel {item.shipment}: {said}",
        state="quarantined",
        shape="stop",
        action="Settle the quarantine",
        href=reverse("parcel_item", args=[item.shipment.accession, item.line]),
        patient=block.specimen.patient.study_id if block else "",
        where=item.shipment.sender.name,
        synthetic=receipt.synthetic,
    )


urls: list[URLPattern] = [
    path("parcels/<str:accession>/receive/", receive, name="receive"),
    path("parcels/<str:accession>/unannounced/", unannounced, name="unannounced"),
    path("parcels/<str:accession>/close/", close, name="close_parcel"),
]
