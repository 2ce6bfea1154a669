"""Pages for what went wrong outside a form. The database being away is not our fault's page but a 503."""

import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def unavailable() -> HttpResponse:
    """503 with a hint when to come again. Asks nothing of the database, not even who is signed in."""
    response = HttpResponse(render_to_string("unavailable.html"), status=503)
    response["Retry-After"] = "5"
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """The handler of status 500; a database that is away becomes a 503 wherever it was noticed."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return unavailable()
    said = "The database refused this." if isinstance(error, DatabaseError) else ""
    return HttpResponse(render_to_string("500.html", {"said": said}), status=500)
