"""What the pages of figures share: how they are narrowed, how a number leads to its rows, how a picture is sent."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

from lims.people import scope_of
from lims.web.forms import typed
from lims.web.gate import may, person
from specimens import desk, queries
from specimens.vocabulary import InstitutionRole

TABS = (
    ("flow", "Flow", "specimens.view_flow"),
    ("turnaround", "Request to receipt", "specimens.view_flow"),
    ("shelf_ages", "Inventory by age", "specimens.view"),
)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Codes of a trial and a site; blank for all."""

    trial: str
    site: str

    def query(self, **more: object) -> str:
        """The address's query that leads to rows under the same filters: “?trial=CWG&stage=asked”."""
        said = {"trial": self.trial, "site": self.site} | {name: str(value) for name, value in more.items()}
        return "?" + urlencode({name: value for name, value in said.items() if value})


def narrowed(request: HttpRequest) -> Narrowed:
    return Narrowed(typed(request.GET, "trial", 24), typed(request.GET, "site", 16))


def choices(request: HttpRequest, asked: Narrowed, role: InstitutionRole) -> dict[str, Any]:
    """What the bar of filters offers; only sites within the person's reach."""
    sites, trials = desk.sites(scope_of(person(request)), role), list(queries.trials())
    return {"asked": asked, "trials": trials, "sites": sites, "tabs": tabs(request), "query": asked.query()}


def tabs(request: HttpRequest) -> list[tuple[str, str]]:
    """The pages of figures this person may open: (url name, label)."""
    return [(name, label) for name, label, permission in TABS if may(person(request), permission)]


def svg(drawn: str) -> HttpResponse:
    """A picture of its own address: no script, no style, nothing from elsewhere in it."""
    answer = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def share(part: int, whole: int) -> str:
    """“86.6 %”; a dash where there is no whole."""
    return f"{100 * part / whole:.1f} %" if whole else "–"
