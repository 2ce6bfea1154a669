"""Cutting lists: which block, how many sections, how thick, at which levels, for what; and blocks with none left."""

from django.db import models

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import Stain


class CuttingOrder(models.Model):
    """One line of the cutting list. `replaces` is the slide that a recut or restain stands in for."""

    accession = models.CharField(max_length=24, unique=True)
    block = owned("specimens.Block", related_name="cutting_orders")
    sections = models.PositiveSmallIntegerField()
    thickness_um = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    levels = models.CharField(max_length=60, blank=True, help_text="as “3 levels, 50 µm apart”")
    stain = words(Stain, blank=True, default="")
    replaces = owned("specimens.Slide", related_name="replacements", null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    wanted_by = models.DateField(null=True, blank=True)
    ordered_at = models.DateTimeField()
    ordered_by = person(null=True)  # nobody the bench may know: a reader at the desk
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sections__gte=1, sections__lte=60),
                name="order_sections_range",
                violation_error_message="Order between 1 and 60 sections.",
            )
        ]

    def __str__(self) -> str:
        return self.accession


class CuttingEnd(models.Model):
    """That an order was cut (its slides name it) or cancelled with a reason. Open until there is one."""

    append_only = True

    order = models.OneToOneField("specimens.CuttingOrder", on_delete=models.PROTECT, related_name="end")
    cut = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField()
    ended_by = person()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cut=True) | ~models.Q(reason=""),
                name="cancelled_order_needs_reason",
                violation_error_message="Say why the order is cancelled.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} {'cut' if self.cut else 'cancelled'}"


class BlockExhaustion(models.Model):
    """That nothing more can be cut from a block."""

    append_only = True

    block = models.OneToOneField("specimens.Block", on_delete=models.PROTECT, related_name="exhaustion")
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = person()

    def __str__(self) -> str:
        return f"{self.block} exhausted"


class AssayVersion(models.Model):
    """How a stain is done, as validated: a version is never edited, a new one takes its place."""

    stain = words(Stain)
    name = models.CharField(max_length=60)
    clone = models.CharField(max_length=60, blank=True)
    dilution = models.CharField(max_length=20, blank=True)
    retrieval = models.CharField(max_length=120, blank=True)
    platform = models.CharField(max_length=80, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = person()
    retired_at = models.DateTimeField(null=True, blank=True)
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(Stain, "stain", "assay_stain_known"),
            models.UniqueConstraint(
                fields=["stain", "name"],
                name="assay_version_once",
                violation_error_message="This assay version is recorded already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
