"""Sending: attempt first, then the mail server, then the result; what may have gone, only a person sends again."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from lims.vocabulary import Role
from specimens import jobs, ledger
from specimens.errors import Forbidden, Invalid
from specimens.models import Job, Letter, LetterAttempt, LetterResult
from specimens.posting import UNDER_WAY, letter_state, mark_arrived, mark_posted, send_again
from specimens.vocabulary import LetterState
from tests.cast import AT, Cast, person
from tests.refusals import forbidden, refused
from tests.specimens.test_written_letters import contact, write
from tests.stories import House


class Moody(BaseEmailBackend):
    """A mail server that does as it is told."""

    opening: Exception | None = None
    taking: Exception | None = None
    takes = 1

    def open(self) -> bool:
        if Moody.opening:
            raise Moody.opening
        return True

    def send_messages(self, email_messages: Any) -> int:
        assert LetterAttempt.objects.count() > LetterResult.objects.count(), "the attempt is on record before"
        if Moody.taking:
            raise Moody.taking
        return Moody.takes


@pytest.fixture
def moody(settings: LazySettings) -> Iterator[type[Moody]]:
    settings.EMAIL_BACKEND = f"{__name__}.Moody"
    yield Moody
    Moody.opening = Moody.taking = None
    Moody.takes = 1


@pytest.fixture
def letter(cast: Cast, house: House) -> Letter:
    contact(cast, house.mercy, "Dr Ruth Okafor", email="ruth@example.org")
    return write(cast, house)


def state(letter: Letter) -> LetterState:
    last = letter.attempts.select_related("result").order_by("-number").first()
    sent = last.result.sent if last and hasattr(last, "result") else None
    return letter_state(letter.to_address, sent, last is not None)


def test_a_letter_is_sent_once_with_its_own_id(letter: Letter, mailoutbox: list[EmailMessage]) -> None:
    assert jobs.work_off() == 1
    job = Job.objects.get()
    Job.objects.update(done_at=None)
    assert jobs.perform(job.key), "delivered twice"
    assert len(mailoutbox) == 1
    mail = mailoutbox[0].message()
    assert mail["To"] == "Dr Ruth Okafor <ruth@example.org>"
    assert mail["Message-ID"] == LetterAttempt.objects.get().message_id
    assert mail["Message-ID"].startswith(f"<letter-{letter.pk}-")
    assert state(letter) is LetterState.SENT
    assert list(ledger.verify()) == []


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("opening", ConnectionRefusedError("nobody there")),
        ("opening", TimeoutError("no answer")),
        ("opening", smtplib.SMTPAuthenticationError(535, b"no")),
        ("taking", smtplib.SMTPRecipientsRefused({"ruth@example.org": (550, b"unknown")})),
        ("taking", smtplib.SMTPDataError(554, b"no")),
        ("taking", smtplib.SMTPSenderRefused(550, b"no", "core@example.org")),
    ],
)
def test_a_clean_refusal_is_tried_again_later_and_not_for_ever(
    letter: Letter, moody: type[Moody], place: str, error: Exception
) -> None:
    setattr(moody, place, error)
    waits = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while job := Job.objects.filter(done_at__isnull=True).first():
            waits.append(round((job.due_at - timezone.now()).total_seconds()))
            clock.shift(max(job.due_at - timezone.now(), timedelta(0)))
            assert jobs.perform(job.key)
    assert waits == [0, 60, 240, 960, 3840]
    assert [r.sent for r in LetterResult.objects.all()] == [False] * 5
    assert type(error).__name__ in LetterResult.objects.last().cause
    assert state(letter) is LetterState.REFUSED


def test_a_server_that_takes_nothing_has_refused(letter: Letter, moody: type[Moody]) -> None:
    moody.takes = 0
    jobs.work_off()
    assert state(letter) is LetterState.REFUSED


def test_an_address_that_cannot_be_written_to_is_a_clean_refusal(cast: Cast, house: House) -> None:
    contact(cast, house.mercy, "Ruth", email="ruth@example.org\nBcc: all@example.org")
    letter = write(cast, house)
    jobs.work_off()
    assert state(letter) is LetterState.REFUSED


DOUBTS = [smtplib.SMTPServerDisconnected("gone"), TimeoutError("no answer"), RuntimeError("who knows")]


@pytest.mark.parametrize("error", DOUBTS)
def test_what_may_have_arrived_is_not_sent_again(letter: Letter, moody: type[Moody], error: Exception) -> None:
    moody.taking = error
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert jobs.work_off() == 0
        moody.taking = None
        clock.shift(3600)
        assert jobs.work_off() == 1, "the job ends: there is nothing left for it to do"
    assert LetterAttempt.objects.count() == 1
    assert not LetterResult.objects.exists()
    assert state(letter) is LetterState.NOT_KNOWN


@pytest.fixture
def doubtful(letter: Letter, moody: type[Moody]) -> Letter:
    moody.taking = smtplib.SMTPServerDisconnected("gone")
    jobs.work_off()
    moody.taking = None
    return letter


def later() -> Any:
    return timezone.now() + UNDER_WAY


def test_a_person_says_that_it_arrived(cast: Cast, doubtful: Letter) -> None:
    mark_arrived(by=cast.coordinator, at=later(), letter=doubtful, note="Ruth telephoned")
    assert state(doubtful) is LetterState.SENT
    assert LetterResult.objects.get().cause == "Dana Whitfield marked it as arrived: Ruth telephoned"
    with refused("nothing_open", "known already"):
        mark_arrived(by=cast.coordinator, at=later(), letter=doubtful, note="again")


def test_a_person_has_it_sent_again(cast: Cast, doubtful: Letter) -> None:
    send_again(by=cast.coordinator, at=later(), letter=doubtful, reason="Ruth has nothing")
    Job.objects.filter(key__endswith=":1").update(done_at=timezone.now())
    assert jobs.work_off() == 1
    assert [(a.number, a.result.sent) for a in LetterAttempt.objects.order_by("number")] == [(1, False), (2, True)]
    assert len(set(LetterAttempt.objects.values_list("message_id", flat=True))) == 1
    with refused("not_to_resend", "nothing to send again"):
        send_again(by=cast.coordinator, at=later(), letter=doubtful, reason="once more")


def test_a_refused_letter_is_sent_again_or_posted(cast: Cast, letter: Letter, moody: type[Moody]) -> None:
    moody.opening = ConnectionRefusedError("nobody there")
    jobs.work_off()
    for deed, said in ((send_again, {"reason": "now"}), (mark_posted, {})):
        with refused("will_be_tried", "tried again by itself"):
            deed(by=cast.coordinator, at=later(), letter=letter, **said)
    Job.objects.update(parked_at=timezone.now())
    send_again(by=cast.coordinator, at=later(), letter=letter, reason="the server is back")
    mended = Job.objects.order_by("id").last()
    assert mended.arguments["number"] == 2


def test_nobody_decides_while_it_is_being_sent(cast: Cast, doubtful: Letter) -> None:
    for deed, said in ((send_again, "reason"), (mark_arrived, "note")):
        with refused("under_way", "five minutes"):
            deed(by=cast.coordinator, at=timezone.now(), letter=doubtful, **{said: "hurry"})


def test_a_letter_on_paper_is_posted_once(cast: Cast, house: House) -> None:
    paper = write(cast, house)
    assert state(paper) is LetterState.BY_POST
    with refused("no_address", "print it and post it"):
        send_again(by=cast.coordinator, at=later(), letter=paper, reason="x")
    mark_posted(by=cast.coordinator, at=AT, letter=paper)
    assert state(paper) is LetterState.SENT
    with refused("sent_already", "went out already"):
        mark_posted(by=cast.coordinator, at=AT, letter=paper)


def test_a_letter_that_will_be_mailed_is_not_posted(cast: Cast, letter: Letter) -> None:
    with refused("will_be_mailed", "about to be sent"):
        mark_posted(by=cast.coordinator, at=AT, letter=letter)


def test_a_doubtful_letter_is_settled_before_it_is_posted(cast: Cast, doubtful: Letter) -> None:
    with refused("not_known", "Say first"):
        mark_posted(by=cast.coordinator, at=AT, letter=doubtful)


@pytest.mark.parametrize("note", ["", "  ", "x" * 501, "nul\0"])
def test_a_decision_has_its_reason(cast: Cast, doubtful: Letter, note: str) -> None:
    code = "invalid" if note.strip() else "reason_missing"
    with refused(code, "", Invalid):
        mark_arrived(by=cast.coordinator, at=later(), letter=doubtful, note=note)


DECISIONS: list[Callable[..., Any]] = [
    lambda **said: mark_arrived(note="n", **said),
    lambda **said: send_again(reason="r", **said),
    mark_posted,
]


@pytest.mark.parametrize("decide", DECISIONS)
def test_only_the_core_decides(cast: Cast, house: House, doubtful: Letter, decide: Callable[..., Any]) -> None:
    with forbidden("coordinators"):
        decide(by=cast.bench, at=later(), letter=doubtful)
    visitor = person("vera", "Vera Site", Role.COORDINATOR, house.mercy)
    with refused("core_only", "core's own people", Forbidden):
        decide(by=visitor, at=later(), letter=doubtful)


def test_a_made_up_letter_is_never_mailed_for_real(
    cast: Cast, house: House, settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.PARAFFIN_MAILS = True
    contact(cast, house.mercy, "Ruth", email="ruth@example.org")
    write(cast, house, synthetic=True)
    assert jobs.work_off() == 1
    assert mailoutbox == []
