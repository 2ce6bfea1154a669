"""What is not as announced: queries to the sender, photographs, receipts put right; and forms for downtime."""

from django.db import models

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import Condition, DowntimeKind


class ItemQuery(models.Model):
    """A question to the sender about one line of a parcel: missing, damaged, not announced, not the same label."""

    append_only = True

    accession = models.CharField(max_length=24, unique=True)
    item = owned("specimens.ShipmentItem", related_name="queries")
    question = models.TextField(help_text="its owner is who asked, or to whom it was handed over last")
    asked_at = models.DateTimeField()
    asked_by = person()
    synthetic = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.accession


class QueryHandover(models.Model):
    """That somebody else looks after a question from now on. The last one says whose it is."""

    append_only = True

    query = owned("specimens.ItemQuery", related_name="handovers")
    to = person()
    reason = models.CharField(max_length=500)
    handed_at = models.DateTimeField()
    handed_by = person()

    def __str__(self) -> str:
        return f"{self.query} to {self.to}"


class QueryAnswer(models.Model):
    append_only = True

    query = owned("specimens.ItemQuery", related_name="answers")
    text = models.TextField()
    on_behalf = models.BooleanField(default=False, help_text="told to the core, which wrote it down for the sender")
    answered_at = models.DateTimeField()
    answered_by = person()

    def __str__(self) -> str:
        return f"answer to {self.query}"


class QueryClosure(models.Model):
    """That a query is settled, and how. It is open until there is one."""

    append_only = True

    query = models.OneToOneField("specimens.ItemQuery", on_delete=models.PROTECT, related_name="closure")
    outcome = models.TextField()
    closed_at = models.DateTimeField()
    closed_by = person()

    def __str__(self) -> str:
        return f"{self.query} closed"


class ReceiptPhoto(models.Model):
    """A photograph of how an item came."""

    append_only = True

    receipt = owned("specimens.ItemReceipt", related_name="photos")
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200)
    thumbnail = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    taken_at = models.DateTimeField()
    taken_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "sha256"],
                name="receipt_photo_once",
                violation_error_message="This photograph is with this item already.",
            )
        ]

    def __str__(self) -> str:
        return f"photograph of {self.receipt}"


class ReceiptAmendment(models.Model):
    """How an item looks after a second look; the first look stays. The latest counts."""

    append_only = True

    receipt = owned("specimens.ItemReceipt", related_name="amendments")
    condition = words(Condition)
    identifiers_agree = models.PositiveSmallIntegerField(default=2)
    apart = models.BooleanField(default=False, help_text="kept apart, whatever its label says")
    note = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    amended_at = models.DateTimeField()
    amended_by = person()

    class Meta:
        constraints = [
            one_of(Condition, "condition", "amendment_condition_known"),
            models.CheckConstraint(
                condition=models.Q(identifiers_agree__in=[0, 1, 2]),
                name="amendment_identifiers",
                violation_error_message="Two identifiers are compared: 0, 1 or 2 of them agree.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt} amended"


class DowntimeForm(models.Model):
    """A numbered form that was printed to be filled in by hand while the system is away; of one parcel, or blank."""

    append_only = True

    accession = models.CharField(max_length=24, unique=True)
    kind = words(DowntimeKind)
    shipment = owned("specimens.Shipment", related_name="downtime_forms", null=True, blank=True)
    printed_at = models.DateTimeField()
    printed_by = person()

    class Meta:
        constraints = [one_of(DowntimeKind, "kind", "downtime_kind_known")]

    def __str__(self) -> str:
        return self.accession
