"""Receipt: the scan box, the tally, what needs a decision, and closing, which never waits."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.models import User
from lims.people import scope_of
from lims.web.forms import aloud, reason_field, tried, typed
from lims.web.gate import may, needs, person
from lims.web.parcels import ITEM_SHAPES, LineForm, may_receive, shipment_of, tally
from lims.web.worklist import MOST_ROWS, Due
from specimens import parcel_desk, queries
from specimens.errors import Forbidden, Refused
from specimens.identifiers import parsed
from specimens.models import ItemReceipt, Shipment
from specimens.parcel_desk import ItemRow
from specimens.receiving import (
    ReceivedItem,
    add_unannounced,
    close_shipment,
    receive_items,
    settle_quarantine,
)
from specimens.scope import Scope
from specimens.vocabulary import Condition, QuarantineOutcome

CONDITIONS = [(c.value, c.value.replace("_", " ")) for c in Condition]


class ConditionForm(forms.Form):
    """How an item looks, when it is not simply here and intact."""

    condition = forms.ChoiceField(label="Condition", choices=CONDITIONS, initial=Condition.BROKEN)
    identifiers_agree = forms.TypedChoiceField(
        label="Identifiers that agree",
        choices=[(2, "2 of 2"), (1, "1 of 2"), (0, "none")],
        coerce=int,
        initial=2,
    )
    note = forms.CharField(label="What is seen", max_length=500, required=False)


class ExtraForm(LineForm):
    """Something the sender did not announce, and how it looks."""

    condition = forms.ChoiceField(label="Condition", choices=CONDITIONS, initial=Condition.INTACT, required=False)
    note = forms.CharField(label="What is seen", max_length=500, required=False)

    def seen(self) -> dict[str, Any]:
        condition = self.cleaned_data["condition"] or Condition.INTACT
        return {"condition": Condition(condition), "note": self.cleaned_data["note"]}


class ClosingForm(forms.Form):
    note = forms.CharField(
        label="Note for the sender", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class SettlingForm(forms.Form):
    outcome = forms.ChoiceField(
        label="The item is",
        choices=[("accepted", "accepted"), ("rejected", "rejected")],
        widget=forms.RadioSelect,
    )
    reason = reason_field("How it was settled")


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
        return desk_page(request, found)
    scanned = typed(request.POST, "item")
    said = ""
    try:
        receive_scanned(request, found, scanned)
    except Refused as refused:
        said = getattr(refused, "problems", [refused])[0].sentence
    if not said and not request.htmx:  # type: ignore[attr-defined]
        return redirect("receive", accession)
    return desk_page(request, found, said=said, scanned=scanned if said else "")


def receive_scanned(request: HttpRequest, found: Shipment, scanned: str) -> None:
    """Receive the item whose number, or whose label if only one has it, was scanned: here and intact."""
    item = matching(parcel_desk.items_of(found), scanned, found, scope_of(person(request)))
    receive_items(by=person(request), at=timezone.now(), shipment=found, items=[ReceivedItem(line=item.line)])


def matching(items: list[ItemRow], scanned: str, found: Shipment, scope: Scope) -> ItemRow:
    """The parcel's item that `scanned` means."""
    if not scanned:
        raise Refused("nothing_scanned", "Scan an item, or type its number or label.")
    exact = [item for item in items if item.thing and item.thing == normal(scanned)]
    by_label = [item for item in items if item.label.casefold() == scanned.casefold()]
    waiting = [item for item in by_label if item.state == "missing"]
    hits = exact or (waiting if len(waiting) <= 1 and waiting else by_label)
    if len(hits) > 1:
        lines = ", ".join(f"{item.thing or 'line ' + str(item.line)} of {item.patient}" for item in hits[:5])
        raise Refused("ambiguous", f"{len(hits)} items carry the label “{scanned}”: {lines}. Scan the number.")
    if not hits:
        raise Refused("not_in_parcel", stranger(scanned, found, scope))
    return hits[0]


def stranger(scanned: str, found: Shipment, scope: Scope) -> str:
    """What to do with something that is not in the parcel; a label misread says so instead."""
    other = parcel_desk.last_parcel_of(scope, read_closely(scanned))
    if other and not hasattr(other, "closure"):
        return f"“{scanned}” is not in parcel {found} but in {other}: receive it there."
    return f"“{scanned}” is not in parcel {found}: add it below as not announced."


def normal(scanned: str) -> str:
    try:
        return parsed(scanned)
    except Refused:
        return scanned


def read_closely(scanned: str) -> str:
    """The number read; refused when it is one of ours whose check character is wrong, for then it is misread."""
    try:
        return parsed(scanned)
    except Refused as refused:
        if refused.code == "check_character":
            raise
        return scanned


def desk_page(
    request: HttpRequest, found: Shipment, *, said: str = "", scanned: str = "", **forms_: Any
) -> HttpResponse:
    items = parcel_desk.items_of(found)
    seen = sorted((i for i in items if i.received_at), key=lambda i: (i.received_at, i.line), reverse=True)
    context = {
        "parcel": found,
        "closed": getattr(found, "closure", None),
        "tally": tally(items),
        "needing": [(item, ITEM_SHAPES[item.state], form_of(item, forms_)) for item in items if item.needs_you],
        "quiet": [(item, ITEM_SHAPES[item.state]) for item in seen if not item.needs_you],
        "last": seen[0] if seen else None,
        "last_shape": ITEM_SHAPES[seen[0].state] if seen else "",
        "said": said,
        "scanned": scanned,
        "conditions": CONDITIONS,
        "extra": forms_.get("extra") or ExtraForm(prefix="extra"),
        "closing": forms_.get("closing") or ClosingForm(prefix="closing"),
        "opened": forms_.get("opened", ""),
        "trials": queries.trials(),
    }
    template = "parcels/receive_desk.html" if request.htmx else "parcels/receive.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=200)


def form_of(item: ItemRow, forms_: dict[str, Any]) -> forms.Form:
    """The form behind an item's decision: as refused, or fresh."""
    prefix, kind = f"line-{item.line}", form_for(item)
    if forms_.get("opened") == prefix and isinstance(forms_["form"], kind):
        return forms_["form"]
    return kind(prefix=prefix)


def form_for(item: ItemRow) -> type[ConditionForm | SettlingForm]:
    return SettlingForm if item.state == "quarantined" else ConditionForm


@needs("specimens.receive")
@require_POST
def receive_line(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    """Receive one line in the condition given."""
    form = ConditionForm(request.POST, prefix=f"line-{line}")

    def deed(found: Shipment) -> object:
        item = ReceivedItem(
            line=line,
            condition=Condition(form.cleaned_data["condition"]),
            identifiers_agree=form.cleaned_data["identifiers_agree"],
            note=form.cleaned_data["note"],
        )
        return receive_items(by=person(request), at=timezone.now(), shipment=found, items=[item])

    return decided(request, accession, form, deed, f"line-{line}", f"Line {line} was received.")


@needs("specimens.receive")
@require_POST
def settle(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    """Settle an item that was kept apart."""
    form = SettlingForm(request.POST, prefix=f"line-{line}")

    def deed(found: Shipment) -> object:
        receipt: ItemReceipt = parcel_desk.receipt_in(scope_of(person(request)), found.accession, line)
        outcome = QuarantineOutcome(form.cleaned_data["outcome"])
        return settle_quarantine(
            by=person(request),
            at=timezone.now(),
            receipt=receipt,
            outcome=outcome,
            reason=form.cleaned_data["reason"],
        )

    return decided(request, accession, form, deed, f"line-{line}", f"Line {line} left quarantine.")


@needs("specimens.receive")
@require_POST
def unannounced(request: HttpRequest, accession: str) -> HttpResponse:
    """Receive something that was not announced; without a study id it is kept apart under its label."""
    form = ExtraForm(request.POST, prefix="extra")

    def deed(found: Shipment) -> object:
        item = form.item(typed(request.POST, "extra-trial") if form.cleaned_data["study_id"] else "")
        return add_unannounced(by=person(request), at=timezone.now(), shipment=found, item=item, **form.seen())

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
    if not still_asked(found, form, opened):
        aloud(request, form)
    kept: dict[str, Any] = {opened if opened in ("extra", "closing") else "form": form}
    return desk_page(request, found, opened=opened, **kept)


def still_asked(found: Shipment, form: forms.Form, opened: str) -> bool:
    """Does the desk still ask this? Somebody else may have received, settled or closed meanwhile."""
    if opened == "extra":
        return True
    if opened == "closing":
        return not hasattr(found, "closure")
    asked = [i for i in parcel_desk.items_of(found) if f"line-{i.line}" == opened]
    return any(i.state in ("missing", "quarantined") and isinstance(form, form_for(i)) for i in asked)


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Items kept apart that somebody must settle."""
    if not may(user, "specimens.receive"):
        return []
    waiting = parcel_desk.doubtful(scope_of(user))[:MOST_ROWS]
    return [doubt(receipt) for receipt in waiting if may_receive(user, receipt.item.shipment.receiver_id)]


def doubt(receipt: ItemReceipt) -> Due:
    item = receipt.item
    block = item.slide.block if item.slide else item.block
    said = receipt.note or receipt.get_condition_display()
    return Due(
        on=timezone.localtime(receipt.received_at).date(),
        kind="Item",
        number=str(item.slide or item.block or item.label),
        what=f"Kept apart from parcel {item.shipment}: {said}",
        state="quarantined",
        shape="stop",
        action="Settle the quarantine",
        href=reverse("receive", args=[item.shipment.accession]) + f"#line-{item.line}",
        patient=block.specimen.patient.study_id if block else "",
        where=item.shipment.sender.name,
        synthetic=receipt.synthetic,
    )


urls: list[URLPattern] = [
    path("parcels/<str:accession>/receive/", receive, name="receive"),
    path("parcels/<str:accession>/receive/<int:line>/", receive_line, name="receive_line"),
    path("parcels/<str:accession>/settle/<int:line>/", settle, name="settle"),
    path("parcels/<str:accession>/unannounced/", unannounced, name="unannounced"),
    path("parcels/<str:accession>/close/", close, name="close_parcel"),
]
