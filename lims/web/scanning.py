"""What a scan at the receiving desk means, and doing it: an item, a code of the bench card, a second identifier.

The desk itself remembers nothing: what waits (a condition for the next item, an item whose second identifier is
to follow) travels in its form, everything else is in rows.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from django.utils import timezone

from lims.models import User
from specimens import receipt_desk
from specimens.errors import Refused
from specimens.identifiers import parsed
from specimens.models import Shipment
from specimens.parcel_desk import ItemRow
from specimens.receiving import ReceivedItem, receive_items
from specimens.second_looks import receive_or_look_again, void_receipt
from specimens.strangers import receive_stranger
from specimens.vocabulary import Condition

CODE = re.compile(r"\*(DAMAGED|WET|MISMATCH|INTACT|UNDO)\*|[XU]", re.IGNORECASE)
MARKS = {
    "DAMAGED": Condition.BROKEN,
    "WET": Condition.WET,
    "MISMATCH": Condition.LABEL_MISMATCH,
    "INTACT": Condition.INTACT,
}
MARK_WORDS = {Condition.BROKEN: "damaged", Condition.WET: "wet", Condition.LABEL_MISMATCH: "label mismatch"}
UNDONE = "undone at the desk"


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan as it comes in. `mark` is the condition scanned before it, `first` the line whose second identifier
    it is, `two` whether second identifiers are compared."""

    text: str
    mark: Condition | None = None
    first: int | None = None
    two: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk says and keeps.

    `fault` stands beside the box, with `kept` still in it; `notice` beside the last item; `stranger` is a label for
    something not announced; `look` a line whose page is wanted; `touched` the line that the scan was about.
    """

    fault: str = ""
    kept: str = ""
    notice: str = ""
    mark: Condition | None = None
    first: ItemRow | None = None
    stranger: str = ""
    look: int | None = None
    touched: int | None = None

    @property
    def mark_word(self) -> str:
        return MARK_WORDS.get(self.mark, "") if self.mark else ""


def answered(user: User, parcel: Shipment, scan: Scan) -> Answer:
    """Do what the scan means; a refusal leaves what waits as it was."""
    try:
        return meant(user, parcel, scan)
    except Refused as refused:
        said = getattr(refused, "problems", [refused])[0].sentence
        waiting = receipt_desk.line_row(parcel, scan.first) if scan.first else None
        return Answer(fault=said, kept=scan.text, mark=scan.mark, first=waiting)


def meant(user: User, parcel: Shipment, scan: Scan) -> Answer:
    if not scan.text:
        raise Refused("nothing_scanned", "Scan an item, or type its number or label.")
    number = number_of(scan.text)
    found = receipt_desk.hits(parcel, number, scan.text)
    if CODE.fullmatch(scan.text.strip()) and not found:
        return told(user, parcel, scan)
    if scan.first:
        return second(user, parcel, scan)
    if len(found) > 1:
        lines = ", ".join(f"{row.thing or 'line ' + str(row.line)} of {row.patient}" for row in found[:5])
        raise Refused("ambiguous", f"{len(found)} items carry the label “{scan.text}”: {lines}. Scan the number.")
    if found:
        return known(user, parcel, scan, found[0])
    return stranger(user, parcel, scan, number)


def number_of(text: str) -> str:
    """Our number as it stands on the label; blank for anything else. One misread is refused as such."""
    try:
        return parsed(text)
    except Refused as refused:
        if refused.code == "check_character":
            raise
        return ""


def told(user: User, parcel: Shipment, scan: Scan) -> Answer:
    """A code of the bench card: a condition for the item that follows, or undo."""
    word = unicodedata.normalize("NFKC", scan.text).strip(" *").upper()
    if word in MARKS:
        mark = MARKS[word]
        return Answer(mark=None if mark == Condition.INTACT else mark)
    last = receipt_desk.last_receipt_by(parcel, user.pk)
    if last is None:
        raise Refused("nothing_to_undo", f"You have scanned nothing in parcel {parcel} that stands.")
    if word == "X":
        return Answer(look=last.item.line)
    void_receipt(by=user, at=timezone.now(), receipt=last, reason=UNDONE)
    return Answer(notice=f"The receipt of {last.item.label} was taken back: it is as before the scan.")


def known(user: User, parcel: Shipment, scan: Scan, row: ItemRow) -> Answer:
    """An item of the parcel: received, or first its second identifier asked for."""
    if scan.two and not row.receipt_id:
        return Answer(first=row, mark=scan.mark)
    try:
        receive(user, parcel, row.line, scan.mark, agree=2)
    except Refused as refused:
        said = getattr(refused, "problems", [refused])[0].sentence
        return Answer(fault=said, kept=scan.text, mark=scan.mark, touched=row.line)
    return Answer(touched=row.line)


def receive(user: User, parcel: Shipment, line: int, mark: Condition | None, *, agree: int) -> None:
    item = ReceivedItem(line=line, condition=mark or Condition.INTACT, identifiers_agree=agree)
    if mark:
        receive_or_look_again(by=user, at=timezone.now(), shipment=parcel, item=item)
    else:
        receive_items(by=user, at=timezone.now(), shipment=parcel, items=[item])


def second(user: User, parcel: Shipment, scan: Scan) -> Answer:
    """The second identifier of the item before: does it belong to it?"""
    line = scan.first or 0
    agrees = scan.text.strip().casefold() in receipt_desk.names_of(parcel, line)
    receive(user, parcel, line, scan.mark, agree=2 if agrees else 1)
    if agrees:
        return Answer(touched=line)
    return Answer(
        touched=line, notice=f"“{scan.text}” does not belong to it: 1 of 2 identifiers agree, so it is kept apart."
    )


def stranger(user: User, parcel: Shipment, scan: Scan, number: str) -> Answer:
    """Something that the parcel did not announce: taken in and kept apart when it is on record, else asked about."""
    thing = receipt_desk.thing_numbered(number) if number else None
    if thing is None:
        said = f"“{scan.text}” is not in parcel {parcel}, nor on record: take it in below as not announced."
        return replace(Answer(fault=said, kept=scan.text, mark=scan.mark), stranger=scan.text)
    receive_stranger(by=user, at=timezone.now(), shipment=parcel, thing=thing, condition=scan.mark or Condition.INTACT)
    return Answer()
