"""The cast and the house as fixtures, and what lets a test that really commits be cleared away again."""

from collections.abc import Iterator

import pytest

from specimens import guards
from specimens.models import Patient
from tests.cast import Cast, make_cast
from tests.stories import House, a_house, a_patient


@pytest.fixture
def house(db: None) -> House:
    return a_house()


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def patient(cast: Cast, house: House) -> Patient:
    return a_patient(cast, house)


def commits(request: pytest.FixtureRequest) -> bool:
    """Does this test write for good, so that its tables are flushed afterwards?"""
    marker = request.node.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(request.fixturenames)
    return bool(asked or (marker and marker.kwargs.get("transaction")))


@pytest.fixture(autouse=True)
def guards_make_way_for_the_flush(request: pytest.FixtureRequest) -> Iterator[None]:
    """Append-only tables refuse to be emptied; the flush's own post_migrate puts the guards back."""
    if not commits(request):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    guards.remove()
