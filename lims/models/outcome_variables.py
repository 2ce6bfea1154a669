"""Endpoints a trial declares for itself, what releases say of them, and how its sources name their columns."""

from django.db import models

from lims.vocabulary import VariableKind
from specimens.models.fields import one_of, words


class OutcomeVariable(models.Model):
    """One declared endpoint of a trial, as “QLQ-C30 fatigue, by time point”. Never altered: a better one is another."""

    append_only = True

    trial = models.ForeignKey("specimens.Trial", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=32, help_text="as its column is called")
    label = models.CharField(max_length=40)
    kind = words(VariableKind)
    unit = models.CharField(max_length=20, blank=True)
    codes = models.JSONField(default=dict, help_text="what each code means, where its kind is code")
    by_time_point = models.BooleanField(default=False)
    source = models.CharField(max_length=300, help_text="the instrument or definition")
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            one_of(VariableKind, "kind", "variable_kind_known"),
            models.UniqueConstraint(
                fields=["trial", "name"],
                name="variable_once",
                violation_error_message="This trial has a variable of that name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OutcomeValue(models.Model):
    """What one release says of one patient's declared variable, as it spells it; `number` is the same as a number."""

    append_only = True

    outcome = models.ForeignKey("lims.Outcome", on_delete=models.PROTECT, related_name="values")
    variable = models.ForeignKey("lims.OutcomeVariable", on_delete=models.PROTECT, related_name="values")
    time_point = models.CharField(max_length=40, blank=True)
    value = models.CharField(max_length=200)
    number = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "variable", "time_point"],
                name="outcome_value_once",
                violation_error_message="This patient has two values of one variable at one time point.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.variable} of {self.outcome}"


class OutcomeMapping(models.Model):
    """How a source named its columns, as it was said once; the latest counts."""

    append_only = True

    trial = models.ForeignKey("specimens.Trial", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=300)
    columns = models.JSONField(help_text="the file's heading to our column; “-” leaves it out")
    used_at = models.DateTimeField()
    used_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"columns of {self.source}"


class OutcomeDecision(models.Model):
    """Which of two releases is right about one field of one patient, and why; the latest counts."""

    append_only = True

    release_a = models.ForeignKey("lims.OutcomeRelease", on_delete=models.PROTECT, related_name="+")
    release_b = models.ForeignKey("lims.OutcomeRelease", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("specimens.Patient", on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=80, help_text="a field of outcomes, a variable with its time point, or listed")
    takes_b = models.BooleanField(help_text="the second release is right, not the first")
    reason = models.CharField(max_length=500)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["release_a", "release_b"], name="decision_of_two")]

    def __str__(self) -> str:
        return f"{self.field} of {self.patient}"


class SettledRelease(models.Model):
    """That a release was made of two others and of what was decided where they disagree. Once for each pair."""

    append_only = True

    release = models.OneToOneField("lims.OutcomeRelease", on_delete=models.PROTECT, related_name="settled_from")
    release_a = models.ForeignKey("lims.OutcomeRelease", on_delete=models.PROTECT, related_name="+")
    release_b = models.ForeignKey("lims.OutcomeRelease", on_delete=models.PROTECT, related_name="+")
    decisions = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release_a", "release_b"],
                name="settled_once",
                violation_error_message="A settled release was made of these two already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.release} of {self.release_a} and {self.release_b}"
