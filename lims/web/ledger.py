"""The ledger: every deed in order, filtered, and whether the chain is whole."""

from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from lims.people import scope_of
from lims.web.forms import typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from specimens import desk
from specimens import ledger as book

MOST_FAULTS = 20
TISSUE = ("specimens.",)
HOUSE = ("specimens.", "lims.user", "lims.role")


@needs("specimens.view_ledger")
def ledger(request: HttpRequest) -> HttpResponse:
    """Lines about tissue; about people too for administrators; never about outcomes."""
    administering = may(person(request), "lims.administer")
    rooms = HOUSE if administering else TISSUE
    deed, sought = typed(request.GET, "deed"), typed(request.GET, "q")
    scope = scope_of(person(request))
    page = desk.ledger_list(scope, rooms=rooms, deed=deed, sought=sought, before_id=pager(request).before_id)
    context = {
        "page": pager(request).of(page),
        "entries": page.rows,
        "deeds": desk.deeds_done(rooms),
        "deed": deed,
        "sought": sought,
        "may_verify": administering,
    }
    if request.method == "POST" and administering:
        context |= {"verified": timezone.now(), "faults": list(islice(book.verify(), MOST_FAULTS))}
    return render(request, "house/ledger.html", context)


urls: list[URLPattern] = [path("ledger/", ledger, name="ledger")]
places = [Place("ledger", "Ledger", "l", ("specimens.view_ledger",), 60)]
