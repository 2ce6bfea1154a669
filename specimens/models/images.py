"""Pictures of slides, verified and stripped of metadata before they are kept."""

from django.db import models

from specimens.models.fields import owned, person


class SlideImage(models.Model):
    """A picture of a slide, or a whole-slide file. The viewer is served tiles; `Tiling` says when they are cut."""

    slide = owned("specimens.Slide", related_name="images")
    sha256 = models.CharField(max_length=64, help_text="of the bytes as uploaded")
    file = models.CharField(max_length=200, help_text="internal name in the media store")
    thumbnail = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    whole_slide = models.BooleanField(default=False, help_text="a pyramid read by OpenSlide, original kept")
    bytes = models.BigIntegerField(null=True, blank=True, help_text="of the original as uploaded")
    mpp = models.FloatField(null=True, blank=True, help_text="micrometres a pixel at full resolution")
    magnification = models.FloatField(null=True, blank=True, help_text="of the objective, at full resolution")
    attached_at = models.DateTimeField()
    attached_by = person()
    demonstration = models.BooleanField(default=False, help_text="not this slide's own tissue")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slide", "sha256"],
                name="image_once",
                violation_error_message="This picture is attached to this slide already.",
            )
        ]

    def __str__(self) -> str:
        return f"image of {self.slide}"


class Tiling(models.Model):
    """That the tiles of an image are all cut and kept under `folder`."""

    append_only = True

    image = models.OneToOneField("specimens.SlideImage", on_delete=models.PROTECT, related_name="tiling")
    folder = models.CharField(max_length=200)
    tile_size = models.PositiveSmallIntegerField()
    overlap = models.PositiveSmallIntegerField()
    levels = models.PositiveSmallIntegerField()
    tiles = models.PositiveIntegerField()
    cut_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"tiles of {self.image}"
