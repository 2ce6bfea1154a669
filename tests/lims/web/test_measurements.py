"""What was measured stands on the signed case's page with its limits; the lead's list is the lead's."""

import pytest
from django.core.cache import cache

from lims import people
from lims.vocabulary import Role
from scoring.models import ReadingCase
from specimens import jobs
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status
from tests.scoring.desk import signs
from tests.scoring.test_measuring import case, marks

__all__ = ["case"]


@pytest.fixture
def oversight(monkeypatch: pytest.MonkeyPatch) -> None:
    """An administrator who oversees the reading, whichever role that will be."""
    held = people.PERMISSIONS[Role.ADMINISTRATOR] | {"scoring.oversee"}
    monkeypatch.setitem(people.PERMISSIONS, Role.ADMINISTRATOR, held)
    cache.clear()


def test_the_reader_finds_it_beside_the_signed_read(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    marks(cast.reader, case)
    signs(cast.reader, case)
    ines = enter(cast.reader)
    assert "brown" not in shows(ines, f"/cases/{case.code}/", "Your read is signed")
    jobs.work_off()
    page = shows(ines, f"/cases/{case.code}/", "50.0 % of the tissue in the marked region is brown", "45.0 points away")
    assert "brown area, not cells" in page
    assert "never enters a score" in page
    for other in (cast.second_reader, cast.coordinator, cast.bench):
        assert "brown" not in enter(other).get(f"/cases/{case.code}/", follow=True).content.decode()


def test_the_lead_finds_the_large_differences(enter: Enter, cast: Cast, case: ReadingCase, oversight: None) -> None:
    marks(cast.reader, case)
    signs(cast.reader, case)
    jobs.work_off()
    ada = enter(cast.administrator)
    assert case.code not in shows(ada, "/quality/measurements/", "No read of a concluded case")
    signs(cast.second_reader, case)
    shows(ada, "/quality/measurements/", case.code, "Read A", "95", "50.0", "45.0", "20 points or more")
    assert questions(ada, "/quality/measurements/") <= MOST_QUERIES


def test_nobody_else_opens_the_list(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    for who in cast.everybody().values():
        assert status(enter(who), "/quality/measurements/") == 403
