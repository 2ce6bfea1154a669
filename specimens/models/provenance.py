"""Whence tissue comes: institutions, trials, patients, consent, specimens."""

from django.db import models
from django.db.models import Q

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import (
    ConsentScope,
    CorrectionKind,
    InstitutionRole,
    Laterality,
    Preservation,
    SpecimenKind,
)


class Institution(models.Model):
    """A treating site, a tissue-holding site, a core; often more than one of them."""

    code = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60, default="UTC")
    loan_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="how long its loans last unless its parcel says otherwise; blank: the trial's"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="institution_code_once",
                violation_error_message="An institution with this code exists already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class InstitutionDuty(models.Model):
    """That an institution plays one of the three roles."""

    institution = owned("specimens.Institution", related_name="duties")
    role = words(InstitutionRole)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            one_of(InstitutionRole, "role", "duty_role_known"),
            models.UniqueConstraint(
                fields=["institution", "role"],
                name="duty_once",
                violation_error_message="This institution has that role already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.role}"


class Trial(models.Model):
    """A trial whose tissue this core reads. Section-age limits and readers a case are its protocol's."""

    code = models.CharField(max_length=24)
    title = models.CharField(max_length=300)
    readers_per_case = models.PositiveSmallIntegerField(default=2)
    section_age_warn_days = models.PositiveSmallIntegerField(default=42)
    section_age_limit_days = models.PositiveSmallIntegerField(default=90)
    loan_days = models.PositiveSmallIntegerField(default=90, help_text="how long a loan lasts unless somebody says")
    closed_on = models.DateField(null=True, blank=True)
    synthetic = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="trial_code_once",
                violation_error_message="A trial with this code exists already.",
            ),
            models.CheckConstraint(
                condition=Q(readers_per_case__in=[1, 2]),
                name="trial_one_or_two_readers",
                violation_error_message="A case is read by one or two readers.",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Patient(models.Model):
    """A trial patient, by study id only."""

    trial = owned("specimens.Trial", related_name="patients")
    study_id = models.CharField(max_length=40)
    treating_site = owned("specimens.Institution", related_name="+")
    enrolled_on = models.DateField(null=True, blank=True)
    enrolled_at = models.DateTimeField()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "study_id"],
                name="patient_study_id_once",
                violation_error_message="A patient with this study id is enrolled in this trial already.",
            )
        ]

    def __str__(self) -> str:
        return self.study_id


class PatientMerge(models.Model):
    """That two records were one person: what hung on `duplicate` hangs on `survivor` since."""

    append_only = True

    duplicate = models.OneToOneField("specimens.Patient", on_delete=models.PROTECT, related_name="merge")
    survivor = owned("specimens.Patient", related_name="+")
    merged_at = models.DateTimeField()
    merged_by = person()
    reason = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(duplicate=models.F("survivor")),
                name="merge_of_two",
                violation_error_message="A patient cannot be merged into itself.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.duplicate} into {self.survivor}"


class Correction(models.Model):
    """That a thing hung in the wrong place and was moved: from, to, why. The thing's own row shows the new place."""

    append_only = True

    kind = words(CorrectionKind)
    thing_id = models.BigIntegerField()
    label = models.CharField(max_length=60)
    was = models.CharField(max_length=60)
    became = models.CharField(max_length=60)
    corrected_at = models.DateTimeField()
    corrected_by = person()
    reason = models.TextField()

    class Meta:
        constraints = [one_of(CorrectionKind, "kind", "correction_kind_known")]
        indexes = [models.Index(fields=["kind", "thing_id"])]

    def __str__(self) -> str:
        return f"{self.label}: {self.was} to {self.became}"


class Consent(models.Model):
    append_only = True

    patient = owned("specimens.Patient", related_name="consents")
    scope = words(ConsentScope)
    version = models.CharField(max_length=40)
    given_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = person()

    class Meta:
        constraints = [
            one_of(ConsentScope, "scope", "consent_scope_known"),
            models.UniqueConstraint(
                fields=["patient", "scope", "version"],
                name="consent_once",
                violation_error_message="This consent is recorded already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient} {self.scope}"


class ConsentWithdrawal(models.Model):
    append_only = True

    consent = models.OneToOneField("specimens.Consent", on_delete=models.PROTECT, related_name="withdrawal")
    withdrawn_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = person()
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.consent} withdrawn {self.withdrawn_on}"


class Specimen(models.Model):
    """One tumour (or normal tissue) from one procedure."""

    accession = models.CharField(max_length=24, unique=True)
    patient = owned("specimens.Patient", related_name="specimens")
    kind = words(SpecimenKind)
    topography = models.CharField(max_length=8, default="C64.9", help_text="ICD-O-3")
    laterality = words(Laterality, blank=True)
    procedure = models.CharField(max_length=80, blank=True)
    procedure_on = models.DateField(null=True, blank=True)
    preservation = words(Preservation, blank=True)
    holding_site = owned("specimens.Institution", related_name="+")
    site_label = models.CharField(max_length=60, blank=True, help_text="the sender's label, not a hospital number")
    accessioned_at = models.DateTimeField()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(SpecimenKind, "kind", "specimen_kind_known"),
            one_of(Laterality, "laterality", "specimen_laterality_known"),
            one_of(Preservation, "preservation", "specimen_preservation_known"),
            models.UniqueConstraint(
                fields=["patient", "site_label"],
                condition=~Q(site_label=""),
                name="specimen_label_once",
                violation_error_message="This patient has a specimen with that label already.",
            ),
        ]

    def __str__(self) -> str:
        return self.accession


class HospitalNumber(models.Model):
    """The holding site's own accession number: identifying. Coordinators see it; readers and statisticians never."""

    specimen = models.OneToOneField("specimens.Specimen", on_delete=models.PROTECT, related_name="hospital_number")
    number = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"of {self.specimen}"
