"""Who may read which assay version, from a day to a day. A qualification is passed, or recorded by hand.

The rule begins with the first qualification recorded for an assay: before it nobody needs one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from scoring.cases import ASSAY_LABELS, CaseFacts
from scoring.models import Qualification, QualificationEnd
from scoring.readers import reader as reader_with
from scoring.reasons import because
from scoring.rules.vocabulary import Assay
from scoring.vocabulary import QualifiedHow
from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, local_day, require
from specimens.errors import Forbidden, Invalid, Refused, Unknown
from specimens.models import AssayVersion
from specimens.vocabulary import Stain

OVERSEE = "scoring.oversee"
LEAD_ONLY = "Only the lead pathologist qualifies readers."
WARN_DAYS = 30
STAIN_OF = {Assay.HISTOLOGY: Stain.HE, Assay.CAIX: Stain.CAIX}


@dataclass(frozen=True, slots=True)
class Held:
    """One qualification that was not ended. `version_id` None is every version of the assay."""

    reader_id: int
    assay: Assay
    version_id: int | None
    since: date
    until: date

    def covers(self, assay: Assay, version_id: int | None, on: date) -> bool:
        """Does it hold on that day for a slide of this version? None: a slide whose version nobody recorded."""
        fits = self.version_id is None or version_id is None or self.version_id == version_id
        return fits and self.assay is assay and self.since <= on <= self.until


@dataclass(frozen=True, slots=True)
class Qualified:
    """Everybody's qualifications. `demanded`: the assays that need one."""

    demanded: frozenset[Assay]
    held: tuple[Held, ...]

    def fault(self, reader_id: int | None, assay: Assay, version_id: int | None, on: date) -> Refused | None:
        """Why this reader may not read such a slide on that day; None when they may."""
        if assay not in self.demanded:
            return None
        mine = [each for each in self.held if each.reader_id == reader_id and each.assay is assay]
        if any(each.covers(assay, version_id, on) for each in mine):
            return None
        return Refused("not_qualified", sentence(assay, mine, on))

    def may_read(self, reader_id: int | None, on: date) -> Q:
        """Of cases those whose assay version this reader is qualified for on that day."""
        allowed = Q()
        for assay in self.demanded:
            mine = [each for each in self.held if each.reader_id == reader_id and each.assay is assay]
            now = [each for each in mine if each.since <= on <= each.until]
            versions = {each.version_id for each in now}
            fits = Q(slide__staining__run__assay__isnull=True) | Q(slide__staining__run__assay_id__in=versions - {None})
            allowed &= ~Q(assay=assay) | (Q(assay=assay) if None in versions else fits if now else Q(pk__in=[]))
        return allowed


def sentence(assay: Assay, mine: Iterable[Held], on: date) -> str:
    label = ASSAY_LABELS[assay]
    over = [each.until for each in mine if each.until < on]
    if over:
        return (
            f"Your qualification for {label} ended on {max(over)}: ask the lead pathologist, or pass its training set."
        )
    return f"You are not qualified for this version of {label}: pass its training set, or ask the lead pathologist."


def everybody() -> Qualified:
    """One query."""
    rows = list(
        Qualification.objects.values_list(
            "reader_id", "assay", "assay_version_id", "valid_from", "valid_until", "end__id"
        )
    )
    held = tuple(Held(row[0], Assay(row[1]), *row[2:5]) for row in rows if row[5] is None)
    return Qualified(frozenset(Assay(row[1]) for row in rows), held)


def check_qualified(reader_id: int | None, facts: CaseFacts, on: date) -> None:
    if fault := everybody().fault(reader_id, facts.assay, facts.assay_version_id, on):
        raise fault


def warnings_for(reader_id: int | None, on: date) -> list[str]:
    """What a reader should know of their qualifications: those that are over, or end within WARN_DAYS. One query."""
    known, said = everybody(), []
    for assay in sorted(known.demanded):
        mine = [each for each in known.held if each.reader_id == reader_id and each.assay is assay]
        last = max((each.until for each in mine if each.since <= on), default=None)
        if last is None or last < on:
            said.append(sentence(assay, mine, on).replace("this version of ", ""))
        elif last <= on + timedelta(days=WARN_DAYS):
            said.append(f"Your qualification for {ASSAY_LABELS[assay]} ends on {last}.")
    return said


@deed
def qualify_by_hand(*, by: Actor, at: datetime, reader_id: int, assay: Assay, valid_until: date, reason: str,
                    valid_from: date | None = None, version: AssayVersion | None = None) -> Qualification:  # fmt: skip
    """Record that somebody may read the assay (this version, or all of them) until a day, and why."""
    require(by, OVERSEE, LEAD_ONLY)
    if by.pk == reader_id:
        raise Forbidden(
            "not_oneself", "Nobody qualifies themselves: another lead does, or a training set that is passed."
        )
    why = because(reason, "Say what the qualification rests on.")
    person, since = reader_with(reader_id), valid_from or local_day(at)
    if valid_until < since:
        raise Invalid("until_before_from", "A qualification ends on or after the day it begins.", field="valid_until")
    if version and version.stain != STAIN_OF[assay]:
        raise Invalid("other_assay", f"{version} is no version of {ASSAY_LABELS[assay]}.", field="version")
    kept = Qualification(
        reader_id=reader_id, assay=assay, assay_version=version, how=QualifiedHow.HAND, reason=why,
        valid_from=since, valid_until=valid_until, recorded_at=at, recorded_by_id=person_id(by),
    )  # fmt: skip
    kept.save()
    said = f"{person.name} may read {version or ASSAY_LABELS[assay]} from {since} until {valid_until}."
    ledger.write([ledger.line("qualify reader", kept, said, reason=why)], by=by, at=at)
    return kept


@deed
def end_qualification(*, by: Actor, at: datetime, qualification: Qualification, reason: str) -> QualificationEnd:
    """End it before its day; what was signed under it stands."""
    require(by, OVERSEE, LEAD_ONLY)
    why = because(reason, "Say why the qualification ends.")
    held = Qualification.objects.select_for_update().filter(pk=qualification.pk).select_related("reader").first()
    if held is None:
        raise Unknown("unknown_qualification", "There is no such qualification.")
    if QualificationEnd.objects.filter(qualification=held).exists():
        raise Refused("ended_already", "This qualification was ended already.")
    end = QualificationEnd.objects.create(qualification=held, reason=why, ended_at=at, ended_by_id=person_id(by))
    said = f"The qualification of {held.reader} for {ASSAY_LABELS[Assay(held.assay)]} was ended."
    ledger.write([ledger.line("end qualification", held, said, reason=why)], by=by, at=at)
    return end
