"""What the desk remembers for its people and programs: saved views, and answers to writes that may be sent again."""

from django.db import models


class SavedView(models.Model):
    """A list with its filters, under a name of its owner's own."""

    owner = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "page", "name"],
                name="view_name_once",
                violation_error_message="You have a view of that name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RememberedAnswer(models.Model):
    """What was answered to a write that carried an `Idempotency-Key`, so that sending it again does nothing twice."""

    person = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64, help_text="of method, path and body")
    status = models.PositiveSmallIntegerField(null=True, help_text="blank while the first is under way")
    body = models.BinaryField(default=b"")
    asked_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="answer_key_once")]

    def __str__(self) -> str:
        return self.key
