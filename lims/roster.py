"""Reads over people and their roles, for the administrator's pages."""

from dataclasses import dataclass

from django.db.models import Prefetch

from lims.models import RoleGrant, User
from specimens.errors import Unknown


@dataclass(frozen=True, slots=True)
class PersonRow:
    pk: int
    name: str
    username: str
    roles: list[str]
    active: bool


def people() -> list[PersonRow]:
    """Everybody by name, with the roles that stand. Two queries."""
    standing = RoleGrant.objects.filter(revocation__isnull=True).select_related("institution").order_by("id")
    found = User.objects.prefetch_related(Prefetch("grants", standing, to_attr="held"))
    rows = [
        PersonRow(
            user.pk,
            user.printed_name,
            user.username,
            [f"{g.role} at {g.institution}" if g.institution else g.role for g in user.held],
            user.is_active,
        )
        for user in found
    ]
    return sorted(rows, key=lambda row: row.name.casefold())


def one(pk: int) -> User:
    found = User.objects.filter(pk=pk).first()
    if found is None:
        raise Unknown("unknown_person", "There is no such person.")
    return found


def grants_of(user: User) -> list[RoleGrant]:
    """Every grant the person ever had, oldest first, with its end."""
    found = RoleGrant.objects.filter(user=user)
    return list(found.select_related("institution", "granted_by", "revocation__revoked_by").order_by("id"))
