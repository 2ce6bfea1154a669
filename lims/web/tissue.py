"""One specimen, block or slide: whence it came, what happened to it, what hangs on it; pictures of slides."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.people import scope_of
from lims.web.custody_pages import WhyForm
from lims.web.cutting import may_order, state_words
from lims.web.forms import tried
from lims.web.gate import may, needs, person
from specimens import bench_desk, custody_desk, cutting_desk, desk, label_desk, queries, store_desk
from specimens.disposing import open_proposals
from specimens.errors import Unknown
from specimens.identifiers import BLOCK, SLIDE, SPECIMEN, parsed
from specimens.imaging import attach_image
from specimens.models import Block, LedgerEntry, Patient, Slide
from specimens.standing import key_of

KEPT_BY_BROWSER = timedelta(days=30)


def ledger_lines(request: HttpRequest, *things: object) -> list[LedgerEntry] | None:
    """Lines about these things, or None for who may not look into the ledger."""
    return desk.lines_about(*things) if may(person(request), "specimens.view_ledger") else None


def may_correct(request: HttpRequest) -> bool:
    """Identities are corrected by the core's own coordinators."""
    return may(person(request), "specimens.correct") and scope_of(person(request)).everything


def may_open(request: HttpRequest, patient: Patient) -> bool:
    """Who holds tissue of a patient treated elsewhere sees the tissue, not the patient's line."""
    return scope_of(person(request)).holds(patient.treating_site_id)


def whereabouts(request: HttpRequest, thing: Block | Slide) -> dict[str, object]:
    """What `parts/stands.html` says: where it stands, its moves, whether its end is proposed. Two queries: its
    last move says where it stands."""
    moves = store_desk.moves_of(thing)
    keeps = may(person(request), "specimens.store") and scope_of(person(request)).everything
    return {
        "standing": moves[0] if moves and moves[0].place_id else None,
        "moves": moves,
        "disposal": next(iter(open_proposals([key_of(thing)]).values()), None),
        "keeps": keeps,
        "sought_thing": thing.accession,
    }


def why_form(request: HttpRequest) -> WhyForm | None:
    """To say that a thing is lost or found, for who may."""
    return WhyForm() if may(person(request), "specimens.receive") else None


@needs("specimens.view")
def specimen(request: HttpRequest, accession: str) -> HttpResponse:
    found = queries.specimen(scope_of(person(request)), parsed(accession))
    identifying = may(person(request), "specimens.view_hospital_number")
    context = {
        "specimen": found,
        "may_open": may_open(request, found.patient),
        "blocks": bench_desk.blocks_of(found),
        "lineage": custody_desk.lineage(scope_of(person(request)), found),
        "hospital_number": bench_desk.hospital_number(found) if identifying else "",
        "entries": ledger_lines(request, found),
        "may_correct": may_correct(request),
    }
    return render(request, "tissue/specimen.html", context)


@needs("specimens.view")
def block(request: HttpRequest, accession: str) -> HttpResponse:
    found = queries.block(scope_of(person(request)), parsed(accession))
    context = {
        "the_block": found,
        "may_open": may_open(request, found.specimen.patient),
        "slides": bench_desk.slides_of(found),
        "story": custody_desk.story(block=found),
        "lineage": custody_desk.lineage(scope_of(person(request)), found.specimen, block=found),
        "why_form": why_form(request),
        "accession": found.accession,
        "entries": ledger_lines(request, found),
        "may_correct": may_correct(request),
        "may_cut": may(person(request), "specimens.cut"),
        "prints": label_desk.prints_of(found),
        "may_label": may(person(request), "specimens.label"),
        "orders": [(order, *state_words(order)) for order in cutting_desk.orders_of(found)],
        "exhaustion": cutting_desk.exhaustion_of(found),
        "may_order": may_order(request),
    } | whereabouts(request, found)
    return render(request, "tissue/block.html", context)


class PictureForm(forms.Form):
    file = forms.FileField(
        label="Picture",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/tiff"}),
        help_text="JPEG, PNG or TIFF. Only its pixels are kept: no labels, no names, no camera’s notes.",
        allow_empty_file=True,
    )
    demonstration = forms.BooleanField(label="This is not the slide’s own tissue", required=False)


@needs("specimens.view")
def slide(request: HttpRequest, accession: str) -> HttpResponse:
    """The slide's page; a POST attaches a picture."""
    found = queries.slide(scope_of(person(request)), parsed(accession))
    attaching = may(person(request), "specimens.attach_image")
    form = PictureForm(request.POST or None, request.FILES or None) if attaching else None
    if request.method == "POST" and form and form.is_valid():
        upload, demonstration = form.cleaned_data["file"], form.cleaned_data["demonstration"]
        done = tried(
            form,
            lambda: attach_image(
                by=person(request),
                at=timezone.now(),
                slide=found,
                name=upload.name,
                content=upload.read(settings.PARAFFIN_MAX_UPLOAD_BYTES + 1),
                demonstration=demonstration,
            ),
        )
        if done:
            messages.success(request, f"A picture of {done.width} × {done.height} pixels was attached to {found}.")
            return redirect("slide", found.accession)
    return slide_page(request, found, form)


def slide_page(request: HttpRequest, found: Slide, form: PictureForm | None) -> HttpResponse:
    context = {
        "slide": found,
        "may_open": may_open(request, found.block.specimen.patient),
        "staining": getattr(found, "staining", None),
        "further": [face.block for face in bench_desk.faces_of(found)],
        "images": bench_desk.images_of(found),
        "story": custody_desk.story(slide=found),
        "lineage": custody_desk.lineage(scope_of(person(request)), found.block.specimen, slide=found),
        "why_form": why_form(request),
        "accession": found.accession,
        "entries": ledger_lines(request, found),
        "form": form,
        "may_correct": may_correct(request),
        "may_stain": may(person(request), "specimens.stain"),
        "prints": label_desk.prints_of(found),
        "may_label": may(person(request), "specimens.label"),
    } | whereabouts(request, found)
    return render(request, "tissue/slide.html", context)


@needs("specimens.view")
def picture(request: HttpRequest, pk: int, size: str) -> FileResponse:
    """The pixels of a picture, whole or small, under a name of our own."""
    found = bench_desk.image(scope_of(person(request)), pk)
    name = {"whole": found.file, "small": found.thumbnail}.get(size)
    if name is None or not default_storage.exists(name):
        raise Unknown("unknown_image", "This picture is not in the store.")
    answer = FileResponse(default_storage.open(name), content_type=found.media_type)
    answer["Content-Disposition"] = f'inline; filename="{found.sha256[:12]}-{size}"'
    answer["Cache-Control"] = f"private, max-age={int(KEPT_BY_BROWSER.total_seconds())}"
    return answer


urls: list[URLPattern] = [
    path("specimens/<str:accession>/", specimen, name="specimen"),
    path("blocks/<str:accession>/", block, name="block"),
    path("slides/<str:accession>/", slide, name="slide"),
    path("pictures/<int:pk>/<str:size>/", picture, name="picture"),
]
finds = {SPECIMEN: "specimen", BLOCK: "block", SLIDE: "slide"}
