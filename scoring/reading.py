"""Signing a read, and correcting one. A case is read by one or two blinded readers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from scoring.cases import ActiveRead, CaseFacts
from scoring.measuring import ask_to_measure
from scoring.models import Read, ReadingCase
from scoring.policies import (
    READ,
    SYNTHETIC,
    check_may_amend,
    check_may_load,
    check_place,
    check_readable,
)
from scoring.signing import Signature, digest_of, examined, keep, locked, next_slot, signature_holds
from scoring.turns import check_may_sign_now
from scoring.vocabulary import ReadRole
from specimens.actors import Actor
from specimens.deeds import deed, require
from specimens.downtime import check_read_form
from specimens.errors import Invalid, Refused
from specimens.models import DowntimeForm

__all__ = ["NewRead", "amend_read", "digest_of", "sign_read", "sign_reads", "signature_holds"]


@dataclass(frozen=True, slots=True)
class NewRead:
    """One read of a load: who read, what they found (as rules.findings names it), when they signed it."""

    case: ReadingCase
    reader: Any
    findings: Mapping[str, object]
    signed_at: datetime


@deed
def sign_read(*, by: Actor, at: datetime, case: ReadingCase, findings: Mapping[str, object], method: str,
              meaning: str = "read", downtime_form: DowntimeForm | None = None) -> Read:  # fmt: skip
    """Sign one's own read. `method` is what the signer proved, as "password"; `downtime_form` the paper on which
    it was written first, bound into the signature.

    Raises Rejected with every faulty field; Refused when the case cannot be read by this reader now.
    """
    require(by, READ, "Only pathologists sign reads.")
    facts = locked([case.pk])[case.pk]
    check_may_sign_now(by, facts, day(at))
    if downtime_form:
        check_read_form(downtime_form, at)
    found = examined(facts.assay, findings)
    signature = Signature(facts, by, ReadRole.READER, next_slot(facts), found, meaning, method, at, form=downtime_form)
    read = keep([signature], by=by, at=at, deed="sign read", verb="read signed")[0]
    ask_to_measure(read)
    return read


@deed
def sign_reads(*, by: Actor, at: datetime, rows: Sequence[NewRead], method: str = SYNTHETIC) -> list[Read]:
    """Load reads that others made: all of them or none. For imports only, never for a person.

    Every row passes the checks of `sign_read`; the first fault refuses the load, with its row.
    """
    check_may_load(by, method)
    known = locked({row.case.pk for row in rows})
    signatures = []
    for number, row in enumerate(rows, start=1):
        facts = known[row.case.pk]
        check_place(row.reader.pk, facts)
        check_readable(facts, day(row.signed_at))
        found = examined(facts.assay, row.findings, number)
        slot = next_slot(facts)
        signatures.append(Signature(facts, row.reader, ReadRole.READER, slot, found, "read", method, row.signed_at))
        known[row.case.pk] = promised(facts, slot, row.reader.pk)
    return keep(signatures, by=by, at=at, deed="sign read", verb="read signed")


@deed
def amend_read(*, by: Actor, at: datetime, read: Read, findings: Mapping[str, object], reason: str,
               method: str) -> Read:  # fmt: skip
    """Supersede one's own read with a corrected one. The case is compared anew, and a decision that rested on
    the old read no longer counts."""
    facts = locked([read.case_id])[read.case_id]
    check_may_amend(by, facts, read, day(at))
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the read is corrected; the reason stays with it.", field="reason")
    found = examined(facts.assay, findings)
    signature = Signature(
        facts, by, ReadRole(read.role), read.slot, found, read.meaning, method, at,
        supersedes=read, reason=reason.strip(), present=read.present, form=read.downtime_form,
    )  # fmt: skip
    if found == examined(facts.assay, read.findings):
        raise Refused("nothing_new", "The corrected read says what the read says already; change what was wrong.")
    corrected = keep([signature], by=by, at=at, deed="amend read", verb="read corrected")[0]
    ask_to_measure(corrected)
    return corrected


def day(moment: datetime) -> Any:
    """The calendar day of a moment where this installation stands."""
    return timezone.localtime(moment).date()


def promised(facts: CaseFacts, slot: int, reader_id: int) -> CaseFacts:
    """The facts once a read of the same load has taken its place; it is not kept yet."""
    place = ActiveRead(0, facts.id, slot, ReadRole.READER, reader_id, None, True, "")
    return facts._replace(reads=(*facts.reads, place))
