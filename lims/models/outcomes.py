"""Outcomes, arms and local diagnoses: the top floor, where no reader's code can reach."""

from django.db import models
from django.db.models import Q

from lims.vocabulary import Response, TimeOrigin, TimeUnit
from specimens.models.fields import one_of, words


def days(column: str) -> Q:
    """A time is blank, or 0 or more."""
    return Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gte": 0})


class OutcomeRelease(models.Model):
    """One file of outcomes as it was sent: its source, the date its facts were cut, its checksum."""

    append_only = True

    trial = models.ForeignKey("specimens.Trial", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    source = models.CharField(max_length=300)
    cut_on = models.DateField(null=True, help_text="data cut; blank when its source does not say")
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "name"],
                name="release_name_once",
                violation_error_message="This trial has an outcome release of that name already.",
            ),
            models.UniqueConstraint(
                fields=["trial", "sha256"],
                name="release_file_once",
                violation_error_message="This very file has been imported already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Outcome(models.Model):
    """What one release says of one patient. Times are whole units from the named origin."""

    append_only = True

    release = models.ForeignKey("lims.OutcomeRelease", on_delete=models.PROTECT, related_name="outcomes")
    patient = models.ForeignKey("specimens.Patient", on_delete=models.PROTECT, related_name="+")
    arm = models.CharField(max_length=60, blank=True)
    regimen = models.CharField(max_length=200, blank=True)
    response = words(Response, blank=True)
    response_days = models.IntegerField(null=True)
    pfs_time = models.IntegerField(null=True)
    pfs_event = models.BooleanField(null=True)
    os_time = models.IntegerField(null=True)
    os_event = models.BooleanField(null=True)
    time_origin = words(TimeOrigin, blank=True)
    time_unit = words(TimeUnit, default="days")
    vital_status = models.CharField(max_length=40, blank=True, help_text="as the release spells it")
    days_to_death = models.CharField(max_length=40, blank=True, help_text="as the release spells it")
    days_to_last_contact = models.CharField(max_length=40, blank=True, help_text="as the release spells it")
    stage = models.CharField(max_length=40, blank=True, help_text="as the release spells it")
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(Response, "response", "outcome_response_known"),
            one_of(TimeOrigin, "time_origin", "outcome_origin_known"),
            models.UniqueConstraint(
                fields=["release", "patient"],
                name="outcome_once",
                violation_error_message="This patient stands twice in the release.",
            ),
            models.CheckConstraint(
                condition=Q(os_event__isnull=True) | Q(os_time__isnull=False),
                name="outcome_event_has_time",
                violation_error_message="An event flag needs its time.",
            ),
            models.CheckConstraint(
                condition=Q(pfs_event__isnull=True) | Q(pfs_time__isnull=False),
                name="outcome_progression_has_time",
                violation_error_message="An event flag needs its time.",
            ),
            models.CheckConstraint(
                condition=Q(pfs_time__isnull=True, os_time__isnull=True) | ~Q(time_origin=""),
                name="outcome_time_has_origin",
                violation_error_message="A time to an event needs the day it counts from.",
            ),
            models.CheckConstraint(
                condition=days("response_days") & days("pfs_time") & days("os_time"),
                name="outcome_times_not_negative",
                violation_error_message="A time is a whole number of days, 0 or more.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient} in {self.release}"


class LocalDiagnosis(models.Model):
    """What the hospital's own pathologist called it. Never shown to a central reader."""

    append_only = True

    patient = models.ForeignKey("specimens.Patient", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=60)
    icd_o_3 = models.CharField(max_length=10, blank=True)
    histology = models.CharField(max_length=120, blank=True)
    grade = models.CharField(max_length=10, blank=True)
    stage = models.CharField(max_length=20, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "source"],
                name="local_diagnosis_once",
                violation_error_message="This patient's local diagnosis from that source is recorded already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.patient} by {self.source}"
