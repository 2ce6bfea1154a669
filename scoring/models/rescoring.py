"""Rescorings: who asked, why, whom it is about; what was done of it. Its state is computed: scoring.rescoring_desk."""

from django.db import models

from scoring.vocabulary import RescoringCause, RescoringTurn
from specimens.models.fields import one_of, owned, person, words


class Rescoring(models.Model):
    """Patients scored again under one edition; a `dry` one only lists whose category would change.

    No trial and no patient: everybody. `scored_under`: only who has a score under that edition.
    """

    append_only = True

    trial = owned("specimens.Trial", related_name="rescorings", null=True, blank=True)
    patient = owned("specimens.Patient", related_name="rescorings", null=True, blank=True)
    scored_under = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=40)
    edition = models.CharField(max_length=40)
    cause = words(RescoringCause)
    reason = models.CharField(max_length=500)
    dry = models.BooleanField()
    patients = models.PositiveIntegerField(help_text="how many were in scope when it was asked for")
    asked_at = models.DateTimeField()
    asked_by = person()

    class Meta:
        constraints = [
            one_of(RescoringCause, "cause", "rescoring_cause_known"),
            models.CheckConstraint(
                condition=models.Q(trial__isnull=True) | models.Q(patient__isnull=True),
                name="rescoring_one_scope",
                violation_error_message="A rescoring is of one trial or of one patient, not both.",
            ),
        ]

    def __str__(self) -> str:
        return f"{'dry run' if self.dry else 'rescoring'} {self.pk} under {self.edition}"


class RescoringDecision(models.Model):
    """That somebody paused, resumed or cancelled it; the latest counts."""

    append_only = True

    rescoring = owned("scoring.Rescoring", related_name="decisions")
    turn = words(RescoringTurn)
    reason = models.CharField(max_length=500)
    decided_at = models.DateTimeField()
    decided_by = person()

    class Meta:
        constraints = [one_of(RescoringTurn, "turn", "rescoring_turn_known")]

    def __str__(self) -> str:
        return f"{self.rescoring} {self.turn}"


class RescoringChunk(models.Model):
    """One piece of it: the patients in scope with ids from `first_id` to `last_id`."""

    append_only = True

    rescoring = owned("scoring.Rescoring", related_name="chunks")
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rescoring", "first_id"], name="rescoring_chunk_once")]

    def __str__(self) -> str:
        return f"{self.rescoring}: {self.first_id} to {self.last_id}"


class RescoringDone(models.Model):
    """That a chunk is done; commits with its scores."""

    append_only = True

    chunk = models.OneToOneField("scoring.RescoringChunk", on_delete=models.PROTECT, related_name="done")
    patients = models.PositiveIntegerField()
    fresh = models.PositiveIntegerField(help_text="new scores of specimens; 0 in a dry run")
    changed = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    done_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.chunk} done"


class RescoringChange(models.Model):
    """A patient whose category is, or in a dry run would be, another than under the edition in force."""

    append_only = True

    rescoring = owned("scoring.Rescoring", related_name="changes")
    patient = owned("specimens.Patient", related_name="+")
    was = models.JSONField(help_text="risk, caix_level, compartment, eligibility; blank: no specimen spoke")
    becomes = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rescoring", "patient"], name="rescoring_change_once")]

    def __str__(self) -> str:
        return f"{self.rescoring}: {self.patient}"
