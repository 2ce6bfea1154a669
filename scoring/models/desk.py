"""A reader's desk: who is to read what, what is typed and not signed yet, what was marked on the slide."""

from django.db import models
from django.db.models import F, Q

from scoring.vocabulary import AssignedHow, MarkKind
from specimens.models.fields import one_of, owned, person, words


class Assignment(models.Model):
    """That somebody is to read a case: by the rule, or by hand with a reason."""

    append_only = True

    case = owned("scoring.ReadingCase", related_name="assignments")
    reader = person()
    how = words(AssignedHow)
    reason = models.TextField(blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = person(null=True)

    class Meta:
        constraints = [
            one_of(AssignedHow, "how", "assigned_how_known"),
            models.CheckConstraint(
                condition=Q(how=AssignedHow.RULE) | ~Q(reason=""),
                name="assigned_by_hand_with_reason",
                violation_error_message="Say why the case is given to this reader.",
            ),
        ]
        indexes = [models.Index(fields=["reader", "-id"])]

    def __str__(self) -> str:
        return f"{self.case} to a reader"


class AssignmentEnd(models.Model):
    """That an assignment was taken back before it was read."""

    append_only = True

    assignment = models.OneToOneField("scoring.Assignment", on_delete=models.PROTECT, related_name="end")
    reason = models.TextField()
    ended_at = models.DateTimeField()
    ended_by = person(null=True)

    def __str__(self) -> str:
        return f"{self.assignment}, taken back"


class ReadingPlan(models.Model):
    """How a trial's cases are given out and come back, from the moment it was set: the latest counts."""

    append_only = True

    trial = owned("specimens.Trial", related_name="reading_plans")
    assigns = models.BooleanField(default=False, help_text="cases are given to readers by the rule when they open")
    repeat_share = models.DecimalField(
        max_digits=4, decimal_places=3, help_text="of a reader's concluded reads that come back, 0 to 1"
    )
    wash_out_days = models.PositiveSmallIntegerField(help_text="between two reads of one slide by one reader")
    set_at = models.DateTimeField()
    set_by = person(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(repeat_share__gte=0, repeat_share__lte=1),
                name="plan_share_of_one",
                violation_error_message="The share of repeats lies between 0 and 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"reading plan of {self.trial}"


class Draft(models.Model):
    """What a reader has typed of a case and not signed. `version` rises with every save; a save that names an older
    one is refused. It goes when the read is signed: the read then says it all."""

    case = owned("scoring.ReadingCase", related_name="drafts")
    reader = person()
    typed = models.JSONField(default=dict, help_text="field to text, as typed")
    version = models.PositiveIntegerField(default=0)
    window = models.CharField(max_length=36, blank=True, help_text="the browser window that saved last")
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reader"],
                name="draft_once",
                violation_error_message="A draft of this case is being kept already; look at the case again.",
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.case}"


class Mark(models.Model):
    """A point or a region that a reader set on the slide's image, with a note: as blind as the read it belongs to.

    `shape` holds image pixels at full resolution: [[x, y]] for a point, the corners of a polygon for a region.
    """

    case = owned("scoring.ReadingCase", related_name="marks")
    image = owned("specimens.SlideImage", related_name="+")
    reader = person()
    kind = words(MarkKind)
    shape = models.JSONField()
    note = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of(MarkKind, "kind", "mark_kind_known"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(removed_at__gte=F("made_at")), name="mark_removed_after"
            ),
        ]
        indexes = [models.Index(fields=["case", "reader"])]

    def __str__(self) -> str:
        return f"{self.kind} on {self.case}"


class SlideRefusal(models.Model):
    """That a reader declared a slide unfit and asked the bench for a recut or a restain."""

    append_only = True

    case = owned("scoring.ReadingCase", related_name="refusals")
    reader = person()
    order = owned("specimens.CuttingOrder", related_name="+")
    reason = models.TextField()
    refused_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reader"],
                name="slide_refused_once",
                violation_error_message="You have asked for another slide of this case already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} refused"
