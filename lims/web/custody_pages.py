"""Custody over the whole house: what the last walk found; and saying that something is lost, or was found."""

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.models import User
from lims.people import scope_of
from lims.web.forms import aloud, reason_field, tried
from lims.web.gate import may, needs, person
from lims.web.worklist import Due
from specimens import bench_desk, custody_desk, queries
from specimens.custody_law import Replayed
from specimens.errors import Forbidden
from specimens.identifiers import BLOCK, parsed, prefix_of
from specimens.losing import declare_found, declare_lost
from specimens.models import Block, Slide


@needs("lims.administer", "specimens.lend")
def custody(request: HttpRequest) -> HttpResponse:
    """What the last walk over all custody found; a POST asks for another walk."""
    user = person(request)
    if not scope_of(user).everything:
        raise Forbidden("core_only", "This page is for the core’s own people.")
    if request.method == "POST":
        custody_desk.ask_for_check(f"asked:{timezone.now():%Y%m%d%H%M}")
        messages.success(request, "A worker walks over all custody now; look again in a moment.")
        return redirect("custody")
    return render(request, "house/custody.html", {"check": custody_desk.last_check()})


class WhyForm(forms.Form):
    reason = reason_field("Where it was looked for, or found")


def thing_of(request: HttpRequest, accession: str) -> Block | Slide:
    number, scope = parsed(accession), scope_of(person(request))
    return bench_desk.block_of(scope, number) if prefix_of(number) == BLOCK else queries.slide(scope, number)


@needs("specimens.receive")
@require_POST
def lost(request: HttpRequest, accession: str) -> HttpResponse:
    found = thing_of(request, accession)
    return said(request, found, declare_lost, f"{found} is on record as lost.")


@needs("specimens.receive")
@require_POST
def found_again(request: HttpRequest, accession: str) -> HttpResponse:
    found = thing_of(request, accession)
    return said(request, found, declare_found, f"{found} was found again.")


def said(request: HttpRequest, thing: Block | Slide, deed: Callable[..., Replayed], done: str) -> HttpResponse:
    form = WhyForm(request.POST)
    if form.is_valid():
        why = form.cleaned_data["reason"]
        if tried(form, lambda: deed(by=person(request), at=timezone.now(), thing=thing, reason=why)):
            messages.success(request, done)
    aloud(request, form)
    return redirect(str(thing._meta.model_name), thing.accession)


def due(user: User, now: datetime) -> list[Due]:
    """Broken custody is the first thing a coordinator hears of."""
    if not may(user, "lims.administer", "specimens.lend") or not scope_of(user).everything:
        return []
    last = custody_desk.last_check()
    if last is None or not last.findings:
        return []
    count = f"{last.findings:,} finding{'' if last.findings == 1 else 's'}"
    return [
        Due(
            on=timezone.localtime(last.checked_at).date(),
            kind="Custody",
            number="",
            what=f"{count}: somewhere a block or slide has no one holder",
            state="broken",
            shape="stop",
            action="See what",
            href=reverse("custody"),
        )
    ]


urls: list[URLPattern] = [
    path("custody/", custody, name="custody"),
    path("custody/<str:accession>/lost/", lost, name="declare_lost"),
    path("custody/<str:accession>/found/", found_again, name="declare_found"),
]
