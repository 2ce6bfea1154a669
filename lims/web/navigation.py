"""Where a person may go, for the header."""

from dataclasses import dataclass

from django.urls import reverse

from lims.models import User
from lims.people import scope_of
from lims.web.families import FAMILIES
from lims.web.gate import may
from lims.web.places import Place

HOME = Place("home", "Due", "d", ())
WIDEST_BAR, GAP = 70, 3  # letters that fit into the header at 1440 pixels; each link costs a gap too


@dataclass(frozen=True, slots=True)
class Stop:
    label: str
    key: str
    href: str
    here: bool


def stops(user: User, path: str) -> list[Stop]:
    """The header's links for `user`; the one that `path` lies under is marked."""
    places = [place for family in FAMILIES for place in getattr(family, "places", [])]
    open_to = [place for place in sorted(places, key=lambda p: p.order) if open_for(user, place)]
    return [stop(place, path) for place in [HOME, *open_to]]


def split(links: list[Stop]) -> tuple[list[Stop], list[Stop]]:
    """(the links of the header, those behind “More”): as many as fit, in order; one alone is never hidden."""
    width, fits = 0, len(links)
    for place, link in enumerate(links):
        width += len(link.label) + GAP
        if width > WIDEST_BAR:
            fits = place
            break
    return (links, []) if fits >= len(links) - 1 else (links[:fits], links[fits:])


def open_for(user: User, place: Place) -> bool:
    """May `user` go there? A place of the core's own is not shown to a hospital's people."""
    return may(user, *place.permissions) and (not place.core_only or scope_of(user).everything)


def stop(place: Place, path: str) -> Stop:
    href = reverse(place.name)
    here = path == href or (href != "/" and path.startswith(href))
    return Stop(place.label, place.key, href, here)
