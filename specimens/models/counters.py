"""One counter row per prefix: numbers are taken inside the deed's transaction, so a refusal skips none."""

from django.db import models


class Counter(models.Model):
    prefix = models.CharField(max_length=8, primary_key=True)
    last = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.prefix} {self.last}"
