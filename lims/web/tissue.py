"""One specimen, block or slide: whence it came, what happened to it, what hangs on it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from lims.people import scope_of
from lims.web import slide_images
from lims.web.custody_pages import WhyForm
from lims.web.cutting import may_order, state_words
from lims.web.gate import may, needs, person
from specimens import bench_desk, custody_desk, cutting_desk, desk, label_desk, queries, store_desk
from specimens.disposing import open_proposals
from specimens.identifiers import BLOCK, SLIDE, SPECIMEN, parsed
from specimens.models import Block, LedgerEntry, Patient, Slide
from specimens.standing import key_of


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


@needs("specimens.view")
def slide(request: HttpRequest, accession: str) -> HttpResponse:
    found = queries.slide(scope_of(person(request)), parsed(accession))
    context = {
        "slide": found,
        "may_open": may_open(request, found.block.specimen.patient),
        "staining": getattr(found, "staining", None),
        "further": [face.block for face in bench_desk.faces_of(found)],
        "story": custody_desk.story(slide=found),
        "lineage": custody_desk.lineage(scope_of(person(request)), found.block.specimen, slide=found),
        "why_form": why_form(request),
        "accession": found.accession,
        "entries": ledger_lines(request, found),
        "may_correct": may_correct(request),
        "may_stain": may(person(request), "specimens.stain"),
        "prints": label_desk.prints_of(found),
        "may_label": may(person(request), "specimens.label"),
    }
    return render(
        request, "tissue/slide.html", context | whereabouts(request, found) | slide_images.section(request, found)
    )


urls: list[URLPattern] = [
    path("specimens/<str:accession>/", specimen, name="specimen"),
    path("blocks/<str:accession>/", block, name="block"),
    path("slides/<str:accession>/", slide, name="slide"),
    *slide_images.urls,
]
finds = {SPECIMEN: "specimen", BLOCK: "block", SLIDE: "slide"}
