"""Where in the house a block or slide stands. What stands where *now* is a row per occupied position, so that the
database itself keeps two things out of one place; what was moved when is append-only beside it."""

from django.db import models
from django.db.models import Q

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import PlaceKind

ONE_THING = Q(block__isnull=False, slide__isnull=True) | Q(block__isnull=True, slide__isnull=False)


class StoragePlace(models.Model):
    """A room, a cabinet in it, a drawer in that. Only drawers have positions: 1 to `positions`, `columns` a row."""

    accession = models.CharField(max_length=24, unique=True)
    kind = words(PlaceKind)
    parent = owned("self", related_name="places", null=True, blank=True)
    name = models.CharField(max_length=40)
    positions = models.PositiveIntegerField(default=0)
    columns = models.PositiveSmallIntegerField(default=10)
    added_at = models.DateTimeField()
    added_by = person()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of(PlaceKind, "kind", "place_kind_known"),
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="place_name_once",
                violation_error_message="There is a place of that name here already.",
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(parent__isnull=True),
                name="room_name_once",
                violation_error_message="There is a room of that name already.",
            ),
            models.CheckConstraint(
                condition=Q(kind=PlaceKind.DRAWER, positions__gte=1) | ~Q(kind=PlaceKind.DRAWER) & Q(positions=0),
                name="drawers_have_positions",
                violation_error_message="A drawer has positions; a room and a cabinet have none.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent} / {self.name}" if self.parent_id else self.name


class Standing(models.Model):
    """What stands at a position now. Removed when the thing is taken out; `Move` keeps the history."""

    place = owned("specimens.StoragePlace", related_name="standing")
    position = models.PositiveIntegerField()
    block = models.OneToOneField(
        "specimens.Block", on_delete=models.PROTECT, related_name="standing", null=True, blank=True
    )
    slide = models.OneToOneField(
        "specimens.Slide", on_delete=models.PROTECT, related_name="standing", null=True, blank=True
    )
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "position"],
                name="position_holds_one",
                violation_error_message="Something stands at that position already.",
            ),
            models.CheckConstraint(condition=ONE_THING, name="standing_of_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.block or self.slide} at {self.place} {self.position}"


class Move(models.Model):
    """That a thing was put somewhere, or (no place) taken out."""

    append_only = True

    block = owned("specimens.Block", related_name="moves", null=True, blank=True)
    slide = owned("specimens.Slide", related_name="moves", null=True, blank=True)
    place = owned("specimens.StoragePlace", related_name="moves", null=True, blank=True)
    position = models.PositiveIntegerField(null=True, blank=True)
    moved_at = models.DateTimeField()
    moved_by = person()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=ONE_THING, name="move_of_one_thing")]

    def __str__(self) -> str:
        return f"{self.block or self.slide} to {self.place or 'hand'}"
