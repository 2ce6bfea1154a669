"""What the rules say of a specimen and of a patient; and when systemic therapy began."""

from typing import Any

from django.db import models

from scoring.rules.vocabulary import CaixLevel, Compartment, Eligibility, HowDecided, Risk
from scoring.vocabulary import Basis
from specimens.models.fields import one_of, owned, words


def exact(**kwargs: Any) -> models.DecimalField:
    """A percentage as the rule takes it: the mean of two reads may need one decimal more than they have."""
    return models.DecimalField(max_digits=10, decimal_places=7, null=True, **kwargs)


class Score(models.Model):
    """What an edition of the rules says of one specimen, with the exact inputs. Never overwritten."""

    append_only = True

    specimen = owned("specimens.Specimen", related_name="scores", db_index=False)
    model = models.CharField(max_length=40)
    edition = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    inputs = models.JSONField(help_text="values, and the ids of the reads and control results they came from")
    adequate = models.BooleanField(null=True, help_text="blank: no histology read has concluded")
    histologic_type = models.CharField(max_length=40, blank=True)
    clear_cell = models.CharField(max_length=8, blank=True)
    alveolar = exact()
    granular = exact()
    papillary = exact()
    caix = exact()
    caix_evaluable = models.BooleanField(null=True, help_text="blank: no CA-IX read has concluded")
    h_score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    histology_how = words(HowDecided, blank=True)
    caix_how = words(HowDecided, blank=True)
    risk = words(Risk)
    possible_risks = models.CharField(max_length=60)
    caix_level = words(CaixLevel)
    compartment = words(Compartment)
    eligibility = words(Eligibility)
    reasons = models.CharField(max_length=120, blank=True)
    missing = models.CharField(max_length=120, blank=True)
    computed_at = models.DateTimeField()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["specimen", "model", "edition", "digest"], name="score_once")]
        indexes = [models.Index(fields=["specimen", "model", "edition", "-id"])]

    def __str__(self) -> str:
        return f"{self.specimen} {self.edition}"


class PatientScore(models.Model):
    """Which specimen's score speaks for the patient, and why. The latest of an edition is the current one."""

    append_only = True

    patient = owned("specimens.Patient", related_name="scores", db_index=False)
    score = owned("scoring.Score", related_name="patient_scores", null=True)
    basis = words(Basis)
    because = models.CharField(max_length=200, help_text="why this specimen: a sentence's end")
    model = models.CharField(max_length=40)
    edition = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of(Basis, "basis", "patient_score_basis_known"),
            models.UniqueConstraint(fields=["patient", "model", "edition", "digest"], name="patient_score_once"),
        ]
        indexes = [models.Index(fields=["patient", "model", "edition", "-id"])]

    def __str__(self) -> str:
        return f"{self.patient} {self.basis}"
