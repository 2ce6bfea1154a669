"""One item of a parcel: how it came, every look at it, its photographs, and each thing that can be done about it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.people import scope_of
from lims.web.forms import aloud, reason_field, tried
from lims.web.gate import needs, person
from lims.web.parcels import ITEM_SHAPES, may_receive, shipment_of
from lims.web.receipt import CONDITIONS, parcel_to_receive
from specimens import item_story, parcel_desk, receipt_desk
from specimens.errors import Unknown
from specimens.item_story import question_for
from specimens.models import Shipment
from specimens.parcel_desk import ItemRow
from specimens.questioning import ask_sender
from specimens.receipts import Look
from specimens.receiving import ReceivedItem, receive_items, settle_quarantine
from specimens.second_looks import amend_receipt, attach_photo, keep_apart_and_ask, void_receipt
from specimens.vocabulary import Condition, QuarantineOutcome

Deed = Callable[[], object]
KINDS = ("image/png", "image/jpeg")


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


class SettlingForm(forms.Form):
    outcome = forms.ChoiceField(
        label="The item is",
        choices=[("accepted", "accepted"), ("rejected", "rejected")],
        widget=forms.RadioSelect,
    )
    reason = reason_field("How it was settled")


class AskingForm(forms.Form):
    question = forms.CharField(label="Question", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    apart = forms.BooleanField(label="Keep it in quarantine until the answer comes", required=False)


class TakingBackForm(forms.Form):
    reason = reason_field("Why the receipt is taken back")


class PhotoForm(forms.Form):
    file = forms.FileField(
        label="From the camera, or a file",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/tiff", "capture": "environment"}),
        help_text="Taken now, or chosen: JPEG, PNG or TIFF. Only its pixels are kept.",
        allow_empty_file=True,
    )


FORMS: dict[str, type[forms.Form]] = {
    "look": ConditionForm,
    "settle": SettlingForm,
    "ask": AskingForm,
    "back": TakingBackForm,
    "photo": PhotoForm,
}


@needs("specimens.view")
def parcel_item(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    return item_page(request, shipment_of(request, accession), line)


def item_page(request: HttpRequest, found: Shipment, line: int, **given: forms.Form) -> HttpResponse:
    scope, row = scope_of(person(request)), receipt_desk.line_row(found, line)
    if row is None:
        raise Unknown("unknown_item", f"Parcel {found} has no line {line}.")
    for name, form in given.items():
        if not asks(row, name):
            aloud(request, form)
    looked: dict[str, Any] = {"condition": row.condition_code, "identifiers_agree": row.agree} if row.receipt_id else {}
    first: dict[str, dict[str, Any]] = {
        "look": looked,
        "ask": {"question": question_for(row, found), "apart": row.undecided},
    }
    context = {
        "parcel": found,
        "item": row,
        "shape": ITEM_SHAPES[row.state],
        "me": person(request).pk,
        "may_receive": may_receive(person(request), found.receiver_id),
        "may_open": row.treating_site_id is not None and scope.holds(row.treating_site_id),
        "story": item_story.story_of(row.item_id),
        "photos": item_story.photos_of(row.item_id),
        "questions": item_story.questions_of(row.item_id),
        **{name: given.get(name) or kind(prefix=name, initial=first.get(name)) for name, kind in FORMS.items()},
    }
    return render(request, "parcels/item.html", context)


def asks(row: ItemRow, name: str) -> bool:
    """Does the item's page still ask this? Somebody else may have settled or taken back meanwhile."""
    here = bool(row.receipt_id)
    return {"settle": row.undecided, "back": here, "photo": here, "ask": not row.open_query}.get(name, True)


def done_about(
    request: HttpRequest, accession: str, line: int, form: forms.Form, deed: Deed, said: str
) -> HttpResponse:
    """Do the deed and go back to the desk; refused, the item's page shows the form as it was typed."""
    found = parcel_to_receive(request, accession)
    if form.is_valid() and tried(form, deed) is not None:
        messages.success(request, said)
        return redirect("receive", found.accession)
    return item_page(request, found, line, **{str(form.prefix): form})


def sent(request: HttpRequest, name: str) -> forms.Form:
    return FORMS[name](request.POST, request.FILES, prefix=name)


def receipt_of(request: HttpRequest, accession: str, line: int) -> Any:
    return parcel_desk.receipt_in(scope_of(person(request)), parcel_to_receive(request, accession).accession, line)


@needs("specimens.receive")
@require_POST
def receive_line(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    """Receive one line in the condition given; one that is here already is looked at again."""
    form = sent(request, "look")

    def deed() -> object:
        looked = {
            "condition": Condition(form.cleaned_data["condition"]),
            "identifiers_agree": form.cleaned_data["identifiers_agree"],
            "note": form.cleaned_data["note"],
        }
        parcel = parcel_to_receive(request, accession)
        return receive_items(
            by=person(request), at=timezone.now(), shipment=parcel, items=[ReceivedItem(line=line, **looked)]
        )

    return done_about(request, accession, line, form, deed, f"Line {line} was received.")


@needs("specimens.receive")
@require_POST
def amend(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    """Change how the item looks, after a second look."""
    form, receipt = sent(request, "look"), receipt_of(request, accession, line)

    def deed() -> object:
        said = form.cleaned_data
        look = Look(said["condition"], said["identifiers_agree"], receipt.now_apart)
        return amend_receipt(by=person(request), at=timezone.now(), receipt=receipt, look=look, note=said["note"])

    return done_about(request, accession, line, form, deed, f"{receipt.item.label} was looked at again.")


@needs("specimens.receive")
@require_POST
def settle(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    """Settle an item that was kept apart."""
    form, receipt = sent(request, "settle"), receipt_of(request, accession, line)

    def deed() -> object:
        outcome, reason = QuarantineOutcome(form.cleaned_data["outcome"]), form.cleaned_data["reason"]
        return settle_quarantine(by=person(request), at=timezone.now(), receipt=receipt, outcome=outcome, reason=reason)

    return done_about(request, accession, line, form, deed, f"{receipt.item.label} left quarantine.")


@needs("specimens.receive")
@require_POST
def accept_here(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    """Accept, with one press, something that this parcel did not announce; its receipt says where it was."""
    form, receipt = forms.Form(request.POST), receipt_of(request, accession, line)

    def deed() -> object:
        said = f"accepted here: {receipt.note}"
        return settle_quarantine(
            by=person(request), at=timezone.now(), receipt=receipt, outcome=QuarantineOutcome.ACCEPTED, reason=said
        )

    return pressed(request, accession, line, form, deed, f"{receipt.item.label} was accepted here.")


@needs("specimens.receive")
@require_POST
def ask(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    """Ask the sender in the words that the item's state suggests, or in those typed; with one press from the desk."""
    found = parcel_to_receive(request, accession)
    item, row = (
        parcel_desk.item_in(scope_of(person(request)), found.accession, line),
        receipt_desk.line_row(found, line),
    )
    assert row is not None, "the line was just found"
    plain = "ask-question" not in request.POST
    form = forms.Form(request.POST) if plain else sent(request, "ask")

    def deed() -> object:
        question = question_for(row, found) if plain else str(form.cleaned_data["question"])
        apart = row.undecided if plain else bool(form.cleaned_data["apart"])
        do = keep_apart_and_ask if apart and row.receipt_id else ask_sender
        return do(by=person(request), at=timezone.now(), item=item, question=question)

    done = pressed if plain else done_about
    return done(request, accession, line, form, deed, f"{found.sender} was asked about {item.label}.")


def pressed(request: HttpRequest, accession: str, line: int, form: forms.Form, deed: Deed, said: str) -> HttpResponse:
    """A deed behind a single button: done or refused, one is back at the desk."""
    found = parcel_to_receive(request, accession)
    if form.is_valid() and tried(form, deed) is not None:
        messages.success(request, said)
    else:
        aloud(request, form)
    return redirect("receive", found.accession)


@needs("specimens.receive")
@require_POST
def take_back(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    form, receipt = sent(request, "back"), receipt_of(request, accession, line)

    def deed() -> object:
        return void_receipt(by=person(request), at=timezone.now(), receipt=receipt, reason=form.cleaned_data["reason"])

    return done_about(request, accession, line, form, deed, f"The receipt of {receipt.item.label} was taken back.")


@needs("specimens.receive")
@require_POST
def photograph(request: HttpRequest, accession: str, line: int) -> HttpResponse:
    form, receipt = sent(request, "photo"), receipt_of(request, accession, line)

    def deed() -> object:
        upload = form.cleaned_data["file"]
        content = upload.read(settings.PARAFFIN_MAX_UPLOAD_BYTES + 1)
        return attach_photo(by=person(request), at=timezone.now(), receipt=receipt, name=upload.name, content=content)

    return done_about(request, accession, line, form, deed, f"The photograph of {receipt.item.label} is kept.")


@needs("specimens.view")
def receipt_photo(request: HttpRequest, pk: int, size: str) -> FileResponse:
    """A photograph, whole or small, under a name of our own, never to be run."""
    found = item_story.photo(scope_of(person(request)), pk)
    name = {"whole": found.file, "small": found.thumbnail}.get(size)
    if name is None or not default_storage.exists(name):
        raise Unknown("unknown_photo", "This photograph is not in the store.")
    kind = found.media_type if found.media_type in KINDS else "application/octet-stream"
    answer = FileResponse(default_storage.open(name), content_type=kind)
    suffix = kind.partition("/")[2]
    answer["Content-Disposition"] = f'attachment; filename="receipt-{found.sha256[:12]}-{size}.{suffix}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


ITEM = "parcels/<str:accession>/items/<int:line>/"
urls: list[URLPattern] = [
    path(ITEM, parcel_item, name="parcel_item"),
    path(ITEM + "receive/", receive_line, name="receive_line"),
    path(ITEM + "amend/", amend, name="amend_receipt"),
    path(ITEM + "settle/", settle, name="settle"),
    path(ITEM + "accept/", accept_here, name="accept_here"),
    path(ITEM + "ask/", ask, name="ask_sender"),
    path(ITEM + "take-back/", take_back, name="take_back"),
    path(ITEM + "photograph/", photograph, name="photograph"),
    path("receipt-photos/<int:pk>/<str:size>/", receipt_photo, name="receipt_photo"),
]
