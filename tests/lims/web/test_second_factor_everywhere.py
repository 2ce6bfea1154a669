"""Whoever has a second factor gives its code at every signature: decision, correction and report as well as read."""

import pytest
from django.test import Client

from lims import second_factor
from lims.models import User
from lims.vocabulary import Role
from scoring.models import Read, ReadingCase, ResultReport
from specimens import jobs
from specimens.vocabulary import Stain
from tests.cast import AT, PASSWORD, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import signing, text
from tests.lims.web.test_reports import signs as signs_report
from tests.lims.web.test_second_factor import SECRET, code
from tests.scoring.desk import LOW, PAPILLARY, a_case, a_tumour, both_sign, found
from tests.scoring.desk import signs as signs_read
from tests.stories import House


def with_device(user: User) -> User:
    second_factor.add_second_factor(by=user, at=AT, secret=SECRET, code=code())
    return User.objects.get(pk=user.pk)


def asks(page: str) -> bool:
    return "Give the code your device shows" in page


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house, Stain.CAIX)


def test_a_decision(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    both_sign(cast, case, {}, LOW)
    browser = enter(with_device(cast.adjudicator))
    address, said = f"/decide/{case.code}/", signing(case)
    assert asks(text(browser.post(address, said)))
    assert "not a code that works now" in text(browser.post(address, {**said, "code": "000000"}))
    assert not Read.objects.filter(reader=cast.adjudicator).exists()
    browser.post(address, {**said, "code": code()})
    assert Read.objects.get(reader=cast.adjudicator).method == "password and one-time code"


def test_a_correction(enter: Enter, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    signs_read(cast.reader, case)
    browser = enter(with_device(cast.reader))
    said = {**found(case, **PAPILLARY), "do": "sign", "password": PASSWORD, "reason": "a slip of the pen"}
    address = f"/read/{case.code}/amend/"
    assert asks(text(browser.post(address, said)))
    assert Read.objects.count() == 1
    browser.post(address, {**said, "code": code()})
    assert Read.objects.latest("id").method == "password and one-time code"
    assert Read.objects.count() == 2


def test_a_report(enter: Enter, cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    for stain in (Stain.HE, Stain.CAIX):
        both_sign(cast, a_case(cast, house, stain, tumour))
    jobs.work_off()
    browser: Client = enter(with_device(person("lena", "Lena Hoff", Role.LEAD_PATHOLOGIST)))
    assert asks(text(signs_report(browser, tumour.patient)))
    assert not ResultReport.objects.exists()
    signs_report(browser, tumour.patient, code=code())
    assert ResultReport.objects.get().method == "password and one-time code"
