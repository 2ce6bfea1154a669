"""Small makers of columns, so that every table spells the same thing the same way."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


def words(enum: type[StrEnum], **kwargs: Any) -> models.CharField:
    """A column that holds one word of a vocabulary."""
    choices = [(word.value, word.value.replace("_", " ")) for word in enum]
    return models.CharField(max_length=32, choices=choices, **kwargs)


def one_of(enum: type[StrEnum], column: str, name: str) -> models.CheckConstraint:
    """The law behind `words`: the database refuses any other word."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__in": [word.value for word in enum]}),
        name=name,
        violation_error_message=f"{column} must be one of: {', '.join(w.value for w in enum if w.value)}.",
    )


def person(**kwargs: Any) -> models.ForeignKey:
    """Who did it. People are deactivated, never deleted."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **kwargs)


def owned(to: str, **kwargs: Any) -> models.ForeignKey:
    """A reference to something regulated, which is never deleted."""
    return models.ForeignKey(to, on_delete=models.PROTECT, **kwargs)


def percent(**kwargs: Any) -> models.DecimalField:
    """A percentage, 0 to 100; blank is unknown and never 0."""
    return models.DecimalField(
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        **kwargs,
    )
