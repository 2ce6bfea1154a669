"""The outbox: every letter and its attempts, the letter as PDF, and a person's word where nobody knows."""

from datetime import timedelta

import pypdfium2
import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.utils import timezone

from lims.vocabulary import Role
from specimens import jobs
from specimens.letter_desk import letter_rows, with_letter_state
from specimens.models import Job, Letter, LetterAttempt, Patient
from specimens.posting import MAILER, begin_attempt, end_attempt
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.specimens.chase import a_contact, a_request
from tests.stories import House, a_patient, a_received_block


@pytest.fixture
def letter(cast: Cast, house: House, patient: Patient) -> Letter:
    a_contact(cast, house.mercy)
    a_request(cast, house, patient)
    return Letter.objects.get()


def attempt(letter: Letter, minutes_ago: int = 10) -> LetterAttempt:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    made = begin_attempt(by=MAILER, at=at, letter_id=letter.pk, number=letter.attempts.count() + 1)
    assert made
    return made


def test_every_letter_with_its_state(enter: Enter, cast: Cast, house: House, letter: Letter) -> None:
    browser = enter(cast.coordinator)
    shows(browser, "/outbox/", letter.subject, "ruth@mercy.example.org", "waiting to be sent", "mails nothing")
    jobs.work_off()
    shows(browser, "/outbox/", "is-done", "kept, not mailed")
    a_request(cast, house, letter.request.patient, holding_site=house.lakeshore)
    shows(browser, "/outbox/", "print and post")
    assert questions(browser, "/outbox/?state=sent&purpose=request&q=tissue") <= MOST_QUERIES
    assert letter.subject not in text(browser.get("/outbox/?purpose=recall"))


def test_python_and_sql_agree_about_the_state(enter: Enter, cast: Cast, house: House, letter: Letter) -> None:
    def both() -> str:
        told = with_letter_state(Letter.objects.filter(pk=letter.pk))
        assert told.get().state == letter_rows(told)[0].state
        return str(told.get().state)

    assert both() == "waiting"
    first = attempt(letter)
    assert both() == "not_known"
    end_attempt(by=MAILER, at=timezone.now(), attempt=first, cause="no such mailbox")
    assert both() == "refused"
    end_attempt(by=MAILER, at=timezone.now(), attempt=attempt(letter), cause="")
    assert both() == "sent"
    a_request(cast, house, a_patient(cast, house, "CWG-0002"), holding_site=house.lakeshore)
    letter = Letter.objects.last()
    assert both() == "by_post"


def test_an_installation_that_mails_says_nothing_of_it(
    enter: Enter, cast: Cast, letter: Letter, settings: LazySettings
) -> None:
    settings.PARAFFIN_MAILS = True
    jobs.work_off()
    page = shows(enter(cast.coordinator), "/outbox/", ">sent</span>")
    assert "mails nothing" not in page


def test_where_nobody_knows_a_person_decides(
    enter: Enter, cast: Cast, letter: Letter, mailoutbox: list[EmailMessage]
) -> None:
    attempt(letter)
    browser, address = enter(cast.coordinator), f"/outbox/{letter.pk}/"
    shows(browser, "/", "not known whether it was sent", "Decide")
    shows(browser, address, "Mark as arrived", "Send it again", "It may have arrived")
    answer = browser.post(f"{address}again/", {"note": ""})
    assert "This field is required" in text(answer)
    browser.post(f"{address}again/", {"note": "Ruth has nothing"})
    jobs.work_off()
    assert len(mailoutbox) == 1
    shows(browser, address, "Dana Whitfield has it sent again: Ruth has nothing", "attempt 2")
    answer = browser.post(f"{address}arrived/", {"note": "twice"})
    assert "known already" in text(answer)


def test_a_letter_that_arrived_after_all(enter: Enter, cast: Cast, letter: Letter) -> None:
    attempt(letter)
    browser = enter(cast.coordinator)
    browser.post(f"/outbox/{letter.pk}/arrived/", {"note": "she telephoned"})
    shows(browser, f"/outbox/{letter.pk}/", "marked it as arrived: she telephoned")
    assert "not known" not in text(browser.get("/"))


def test_while_it_is_being_sent_nobody_is_asked(enter: Enter, cast: Cast, letter: Letter) -> None:
    attempt(letter, minutes_ago=1)
    browser = enter(cast.coordinator)
    assert "Decide" not in text(browser.get("/"))
    answer = browser.post(f"/outbox/{letter.pk}/arrived/", {"note": "hurry"})
    assert "look again in five minutes" in text(answer)


def test_a_refused_letter_is_tried_again_by_itself_first(enter: Enter, cast: Cast, letter: Letter) -> None:
    end_attempt(by=MAILER, at=timezone.now(), attempt=attempt(letter), cause="mailbox full")
    browser = enter(cast.coordinator)
    shows(browser, "/outbox/", "refused, tried again by itself")
    assert "Send it again" not in text(browser.get(f"/outbox/{letter.pk}/"))
    Job.objects.update(parked_at=timezone.now())
    shows(browser, f"/outbox/{letter.pk}/", "mailbox full", "Send it again", "It is in the post")


def test_a_letter_without_address_is_printed_and_posted(
    enter: Enter, cast: Cast, house: House, patient: Patient
) -> None:
    a_contact(cast, house.mercy, email="", postal_address="1 Mercy Street")
    request = a_request(cast, house, patient)
    letter, browser = Letter.objects.get(), enter(cast.coordinator)
    shows(browser, "/", "print and post", "Print the letter")
    answer = browser.get(f"/outbox/{letter.pk}/letter.pdf")
    assert answer["Content-Type"] == "application/pdf"
    printed = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    for words in ("Dr Ruth Okafor", "1 Mercy Street", str(request), "CWG-0187"):
        assert words in printed
    browser.post(f"/outbox/{letter.pk}/posted/")
    shows(browser, f"/outbox/{letter.pk}/", "posted by Dana Whitfield")
    assert "print and post" not in text(browser.get("/"))


def test_a_hospital_number_is_seen_by_its_hospital_and_the_coordinators(
    enter: Enter, cast: Cast, house: House, patient: Patient
) -> None:
    a_received_block(cast, house, patient)
    a_request(cast, house, patient)
    letter = Letter.objects.get()
    own = person("vera", "Vera Site", Role.COORDINATOR, house.mercy)
    far = person("leo", "Leo Site", Role.COORDINATOR, house.lakeshore)
    for who in (cast.coordinator, own):
        shows(enter(who), f"/outbox/{letter.pk}/", "SECRET")
    assert "Mark as arrived" not in text(enter(own).get(f"/outbox/{letter.pk}/"))
    for page in ("", "letter.pdf"):
        assert enter(far).get(f"/outbox/{letter.pk}/{page}").status_code == 404
        for other in (cast.reader, cast.bench, cast.statistician, cast.administrator):
            assert enter(other).get(f"/outbox/{letter.pk}/{page}").status_code == 403
    assert letter.subject not in text(enter(far).get("/outbox/"))
    assert "SECRET" not in shows(enter(cast.administrator), "/outbox/", letter.subject)
