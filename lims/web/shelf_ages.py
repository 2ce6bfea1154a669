"""The inventory by age: sections against their trial's limits, blocks by their time here; behind each number the
things themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.people import scope_of
from lims.web.boards import Narrowed, choices, narrowed, share, tabs
from lims.web.forms import typed
from lims.web.gate import needs, person
from lims.web.paging import pager
from specimens import loan_desk, shelf_ages
from specimens.shelf_ages import (
    BLOCK_BANDS,
    FRESH,
    LOAN_BANDS,
    RECALLED,
    SECTION_BANDS,
    TOO_OLD,
    UNKNOWN,
    WARNED,
    YOUNG,
    Banded,
    Lent,
)
from specimens.vocabulary import InstitutionRole

SECTION_WORDS = {
    YOUNG: "first half of the time to the warning",
    FRESH: "second half",
    WARNED: "past the warning, within the limit",
    TOO_OLD: "past the limit: stain only with a reason",
    UNKNOWN: "day of cutting not known",
}
SECTION_SHAPES = {YOUNG: "done", FRESH: "done", WARNED: "part", TOO_OLD: "due", UNKNOWN: "ask"}
BLOCK_WORDS = {
    "to_30": "30 days or less",
    "to_90": "31 to 90 days",
    "to_180": "91 to 180 days",
    "to_365": "181 days to a year",
    "longer": "more than a year",
}
LOAN_WORDS = {
    RECALLED: "recalled by its owner",
    "to_7": "up to a week late",
    "to_30": "8 to 30 days late",
    "to_90": "31 to 90 days late",
    "longer": "more than 90 days late",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One band: its number, its share of all, and where its things are listed."""

    words: str
    shape: str
    count: int
    of_all: str
    query: str
    by_trial: list[tuple[str, int, str]]


def bars(found: Sequence[Banded], bands: Iterable[str], words: dict[str, str], shapes: dict[str, str],
         asked: Narrowed) -> list[Bar]:  # fmt: skip
    total = sum(each.count for each in found)
    drawn = []
    for band in bands:
        mine = sorted((each for each in found if each.band == band), key=lambda each: each.trial)
        count = sum(each.count for each in mine)
        trials = [(each.trial, each.count, Narrowed(each.trial, "").query(band=band)) for each in mine]
        drawn.append(Bar(words[band], shapes.get(band, ""), count, share(count, total), asked.query(band=band), trials))
    return drawn


def loan_bars(found: Sequence[Lent]) -> list[Bar]:
    """By days late; what stands under “by trial” elsewhere is the hospital here."""
    total = sum(each.count for each in found)
    drawn = []
    for band in LOAN_BANDS:
        mine = [each for each in found if each.band == band]
        count = sum(each.count for each in mine)
        lenders = [(each.name, each.count, Narrowed("", each.lender).query(band=band)) for each in mine]
        shape = "due" if count else ""
        drawn.append(
            Bar(LOAN_WORDS[band], shape, count, share(count, total), Narrowed("", "").query(band=band), lenders)
        )
    return drawn


@needs("specimens.view")
def page(request: HttpRequest) -> HttpResponse:
    asked = Narrowed(narrowed(request).trial, "")
    scope, today = scope_of(person(request)), timezone.localdate()
    sections = shelf_ages.sections_by_age(scope, today, asked.trial)
    blocks = shelf_ages.blocks_by_time(scope, today, asked.trial)
    loans = shelf_ages.loans_by_lateness(scope, today)
    context = choices(request, asked, InstitutionRole.HOLDING) | {
        "sites": [],
        "sections": bars(sections, SECTION_BANDS, SECTION_WORDS, SECTION_SHAPES, asked),
        "section_total": sum(each.count for each in sections),
        "blocks": bars(blocks, [band for band, _ in BLOCK_BANDS], BLOCK_WORDS, {}, asked),
        "block_total": sum(each.count for each in blocks),
        "loans": loan_bars(loans),
        "loan_total": sum(each.count for each in loans),
    }
    return render(request, "boards/shelf_ages.html", context)


@needs("specimens.view")
def sections(request: HttpRequest) -> HttpResponse:
    asked, place, band = narrowed(request), pager(request), typed(request.GET, "band", 16)
    today = timezone.localdate()
    found = shelf_ages.sections(scope_of(person(request)), today, asked.trial)
    if band:
        found = found.filter(band=band)
    listed = shelf_ages.section_page(found, place.before_id)
    context = listing(request, asked, place.of(listed)) | {
        "rows": [
            (
                each,
                SECTION_WORDS[each.band],
                SECTION_SHAPES[each.band],
                (today - each.cut_on).days if each.cut_on else None,
            )
            for each in listed.rows
        ],
        "count": found.count(),
        "band": SECTION_WORDS.get(band, ""),
    }
    return render(request, "boards/sections.html", context)


def age(cut_on: date | None, today: date) -> int | None:
    return (today - cut_on).days if cut_on else None


@needs("specimens.view")
def blocks(request: HttpRequest) -> HttpResponse:
    asked, place, band = narrowed(request), pager(request), typed(request.GET, "band", 16)
    today = timezone.localdate()
    found = shelf_ages.blocks(scope_of(person(request)), today, asked.trial)
    if band:
        found = found.filter(band=band)
    listed = shelf_ages.block_page(found, place.before_id)
    context = listing(request, asked, place.of(listed)) | {
        "rows": [(each, (today - timezone.localtime(each.here_since).date()).days) for each in listed.rows],
        "count": found.count(),
        "band": BLOCK_WORDS.get(band, ""),
    }
    return render(request, "boards/blocks.html", context)


@needs("specimens.view")
def loans(request: HttpRequest) -> HttpResponse:
    asked, place, band = narrowed(request), pager(request), typed(request.GET, "band", 16)
    today = timezone.localdate()
    found = shelf_ages.late_loans(scope_of(person(request)), today, asked.site)
    if band:
        found = found.filter(band=band)
    listed = shelf_ages.loan_page(found, place.before_id)
    context = listing(request, asked, place.of(listed)) | {
        "rows": [
            (each, loan_desk.thing_of(each), (today - each.due_now).days if each.due_now else None)
            for each in listed.rows
        ],
        "count": found.count(),
        "band": LOAN_WORDS.get(band, ""),
    }
    return render(request, "boards/loans.html", context)


def listing(request: HttpRequest, asked: Narrowed, page: object) -> dict[str, object]:
    return {"page": page, "asked": asked, "tabs": tabs(request), "query": asked.query()}


urls: list[URLPattern] = [
    path("flow/inventory/", page, name="shelf_ages"),
    path("flow/inventory/sections/", sections, name="shelf_ages_sections"),
    path("flow/inventory/blocks/", blocks, name="shelf_ages_blocks"),
    path("flow/inventory/loans/", loans, name="shelf_ages_loans"),
]
