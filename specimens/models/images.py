"""Pictures of slides, verified and stripped of metadata before they are kept."""

from django.db import models

from specimens.models.fields import owned, person


class SlideImage(models.Model):
    slide = owned("specimens.Slide", related_name="images")
    sha256 = models.CharField(max_length=64, help_text="of the bytes as uploaded")
    file = models.CharField(max_length=200, help_text="internal name in the media store")
    thumbnail = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
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
