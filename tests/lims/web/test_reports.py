"""Result reports on pages, in the API and on paper: signed once, amended with a reason, seen by whom."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lims import tokens
from lims.models import User
from lims.vocabulary import Role
from scoring.models import ReadingCase, ResultReport
from specimens import jobs
from specimens.models import Patient
from specimens.vocabulary import Stain
from tests.cast import AT, PASSWORD, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.papers import read_paper
from tests.lims.web.reads import shows, text
from tests.lims.web.visits import MOST_OF_ONE, MOST_QUERIES, questions
from tests.scoring.desk import PAPILLARY, a_case, a_tumour, both_sign, corrects
from tests.stories import House

NOTE = "not validated for treatment decisions"


@pytest.fixture
def lena(cast: Cast) -> User:
    return person("lena", "Lena Hoff", Role.LEAD_PATHOLOGIST)


@pytest.fixture
def read(cast: Cast, house: House) -> Patient:
    tumour = a_tumour(cast, house)
    for stain in (Stain.HE, Stain.CAIX):
        both_sign(cast, a_case(cast, house, stain, tumour))
    jobs.work_off()
    return tumour.patient


def seen(browser: Client, patient: Patient) -> str:
    page = text(browser.get(f"/reports/patients/{patient.pk}/"))
    return re.search(r'name="seen" value="(\w{64})"', page)[1]


def signs(browser: Client, patient: Patient, **said: str) -> Any:
    form = {"seen": seen(browser, patient), "password": PASSWORD, **said}
    return browser.post(f"/reports/patients/{patient.pk}/", form, follow=True)


def amended(cast: Cast) -> None:
    for mine in ReadingCase.objects.get(assay="histology").reads.filter(successor__isnull=True).order_by("slot"):
        corrects(mine.reader, mine, **PAPILLARY)
    jobs.work_off()


def program(user: User) -> Callable[[str], Any]:
    token = tokens.make(by=user, at=AT, lifetime=timedelta(days=1))
    return lambda address: Client().get(f"/api/v1/{address}", headers={"Authorization": f"Token {token}"})


# ---- signing ----
def test_the_lead_sees_what_is_due_reads_it_and_signs(enter: Enter, lena: User, read: Patient) -> None:
    browser = enter(lena)
    shows(browser, "/reports/", "CWG-0187", "intermediate", NOTE)
    page = shows(browser, f"/reports/patients/{read.pk}/", NOTE, "Meaning of the signature", "2005-R1")
    assert "Pathology risk intermediate, CA-IX high: compartment favourable" in page
    assert "two concordant reads, their mean" in page
    answer = signs(browser, read)
    assert "Report 1 of CWG-0187 is signed" in text(answer)
    assert "signature holds" in text(answer)
    report = ResultReport.objects.get()
    assert (report.signed_name, report.method) == ("Lena Hoff", "password")
    assert "Every score has gone home" in text(browser.get("/reports/"))


def test_a_wrong_password_signs_nothing(enter: Enter, lena: User, read: Patient) -> None:
    browser = enter(lena)
    assert "That is not your password" in text(signs(browser, read, password="wrong"))
    assert "Give your password" in text(signs(browser, read, password=""))
    assert not ResultReport.objects.exists()


def test_signed_twice_is_signed_once(enter: Enter, lena: User, read: Patient) -> None:
    browser = enter(lena)
    form = {"seen": seen(browser, read), "password": PASSWORD}
    browser.post(f"/reports/patients/{read.pk}/", form)
    page = text(browser.post(f"/reports/patients/{read.pk}/", form))
    assert "says all of this already" in page
    assert ResultReport.objects.count() == 1


def test_an_amendment_asks_for_its_reason_and_says_what_changed(
    enter: Enter, lena: User, read: Patient, cast: Cast
) -> None:
    browser = enter(lena)
    signs(browser, read)
    amended(cast)
    shows(browser, "/", "has changed since report 1")
    page = shows(browser, f"/reports/patients/{read.pk}/", "What changed", "Why it is amended")
    assert re.search(r"Pathology risk</th><td>intermediate</td><td>poor</td>", page)
    refused = text(signs(browser, read, reason=" "))
    assert "Say why the report is amended" in refused
    assert ResultReport.objects.count() == 1
    done = text(signs(browser, read, reason="papillary areas seen on review"))
    assert "Amends report 1:</b> papillary areas seen on review" in done
    first = ResultReport.objects.get(number=1)
    shows(browser, f"/reports/{first.pk}/", "Superseded: report 2 is the latest")


def test_what_changed_between_looking_and_signing_is_not_signed(
    enter: Enter, lena: User, read: Patient, cast: Cast
) -> None:
    browser = enter(lena)
    old = seen(browser, read)
    amended(cast)
    page = text(browser.post(f"/reports/patients/{read.pk}/", {"seen": old, "password": PASSWORD}))
    assert "has changed since you looked" in page
    assert not ResultReport.objects.exists()


# ---- who sees it ----
def test_coordinators_and_statisticians_read_and_do_not_sign(
    enter: Enter, lena: User, read: Patient, cast: Cast
) -> None:
    signs(enter(lena), read)
    pk = ResultReport.objects.get().pk
    for somebody in (cast.coordinator, cast.statistician):
        browser = enter(somebody)
        shows(browser, "/reports/", "CWG-0187", "Lena Hoff")
        page = shows(browser, f"/reports/patients/{read.pk}/", "first report")
        assert "Sign the report" not in page
        shows(browser, f"/reports/{pk}/", NOTE, "signature holds")
        answer = browser.post(f"/reports/patients/{read.pk}/", {"seen": "0" * 64, "password": PASSWORD})
        assert answer.status_code == 403
    assert ResultReport.objects.count() == 1


@pytest.mark.parametrize("who", ["reader", "second_reader", "adjudicator", "bench", "administrator"])
def test_readers_and_the_bench_meet_no_report(who: str, enter: Enter, lena: User, read: Patient, cast: Cast) -> None:
    signs(enter(lena), read)
    pk, browser = ResultReport.objects.get().pk, enter(getattr(cast, who))
    for address in ("/reports/", f"/reports/patients/{read.pk}/", f"/reports/{pk}/", f"/reports/{pk}/paper/"):
        assert browser.get(address).status_code == 403, address
    assert program(getattr(cast, who))("patients/CWG/CWG-0187/reports/").status_code == 403


def test_what_is_not_there_is_not_found(enter: Enter, lena: User, cast: Cast) -> None:
    for browser in (enter(lena), enter(cast.coordinator)):
        for address in ("/reports/99/", "/reports/99/paper/", "/reports/patients/99/"):
            assert browser.get(address).status_code == 404


def test_the_pages_ask_few_questions(enter: Enter, lena: User, read: Patient) -> None:
    browser = enter(lena)
    assert questions(browser, "/reports/") <= MOST_QUERIES
    signs(browser, read)
    assert questions(browser, "/reports/?show=signed") <= MOST_QUERIES
    assert questions(browser, f"/reports/{ResultReport.objects.get().pk}/") <= MOST_QUERIES
    assert questions(browser, f"/reports/patients/{read.pk}/") <= MOST_OF_ONE + 5


# ---- paper and programs ----
def test_the_paper_says_what_was_signed(enter: Enter, lena: User, read: Patient, cast: Cast) -> None:
    browser = enter(lena)
    signs(browser, read)
    amended(cast)
    signs(browser, read, reason="papillary areas seen on review")
    first, second = ResultReport.objects.order_by("number")
    answer = browser.get(f"/reports/{second.pk}/paper/")
    assert answer["Content-Type"] == "application/pdf"
    said = " ".join(read_paper(answer.content)[0].split())
    for words in (
        "CWG-0187", NOTE, "2005-R1", "Lena Hoff", "result reported", second.digest[:12], "Amends report 1",
        "papillary areas seen on review", "UTC", "holds",
    ):  # fmt: skip
        assert words in said, words
    assert "SECRET" not in said
    assert "Superseded: report 2" in read_paper(browser.get(f"/reports/{first.pk}/paper/").content)[0]


def test_a_signature_that_does_not_hold_says_so_on_paper(lena: User, read: Patient, enter: Enter) -> None:
    from lims.papers.result_report import result_report

    signs(enter(lena), read)
    report = ResultReport.objects.select_related("patient__trial").get()
    assert "DOES NOT HOLD" in read_paper(result_report(report, holds=False))[0]


def test_programs_list_tell_and_fetch_the_paper(enter: Enter, lena: User, read: Patient, cast: Cast) -> None:
    ask = program(cast.coordinator)
    assert ask("patients/CWG/CWG-0187/reports/").json() == {"results": []}
    signs(enter(lena), read)
    amended(cast)
    signs(enter(lena), read, reason="papillary areas seen on review")
    found = ask("patients/CWG/CWG-0187/reports/").json()["results"]
    assert [(each["number"], each["latest"], each["signature_holds"]) for each in found] == [
        (2, True, True),
        (1, False, True),
    ]
    assert found[1]["content"]["il2_eligibility"] == "eligible"
    assert {"field": "risk", "was": "intermediate", "became": "poor"} in found[0]["changes"]
    assert NOTE in found[0]["investigational"]
    one = ask("patients/cwg/CWG-0187/reports/1/")
    assert one.json() == found[1]
    assert ask("patients/CWG/CWG-0187/reports/1/paper/").content.startswith(b"%PDF")
    for nowhere in ("patients/CWG/CWG-0187/reports/3/", "patients/CWG/NOBODY/reports/"):
        assert ask(nowhere).status_code == 404
