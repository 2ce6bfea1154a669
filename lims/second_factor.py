"""The second factor: a one-time code from the person's own device (TOTP), and recovery codes for when it is lost.

Each code works once. What is kept is encrypted with a key drawn from the installation's secret key.
"""

import base64
import hashlib
from datetime import datetime

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, validate_totp_code
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from lims.models import User
from lims.people import sign_out_everywhere
from specimens import ledger
from specimens.actors import Actor
from specimens.deeds import deed, require
from specimens.errors import Forbidden, Invalid, Refused

PASSWORD, WITH_CODE = "password", "password and one-time code"
WRONG = "That is not a code that works now; each works once. Wait for the next one on your device, then type that."
Kind = Authenticator.Type


def sealer() -> MultiFernet:
    """The current key first, then those that a change of the secret key has left behind."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashed = [hashlib.sha256(f"second factor {key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in hashed])


class Adapter(DefaultMFAAdapter):
    """Keeps secrets encrypted; no mail is sent about them, the ledger tells."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG}

    def encrypt(self, text: str) -> str:
        return sealer().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return sealer().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            said = "Your second factor was kept under another secret key: an administrator takes it off."
            raise Refused("second_factor_lost", said) from error

    def get_totp_issuer(self) -> str:
        return "Paraffin"

    def get_totp_label(self, user: object) -> str:
        return str(getattr(user, "username", user))

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """People need have no address here."""


def is_enrolled(user: User) -> bool:
    """Does this person sign with a code beside the password? Asked once per user object."""
    if not hasattr(user, "_second_factor"):
        user._second_factor = Authenticator.objects.filter(user=user, type=Kind.TOTP).exists()  # type: ignore[attr-defined]
    return bool(user._second_factor)  # type: ignore[attr-defined]


def method_of(user: User) -> str:
    """What a signature of this person proves."""
    return WITH_CODE if is_enrolled(user) else PASSWORD


def takes(user: User, code: str) -> bool:
    """Does `code` work for this person now? A code that worked is used up: one of the device's, or a recovery code."""
    return any(each.wrap().validate_code(code) for each in Authenticator.objects.filter(user=user).order_by("-type"))


def recovery_codes(user: User) -> list[str]:
    """Those not used yet; none without a second factor."""
    found = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return RecoveryCodes(found).get_unused_codes() if found else []


@deed
def add_second_factor(*, by: User, at: datetime, secret: str, code: str) -> list[str]:
    """Put one's own device beside the password; `code` shows that it holds `secret`. Returns the recovery codes."""
    User.objects.select_for_update().get(pk=by.pk)
    if Authenticator.objects.filter(user=by).exists():
        raise Refused("second_factor_there", "You have a second factor already; take it off before you add another.")
    if not secret or not validate_totp_code(secret, code):
        raise Invalid("wrong_code", WRONG, field="code")
    TOTP.activate(by, secret)
    codes = RecoveryCodes.activate(by).get_unused_codes()
    by._second_factor = True  # type: ignore[attr-defined]
    ledger.write([ledger.line("add second factor", by, f"{by} added a second factor.")], by=by, at=at)
    return codes


@deed
def remove_second_factor(*, by: User, at: datetime) -> None:
    """Take off one's own second factor; the page has asked for password and code."""
    if not Authenticator.objects.filter(user=by).delete()[0]:
        raise Refused("no_second_factor", "You have no second factor.")
    by._second_factor = False  # type: ignore[attr-defined]
    ledger.write([ledger.line("remove second factor", by, f"{by} took off the second factor.")], by=by, at=at)


@deed
def reset_second_factor(*, by: Actor, at: datetime, user: User, reason: str) -> None:
    """Take off somebody's second factor whose device is lost; they are signed out everywhere."""
    require(by, "lims.administer", "Only an administrator takes off somebody's second factor.")
    if by.pk == user.pk:
        raise Forbidden("own_second_factor", "Your own second factor you take off yourself, with password and code.")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the second factor is taken off.", field="reason")
    if not Authenticator.objects.filter(user=user).delete()[0]:
        raise Refused("no_second_factor", f"{user} has no second factor.")
    sign_out_everywhere(user)
    said = f"The second factor of {user} was taken off."
    ledger.write([ledger.line("reset second factor", user, said, reason=reason.strip())], by=by, at=at)
