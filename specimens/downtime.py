"""Numbered forms for the hours without the system, and their later entry, which says that it is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from specimens import ledger
from specimens.accessions import take
from specimens.actors import Actor, person_id
from specimens.deeds import deed, demand_reach, local_day
from specimens.errors import Forbidden, Invalid, Rejected, RowProblem
from specimens.identifiers import DOWNTIME
from specimens.models import DowntimeForm, Shipment
from specimens.vocabulary import DowntimeKind

MOST_FORMS = 50
LONGEST_NAME = 120
PRINTS = {
    DowntimeKind.RECEIPT: ("specimens.receive",),
    DowntimeKind.READS: ("scoring.sign_read", "scoring.adjudicate", "specimens.receive"),
}


@dataclass(frozen=True, slots=True)
class FromForm:
    """That something was written by hand first: on which form, when it happened, and whose hand it was."""

    form: DowntimeForm
    happened_at: datetime
    written_by: str


@deed
def print_forms(*, by: Actor, at: datetime, kind: DowntimeKind, count: int = 1,
                shipment: Shipment | None = None) -> list[DowntimeForm]:  # fmt: skip
    """Number so many forms; with `shipment` one receipt form that lists what it announces."""
    if not any(by.has_perm(permission) for permission in PRINTS[kind]):
        raise Forbidden("not_your_role", f"Forms for {kind} are printed by those who do them.")
    if shipment and kind != DowntimeKind.RECEIPT:
        raise Invalid("not_of_a_parcel", "Only receipt forms are of a parcel.", field="shipment")
    if not 1 <= count <= MOST_FORMS:
        raise Invalid("count", f"Print 1 to {MOST_FORMS} forms at a time.", field="count")
    if shipment:
        demand_reach(by, [shipment.receiver], "Receiving a parcel")
    forms = DowntimeForm.objects.bulk_create(
        [
            DowntimeForm(accession=number, kind=kind, shipment=shipment, printed_at=at, printed_by_id=person_id(by))
            for number in take(DOWNTIME, count)
        ]
    )
    about = f" for parcel {shipment}" if shipment else ""
    said = [ledger.line("print downtime form", f, f"Downtime form {f} for {kind} was printed{about}.") for f in forms]
    ledger.write(said, by=by, at=at)
    return forms


def check_receipt_form(written: FromForm, shipment: Shipment, at: datetime) -> None:
    """Raises Rejected with everything that keeps an entry from this form from being believed."""
    form, happened = written.form, written.happened_at
    problems = [("form", said) for said in [form_fault(form, DowntimeKind.RECEIPT)] if said]
    if form.shipment_id and form.shipment_id != shipment.pk:
        problems.append(("form", f"Form {form} was printed for parcel {form.shipment}, not for {shipment}."))
    problems += time_faults(form, happened, at)
    if shipment.sent_on and local_day(happened) < shipment.sent_on:
        problems.append(("happened_at", f"Parcel {shipment} was sent on {shipment.sent_on}, after that moment."))
    if not written.written_by.strip() or len(written.written_by.strip()) > LONGEST_NAME:
        problems.append(("written_by", "Say who filled in the form, in at most 120 characters."))
    refuse(problems)


def check_read_form(form: DowntimeForm, at: datetime) -> None:
    """Raises Rejected when no read can come from this form."""
    refuse([("downtime_form", said) for said in [form_fault(form, DowntimeKind.READS)] if said])


def form_fault(form: DowntimeForm, kind: DowntimeKind) -> str:
    return "" if form.kind == kind else f"Form {form} is for {form.kind}, not for {kind}."


def time_faults(form: DowntimeForm, happened: datetime, at: datetime) -> list[tuple[str, str]]:
    faults = []
    if happened > at:
        faults.append(("happened_at", "That moment is still to come: write when it happened."))
    elif happened < form.printed_at:
        printed = f"{timezone.localtime(form.printed_at):%Y-%m-%d %H:%M}"
        faults.append(("happened_at", f"Form {form} was printed only at {printed}, after that moment."))
    return faults


def refuse(problems: Sequence[tuple[str, str]]) -> None:
    if problems:
        raise Rejected([RowProblem(0, field, said) for field, said in problems], code="form_refused")
