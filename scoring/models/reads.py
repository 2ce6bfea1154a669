"""Cases, signed reads, comparisons. A case's phase is nowhere stored: see scoring.phases."""

from django.db import models
from django.db.models import F, Q

from scoring.rules.vocabulary import Assay
from scoring.vocabulary import ReadRole
from specimens.models.fields import one_of, owned, person, words


class ReadingCase(models.Model):
    """One specimen x one assay, read on one designated stained slide.

    A case that `repeats` another shows the same slide to one of its readers again; it never enters a score.
    """

    code = models.CharField(max_length=8, help_text="random, so that it tells a reader nothing")
    specimen = owned("specimens.Specimen", related_name="cases")
    slide = owned("specimens.Slide", related_name="cases")
    assay = words(Assay)
    readers_required = models.PositiveSmallIntegerField(default=2)
    repeats = owned("self", related_name="repetitions", null=True, blank=True)
    opened_at = models.DateTimeField()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(Assay, "assay", "case_assay_known"),
            models.UniqueConstraint(
                fields=["code"],
                name="case_code_once",
                violation_error_message="That case code was drawn twice; open the case again.",
            ),
            models.UniqueConstraint(
                fields=["slide", "assay"],
                condition=Q(repeats__isnull=True),
                name="case_once",
                violation_error_message="This slide has a case for that assay already.",
            ),
        ]
        indexes = [models.Index(fields=["specimen", "assay", "-id"])]

    def __str__(self) -> str:
        return self.code


class Comparison(models.Model):
    """That two signed reads were held against each other under an edition, and in what they differ."""

    append_only = True

    case = owned("scoring.ReadingCase", related_name="comparisons")
    first = owned("scoring.Read", related_name="+")
    second = owned("scoring.Read", related_name="+")
    edition = models.CharField(max_length=40)
    discordant = models.BooleanField()
    discordances = models.JSONField(help_text="codes, in the rule's order; empty when concordant")
    compared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second", "edition"],
                name="comparison_once",
                violation_error_message="These two reads were compared a moment ago; look at the case again.",
            ),
            models.CheckConstraint(condition=~Q(first=F("second")), name="comparison_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {'discordant' if self.discordant else 'concordant'}"


class Read(models.Model):
    """A signed read. It exists only once signed; it is corrected by a read that supersedes it."""

    append_only = True

    case = owned("scoring.ReadingCase", related_name="reads")
    reader = person()
    role = words(ReadRole)
    slot = models.PositiveSmallIntegerField(help_text="1 and 2 for the readers, 3 for who decides")
    findings = models.JSONField(help_text="canonical findings: rules.findings.to_mapping")
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="successor")
    reason = models.TextField(blank=True, help_text="why it supersedes")
    comparison = owned("scoring.Comparison", related_name="decisions", null=True)
    present = models.TextField(blank=True, help_text="who was at the consensus meeting")
    downtime_form = owned("specimens.DowntimeForm", related_name="+", null=True, blank=True)
    signed_name = models.CharField(max_length=310)
    meaning = models.CharField(max_length=60)
    method = models.CharField(max_length=60, help_text="what the signer proved: password, or synthetic")
    signed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    digest = models.CharField(max_length=64, help_text="SHA-256 over what the signature binds together")
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(ReadRole, "role", "read_role_known"),
            models.UniqueConstraint(
                fields=["case", "slot"],
                condition=Q(supersedes__isnull=True, slot__in=[1, 2]),
                name="read_slot_once",
                violation_error_message="This case has both its reads already.",
            ),
            models.UniqueConstraint(
                fields=["case", "reader"],
                condition=Q(supersedes__isnull=True, slot__in=[1, 2]),
                name="read_reader_once",
                violation_error_message="You have read this case already; its second reader is another.",
            ),
            models.UniqueConstraint(
                fields=["comparison"],
                condition=Q(supersedes__isnull=True, comparison__isnull=False),
                name="read_decision_once",
                violation_error_message="This disagreement has been decided already.",
            ),
            models.CheckConstraint(
                condition=Q(role="reader", slot__in=[1, 2], comparison__isnull=True)
                | (~Q(role="reader") & Q(slot=3, comparison__isnull=False)),
                name="read_slot_fits_role",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(reason=""),
                name="read_amended_with_reason",
                violation_error_message="A read is superseded only with a reason.",
            ),
        ]
        indexes = [models.Index(fields=["reader", "-id"])]

    def __str__(self) -> str:
        return f"{self.case} {self.role} {self.slot}"


class TherapyStart(models.Model):
    """When systemic therapy began. Never shown to readers; the latest recorded counts."""

    append_only = True

    patient = owned("specimens.Patient", related_name="therapy_starts")
    started_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = person()

    def __str__(self) -> str:
        return f"{self.patient} {self.started_on}"
