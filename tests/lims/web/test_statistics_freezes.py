"""The pages of freezes: the list and its form, what one holds, how two differ."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from lims.models.freezes import Freeze
from lims.vocabulary import Role
from specimens import jobs
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows, text
from tests.lims.web.visits import status
from tests.stories import House, a_patient

NEW = {"name": "interim", "reason": "the interim analysis", "trial": "CWG"}


@pytest.fixture
def sam(enter: Enter, cast: Cast, house: House, settings: LazySettings, tmp_path: Any) -> Client:
    settings.MEDIA_ROOT = str(tmp_path)
    a_patient(cast, house, "CWG-0001")
    return enter(cast.statistician)


def test_it_is_frozen_looked_at_and_made_again(sam: Client) -> None:
    shows(sam, "/freezes/", "Nothing has been frozen")
    address = sam.post("/freezes/", NEW)["Location"]
    shows(sam, address, "are being written")
    jobs.work_off()
    shows(sam, address, "the interim analysis", "Sam Okafor", "outcome values")
    shows(sam, f"{address}?again=1", "the same bytes")
    shows(sam, "/freezes/", "interim", "CWG")


def test_two_are_held_against_each_other(sam: Client, cast: Cast, house: House) -> None:
    for name in ("one", "two"):
        sam.post("/freezes/", NEW | {"name": name})
        jobs.work_off()
        a_patient(cast, house, f"CWG-{name.upper()}")
    a, b = Freeze.objects.order_by("pk")
    shows(sam, f"/freezes/{a.pk}/", f"/freezes/{a.pk}/against/{b.pk}/")
    shows(sam, f"/freezes/{a.pk}/against/{b.pk}/", "CWG-ONE", "1 row came", "What was done")


def test_a_faulty_form_keeps_what_was_typed(sam: Client) -> None:
    page = text(sam.post("/freezes/", NEW | {"name": ""}))
    assert "This field is required" in page
    assert "the interim analysis" in page
    sam.post("/freezes/", NEW)
    assert "a freeze of that name already" in text(sam.post("/freezes/", NEW))


def test_others_do_not_find_them(sam: Client, enter: Enter, cast: Cast, house: House) -> None:
    sam.post("/freezes/", NEW)
    number = Freeze.objects.get().pk
    stu = enter(person("stu", "Stu Reyes", Role.STATISTICIAN, house.mercy))
    assert (status(stu, "/freezes/"), status(stu, f"/freezes/{number}/")) == (200, 404)
    assert status(enter(cast.coordinator), "/freezes/") == 403
