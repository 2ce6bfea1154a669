"""What coordinators record of a patient's course. Never shown to readers."""

from django.db import models
from django.db.models import Q

from specimens.models.fields import owned, person


class ClinicalFact(models.Model):
    """One clinical factor as of one day, as it was given. A correction is a further row that supersedes this one;
    a correction with a blank value takes it back."""

    append_only = True

    patient = owned("specimens.Patient", related_name="clinical_facts")
    factor = models.CharField(max_length=60)
    value = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=20, blank=True, help_text="as given; blank for what is no laboratory value")
    lower = models.CharField(max_length=20, blank=True, help_text="of the reference range, in the same unit")
    upper = models.CharField(max_length=20, blank=True)
    on = models.DateField(help_text="the day it was measured or true")
    source = models.CharField(max_length=200)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    reason = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = person()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "factor", "on"],
                condition=Q(supersedes__isnull=True),
                name="clinical_fact_once",
                violation_error_message="Somebody recorded this factor for this day a moment ago; look again.",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(reason=""),
                name="clinical_fact_corrected_with_reason",
                violation_error_message="Say why the factor is corrected.",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=False) | ~Q(value=""),
                name="clinical_fact_has_value",
                violation_error_message="Give the value of the factor.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="clinical_fact_has_source",
                violation_error_message="Say where the factor comes from.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.factor} of {self.patient} on {self.on}"
