"""Is the house in order? Public, no secrets: database, broker, jobs waiting."""

import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from specimens import desk


def broker() -> str:
    """“embedded”, “ok” or “away”. A broker that is away delays work and loses none."""
    if not settings.REDIS_URL:
        return "embedded"
    address = urlsplit(settings.REDIS_URL)
    try:
        with socket.create_connection((address.hostname or "localhost", address.port or 6379), timeout=1):
            return "ok"
    except OSError:
        return "away"


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    try:
        counted = desk.job_counts()
    except DatabaseError:
        return JsonResponse({"database": "away", "broker": broker(), "jobs": None}, status=503)
    jobs = {"waiting": counted.waiting, "parked": counted.parked}
    return JsonResponse({"database": "ok", "broker": broker(), "jobs": jobs})


urls: list[URLPattern] = [path("health/", health, name="health")]
