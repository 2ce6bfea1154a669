"""What was done to the glass: reagent lots, stain runs, their controls; and estimates of what a section holds."""

from django.db import models
from django.db.models import Q

from specimens.models.fields import one_of, owned, percent, person, words
from specimens.vocabulary import ControlKind, EstimateSource, Stain


class ReagentLot(models.Model):
    """One lot of an antibody (or of the H&E reagents)."""

    stain = words(Stain)
    clone = models.CharField(max_length=60, blank=True)
    supplier = models.CharField(max_length=120, blank=True)
    lot = models.CharField(max_length=60)
    expires_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of(Stain, "stain", "lot_stain_known"),
            models.UniqueConstraint(
                fields=["stain", "clone", "lot"],
                name="lot_once",
                violation_error_message="This reagent lot is recorded already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clone} lot {self.lot}".strip()


class StainRun(models.Model):
    """A batch of slides stained together beside its control slides."""

    accession = models.CharField(max_length=24, unique=True)
    stain = words(Stain)
    lot = owned("specimens.ReagentLot", related_name="runs")
    assay = owned("specimens.AssayVersion", related_name="runs", null=True, blank=True)
    dilution = models.CharField(max_length=20, blank=True)
    retrieval = models.CharField(max_length=120, blank=True)
    platform = models.CharField(max_length=80, blank=True)
    stained_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = person()
    synthetic = models.BooleanField(default=False)

    class Meta:
        constraints = [one_of(Stain, "stain", "run_stain_known")]

    def __str__(self) -> str:
        return self.accession


class ControlSlide(models.Model):
    """A control slide that was stained in a run beside the patients' slides."""

    append_only = True

    run = owned("specimens.StainRun", related_name="control_slides")
    kind = words(ControlKind)
    label = models.CharField(max_length=60)

    class Meta:
        constraints = [
            one_of(ControlKind, "kind", "control_slide_kind_known"),
            models.UniqueConstraint(
                fields=["run", "kind", "label"],
                name="control_slide_once",
                violation_error_message="This control slide stands twice in the run.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} control {self.label} of {self.run}"


class Staining(models.Model):
    """That a slide was in a run. A slide is stained once; a restain is a new slide."""

    append_only = True

    slide = models.OneToOneField("specimens.Slide", on_delete=models.PROTECT, related_name="staining")
    run = owned("specimens.StainRun", related_name="stainings")
    section_age_days = models.IntegerField(null=True, help_text="stain date less cut date; blank: cut unknown")
    age_override_reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.slide} in {self.run}"


class ControlResult(models.Model):
    """What an external control slide of a run showed. The latest of each kind counts; none is overwritten."""

    append_only = True

    run = owned("specimens.StainRun", related_name="controls")
    kind = words(ControlKind)
    passed = models.BooleanField()
    observed_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = person()
    reason = models.TextField(blank=True, help_text="why an earlier result no longer stands")

    class Meta:
        constraints = [one_of(ControlKind, "kind", "control_kind_known")]
        indexes = [models.Index(fields=["run", "kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.run} {self.kind} {'passed' if self.passed else 'failed'}"


class CompositionEstimate(models.Model):
    """What somebody estimated a slide (the core) or a specimen (its site) to be made of, in percent.

    A fact about tissue composition, not a read: it never enters a score.
    """

    append_only = True

    PERCENTS = (
        "tumour_cells",
        "tumour_nuclei",
        "normal_cells",
        "stromal_cells",
        "necrosis",
        "lymphocytes",
        "monocytes",
        "neutrophils",
    )

    slide = owned("specimens.Slide", related_name="estimates", null=True, blank=True)
    specimen = owned("specimens.Specimen", related_name="estimates", null=True, blank=True)
    source = words(EstimateSource)
    row = models.CharField(max_length=60, blank=True, help_text="the source's own row, for tracing")
    tumour_cells = percent()
    tumour_nuclei = percent()
    normal_cells = percent()
    stromal_cells = percent()
    necrosis = percent()
    lymphocytes = percent()
    monocytes = percent()
    neutrophils = percent()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of(EstimateSource, "source", "estimate_source_known"),
            models.CheckConstraint(
                condition=Q(slide__isnull=False, specimen__isnull=True) | Q(slide__isnull=True, specimen__isnull=False),
                name="estimate_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["source", "row"],
                condition=~Q(row=""),
                name="estimate_row_once",
                violation_error_message="This row of estimates is recorded already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} estimate of {self.slide or self.specimen}"
