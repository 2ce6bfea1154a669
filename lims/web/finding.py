"""Search or scan: one box that goes straight to the thing. Readers find case codes and nothing else.

A page family says in `finds` where the things it shows are found: a prefix of accession numbers, and the name
of the page that takes the accession number. Labels, courier's numbers and study ids are all understood.
"""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, URLPattern, path, reverse

from lims.models import User
from lims.people import scope_of
from lims.web.families import FAMILIES
from lims.web.forms import typed
from lims.web.gate import may, person
from specimens import desk, identifiers, searching
from specimens.errors import Invalid

LABEL = re.compile(rf"^({'|'.join(identifiers.PREFIXES)})[- ]?[0-9]{{3,}}")
LONGEST, MOST_OFFERED = 80, 5
KINDS = {
    identifiers.SPECIMEN: "specimen",
    identifiers.BLOCK: "block",
    identifiers.SLIDE: "slide",
    identifiers.PARCEL: "parcel",
    identifiers.RUN: "stain run",
    identifiers.REQUEST: "request",
    identifiers.LOAN: "loan",
    identifiers.QUERY: "query",
    identifiers.CUTTING: "cutting order",
    identifiers.PLACE: "place",
    identifiers.DOWNTIME: "downtime form",
}


@dataclass(frozen=True, slots=True)
class Hit:
    kind: str
    number: str
    href: str
    what: str = ""


@dataclass(slots=True)
class Answer:
    """What the box found, or the sentence that says why not and what was likely meant."""

    hits: list[Hit]
    said: str = ""
    meant: tuple[Hit, ...] = ()


def pages() -> dict[str, str]:
    """Prefix -> name of the page, from every family that finds something."""
    return {prefix: page for family in FAMILIES for prefix, page in getattr(family, "finds", {}).items()}


def find(request: HttpRequest) -> HttpResponse:
    sought = typed(request.GET, "q", LONGEST)
    reader = not may(person(request), "specimens.view")
    found = Answer(cases(sought)) if reader else things(person(request), sought)
    if len(found.hits) == 1:
        return redirect(found.hits[0].href)
    context = {"sought": sought, "found": found.hits, "said": found.said, "meant": found.meant, "reader": reader}
    return render(request, "find.html", context)


def cases(sought: str) -> list[Hit]:
    """The page of a case decides what this reader may see of it."""
    try:
        return [Hit("case", sought.upper(), reverse("case", args=[sought.upper()]))] if sought else []
    except NoReverseMatch:
        return []


def looks_like_accession(sought: str) -> bool:
    """Does it begin like a label and go on with digits? Then a wrong one deserves a label's sentence."""
    return bool(LABEL.match(identifiers.cleaned(sought)))


def things(user: User, sought: str) -> Answer:
    """An accession number leads to its page, a courier's number to its parcel; anything else is a study id."""
    if not sought:
        return Answer([])
    try:
        return labelled(user, identifiers.parsed(sought))
    except Invalid as refused:
        if parcels := tracked(user, sought):
            return Answer(parcels)
        if patients := study_ids(user, sought):
            return Answer(patients)
        said = refused.sentence if looks_like_accession(sought) else ""
        return Answer([], said, tuple(meant(user, sought)))


def labelled(user: User, accession: str) -> Answer:
    prefix = identifiers.prefix_of(accession)
    known = searching.there(scope_of(user), [accession])
    if accession not in known:
        return Answer([], f"No {KINDS[prefix]} {accession} is within your reach. The label itself is sound.")
    return Answer([hit(accession)]) if prefix in pages() else Answer([], f"{accession} is a {KINDS[prefix]}.")


def hit(accession: str) -> Hit:
    prefix = identifiers.prefix_of(accession)
    return Hit(KINDS[prefix], accession, reverse(pages()[prefix], args=[accession]))


def meant(user: User, sought: str) -> list[Hit]:
    """What exists within reach of what a mistyped label may have meant."""
    offered = [each for each in identifiers.likely(sought) if identifiers.prefix_of(each) in pages()]
    known = searching.there(scope_of(user), offered)
    return [hit(each) for each in offered if each in known][:MOST_OFFERED]


def tracked(user: User, sought: str) -> list[Hit]:
    """Parcels that travel under this courier's number."""
    found = searching.tracked(scope_of(user), identifiers.cleaned(sought))
    return [
        Hit("parcel", p.accession, reverse("parcel", args=[p.accession]), f"{p.courier} {p.tracking}, from {p.sender}")
        for p in found
    ]


def study_ids(user: User, sought: str) -> list[Hit]:
    return [
        Hit(
            "patient",
            p.study_id,
            reverse("patient", args=[p.pk]),
            f"trial {p.trial.code}, treated at {p.treating_site}",
        )
        for p in desk.patients_like(scope_of(user), sought)
    ]


urls: list[URLPattern] = [path("find/", find, name="find")]
