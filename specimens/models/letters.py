"""Letters to institutions: written once, sent at most once by themselves, each attempt on record."""

from django.db import models
from django.db.models import Q

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import LetterPurpose


class Letter(models.Model):
    """One letter, as it was written. `key` says what it is about, so that no second one is written of the same.

    Without an address it goes by post: its PDF is printed.
    """

    append_only = True

    key = models.CharField(max_length=120)
    purpose = words(LetterPurpose)
    institution = owned("specimens.Institution", related_name="+")
    to_name = models.CharField(max_length=200, blank=True)
    to_address = models.EmailField(blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    request = owned("specimens.TissueRequest", related_name="letters", null=True, blank=True)
    query = owned("specimens.ItemQuery", related_name="letters", null=True, blank=True)
    loan = owned("specimens.Loan", related_name="letters", null=True, blank=True)
    shipment = owned("specimens.Shipment", related_name="letters", null=True, blank=True)
    written_at = models.DateTimeField()
    written_by = person(null=True, blank=True)
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(LetterPurpose, "purpose", "letter_purpose_known"),
            models.UniqueConstraint(
                fields=["key"],
                name="letter_once",
                violation_error_message="This letter was written already.",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class LetterSubject(models.Model):
    """One of several requests that a letter is about; a letter about one request names it itself."""

    append_only = True

    letter = owned("specimens.Letter", related_name="subjects")
    request = owned("specimens.TissueRequest", related_name="told_in")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "request"],
                name="letter_subject_once",
                violation_error_message="This letter names the request already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.request} in {self.letter}"


class LetterAttempt(models.Model):
    """That a worker began to hand the letter to the mail server. Committed before it does: an attempt without a
    result may have arrived, so nobody but a person may begin another."""

    append_only = True

    letter = owned("specimens.Letter", related_name="attempts")
    number = models.PositiveSmallIntegerField()
    message_id = models.CharField(max_length=200)
    began_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "number"],
                name="letter_attempt_once",
                violation_error_message="This letter is being sent already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.letter} attempt {self.number}"


class LetterResult(models.Model):
    """How an attempt ended: taken by the mail server, or refused with its cause."""

    append_only = True

    attempt = models.OneToOneField("specimens.LetterAttempt", on_delete=models.PROTECT, related_name="result")
    sent = models.BooleanField()
    cause = models.TextField(blank=True)
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent=True) | ~Q(cause=""),
                name="letter_failure_has_cause",
                violation_error_message="A letter that was not sent says why.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt}: {'sent' if self.sent else 'not sent'}"
