"""Signing on a page: the form judged by the rules, the signer proved by a password, then the one deed."""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.core import ratelimit
from django.http import HttpRequest

from lims import second_factor
from lims.web.findings_sheet import Sheet, changed, judged, typed
from lims.web.gate import person
from scoring.models import Read
from scoring.rules.vocabulary import Assay
from specimens.errors import Refused

NOT_YOURS = "That is not your password. Nothing was signed; everything you typed is still here."
WAYS_OUT = ("zero", "clear", "grade")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a posted form: the read when signed, else the sheet with everything typed, and why not.

    `refused` is the deed's refusal, `refused_field` where it stands; `password_fault` and `code_fault` beside what was
    given to prove who signs.
    """

    sheet: Sheet
    read: Read | None = None
    password_fault: str = ""
    code_fault: str = ""
    refused: str = ""
    refused_field: str = ""

    @property
    def things(self) -> int:
        """How many things keep the read from being signed."""
        return len(self.sheet.refusals) + bool(self.password_fault) + bool(self.code_fault) + bool(self.refused)


def attempted(request: HttpRequest, assay: Assay, sign: Callable[[Sheet], Read]) -> Attempt:
    """Take the posted form one step on: a way out that was chosen, or the signature."""
    sheet = typed(assay, request.POST)
    way = request.POST.get("do", "")
    if way in WAYS_OUT:
        return Attempt(changed(sheet, way))
    sheet = judged(sheet)
    if sheet.refusals:
        return Attempt(sheet)
    if sheet.unseen and request.POST.get("password"):
        return Attempt(sheet)  # before a code is used up
    proof = proof_of(request)
    if not proof.holds:
        return Attempt(sheet, password_fault=proof.password_fault, code_fault=proof.code_fault)
    try:
        return Attempt(sheet, read=sign(sheet))
    except Refused as refused:
        return Attempt(sheet, refused=refused.sentence, refused_field=refused.field)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was given to prove who signs: `method` when it does, else the fault beside its field."""

    method: str = ""
    password_fault: str = ""
    code_fault: str = ""

    @property
    def holds(self) -> bool:
        return bool(self.method)


def proof_of(request: HttpRequest) -> Proof:
    """The password that came with the form and, of who has a second factor, the one-time code. A code that was taken
    is used up; it is not looked at while the password is wrong."""
    user, given = person(request), request.POST.get("password", "")
    code, coded = request.POST.get("code", "").strip()[:20], second_factor.is_enrolled(user)
    if not given:
        return Proof("", "Give your password: it is your signature.")
    if coded and not code:
        return Proof(code_fault="Give the code your device shows: it signs beside the password.")
    if not ratelimit.consume(request, action="reauthenticate", user=user):
        return Proof("", "Too many tries in one minute: wait a minute, then give your password again.")
    if not user.check_password(given):
        return Proof("", NOT_YOURS)
    if coded and not second_factor.takes(user, code):
        return Proof(code_fault=f"{second_factor.WRONG} Nothing was signed.")
    ratelimit.clear(request, action="reauthenticate", user=user)
    return Proof(second_factor.method_of(user))


def method_of(request: HttpRequest) -> str:
    """What the signature proves that `attempted` has just let through."""
    return second_factor.method_of(person(request))
