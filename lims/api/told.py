"""From a request's words to what a deed takes: codes become what is within the caller's reach."""

from collections.abc import Mapping, Sequence
from typing import Any

from specimens import desk, queries
from specimens.announcing import AnnouncedItem, Parcel
from specimens.enrolling import NewPatient
from specimens.errors import Forbidden, Invalid, Rejected, RowProblem, Unknown
from specimens.models import Institution, Shipment, Trial
from specimens.scope import Scope
from specimens.vocabulary import ConsentScope, InstitutionRole, ItemKind

Told = Mapping[str, Any]


def named_trial(code: str) -> Trial:
    """The trial, whoever asks: a trial's code is no secret. Invalid when there is none."""
    try:
        return queries.trial(code)
    except Unknown as error:
        raise Invalid(error.code, error.sentence, field="trial") from error


def check_sites(scope: Scope, rows: Sequence[Told]) -> None:
    """A site's people enrol at their own sites alone; another site's code is to them no code."""
    if scope.everything:
        return
    own = set(desk.sites(scope, InstitutionRole.TREATING).values_list("code", flat=True))
    problems = [
        RowProblem(number, "treating_site", f"You have no treating site of the code “{code}”.", code)
        for number, row in enumerate(rows, start=1)
        if (code := row["treating_site"].strip()).upper() not in own
    ]
    if problems:
        raise Rejected(problems, code="enrolment_refused")


def new_patient(row: Told) -> NewPatient:
    scopes = tuple(ConsentScope(word) for word in row["consent_scopes"])
    return NewPatient(**{**row, "consent_scopes": scopes})


def parcel_of(scope: Scope, told: Told) -> Parcel:
    """A site's people send from their own sites alone."""
    items = tuple(AnnouncedItem(**{**item, "kind": ItemKind(item["kind"])}) for item in told["items"])
    return Parcel(
        sender=institution(told["sender"], "sender", scope),
        receiver=institution(told["receiver"], "receiver"),
        holding_site=institution(told["holding_site"], "holding_site") if told["holding_site"] else None,
        items=items,
        **{name: told[name] for name in ("sent_on", "courier", "tracking", "sender_reference")},
    )


def institution(code: str, field: str, scope: Scope | None = None) -> Institution:
    try:
        found = queries.institution(code)
    except Unknown as error:
        raise Invalid(error.code, error.sentence, field=field) from error
    if scope and not scope.everything and found.pk not in (scope.institutions or ()):
        raise Invalid("unknown_institution", f"You send from no institution of the code “{code}”.", field=field)
    return found


def check_receiver(scope: Scope, shipment: Shipment) -> None:
    """Only the institution a parcel was sent to takes it in."""
    if not scope.everything and shipment.receiver_id not in (scope.institutions or ()):
        raise Forbidden("not_your_parcel", f"Parcel {shipment} was sent to {shipment.receiver}; it is received there.")
