"""Sends letters. A letter goes out by itself at most once: what may have gone, only a person sends again.

Each attempt is committed before the mail server is spoken to, and its result after. Between the two lies the
moment of which nobody can be sure; an attempt without a result stands on the worklist until a person decides.
"""

import smtplib
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from specimens import jobs, ledger
from specimens.actors import Actor, Automaton, name_of
from specimens.deeds import deed, demand_core, require
from specimens.errors import Invalid, Refused
from specimens.letters import ask_to_send
from specimens.models import Letter, LetterAttempt, LetterResult
from specimens.vocabulary import LetterState

MAILER = Automaton("the mailer", frozenset({"specimens.send_letter"}))
TRIES = 5
NOT_MAILED = "Written into the outbox folder: this installation mails nothing."
FIRST_WAIT = timedelta(minutes=1)
UNDER_WAY = timedelta(minutes=5)
REFUSALS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)
NOT_YOURS = "Only the core's coordinators decide about letters."


class MailRefused(Exception):
    """The letter was certainly not taken; its sentence says why."""


def register() -> None:
    jobs.does_in_steps("send letter", send_letter)


def letter_state(to_address: str, last_sent: bool | None, attempted: bool) -> LetterState:
    """The state of a letter from its last attempt: pure. `last_sent` is None without a result."""
    if attempted:
        return LetterState.NOT_KNOWN if last_sent is None else LetterState.SENT if last_sent else LetterState.REFUSED
    return LetterState.WAITING if to_address else LetterState.BY_POST


def send_letter(letter_id: int, number: int) -> None:
    """The attempt of that number, unless it was made before. Three steps, each final by itself."""
    with transaction.atomic(durable=True):
        attempt = begin_attempt(by=MAILER, at=timezone.now(), letter_id=letter_id, number=number)
    if attempt is None:
        return
    cause = ""
    try:
        hand_over(attempt)
    except MailRefused as refusal:
        cause = str(refusal)
    end_attempt(by=MAILER, at=timezone.now(), attempt=attempt, cause=cause)


@deed
def begin_attempt(*, by: Actor, at: datetime, letter_id: int, number: int) -> LetterAttempt | None:
    """Put the attempt on record; None when it is there already, and then nobody sends."""
    require(by, "specimens.send_letter", "Only the mailer sends.")
    letter = Letter.objects.select_for_update().get(pk=letter_id)
    made = [a.number for a in letter.attempts.order_by("number")]
    if number in made or (letter.synthetic and settings.PARAFFIN_MAILS):
        return None
    assert number == len(made) + 1, "attempts are made in order"
    return LetterAttempt.objects.create(letter=letter, number=number, message_id=message_id(letter), began_at=at)


def message_id(letter: Letter) -> str:
    """The same for every attempt, so that a recipient's mail system knows a second copy for what it is."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<letter-{letter.pk}-{int(letter.written_at.timestamp())}@{domain}>"


def hand_over(attempt: LetterAttempt) -> None:
    """Give the letter to the mail server. MailRefused when it was certainly not taken; any other exception
    leaves open whether it was."""
    mail = message_of(attempt)
    try:
        mail.message()
        connection = get_connection()
        connection.open()
    except Exception as error:  # nothing was handed over yet, whatever went wrong
        raise MailRefused(cause_of(error)) from error
    try:
        taken = connection.send_messages([mail])
    except REFUSALS as error:
        raise MailRefused(cause_of(error)) from error
    finally:
        with suppress(Exception):
            connection.close()
    if not taken:
        raise MailRefused("The mail server took nothing.")


def cause_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def message_of(attempt: LetterAttempt) -> EmailMessage:
    letter = attempt.letter
    return EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[formataddr((letter.to_name, letter.to_address))],
        reply_to=[settings.PARAFFIN_REPLY_TO] if settings.PARAFFIN_REPLY_TO else None,
        headers={"Message-ID": attempt.message_id, "Auto-Submitted": "auto-generated"},
    )


@deed
def end_attempt(*, by: Actor, at: datetime, attempt: LetterAttempt, cause: str) -> LetterResult | None:
    """Record how the attempt ended; None when somebody has decided about it meanwhile. After a clean refusal
    the next attempt is asked for, later and later, at most TRIES of them."""
    require(by, "specimens.send_letter", "Only the mailer says how sending ended.")
    letter = Letter.objects.select_for_update().get(pk=attempt.letter_id)
    if LetterResult.objects.filter(attempt=attempt).exists():
        return None
    how = cause or ("" if settings.PARAFFIN_MAILS else NOT_MAILED)
    result = LetterResult.objects.create(attempt=attempt, sent=not cause, cause=how, ended_at=at)
    if cause and attempt.number < TRIES:
        ask_to_send(letter, attempt.number + 1, after=FIRST_WAIT * 4 ** (attempt.number - 1))
    said = f"“{letter.subject}” was {'not ' if cause else ''}taken by the mail server."
    ledger.write([line_about(letter, "send letter", said, reason=how)], by=by, at=at)
    return result


@deed
def mark_arrived(*, by: Actor, at: datetime, letter: Letter, note: str) -> LetterResult:
    """A person knows that the letter arrived although its attempt has no result."""
    attempt, note = undecided(by, at, letter, note)
    said = f"{name_of(by)} marked it as arrived: {note}"
    result = LetterResult.objects.create(attempt=attempt, sent=True, cause=said, ended_at=at)
    sentence = f"“{letter.subject}” was marked as arrived."
    ledger.write([line_about(letter, "mark letter arrived", sentence, reason=note)], by=by, at=at)
    return result


@deed
def send_again(*, by: Actor, at: datetime, letter: Letter, reason: str) -> Letter:
    """A person has it sent again: after a refusal, or although nobody knows whether the last attempt arrived."""
    demand_decider(by)
    reason = demand_note(reason)
    locked = Letter.objects.select_for_update().get(pk=letter.pk)
    last = last_attempt(locked)
    if not locked.to_address:
        raise Refused("no_address", "This letter has no e-mail address: print it and post it.")
    if last is None or (hasattr(last, "result") and last.result.sent):
        raise Refused("not_to_resend", "It was sent, or is about to be: nothing to send again.")
    if not hasattr(last, "result"):
        demand_old_enough(last, at)
        said = f"Not known whether it was sent. {name_of(by)} has it sent again: {reason}"
        LetterResult.objects.create(attempt=last, sent=False, cause=said, ended_at=at)
    elif jobs.is_asked("send letter", f"{letter.pk}:{last.number + 1}"):
        raise Refused("will_be_tried", "It will be tried again by itself: wait for it.")
    ask_to_send(locked, last.number + 1)
    said = f"“{letter.subject}” is sent again."
    ledger.write([line_about(letter, "send letter again", said, reason=reason)], by=by, at=at)
    return locked


@deed
def mark_posted(*, by: Actor, at: datetime, letter: Letter) -> LetterResult:
    """A person has put the printed letter in the post."""
    demand_decider(by)
    locked = Letter.objects.select_for_update().get(pk=letter.pk)
    last = last_attempt(locked)
    if last and hasattr(last, "result") and last.result.sent:
        raise Refused("sent_already", "This letter went out already.")
    if last and not hasattr(last, "result"):
        raise Refused("not_known", "Say first what became of the attempt to mail it.")
    if last is None and locked.to_address:
        raise Refused("will_be_mailed", "This letter goes by e-mail; it is about to be sent.")
    number = last.number + 1 if last else 1
    if last and jobs.is_asked("send letter", f"{letter.pk}:{number}"):
        raise Refused("will_be_tried", "It will be tried again by itself: wait for it.")
    attempt = LetterAttempt.objects.create(letter=locked, number=number, message_id="by post", began_at=at)
    said = f"posted by {name_of(by)}"
    result = LetterResult.objects.create(attempt=attempt, sent=True, cause=said, ended_at=at)
    ledger.write([line_about(letter, "post letter", f"“{letter.subject}” was posted.")], by=by, at=at)
    return result


def undecided(by: Actor, at: datetime, letter: Letter, note: str) -> tuple[LetterAttempt, str]:
    """The attempt without a result that a person decides about, and the cleaned note."""
    demand_decider(by)
    note = demand_note(note)
    last = last_attempt(Letter.objects.select_for_update().get(pk=letter.pk))
    if last is None or hasattr(last, "result"):
        raise Refused("nothing_open", "What became of this letter is known already.")
    demand_old_enough(last, at)
    return last, note


def demand_old_enough(attempt: LetterAttempt, at: datetime) -> None:
    """A worker may be speaking to the mail server this very moment."""
    if at - attempt.began_at < UNDER_WAY:
        raise Refused("under_way", "It is being sent this very moment: look again in five minutes.")


def demand_decider(by: Actor) -> None:
    require(by, "specimens.request", NOT_YOURS)
    demand_core(by, "Deciding about a letter")


def demand_note(note: str) -> str:
    note = " ".join(note.split())
    if not note:
        raise Invalid("reason_missing", "Say how you know, or why.", field="reason")
    if len(note) > 500 or "\0" in note:
        raise Invalid("invalid", "At most 500 printable characters fit here.", field="reason")
    return note


def last_attempt(letter: Letter) -> LetterAttempt | None:
    return letter.attempts.select_related("result").order_by("-number").first()


def line_about(letter: Letter, what: str, sentence: str, reason: str = "") -> ledger.Line:
    patient_id = letter.request.patient_id if letter.request else None
    return ledger.line(what, letter, sentence, patient_id=patient_id, reason=reason)
