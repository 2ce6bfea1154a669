"""The header: what fits stands there, the rest behind “More”."""

from collections import Counter

import pytest

from lims.people import PERMISSIONS
from lims.vocabulary import Role
from lims.web.families import FAMILIES
from lims.web.navigation import HOME, WIDEST_BAR, Stop, split
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows
from tests.stories import House


def links(*labels: str) -> list[Stop]:
    return [Stop(label, "x", f"/{label}/", False) for label in labels]


def test_what_fits_stands_in_the_header() -> None:
    few = links("Due", "Parcels", "Patients")
    assert split(few) == (few, [])
    many = links(*(f"Place {n}" for n in range(20)))
    bar, more = split(many)
    assert bar + more == many
    assert sum(len(link.label) + 3 for link in bar) <= WIDEST_BAR


def test_one_place_alone_is_never_hidden() -> None:
    just_over = links(*["A" * 10] * 6)
    assert split(just_over) == (just_over, [])
    assert len(split(links(*["A" * 10] * 7))[1]) == 2


def test_every_place_is_in_the_page_once(enter: Enter, cast: Cast, house: House) -> None:
    page = shows(enter(cast.coordinator), "/ledger/", 'aria-current="page"')
    for address in ("/parcels/", "/patients/", "/ledger/"):
        assert page.count(f'href="{address}" data-go') == 1


@pytest.mark.parametrize("role", list(Role))
def test_no_two_places_of_a_role_answer_the_same_key(role: Role) -> None:
    places = [place for family in FAMILIES for place in getattr(family, "places", [])]
    open_to = [HOME, *(place for place in places if PERMISSIONS[role] & set(place.permissions))]
    keys = Counter(place.key for place in open_to)
    assert [(place.label, place.key) for place in open_to if keys[place.key] > 1] == []
