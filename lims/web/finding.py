"""Search or scan: one box that goes straight to the thing. Readers find case codes and nothing else."""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, URLPattern, path, reverse

from lims.people import scope_of
from lims.web.forms import typed
from lims.web.gate import may, person
from specimens import desk, identifiers
from specimens.errors import Invalid

LABEL = re.compile(r"^(SP|B|SL|PX|RUN)-?\d{3,}", re.IGNORECASE)
PAGES = {
    identifiers.SPECIMEN: "specimen",
    identifiers.BLOCK: "block",
    identifiers.SLIDE: "slide",
    identifiers.PARCEL: "parcel",
    identifiers.RUN: "run",
}


@dataclass(frozen=True, slots=True)
class Hit:
    kind: str
    number: str
    href: str
    what: str = ""


def find(request: HttpRequest) -> HttpResponse:
    sought = typed(request.GET, "q")
    reader = not may(person(request), "specimens.view")
    said, hits = "", []
    try:
        hits = cases(sought) if reader else things(request, sought)
    except Invalid as refused:
        said = refused.sentence
    if len(hits) == 1:
        return redirect(hits[0].href)
    return render(request, "find.html", {"sought": sought, "found": hits, "said": said, "reader": reader})


def cases(sought: str) -> list[Hit]:
    """The page of a case decides what this reader may see of it."""
    try:
        return [Hit("case", sought.upper(), reverse("case", args=[sought.upper()]))] if sought else []
    except NoReverseMatch:
        return []


def looks_like_accession(sought: str) -> bool:
    """Does it begin like a label and go on with digits? Then a wrong one deserves a label's sentence."""
    return bool(LABEL.match(sought))


def things(request: HttpRequest, sought: str) -> list[Hit]:
    """An accession number leads to its page; anything else is looked up among the study ids within reach."""
    if not sought:
        return []
    if looks_like_accession(sought):
        accession = identifiers.parsed(sought)
        name = PAGES[identifiers.prefix_of(accession)]
        return [Hit(name, accession, reverse(name, args=[accession]))]
    found = desk.patients_like(scope_of(person(request)), sought)
    return [
        Hit(
            "patient",
            p.study_id,
            reverse("patient", args=[p.pk]),
            f"trial {p.trial.code}, treated at {p.treating_site}",
        )
        for p in found
    ]


urls: list[URLPattern] = [path("find/", find, name="find")]
