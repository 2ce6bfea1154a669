"""What each role may do, whose tissue a person may meet, and the deeds over people.

A reader can never hold a role that shows outcomes: the grant itself is refused.
"""

from datetime import datetime

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q

from lims.models import RoleGrant, RoleRevocation, User
from lims.vocabulary import Role
from scoring.readers import Reader
from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import checked, deed, require
from specimens.errors import Invalid, Refused, Unknown
from specimens.models import Institution
from specimens.scope import EVERYTHING, Scope

TISSUE = {"specimens.view", "specimens.view_hospital_number", "specimens.announce", "specimens.view_ledger"}
PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.COORDINATOR: frozenset(
        TISSUE
        | {"specimens.enrol", "specimens.receive", "specimens.correct", "specimens.consent", "scoring.view_scores"}
        | {"specimens.request", "specimens.lend", "specimens.label", "specimens.store", "specimens.dispose"}
        | {"specimens.order_cutting", "specimens.keep_contacts", "specimens.view_flow", "scoring.assign"}
        | {"scoring.record_clinical", "scoring.view_clinical"}
    ),
    Role.HISTOTECHNOLOGIST: frozenset(
        {"specimens.view", "specimens.receive", "specimens.cut", "specimens.stain", "specimens.control"}
        | {"specimens.attach_image", "specimens.view_ledger", "specimens.label", "specimens.store"}
        | {"specimens.dispose", "specimens.order_cutting"}
    ),
    Role.PATHOLOGIST: frozenset({"scoring.sign_read"}),
    Role.ADJUDICATOR: frozenset({"scoring.adjudicate"}),
    Role.LEAD_PATHOLOGIST: frozenset(
        {"scoring.oversee", "scoring.assign", "scoring.view_agreement", "scoring.sign_report"}
    ),
    Role.STATISTICIAN: frozenset(
        {"specimens.view", "scoring.view_scores", "scoring.view_agreement", "lims.view_outcomes", "lims.export"}
        | {"lims.import_outcomes", "specimens.view_flow", "scoring.view_clinical"}
    ),
    Role.ADMINISTRATOR: frozenset(
        {"lims.administer", "specimens.view_ledger", "specimens.enrol", "specimens.view", "specimens.keep_contacts"}
        | {"specimens.view_flow", "scoring.rescore"}
    ),
}
READING = {Role.PATHOLOGIST, Role.ADJUDICATOR, Role.LEAD_PATHOLOGIST}
KNOWS_NAMES = {Role.ADJUDICATOR, Role.LEAD_PATHOLOGIST}


class RoleBackend(BaseBackend):
    """Answers `user.has_perm` from the person's standing grants, read once per user object. Its no is final."""

    def has_perm(self, user_obj: User | AnonymousUser, perm: str, obj: object = None) -> bool:
        if user_obj.is_active and any(perm in PERMISSIONS[role] for role in roles_of(user_obj)):
            return True
        raise PermissionDenied(perm)


def standing(user: User) -> list[RoleGrant]:
    """The person's grants that no revocation has ended, read once per user object."""
    if not hasattr(user, "_standing"):
        grants = RoleGrant.objects.filter(user_id=user.pk, revocation__isnull=True)
        user._standing = list(grants.select_related("institution").order_by("id"))  # type: ignore[attr-defined]
    return user._standing  # type: ignore[attr-defined]


def roles_of(user: User | AnonymousUser) -> list[Role]:
    return [] if isinstance(user, AnonymousUser) else list(dict.fromkeys(Role(grant.role) for grant in standing(user)))


def readers() -> list[Reader]:
    """Everybody active who may sign reads. One query."""
    able = [role for role in Role if "scoring.sign_read" in PERMISSIONS[role]]
    found = User.objects.filter(is_active=True, pk__in=RoleGrant.objects.filter(
        role__in=able, revocation__isnull=True).values("user_id"))  # fmt: skip
    return [Reader(user.pk, user.printed_name, user.username) for user in found]


def scope_of(user: User | AnonymousUser) -> Scope:
    """Everything for the core's own people; else what touches the institutions named in the person's grants."""
    grants = [] if isinstance(user, AnonymousUser) else standing(user)
    if any(grant.institution_id is None for grant in grants):
        return EVERYTHING
    return Scope(frozenset(grant.institution_id for grant in grants if grant.institution_id))


def who_may_at(perm: str, institution_id: int) -> list[User]:
    """The people who may do this at an institution: its own and the core's, by name."""
    able = [role for role, permissions in PERMISSIONS.items() if perm in permissions]
    grants = RoleGrant.objects.filter(role__in=able, revocation__isnull=True, user__is_active=True)
    here = grants.filter(Q(institution=None) | Q(institution_id=institution_id))
    found = User.objects.filter(pk__in=here.values("user_id"))
    return list(found.order_by("last_name", "first_name", "username"))


@deed
def add_person(*, by: Actor, at: datetime, username: str, name: str, password: str, role: Role,
               institution: Institution | None = None) -> User:  # fmt: skip
    """Add somebody with a first role. A user name is never used again for another person."""
    require(by, "lims.administer", "Only an administrator adds people.")
    first, _, last = name.strip().rpartition(" ")
    user = User(username=username, first_name=first, last_name=last, date_joined=at)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("weak_password", " ".join(error.messages), field="password") from error
    user.set_password(password)
    checked(user)
    if User.objects.filter(username__iexact=username).exists():
        raise Refused("username_taken", f"The user name {username} belongs to somebody already; choose another.")
    user.save()
    ledger.write([ledger.line("add person", user, f"{name} was added as {username}.")], by=by, at=at)
    grant_role(by=by, at=at, user=user, role=role, institution=institution)
    return user


@deed
def grant_role(*, by: Actor, at: datetime, user: User, role: Role, institution: Institution | None = None) -> RoleGrant:
    """Give a role. Reading cases and seeing outcomes exclude each other."""
    require(by, "lims.administer", "Only an administrator grants roles.")
    held = set(RoleGrant.objects.filter(user=user, revocation__isnull=True).values_list("role", flat=True))
    if (role in READING and held - READING) or (role not in READING and held & READING):
        raise Refused(
            "roles_exclude",
            f"{user} cannot be {role} beside {', '.join(sorted(held))}: who reads cases must hold no role that shows "
            "tissue origin or outcomes. Use a second person.",
        )
    if role in KNOWS_NAMES and held & (KNOWS_NAMES - {role}):
        raise Refused(
            "names_known",
            f"{user} cannot be {role} beside {', '.join(sorted(held))}: who gives cases to readers knows whose the "
            "reads are, and an adjudicator decides between reads without names. Use a second person.",
        )
    if RoleGrant.objects.filter(user=user, role=role, institution=institution, revocation__isnull=True).exists():
        raise Refused("role_held", f"{user} is {role} there already.")
    actor = by if isinstance(by, User) else None
    grant = RoleGrant.objects.create(user=user, role=role, institution=institution, granted_at=at, granted_by=actor)
    where = f" at {institution}" if institution else " at the core"
    ledger.write([ledger.line("grant role", user, f"{user} is {role}{where}.", became={"role": role})], by=by, at=at)
    return grant


@deed
def revoke_role(*, by: Actor, at: datetime, grant_id: int, reason: str) -> RoleRevocation:
    """End a role; every session and token of the person ends with it."""
    require(by, "lims.administer", "Only an administrator revokes roles.")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the role ends.", field="reason")
    grant = RoleGrant.objects.select_related("user").filter(pk=grant_id).first()
    if grant is None:
        raise Unknown("unknown_grant", "There is no such role grant.")
    revocation = RoleRevocation.objects.create(grant=grant, revoked_at=at, revoked_by_id=person_id(by), reason=reason)
    sign_out_everywhere(grant.user)
    said = f"{grant.user} is no longer {grant.role}."
    ledger.write([ledger.line("revoke role", grant.user, said, was={"role": grant.role}, reason=reason)], by=by, at=at)
    return revocation


def sign_out_everywhere(user: User) -> None:
    """Kill the person's sessions and API tokens."""
    from django.contrib.sessions.models import Session
    from knox.models import AuthToken

    AuthToken.objects.filter(user=user).delete()
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
