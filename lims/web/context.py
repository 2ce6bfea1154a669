"""What every page knows: who is signed in, in which role and where, and where they may go."""

from typing import Any

from django.http import HttpRequest

from lims.models import User
from lims.people import roles_of, standing
from lims.web.navigation import split, stops
from scoring.rules.vocabulary import INVESTIGATIONAL


def house(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"investigational": INVESTIGATIONAL, "roles": []}
    where = [grant.institution.name if grant.institution else "core" for grant in standing(user)]
    links = stops(user, request.path)
    bar, more = split(links)
    return {
        "investigational": INVESTIGATIONAL,
        "roles": roles_of(user),
        "where": list(dict.fromkeys(where)),
        "stops": links,
        "bar": bar,
        "more": more,
        "more_here": next((link.label for link in more if link.here), ""),
    }
