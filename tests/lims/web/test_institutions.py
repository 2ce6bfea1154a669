"""Institutions."""

import pytest

from specimens.models import Institution
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows, text
from tests.stories import House

NEW = {
    "code": "north",
    "name": "Northfield Regional",
    "roles": ["treating", "holding"],
    "time_zone": "America/New_York",
}


def test_an_institution_is_added(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.administrator)
    assert browser.post("/institutions/", NEW).status_code == 302
    shows(browser, "/institutions/", "NORTH", "Northfield Regional", "treating, holding", "America/New_York")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("code", "MERCY", "exists already"),
        ("code", "no way", "A code is 1 to 15 letters"),
        ("roles", [], "at least one role"),
        ("time_zone", "Mars/Olympus", "is no time zone"),
        ("time_zone", "../etc/passwd", "is no time zone"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    enter: Enter, cast: Cast, house: House, field: str, typed: object, said: str
) -> None:
    page = text(enter(cast.administrator).post("/institutions/", NEW | {field: typed}))
    assert said in page
    assert 'value="Northfield Regional"' in page
    assert Institution.objects.count() == 3
