"""API tokens of a person: made, listed, revoked. Only their hashes are kept."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from knox.models import AuthToken
from knox.settings import knox_settings

from lims.models import User
from specimens import ledger
from specimens.deeds import deed
from specimens.errors import Refused, Unknown

LONGEST_DAYS = 365


@deed
def make(*, by: User, at: datetime, lifetime: timedelta) -> str:
    """A new token of `by` in the clear: the only time it is seen."""
    limit = knox_settings.TOKEN_LIMIT_PER_USER
    if limit and of(by).count() >= limit:
        raise Refused("too_many_tokens", f"You have {limit} tokens, the most there may be; revoke one first.")
    made, clear = AuthToken.objects.create(user=by, expiry=lifetime)
    said = f"{by} made an API token ({made.token_key[:8]}…) that works for {lifetime.days} days."
    ledger.write([ledger.line("make token", by, said)], by=by, at=at)
    return str(clear)


def of(user: User) -> QuerySet[AuthToken]:
    return AuthToken.objects.filter(user=user).order_by("-created")


@deed
def revoke(*, by: User, at: datetime, key: str) -> None:
    """End the person's own token that begins with `key`; it stops working at once."""
    if not AuthToken.objects.filter(user=by, token_key=key).delete()[0]:
        raise Unknown("unknown_token", "You have no token that begins so.")
    ledger.write([ledger.line("revoke token", by, f"{by} revoked the API token {key[:8]}….")], by=by, at=at)
