"""Training sets and qualifications as pages: the lead makes a set, a reader passes it; by hand; before a leave."""

from datetime import timedelta

import pytest
from django.test import Client

from lims.models import User
from lims.vocabulary import Role
from scoring.assigning import assign
from scoring.models import AssignmentEnd, Qualification, TrainingAnswer, TrainingSet
from specimens.imaging import attach_image
from tests.cast import AT, PASSWORD, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.pictures import a_picture
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.scoring.desk import PAPILLARY, a_case, both_sign
from tests.stories import HISTOLOGY, House

MADE = {
    "name": "Histology 1", "assay": "histology", "version": "", "pass_percent": "100", "within_points": "10",
    "valid_days": "200",
}  # fmt: skip


@pytest.fixture
def lead(cast: Cast) -> User:
    return person("lena", "Lena Haas", Role.LEAD_PATHOLOGIST)


@pytest.fixture
def lena(enter: Enter, lead: User) -> Client:
    return enter(lead)


@pytest.fixture
def ines(enter: Enter, cast: Cast) -> Client:
    return enter(cast.reader)


@pytest.fixture
def made(lena: Client, cast: Cast, house: House) -> TrainingSet:
    """A set of one pictured slide, made on the pages."""
    case = a_case(cast, house)
    attach_image(by=cast.bench, at=AT, slide=case.slide, name="scan.png", content=a_picture())
    both_sign(cast, case)
    lena.post("/training/add/", MADE)
    found = TrainingSet.objects.get()
    answer = lena.post(f"/training/{found.pk}/", {"case": case.code}, follow=True)
    assert "is number 1" in text(answer)
    return found


def signing(**changes: str) -> dict[str, str]:
    return {**HISTOLOGY, **changes, "password": PASSWORD, "do": "sign"}


def test_a_reader_works_through_a_set_and_is_told_at_the_end(ines: Client, made: TrainingSet, cast: Cast) -> None:
    shows(ines, "/training/", "Histology 1", "Read it", "data-due")
    page = text(ines.get(f"/training/{made.pk}/read/", follow=True))
    assert "Training · Histology 1 · slide 1" in page
    slide = made.items.get().slide
    assert slide.accession not in page
    assert kind_of_picture(ines, f"/training/{made.pk}/1/pictures/1/") == "image/png"
    assert ines.get(f"/training/{made.pk}/1/pictures/2/").status_code == 404
    address = f"/training/{made.pk}/1/"
    kept = text(ines.post(address, signing(arch_solid="90")))
    assert 'value="90"' in kept
    assert not TrainingAnswer.objects.exists()
    failed = text(ines.post(address, signing(**PAPILLARY, **{"try": "1"}), follow=True))
    twice = text(ines.post(address, signing(**PAPILLARY, **{"try": "1"})))
    assert "Try 1 is finished" in twice
    assert TrainingAnswer.objects.count() == 1
    assert "0 of 1 right." in failed
    assert "papillary present against absent" in failed
    passed = text(ines.post(address, signing(), follow=True))
    assert "1 of 1 right. You passed Histology 1 and are qualified." in passed
    assert Qualification.objects.get().attempt == 2
    again = text(ines.post(address, signing()))
    assert "You passed Histology 1" in again


def kind_of_picture(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    return str(answer["Content-Type"])


def test_the_answers_are_the_leads_alone(ines: Client, lena: Client, made: TrainingSet) -> None:
    shows(lena, f"/training/{made.pk}/", "known answers", "45")
    page = shows(ines, f"/training/{made.pk}/", "Begin")
    assert "known answers" not in page
    assert made.items.get().slide.accession not in page


def test_doors(enter: Enter, cast: Cast, ines: Client, made: TrainingSet) -> None:
    for name in ("coordinator", "bench", "statistician", "administrator", "adjudicator"):
        for address in ("/training/", "/qualifications/", f"/training/{made.pk}/1/"):
            assert status(enter(getattr(cast, name)), address) == 403
    assert status(ines, "/training/add/") == 403
    assert status(ines, "/training/999/") == 404
    assert ines.post(f"/training/{made.pk}/close/").status_code == 403


def test_a_set_is_closed(lena: Client, ines: Client, made: TrainingSet) -> None:
    lena.post(f"/training/{made.pk}/close/")
    shows(lena, f"/training/{made.pk}/", "The set is closed")
    assert "closed already" in text(lena.post(f"/training/{made.pk}/close/", follow=True))
    assert status(ines, f"/training/{made.pk}/") == 404


def test_by_hand_and_ended(lena: Client, ines: Client, cast: Cast) -> None:
    until = AT.date() + timedelta(days=20)
    said = {"reader_id": cast.reader.pk, "assay": "histology", "version": "", "valid_until": str(until), "reason": ""}
    assert "This field is required" in text(lena.post("/qualifications/", said))
    assert "Write the date as" in text(lena.post("/qualifications/", said | {"valid_until": "soon", "reason": "x"}))
    lena.post("/qualifications/", said | {"reason": "validated elsewhere"})
    held = Qualification.objects.get()
    shows(ines, "/qualifications/", "validated elsewhere", f"ends on {until}")
    shows(ines, "/", "Qualification", f"ends on {until}")
    lena.post(f"/qualifications/{held.pk}/end/", {f"q{held.pk}-reason": "left the core"})
    shows(lena, "/qualifications/", "left the core")
    assert "ended already" in text(lena.post(f"/qualifications/{held.pk}/end/", {f"q{held.pk}-reason": "again"}))
    shows(ines, "/read/", "You are not qualified for histology")


def test_cases_are_handed_back_before_a_leave(ines: Client, cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    assign(by=cast.coordinator, at=AT, case=case, reader_id=cast.reader.pk, reason="she knows the trial")
    shows(ines, "/qualifications/", "1 case given to you is unread")
    assert "This field is required" in text(ines.post("/qualifications/hand-back/", {}))
    ines.post("/qualifications/hand-back/", {"reason": "on leave"})
    assert AssignmentEnd.objects.get().reason == "on leave"


def test_the_pages_ask_few_questions(lena: Client, ines: Client, made: TrainingSet, cast: Cast, house: House) -> None:
    for browser in (lena, ines):
        assert questions(browser, "/training/") <= MOST_QUERIES
        assert questions(browser, "/qualifications/") <= MOST_QUERIES
    assert questions(ines, f"/training/{made.pk}/1/") <= MOST_QUERIES + 3
