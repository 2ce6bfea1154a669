"""Labels that were printed: every print is on record, and every print after the first says why."""

from django.db import models
from django.db.models import Q

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import LabelFormat


class LabelPrint(models.Model):
    """That a label of a block or slide was printed; `copy` counts from 1."""

    append_only = True

    block = owned("specimens.Block", related_name="labels", null=True, blank=True)
    slide = owned("specimens.Slide", related_name="labels", null=True, blank=True)
    batch = models.UUIDField(help_text="one file: what was printed together, so that asking twice prints once")
    place = models.PositiveIntegerField(help_text="of the label in its file, from 1; on sheets, the first may be later")
    copy = models.PositiveSmallIntegerField()
    format = words(LabelFormat)
    stock = models.CharField(max_length=40)
    reason = models.CharField(max_length=200, blank=True)
    printed_at = models.DateTimeField()
    printed_by = person()

    class Meta:
        constraints = [
            one_of(LabelFormat, "format", "label_format_known"),
            models.CheckConstraint(
                condition=Q(block__isnull=False, slide__isnull=True) | Q(block__isnull=True, slide__isnull=False),
                name="label_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(copy=1) | ~Q(reason=""),
                name="reprint_needs_reason",
                violation_error_message="Say why a label is printed again.",
            ),
            models.UniqueConstraint(
                fields=["batch", "place"],
                name="label_place_once",
                violation_error_message="These labels were printed a moment ago.",
            ),
            models.UniqueConstraint(
                fields=["block", "copy"],
                condition=Q(block__isnull=False),
                name="block_label_copy_once",
                violation_error_message="Somebody printed this label a moment ago.",
            ),
            models.UniqueConstraint(
                fields=["slide", "copy"],
                condition=Q(slide__isnull=False),
                name="slide_label_copy_once",
                violation_error_message="Somebody printed this label a moment ago.",
            ),
        ]

    def __str__(self) -> str:
        return f"label {self.copy} of {self.block or self.slide}"
