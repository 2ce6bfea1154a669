"""Loans: what must go back, by when, and what its owner has said since."""

from django.db import models

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import LoanEventKind


class Loan(models.Model):
    """That a block or H&E slide is here on loan: begun by its receipt, ended by its return, loss or destruction."""

    accession = models.CharField(max_length=24, unique=True)
    item = models.OneToOneField("specimens.ShipmentItem", on_delete=models.PROTECT, related_name="loan")
    lender = owned("specimens.Institution", related_name="+")
    due_on = models.DateField(null=True, blank=True, help_text="as agreed at first; extensions are events")
    began_at = models.DateTimeField()
    synthetic = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.accession


class CustodyCheck(models.Model):
    """What the last walk over all custody found: a memory aid for the pages, made anew at each walk."""

    checked_at = models.DateTimeField()
    things = models.PositiveIntegerField()
    findings = models.PositiveIntegerField()
    first = models.JSONField(default=list, help_text="the first findings: thing, accession, code, sentence")

    def __str__(self) -> str:
        return f"{self.findings} findings at {self.checked_at:%Y-%m-%d %H:%M}"


class LoanEvent(models.Model):
    append_only = True

    loan = owned("specimens.Loan", related_name="events")
    kind = words(LoanEventKind)
    due_on = models.DateField(null=True, blank=True, help_text="the new date, where the event sets one")
    reason = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = person()

    class Meta:
        constraints = [one_of(LoanEventKind, "kind", "loan_event_known")]

    def __str__(self) -> str:
        return f"{self.loan} {self.kind}"
