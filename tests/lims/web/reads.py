"""The reading desk as a browser meets it: what is posted, and what must never stand on a reader's page."""

import re

from django.http import HttpResponse
from django.test import Client

from scoring.models import Read, ReadingCase
from tests.cast import PASSWORD
from tests.lims.web import visits
from tests.scoring.desk import found

IDENTITY = ("CWG-0187", "Mercy General", "SECRET", "SP-0")


def text(answer: HttpResponse) -> str:
    """The page's text, however its lines are broken."""
    return re.sub(r"\s+", " ", visits.text(answer))


def shows(browser: Client, address: str, *words: str) -> str:
    """The page's text, on which all of `words` stand."""
    answer = browser.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    page = text(answer)
    assert [word for word in words if word not in page] == []
    return page


def signing(case: ReadingCase, **changes: str) -> dict[str, str]:
    """A whole form with its password; `changes` may blank or replace any of it."""
    return {**found(case), "password": PASSWORD, "do": "sign", **changes}


def sent(browser: Client, case: ReadingCase, **changes: str) -> HttpResponse:
    return browser.post(f"/read/{case.code}/", signing(case, **changes))


def kept_back(answer: HttpResponse, *sentences: str) -> str:
    """The page of a read that was not signed: each sentence stands on it, and nothing was kept."""
    page = text(answer)
    assert answer.status_code == 200
    assert [sentence for sentence in sentences if sentence not in page] == []
    assert not Read.objects.exists()
    return page


def no_identity(page: str) -> None:
    assert [word for word in IDENTITY if word in page] == []
