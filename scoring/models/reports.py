"""Results that went home: signed reports, each later one saying what changed."""

from django.db import models

from specimens.models.fields import owned, person


class ResultReport(models.Model):
    """The signed result of one patient, as it was sent to the trial office. `number` counts a patient's reports."""

    append_only = True

    patient = owned("specimens.Patient", related_name="reports")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField(help_text="what the report says, canonical; the PDF is drawn from it")
    changes = models.JSONField(help_text="against the report before: field, was, became; empty for the first")
    reason = models.TextField(blank=True, help_text="why it amends the one before")
    signed_by = person()
    signed_name = models.CharField(max_length=310)
    meaning = models.CharField(max_length=60)
    method = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "number"],
                name="report_number_once",
                violation_error_message="Somebody signed this patient's report a moment ago; look at it first.",
            ),
            models.CheckConstraint(
                condition=models.Q(number=1) | ~models.Q(reason=""),
                name="report_amended_with_reason",
                violation_error_message="Say why the report is amended.",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.number} of {self.patient}"
