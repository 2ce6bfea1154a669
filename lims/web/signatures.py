"""Signing on a page: the form judged by the rules, the signer proved by a password, then the one deed."""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.core import ratelimit
from django.http import HttpRequest

from lims.web.findings_sheet import Sheet, changed, judged, typed
from lims.web.gate import person
from scoring.models import Read
from scoring.rules.vocabulary import Assay
from specimens.errors import Refused

METHOD = "password"
WAYS_OUT = ("zero", "clear", "grade")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a posted form: the read when signed, else the sheet with everything typed, and why not.

    `refused` is the deed's refusal, `refused_field` where it stands; `password_fault` beside the password.
    """

    sheet: Sheet
    read: Read | None = None
    password_fault: str = ""
    refused: str = ""
    refused_field: str = ""

    @property
    def things(self) -> int:
        """How many things keep the read from being signed."""
        return len(self.sheet.refusals) + bool(self.password_fault) + bool(self.refused)


def attempted(request: HttpRequest, assay: Assay, sign: Callable[[Sheet], Read]) -> Attempt:
    """Take the posted form one step on: a way out that was chosen, or the signature."""
    sheet = typed(assay, request.POST)
    way = request.POST.get("do", "")
    if way in WAYS_OUT:
        return Attempt(changed(sheet, way))
    sheet = judged(sheet)
    if sheet.refusals:
        return Attempt(sheet)
    if fault := fault_of_password(request):
        return Attempt(sheet, password_fault=fault)
    if sheet.unseen:
        return Attempt(sheet)
    try:
        return Attempt(sheet, read=sign(sheet))
    except Refused as refused:
        return Attempt(sheet, refused=refused.sentence, refused_field=refused.field)


def fault_of_password(request: HttpRequest) -> str:
    """Why the password that came with the form does not sign; blank when it does."""
    given = request.POST.get("password", "")
    if not given:
        return "Give your password: it is your signature."
    if not ratelimit.consume(request, action="reauthenticate", user=person(request)):
        return "Too many tries in one minute: wait a minute, then give your password again."
    if not person(request).check_password(given):
        return "That is not your password. Nothing was signed; everything you typed is still here."
    ratelimit.clear(request, action="reauthenticate", user=person(request))
    return ""
