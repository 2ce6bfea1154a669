"""Trials."""

from specimens.models import Patient, Trial
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows, text
from tests.stories import House

NEW = {"code": "select2", "title": "A second trial", "readers_per_case": "2", "note": ""}


def test_a_trial_is_opened(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.administrator)
    assert browser.post("/trials/", NEW | {"synthetic": "on"}).status_code == 302
    shows(browser, "/trials/", "SELECT2", "A second trial", "synthetic", "2 trials")


def test_the_same_code_twice_is_refused(enter: Enter, cast: Cast, house: House) -> None:
    page = text(enter(cast.administrator).post("/trials/", NEW | {"code": "cwg"}))
    assert "exists already" in page
    assert 'value="A second trial"' in page
    assert Trial.objects.count() == 1
