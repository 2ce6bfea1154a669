"""Points and regions that a reader sets on the slide's picture, with a note: theirs alone until the case concludes.

A mark belongs to the read. It may be set and taken away while the read is not signed, and stays as it is afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from scoring.blinding import Item, sees
from scoring.cases import CaseFacts
from scoring.models import Mark, Read, ReadingCase
from scoring.pictures import Picture, pictures
from scoring.policies import DECIDE, check_may_adjudicate, check_may_sign, subject
from scoring.rules.vocabulary import Phase
from scoring.signing import locked
from scoring.views import CaseView
from scoring.vocabulary import MarkKind
from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import deed, local_day, unfit
from specimens.errors import Invalid, Refused, Unknown

MOST_MARKS = 200
MOST_CORNERS = 200
LEAST_AREA = 16.0
LONGEST_NOTE = 500
Corners = Sequence[tuple[float, float]]
LABELS = {1: "Read A", 2: "Read B"}


@dataclass(frozen=True, slots=True)
class MarkView:
    """A mark as a viewer may see it; `picture` counts within the case, corners are pixels at full resolution."""

    id: int
    picture: int
    kind: MarkKind
    shape: list[list[float]]
    note: str
    whose: str
    made_at: datetime


def check_may_mark(viewer: Actor, facts: CaseFacts, on: date) -> None:
    """May this person set and take away marks of the case now? Whoever may sign a read or a decision of it."""
    if viewer.pk in facts.readers:
        raise Refused("read_signed", f"Your read of case {facts.code} is signed: its marks stay as they are.")
    if viewer.has_perm(DECIDE) and facts.phase is Phase.DISCORDANT:
        check_may_adjudicate(viewer, facts, on)
    else:
        check_may_sign(viewer, facts, on)


@deed
def set_mark(*, by: Actor, at: datetime, case: ReadingCase, picture: Picture, kind: MarkKind, shape: Corners,
             note: str = "") -> Mark:  # fmt: skip
    """Set a point or a region on a picture of the case's slide. Raises Invalid beside `shape` or `note`."""
    facts = locked([case.pk])[case.pk]
    check_may_mark(by, facts, local_day(at))
    check_shape(kind, shape, picture)
    if fault := unfit(note, LONGEST_NOTE):
        raise Invalid("invalid", fault, field="note")
    if standing(case.pk, person_id(by)).count() >= MOST_MARKS:
        raise Refused("too_many_marks", f"There are {MOST_MARKS} marks of yours on this case: take one away first.")
    mark = Mark.objects.create(
        case_id=case.pk,
        image_id=picture.image_id,
        reader_id=person_id(by),
        kind=kind,
        shape=[[round(float(x), 1), round(float(y), 1)] for x, y in shape],
        note=note.strip(),
        made_at=at,
    )
    write(by, at, facts, "set mark", f"{subject(facts)}, a {kind} was marked.")
    return mark


@deed
def remove_mark(*, by: Actor, at: datetime, case: ReadingCase, mark_id: int) -> Mark:
    """Take one's own mark away; that it stood there stays on record."""
    facts = locked([case.pk])[case.pk]
    mark = standing(case.pk, person_id(by)).filter(pk=mark_id).first()
    if mark is None:
        raise Unknown("unknown_mark", f"You have no such mark on case {facts.code}.")
    check_may_mark(by, facts, local_day(at))
    mark.removed_at = max(at, mark.made_at)
    mark.save(update_fields=["removed_at"])
    write(by, at, facts, "remove mark", f"{subject(facts)}, a {mark.kind} was taken away.")
    return mark


def standing(case_id: int, reader_id: int | None) -> QuerySet[Mark]:
    """The reader's marks on the case that were not taken away, in the order of setting."""
    return Mark.objects.filter(case_id=case_id, reader_id=reader_id, removed_at__isnull=True).order_by("id")


def write(by: Actor, at: datetime, facts: CaseFacts, deed: str, said: str) -> None:
    """Nothing of where the mark is, and no words of the reader's."""
    line = ledger.Line(deed, "scoring.readingcase", facts.id, facts.code, said, patient_id=facts.patient_id)
    ledger.write([line], by=by, at=at)


# ---- what a shape must be ----
def check_shape(kind: MarkKind, shape: Corners, picture: Picture) -> None:
    if kind is MarkKind.POINT and len(shape) != 1:
        raise Invalid("invalid", "A point is one place: [[x, y]].", field="shape")
    if kind is MarkKind.REGION and not 3 <= len(shape) <= MOST_CORNERS:
        raise Invalid("invalid", f"A region has 3 to {MOST_CORNERS} corners.", field="shape")
    if not all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in shape):
        said = f"A corner lies outside the picture of {picture.width} x {picture.height} pixels."
        raise Invalid("invalid", said, field="shape")
    if kind is MarkKind.REGION and area_of(shape) < LEAST_AREA:
        raise Invalid("invalid", "The region encloses nothing: set its corners apart.", field="shape")


def area_of(shape: Corners) -> float:
    """The area a polygon encloses, in pixels."""
    following = [*shape[1:], shape[0]]
    return abs(sum(x * q - p * y for (x, y), (p, q) in zip(shape, following, strict=True))) / 2


# ---- who sees them ----
def marks_of(viewer: Actor, view: CaseView) -> list[MarkView]:
    """One's own marks; those of the other signed reads once the case has concluded. Four queries at most."""
    numbers = {each.image_id: each.id for each in pictures(view)}
    own = [shown(mark, numbers, "yours") for mark in standing(view.id, viewer.pk)]
    if view.phase is not Phase.CONCLUDED or not sees(view.part, view.phase, Item.MARKS):
        return own
    signed = Read.objects.filter(case_id=view.id, successor__isnull=True).exclude(reader_id=viewer.pk)
    whose = {read.reader_id: LABELS.get(read.slot, "Decision") for read in signed}
    others = Mark.objects.filter(case_id=view.id, reader_id__in=whose, removed_at__isnull=True).order_by("id")
    return own + [shown(mark, numbers, whose[mark.reader_id]) for mark in others]


def shown(mark: Mark, numbers: dict[int, int], whose: str) -> MarkView:
    kind = MarkKind(mark.kind)
    return MarkView(mark.pk, numbers.get(mark.image_id, 0), kind, mark.shape, mark.note, whose, mark.made_at)


def picture_marked(view: CaseView, number: int) -> Picture:
    """The picture of the case that a mark is set on. Raises Invalid beside `picture`."""
    found = next((each for each in pictures(view) if each.id == number), None)
    if found is None:
        raise Invalid("unknown_image", f"Case {view.code} has no picture {number}.", field="picture")
    return found
