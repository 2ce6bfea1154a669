"""Closed by default; refusals that a page did not catch become a page with the sentence."""

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from lims.models import RoleGrant, User
from lims.people import standing
from lims.web.refusals import unavailable
from specimens.errors import Refused

FORM_AROUND = 256 * 1024


class ClosedByDefault(LoginRequiredMiddleware):
    """Every page demands sign-in unless it says otherwise; the API answers for itself with a 401."""

    def process_view(self, request: HttpRequest, view_func: Callable, view_args: Any, view_kwargs: Any) -> Any:
        if request.path.startswith("/api/"):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class RefusalsBecomePages:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if request.path.startswith("/api/"):
            return None
        if isinstance(error, Refused):
            return render(request, "refused.html", {"refused": error}, status=error.status)
        if isinstance(error, OperationalError):
            return unavailable()
        return None


WHOLE_SLIDES = re.compile(r"/slides/[^/]+/pictures/")


def length_of(request: HttpRequest) -> int:
    """How long the sender says the body is."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdigit() and len(length) < 20 else 0


class NotTooLarge:
    """A form whose sender says it is larger than any upload is refused before a byte of it is read; the API does so
    itself. Whole slides may be large, at the one address that takes them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        slides = WHOLE_SLIDES.fullmatch(request.path)
        most = settings.PARAFFIN_MAX_SLIDE_BYTES if slides else settings.PARAFFIN_MAX_UPLOAD_BYTES
        if length_of(request) > most + FORM_AROUND and not request.path.startswith("/api/"):
            said = f"This is larger than the {most // 2**20} MB that are taken at a time: send it in parts."
            return HttpResponse(render_to_string("too_large.html", {"said": said}), status=413)
        return self.get_response(request)


class WholeSlidesFromTheBench:
    """A body as large as a whole slide is read from the bench alone: before that, nothing of it touches the disk."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        large = length_of(request) > settings.PARAFFIN_MAX_UPLOAD_BYTES + FORM_AROUND
        if large and WHOLE_SLIDES.fullmatch(request.path) and not request.user.has_perm("specimens.attach_image"):
            said = "Only histotechnologists attach pictures: sign in as one to send a whole slide."
            return HttpResponse(render_to_string("too_large.html", {"said": said}), status=403)
        return self.get_response(request)


class SiteClock:
    """Times are shown in the zone of the person's institution; to the core's people in the installation's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zones = [grant.institution.time_zone for grant in standing_of(request) if grant.institution]
        with timezone.override(ZoneInfo(zones[0]) if zones else None):
            return self.get_response(request)


def standing_of(request: HttpRequest) -> list[RoleGrant]:
    user = request.user
    return standing(user) if isinstance(user, User) else []
