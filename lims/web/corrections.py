"""Corrections of what was misidentified: tissue moved, records merged, a study id put right."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from lims.web.forms import ScanField, reason_field, tried
from lims.web.gate import needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.tissue import may_correct
from specimens import desk, queries
from specimens.correcting import correct_study_id, merge_patients, move_block, move_slide, move_specimen
from specimens.errors import Forbidden, Refused
from specimens.identifiers import parsed
from specimens.scope import EVERYTHING, Scope


class MoveForm(forms.Form):
    """Where the thing belongs, and why it was wrong."""

    to = ScanField()
    reason = reason_field("Why this is corrected")

    def __init__(self, label: str, hint: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].label, self.fields["to"].help_text = label, hint


def reach(request: HttpRequest) -> Scope:
    """Everything, for the core's coordinators; nobody else corrects an identity."""
    if not may_correct(request):
        raise Forbidden("core_only", "Identities are corrected by the core's own coordinators: ask them.")
    return EVERYTHING


def corrected(
    request: HttpRequest,
    form: MoveForm,
    deed: Callable[[], object],
    said: str,
    onward: str,
    page: dict[str, Any],
) -> HttpResponse:
    """Do the deed and go on; refused, show the form with all that was typed."""
    if request.method == "POST" and form.is_valid() and tried(form, lambda: beside_to(deed)) is not None:
        messages.success(request, said.format(form.cleaned_data["to"].strip().upper()))
        return redirect(onward)
    return render(request, "corrections/move.html", page | {"form": form, "back": onward})


def beside_to(deed: Callable[[], object]) -> object:
    """A refusal that names no field of the form is about the place typed."""
    try:
        return deed()
    except Refused as refused:
        refused.field = refused.field if refused.field == "reason" else "to"
        raise


@needs("specimens.correct")
def move_specimen_page(request: HttpRequest, accession: str) -> HttpResponse:
    found = queries.specimen(reach(request), parsed(accession))
    form = MoveForm("Study id it belongs to", f"a patient of trial {found.patient.trial}", request.POST or None)

    def deed() -> object:
        to = queries.patient(EVERYTHING, found.patient.trial.code, form.cleaned_data["to"].strip())
        reason = form.cleaned_data["reason"]
        return move_specimen(by=person(request), at=timezone.now(), specimen=found, to=to, reason=reason)

    page = {
        "title": f"Move specimen {found} to another patient",
        "now": f"It hangs on {found.patient} now.",
        "follows": "Its blocks, slides, cases and scores go with it; both patients are scored anew.",
        "button": "Move this specimen",
    }
    onward = reverse("specimen", args=[found.accession])
    return corrected(request, form, deed, f"Specimen {found} was moved to {{}}.", onward, page)


@needs("specimens.correct")
def move_block_page(request: HttpRequest, accession: str) -> HttpResponse:
    found = queries.block(reach(request), parsed(accession))
    form = MoveForm("Specimen it belongs to", "an accession number such as SP-000451-3", request.POST or None)

    def deed() -> object:
        to = queries.specimen(EVERYTHING, parsed(form.cleaned_data["to"]))
        reason = form.cleaned_data["reason"]
        return move_block(by=person(request), at=timezone.now(), block=found, to=to, reason=reason)

    page = {
        "title": f"Move block {found} to another specimen",
        "now": f"It hangs on specimen {found.specimen} of {found.specimen.patient} now.",
        "follows": "Its slides go with it; cases on them are void, and both specimens are scored anew.",
        "button": "Move this block",
    }
    onward = reverse("block", args=[found.accession])
    return corrected(request, form, deed, f"Block {found} was moved to {{}}.", onward, page)


@needs("specimens.correct")
def move_slide_page(request: HttpRequest, accession: str) -> HttpResponse:
    found = queries.slide(reach(request), parsed(accession))
    form = MoveForm("Block it was cut from", "an accession number such as B-000912-4", request.POST or None)

    def deed() -> object:
        to = queries.block(EVERYTHING, parsed(form.cleaned_data["to"]))
        reason = form.cleaned_data["reason"]
        return move_slide(by=person(request), at=timezone.now(), slide=found, to=to, reason=reason)

    page = {
        "title": f"Move slide {found} to another block",
        "now": f"It hangs on block {found.block} of {found.block.specimen.patient} now.",
        "follows": "If that is of another specimen, cases on this slide are void and both are scored anew.",
        "button": "Move this slide",
    }
    onward = reverse("slide", args=[found.accession])
    return corrected(request, form, deed, f"Slide {found} was moved to {{}}.", onward, page)


@needs("specimens.correct")
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    found = desk.patient(reach(request), pk)
    form = MoveForm("Study id that stays", f"the other record, of trial {found.trial}", request.POST or None)

    def deed() -> object:
        to = queries.patient(EVERYTHING, found.trial.code, form.cleaned_data["to"].strip())
        reason = form.cleaned_data["reason"]
        return merge_patients(by=person(request), at=timezone.now(), duplicate=found, survivor=to, reason=reason)

    page = {
        "title": f"Merge {found} into another record",
        "now": f"{found} and the other record are one person; all its tissue goes to the one that stays.",
        "follows": f"The record {found} stays in the ledger, empty, and is scored no more.",
        "button": "Merge these records",
    }
    return corrected(request, form, deed, f"{found} was merged into {{}}.", reverse("corrections"), page)


@needs("specimens.correct")
def study_id(request: HttpRequest, pk: int) -> HttpResponse:
    found = desk.patient(reach(request), pk)
    form = MoveForm("Right study id", "such as CWG-0187", request.POST or None)

    def deed() -> object:
        right, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
        return correct_study_id(by=person(request), at=timezone.now(), patient=found, study_id=right, reason=reason)

    page = {
        "title": f"Correct the study id {found}",
        "now": f"The patient was enrolled as {found} in trial {found.trial}.",
        "follows": "Everything stays with the patient; the ledger keeps the old id.",
        "button": "Correct the study id",
    }
    onward = reverse("patient", args=[found.pk])
    return corrected(request, form, deed, f"{found} is {{}} from now on.", onward, page)


@needs("specimens.correct")
def corrections(request: HttpRequest) -> HttpResponse:
    """What was corrected, newest first, and how to correct more."""
    reach(request)
    page = desk.corrections(pager(request).before_id)
    return render(request, "corrections/list.html", {"page": pager(request).of(page), "rows": page.rows})


urls: list[URLPattern] = [
    path("corrections/", corrections, name="corrections"),
    path("specimens/<str:accession>/move/", move_specimen_page, name="move_specimen"),
    path("blocks/<str:accession>/move/", move_block_page, name="move_block"),
    path("slides/<str:accession>/move/", move_slide_page, name="move_slide"),
    path("patients/<int:pk>/merge/", merge, name="merge"),
    path("patients/<int:pk>/study-id/", study_id, name="study_id"),
]
places = [Place("corrections", "Corrections", "c", ("specimens.correct",), 40, core_only=True)]
