"""The end of tissue: proposed by one person, confirmed by another."""

from django.db import models
from django.db.models import F, Q

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import DisposalKind


class Disposal(models.Model):
    """A proposal to destroy a block or slide, or to write it off as used up. Open until it is answered."""

    append_only = True

    block = owned("specimens.Block", related_name="disposals", null=True, blank=True)
    slide = owned("specimens.Slide", related_name="disposals", null=True, blank=True)
    kind = words(DisposalKind)
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = person()

    class Meta:
        constraints = [
            one_of(DisposalKind, "kind", "disposal_kind_known"),
            models.CheckConstraint(
                condition=Q(block__isnull=False, slide__isnull=True) | Q(block__isnull=True, slide__isnull=False),
                name="disposal_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.block or self.slide}"


class DisposalAnswer(models.Model):
    """The second person's word. `proposed_by` stands here again so that the database can hold the two apart."""

    append_only = True

    disposal = models.OneToOneField("specimens.Disposal", on_delete=models.PROTECT, related_name="answer")
    confirmed = models.BooleanField()
    reason = models.TextField(blank=True)
    proposed_by = person()
    answered_at = models.DateTimeField()
    answered_by = person()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(answered_by=F("proposed_by")) | Q(confirmed=False),
                name="disposal_by_two",
                violation_error_message="A second person confirms: not the one who proposed it.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.disposal} {'confirmed' if self.confirmed else 'refused'}"
