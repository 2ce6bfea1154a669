"""The ledger: append-only, numbered without gaps, each entry chained to the one before by its hash."""

from django.db import models


class LedgerEntry(models.Model):
    """One line. Holds no foreign keys: it must outlive and never block what it speaks of."""

    append_only = True

    number = models.BigIntegerField(primary_key=True)
    recorded_at = models.DateTimeField(help_text="the server's clock, UTC")
    happened_at = models.DateTimeField(help_text="when the deed was done, as its caller said, UTC")
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=310)
    deed = models.CharField(max_length=60)
    thing = models.CharField(max_length=40, help_text="kind of thing, as “specimens.slide”")
    thing_id = models.CharField(max_length=40)
    label = models.CharField(max_length=120)
    patient_id = models.BigIntegerField(null=True, db_index=True)
    sentence = models.TextField()
    was = models.JSONField(null=True)
    became = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["thing", "thing_id"])]

    def __str__(self) -> str:
        return f"{self.number} {self.deed} {self.label}"


class LedgerHead(models.Model):
    """The one row that deeds lock to append: the last number and its hash."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"head at {self.number}"
