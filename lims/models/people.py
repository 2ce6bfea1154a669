"""People and what they may do. A role is granted and revoked by rows, never edited."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from lims.vocabulary import Role
from specimens.models.fields import one_of, words
from specimens.scope import Scope


class User(AbstractUser):
    """Somebody who signs in. Deactivated, never deleted; the name is the one printed beside a signature."""

    @property
    def printed_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def scope(self) -> Scope:
        from lims.people import scope_of

        return scope_of(self)

    @property
    def has_second_factor(self) -> bool:
        from lims.second_factor import is_enrolled

        return is_enrolled(self)

    def __str__(self) -> str:
        return self.printed_name


class RoleGrant(models.Model):
    """That somebody has a role: at one institution, or (blank) at the core, over every site."""

    append_only = True

    user = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="grants")
    role = words(Role)
    institution = models.ForeignKey("specimens.Institution", on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [one_of(Role, "role", "grant_role_known")]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class RoleRevocation(models.Model):
    append_only = True

    grant = models.OneToOneField("lims.RoleGrant", on_delete=models.PROTECT, related_name="revocation")
    revoked_at = models.DateTimeField()
    revoked_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.grant} revoked"
