"""Where tissue is: blocks, slides, shipments, receipts, custody events."""

from django.db import models
from django.db.models import Q

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import Condition, CustodyKind, ItemKind, QuarantineOutcome, Terms


class Block(models.Model):
    accession = models.CharField(max_length=24, unique=True)
    specimen = owned("specimens.Specimen", related_name="blocks")
    site_label = models.CharField(max_length=60, blank=True)
    embedded_on = models.DateField(null=True, blank=True)
    terms = words(Terms, blank=True, default="")
    accessioned_at = models.DateTimeField()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["specimen", "site_label"],
                condition=~Q(site_label=""),
                name="block_label_once",
                violation_error_message="This specimen has a block with that label already.",
            )
        ]

    def __str__(self) -> str:
        return self.accession


class Slide(models.Model):
    """A section on glass. Its block is mandatory; a second face is a `SlideFace`."""

    accession = models.CharField(max_length=24, unique=True)
    block = owned("specimens.Block", related_name="slides")
    site_label = models.CharField(max_length=60, blank=True)
    position = models.CharField(max_length=20, blank=True, help_text="top, bottom, or level")
    cut_on = models.DateField(null=True, blank=True)
    thickness_um = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    cut_at_core = models.BooleanField(default=False)
    order = owned("specimens.CuttingOrder", related_name="slides", null=True, blank=True)
    accessioned_at = models.DateTimeField()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["block", "site_label"],
                condition=~Q(site_label=""),
                name="slide_label_once",
                violation_error_message="This block has a slide with that label already.",
            )
        ]

    def __str__(self) -> str:
        return self.accession


class SlideFace(models.Model):
    """That a slide shows the face of a further, adjacent block too."""

    slide = owned("specimens.Slide", related_name="faces")
    block = owned("specimens.Block", related_name="faces")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slide", "block"],
                name="face_once",
                violation_error_message="This slide shows that block's face already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.slide} of {self.block}"


class Shipment(models.Model):
    """A parcel from one institution to another."""

    accession = models.CharField(max_length=24, unique=True)
    sender = owned("specimens.Institution", related_name="+")
    receiver = owned("specimens.Institution", related_name="+")
    sent_on = models.DateField(null=True, blank=True)
    courier = models.CharField(max_length=60, blank=True)
    tracking = models.CharField(max_length=60, blank=True)
    sender_reference = models.CharField(max_length=60, blank=True)
    announced_at = models.DateTimeField()
    announced_by = person()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(sender=models.F("receiver")),
                name="shipment_between_two",
                violation_error_message="A parcel goes from one institution to another.",
            ),
            models.UniqueConstraint(
                fields=["sender", "sender_reference"],
                condition=~Q(sender_reference=""),
                name="shipment_reference_once",
                violation_error_message="This sender has announced a parcel with that reference already.",
            ),
        ]

    def __str__(self) -> str:
        return self.accession


class ShipmentItem(models.Model):
    """One line of a parcel: announced by the sender, or found in it by the core (`announced` false)."""

    shipment = owned("specimens.Shipment", related_name="items")
    line = models.PositiveIntegerField()
    kind = words(ItemKind)
    block = owned("specimens.Block", related_name="shipment_items", null=True, blank=True)
    slide = owned("specimens.Slide", related_name="shipment_items", null=True, blank=True)
    label = models.CharField(max_length=60, help_text="what stands on it, as its sender writes it")
    terms = words(Terms, blank=True, default="")
    due_back_on = models.DateField(null=True, blank=True)
    request = owned("specimens.TissueRequest", related_name="items", null=True, blank=True)
    announced = models.BooleanField(default=True)

    class Meta:
        constraints = [
            one_of(ItemKind, "kind", "item_kind_known"),
            models.UniqueConstraint(fields=["shipment", "line"], name="item_line_once"),
            models.UniqueConstraint(
                fields=["shipment", "block"],
                condition=Q(block__isnull=False),
                name="item_block_once",
                violation_error_message="This block stands twice in one parcel.",
            ),
            models.UniqueConstraint(
                fields=["shipment", "slide"],
                condition=Q(slide__isnull=False),
                name="item_slide_once",
                violation_error_message="This slide stands twice in one parcel.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment} line {self.line}"


class ItemReceipt(models.Model):
    """That an item was in the parcel when it was opened, and how it looked. A wrong one is taken back by a
    `ReceiptVoid`; the one without stands. `receipts.py` asks for those."""

    append_only = True

    item = owned("specimens.ShipmentItem", related_name="receipts")
    attempt = models.PositiveSmallIntegerField(default=1, help_text="one more than receipts taken back before it")
    condition = words(Condition)
    identifiers_agree = models.PositiveSmallIntegerField(default=2, help_text="how many of two identifiers agree")
    apart = models.BooleanField(default=False, help_text="kept apart by who received it, whatever its label says")
    received_at = models.DateTimeField()
    received_by = person()
    note = models.TextField(blank=True)
    downtime_form = owned("specimens.DowntimeForm", related_name="receipts", null=True, blank=True)
    written_by = models.CharField(max_length=120, blank=True, help_text="whose hand filled in the downtime form")
    entered_at = models.DateTimeField(null=True, blank=True, help_text="when the form was entered")
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "attempt"],
                name="receipt_once",
                violation_error_message="This item was received by somebody else a moment ago; look at it again.",
            ),
            one_of(Condition, "condition", "receipt_condition_known"),
            models.CheckConstraint(
                condition=Q(identifiers_agree__in=[0, 1, 2]),
                name="receipt_identifiers",
                violation_error_message="Two identifiers are compared: 0, 1 or 2 of them agree.",
            ),
            models.CheckConstraint(
                condition=Q(downtime_form__isnull=True, entered_at__isnull=True, written_by="")
                | (Q(downtime_form__isnull=False, entered_at__isnull=False) & ~Q(written_by="")),
                name="receipt_form_complete",
                violation_error_message="An entry from a form says which form, who wrote it and when it was entered.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.condition}"


class ReceiptVoid(models.Model):
    """That a receipt was taken back: the wrong item was scanned, or it was not in the parcel after all."""

    append_only = True

    receipt = models.OneToOneField("specimens.ItemReceipt", on_delete=models.PROTECT, related_name="void")
    reason = models.TextField()
    voided_at = models.DateTimeField()
    voided_by = person()

    def __str__(self) -> str:
        return f"{self.receipt} taken back"


class QuarantineDecision(models.Model):
    """How a quarantined item was settled. An item is in quarantine until there is one."""

    append_only = True

    receipt = models.OneToOneField("specimens.ItemReceipt", on_delete=models.PROTECT, related_name="decision")
    outcome = words(QuarantineOutcome)
    reason = models.TextField()
    decided_at = models.DateTimeField()
    decided_by = person()

    class Meta:
        constraints = [one_of(QuarantineOutcome, "outcome", "quarantine_outcome_known")]

    def __str__(self) -> str:
        return f"{self.receipt} {self.outcome}"


class ShipmentClosure(models.Model):
    """That the parcel is done with; what was announced and has no receipt is missing from here on."""

    append_only = True

    shipment = models.OneToOneField("specimens.Shipment", on_delete=models.PROTECT, related_name="closure")
    closed_at = models.DateTimeField()
    closed_by = person()
    missing = models.PositiveIntegerField(help_text="announced items that did not come")
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.shipment} closed"


class CustodyEvent(models.Model):
    """What happened to a block or slide, and who holds it since. Append-only."""

    append_only = True

    block = owned("specimens.Block", related_name="custody", null=True)
    slide = owned("specimens.Slide", related_name="custody", null=True)
    kind = words(CustodyKind)
    holder = owned("specimens.Institution", related_name="+", null=True)
    occurred_at = models.DateTimeField()
    recorded_by = person(null=True)
    shipment = owned("specimens.Shipment", related_name="custody", null=True)
    note = models.CharField(max_length=200, blank=True)
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(CustodyKind, "kind", "custody_kind_known"),
            models.CheckConstraint(
                condition=Q(block__isnull=False, slide__isnull=True) | Q(block__isnull=True, slide__isnull=False),
                name="custody_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.block or self.slide}"
