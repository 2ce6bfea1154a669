"""Freezes: an export of one moment, named, kept with its checksums, never altered."""

from django.db import models

from specimens.models.fields import owned, person


class Freeze(models.Model):
    """That every table was to be kept as it stood at `asked_at`: of one trial, or of all where `trial` is empty."""

    append_only = True

    name = models.CharField(max_length=60)
    trial = models.ForeignKey("specimens.Trial", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    reason = models.CharField(max_length=500)
    dictionary = models.CharField(max_length=10, help_text="version of the dictionary")
    model = models.CharField(max_length=40)
    edition = models.CharField(max_length=40, help_text="of the rules whose scores the tidy table tells")
    asked_at = models.DateTimeField(help_text="the moment it speaks of")
    asked_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="freeze_name_once",
                violation_error_message="There is a freeze of that name already; a freeze is never made over.",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""),
                name="freeze_with_reason",
                violation_error_message="Say why the export is frozen.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FrozenTable(models.Model):
    """One table of a freeze as it was kept: a CSV file, its rows and its checksum."""

    append_only = True

    freeze = owned("lims.Freeze", related_name="tables")
    table = models.CharField(max_length=40)
    rows = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200, help_text="where the storage keeps it")
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["freeze", "table"], name="frozen_table_once")]

    def __str__(self) -> str:
        return f"{self.table} of {self.freeze}"
