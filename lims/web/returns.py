"""Sending tissue back: what to choose and what should wait, the packing list, and the owner's confirmation."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.models import User
from lims.papers.packing_list import Packed, packing_list
from lims.people import scope_of
from lims.web.forms import DayField, tried
from lims.web.gate import may, needs, person
from lims.web.parcels import may_receive, shipment_of
from lims.web.worklist import MOST_ROWS, Due, local_today
from specimens import bench_desk, loan_desk, queries
from specimens.errors import Forbidden, Refused
from specimens.identifiers import BLOCK, parsed, prefix_of
from specimens.models import Block, Shipment, Slide
from specimens.returning import Return, confirm_return, is_return, lines_out, send_back, specimen_of, waiting
from specimens.scope import EVERYTHING
from specimens.standing import key_of

MOST_THINGS = 100
CONFIRMED_WITHIN = timedelta(days=7)


# ---- choose ----
class HowForm(forms.Form):
    things = forms.CharField(
        label="Blocks and slides",
        max_length=3000,
        help_text="Scan one after the other; each on a line of its own, or with spaces between.",
        widget=forms.Textarea(attrs={"rows": 4, "class": "id", "autofocus": True, "spellcheck": "false"}),
    )
    sent_on = DayField(label="Sent on", required=False, help_text="Blank while it is only packed.")
    courier = forms.CharField(label="Courier", max_length=60, required=False)
    tracking = forms.CharField(label="Tracking number", max_length=60, required=False)
    reason = forms.CharField(
        label="Why what should wait goes back all the same",
        max_length=500,
        required=False,
        help_text="Only where something below should wait; the ledger keeps it.",
    )

    def clean_things(self) -> list[Block | Slide]:
        numbers = list(dict.fromkeys(self.cleaned_data["things"].replace(",", " ").split()))
        if len(numbers) > MOST_THINGS:
            raise forms.ValidationError(f"At most {MOST_THINGS} things at a time.")
        found: list[Block | Slide] = []
        for number in numbers:
            try:
                found.append(named(number))
            except Refused as refused:
                raise forms.ValidationError(refused.sentence) from refused
        return found


def named(number: str) -> Block | Slide:
    accession = parsed(number)
    if prefix_of(accession) == BLOCK:
        return bench_desk.block_of(EVERYTHING, accession)
    return queries.slide(EVERYTHING, accession)


@needs("specimens.lend")
def choose(request: HttpRequest) -> HttpResponse:
    """Look first: each thing with its owner and what it is still needed for. Then the deed."""
    if not scope_of(person(request)).everything:
        raise Forbidden("core_only", "Tissue is sent back by the core’s own people.")
    first = {"things": " ".join(request.GET.getlist("things"))[:3000].replace("\x00", "")}
    form = HowForm(request.POST if request.method == "POST" else first if first["things"] else None)
    things: list[Block | Slide] = form.cleaned_data["things"] if form.is_bound and form.is_valid() else []
    if request.method == "POST" and "commit" in request.POST and things:
        parcels = tried(form, lambda: send_back(by=person(request), at=timezone.now(), what=asked(form, things)))
        if parcels:
            said = ", ".join(f"{parcel} to {parcel.receiver}" for parcel in parcels)
            messages.success(request, f"Announced: {said}. Print its packing list and put it in.")
            return redirect("parcel", parcels[0].accession) if len(parcels) == 1 else redirect("loans")
    wait = waiting(things)
    owners = {specimen_of(thing).holding_site_id for thing in things}
    numbers = [str(thing) for thing in things]
    context = {
        "form": form,
        "also": loan_desk.also_due(EVERYTHING, local_today(), owners, set(numbers)) if things else [],
        "numbers": numbers,
        "rows": [(thing, thing._meta.model_name, specimen_of(thing), wait.get(key_of(thing), "")) for thing in things],
        "owners": len(owners),
        "waiting": len(wait),
    }
    return render(request, "loans/send_back.html", context)


def asked(form: HowForm, things: list[Block | Slide]) -> Return:
    said = form.cleaned_data
    reasons = dict.fromkeys(waiting(things), said["reason"]) if said["reason"].strip() else {}
    return Return(things, said["sent_on"], said["courier"], said["tracking"], reasons)


# ---- the packing list ----
@needs("specimens.view")
def papers(request: HttpRequest, accession: str) -> HttpResponse:
    """The list that lies in the parcel, as PDF: parcel and items each with their code."""
    found = shipment_of(request, accession)
    answer = HttpResponse(packing_list(packed(found)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.accession}.pdf"'
    return answer


def packed(found: Shipment) -> Packed:
    rows = []
    for item in loan_desk.items_of(found):
        thing = item.slide or item.block
        specimen = specimen_of(thing) if thing else None
        patient = specimen.patient if specimen else None
        who = f"{patient.trial.code} {patient.study_id}" if patient else ""
        rows.append((item.line, str(thing or ""), item.label, item.get_kind_display(), who))
    sent = str(found.sent_on or "")
    courier = f"{found.courier} {found.tracking}".strip()
    return Packed(
        str(found), found.sender.name, found.receiver.name, sent, courier, tuple(rows), timezone.localtime(),
        found.synthetic,
    )  # fmt: skip


# ---- the owner confirms ----
class ConfirmForm(forms.Form):
    lines = forms.TypedMultipleChoiceField(label="What came", coerce=int, widget=forms.CheckboxSelectMultiple)
    broken = forms.TypedMultipleChoiceField(
        label="of it broken", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label="How you know", max_length=500, required=False)

    def __init__(self, items: list[Any], *args: Any, told: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(item.line, f"{item.slide or item.block}, label {item.label}") for item in items]
        self.fields["lines"].choices = self.fields["broken"].choices = choices  # type: ignore[attr-defined]
        self.fields["lines"].initial = [line for line, _ in choices]
        if told:
            self.fields["note"].help_text = "The owner’s words reach you by letter or telephone: “fax of 2026-11-20”."


@needs("specimens.receive")
def confirm(request: HttpRequest, accession: str) -> HttpResponse:
    """“All came”, or what of it did. What did not stays open, and is the core's to follow up."""
    found = shipment_of(request, accession)
    if not (is_return(found) and may_receive(person(request), found.receiver_id)):
        raise Forbidden("not_your_parcel", f"Parcel {found} is confirmed at {found.receiver}, not by you.")
    out = set(lines_out(found))
    items = [item for item in loan_desk.items_of(found) if item.line in out]
    told = scope_of(person(request)).everything
    form = ConfirmForm(items, request.POST or None, told=told)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        receipts = tried(form, lambda: confirm_return(
            by=person(request), at=timezone.now(), shipment=found, lines=said["lines"], broken=said["broken"],
            note=said["note"],
        ))  # fmt: skip
        if receipts:
            left = len(out) - len(receipts)
            messages.success(request, f"{len(receipts)} confirmed" + (f", {left} still missing." if left else "."))
            return redirect("parcel", found.accession)
    context = {"parcel": found, "form": form, "items": items, "told": told, "closed": getattr(found, "closure", None)}
    return render(request, "loans/confirm.html", context)


# ---- home ----
def due(user: User, now: datetime) -> list[Due]:
    """Returns on their way: the owner confirms them; the core asks once a week has passed."""
    if not may(user, "specimens.receive") or not may(user, "specimens.lend"):
        return []
    scope = scope_of(user)
    rows = loan_desk.returns_open(scope, MOST_ROWS)
    return [short(parcel) if hasattr(parcel, "closure") else under_way(parcel, user) for parcel in rows]


def under_way(parcel: Any, user: User) -> Due:
    theirs = not scope_of(user).everything
    came = f"{parcel.came} of {parcel.expected} confirmed" if parcel.came else f"{parcel.expected} to confirm"
    what = f"Return parcel, sent {parcel.sent_on}: {came}" if parcel.sent_on else f"Return parcel packed: {came}"
    part = bool(parcel.came)
    return Due(
        on=parcel.sent_on + (timedelta(0) if theirs or part else CONFIRMED_WITHIN) if parcel.sent_on else None,
        kind="Return",
        number=parcel.accession,
        what=what,
        where=parcel.receiver.name,
        state="partly received" if part else ("on its way" if parcel.sent_on else "packed"),
        shape="due" if part else "part",
        action="Confirm what came" if theirs else "Record the confirmation",
        href=reverse("confirm_return", args=[parcel.accession]),
        synthetic=parcel.synthetic,
    )


def short(parcel: Any) -> Due:
    return Due(
        on=timezone.localtime(parcel.closure.closed_at).date(),
        kind="Return",
        number=parcel.accession,
        what=f"{parcel.closure.missing} of the return parcel never came: find it, or declare it lost",
        where=parcel.receiver.name,
        state="missing",
        shape="due",
        action="Open the parcel",
        href=reverse("parcel", args=[parcel.accession]),
        synthetic=parcel.synthetic,
    )


urls: list[URLPattern] = [
    path("returns/new/", choose, name="send_back"),
    path("parcels/<str:accession>/packing-list/", papers, name="packing_list"),
    path("parcels/<str:accession>/confirm/", confirm, name="confirm_return"),
]
