"""The quality of reading: training sets with a known answer, qualifications, measurements beside the read."""

from django.db import models

from scoring.rules.vocabulary import Assay
from scoring.vocabulary import QualifiedHow
from specimens.models.fields import one_of, owned, person, words


class TrainingSet(models.Model):
    """Slides with a known answer. Who reads enough of them rightly is qualified for that assay version."""

    name = models.CharField(max_length=60)
    assay = words(Assay)
    assay_version = owned("specimens.AssayVersion", related_name="+", null=True, blank=True)
    pass_share = models.DecimalField(max_digits=4, decimal_places=3, help_text="of items answered rightly, 0 to 1")
    within_points = models.DecimalField(
        max_digits=4, decimal_places=1, default=10, help_text="a percentage this near to the answer is right"
    )
    valid_days = models.PositiveSmallIntegerField(default=365)
    made_at = models.DateTimeField()
    made_by = person()
    closed_at = models.DateTimeField(null=True, blank=True)
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(Assay, "assay", "training_assay_known"),
            models.UniqueConstraint(
                fields=["name"],
                name="training_name_once",
                violation_error_message="There is a training set of that name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TrainingItem(models.Model):
    """One slide of a set and its answer: canonical findings, as a read would say them."""

    training = owned("scoring.TrainingSet", related_name="items")
    number = models.PositiveSmallIntegerField()
    slide = owned("specimens.Slide", related_name="+")
    answer = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["training", "number"], name="training_number_once"),
            models.UniqueConstraint(
                fields=["training", "slide"],
                name="training_slide_once",
                violation_error_message="This slide is in the set already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training} {self.number}"


class TrainingAnswer(models.Model):
    """What a reader said of one item in one try. The try passes or fails once every item is answered."""

    append_only = True

    item = owned("scoring.TrainingItem", related_name="answers")
    reader = person()
    attempt = models.PositiveSmallIntegerField()
    findings = models.JSONField()
    signed_name = models.CharField(max_length=310)
    digest = models.CharField(max_length=64)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "reader", "attempt"],
                name="training_answer_once",
                violation_error_message="You have answered this one already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} try {self.attempt}"


class Qualification(models.Model):
    """That somebody may read an assay version, from a day to a day: by passing a training set, or by hand."""

    append_only = True

    reader = person()
    assay = words(Assay)
    assay_version = owned("specimens.AssayVersion", related_name="+", null=True, blank=True)
    how = words(QualifiedHow)
    training = owned("scoring.TrainingSet", related_name="qualifications", null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(null=True)
    share = models.DecimalField(max_digits=4, decimal_places=3, null=True)
    reason = models.TextField(blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = person(null=True)

    class Meta:
        constraints = [
            one_of(Assay, "assay", "qualified_assay_known"),
            one_of(QualifiedHow, "how", "qualified_how_known"),
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("valid_from")),
                name="qualified_until_after_from",
                violation_error_message="A qualification ends on or after the day it begins.",
            ),
            models.UniqueConstraint(
                fields=["reader", "training", "attempt"],
                condition=models.Q(training__isnull=False),
                name="qualified_by_try_once",
            ),
        ]
        indexes = [models.Index(fields=["reader", "assay", "-id"])]

    def __str__(self) -> str:
        return f"{self.assay} until {self.valid_until}"


class QualificationEnd(models.Model):
    append_only = True

    qualification = models.OneToOneField("scoring.Qualification", on_delete=models.PROTECT, related_name="end")
    reason = models.TextField()
    ended_at = models.DateTimeField()
    ended_by = person()

    def __str__(self) -> str:
        return f"{self.qualification}, ended"


class Measurement(models.Model):
    """What colour deconvolution measures on the region a reader marked, after the read was signed.

    A check of quality: it never enters a score.
    """

    append_only = True

    read = models.OneToOneField("scoring.Read", on_delete=models.PROTECT, related_name="measurement")
    image = owned("specimens.SlideImage", related_name="+")
    region = models.JSONField(help_text="the polygon measured, in image pixels")
    method = models.CharField(max_length=80)
    positive_area = models.DecimalField(max_digits=7, decimal_places=4, null=True, help_text="percent of tissue area")
    nuclei = models.PositiveIntegerField(null=True)
    apart = models.DecimalField(max_digits=7, decimal_places=4, null=True, help_text="points from the read")
    cause = models.CharField(max_length=200, blank=True, help_text="why nothing could be measured")
    measured_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"measurement of {self.read}"
