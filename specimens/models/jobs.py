"""The job table: an outbox written in the deed's own transaction. The broker only carries nudges."""

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """One piece of work that is due. `key` names the fact that asks for it, so asking twice is asking once."""

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    queue = models.CharField(max_length=20, default="interactive")
    arguments = models.JSONField()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    holder = models.CharField(max_length=120, blank=True, help_text="host:process:claim of who does it now")
    attempts = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True, help_text="given up after too many attempts; see `cause`")
    cause = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="job_unfinished",
                condition=Q(done_at__isnull=True, parked_at__isnull=True),
            ),
            models.Index(fields=["done_at"], name="job_done", condition=Q(done_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.key


class Watch(models.Model):
    """What only one process does at a time, as sending out the sweeps; whoever holds it says so again and again."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=120, blank=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
