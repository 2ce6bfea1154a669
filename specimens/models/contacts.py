"""Whom to write to and by whose courier, at each institution."""

from django.db import models

from specimens.models.fields import one_of, owned, person, words
from specimens.vocabulary import ContactDuty


class Contact(models.Model):
    """Somebody at an institution. Kept when they leave: `ended_at` says when."""

    institution = owned("specimens.Institution", related_name="contacts")
    duty = words(ContactDuty, default=ContactDuty.PATHOLOGY)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    postal_address = models.CharField(max_length=300, blank=True)
    added_at = models.DateTimeField()
    added_by = person()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [one_of(ContactDuty, "duty", "contact_duty_known")]

    def __str__(self) -> str:
        return self.name


class CourierAccount(models.Model):
    """The number under which a courier carries an institution's parcels."""

    institution = owned("specimens.Institution", related_name="courier_accounts")
    courier = models.CharField(max_length=60)
    account = models.CharField(max_length=60)
    note = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField()
    added_by = person()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "courier", "account"],
                condition=models.Q(ended_at__isnull=True),
                name="courier_account_once",
                violation_error_message="This courier account is on record already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.courier} {self.account}"
