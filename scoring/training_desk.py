"""Training sets as their reader and as the lead sees them. A reader meets no answer before a try is finished."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from scoring import pictures
from scoring.models import Qualification, TrainingAnswer, TrainingItem, TrainingSet
from scoring.pictures import Picture
from scoring.policies import READ
from scoring.qualifying import LEAD_ONLY, OVERSEE, WARN_DAYS
from scoring.rules.vocabulary import Assay
from scoring.training import attempt_now, faults
from specimens.actors import Actor
from specimens.deeds import require
from specimens.desk import Page, paged
from specimens.errors import Unknown
from specimens.models import AssayVersion


@dataclass(frozen=True, slots=True)
class Try:
    """A finished try: how many were right, and of each item in what it was not."""

    number: int
    right: int
    of: int
    passed: bool
    items: tuple[tuple[int, tuple[str, ...]], ...]
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class SetRow:
    """A set as one reader sees it. `answered` counts the try that goes on, number `attempt`; `until` is there while a
    qualification that they passed it for stands and need not be renewed yet."""

    id: int
    name: str
    assay: Assay
    version: str
    items: int
    pass_share: int
    within_points: str
    valid_days: int
    closed: bool
    synthetic: bool
    attempt: int
    answered: int
    tries: tuple[Try, ...]
    own: bool
    until: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """One qualification for the pages: of whom, for what, how, and how it stands on a day."""

    id: int
    reader: str
    reader_id: int
    assay: Assay
    version: str
    how: str
    reason: str
    share: int | None
    since: date
    until: date
    ended: str
    state: str


def qualifications(viewer: Actor, on: date, before_id: int | None = None) -> Page[Held]:
    """The lead sees everybody's, a reader their own; newest first. One query."""
    found = Qualification.objects.select_related("reader", "assay_version", "training", "end")
    if not viewer.has_perm(OVERSEE):
        require(viewer, READ, "Qualifications are for readers and the lead pathologist.")
        found = found.filter(reader_id=viewer.pk)
    page = paged(found, before_id)
    return Page([held_row(each, on) for each in page.rows], page.after, page.size)


def held_row(row: Qualification, on: date) -> Held:
    end = row.end if hasattr(row, "end") else None
    state = "ended" if end else "over" if row.valid_until < on else "to come" if row.valid_from > on else "stands"
    return Held(
        id=row.pk,
        reader=str(row.reader),
        reader_id=row.reader_id,
        assay=Assay(row.assay),
        version=str(row.assay_version or "every version"),
        how=f"passed {row.training}, try {row.attempt}" if row.training else "by hand",
        reason=row.reason,
        share=round(row.share * 100) if row.share is not None else None,
        since=row.valid_from,
        until=row.valid_until,
        ended=end.reason if end else "",
        state=state,
    )


def qualification(viewer: Actor, pk: int) -> Qualification:
    require(viewer, OVERSEE, LEAD_ONLY)
    found = Qualification.objects.filter(pk=pk).first()
    if found is None:
        raise Unknown("unknown_qualification", "There is no such qualification.")
    return found


def training_sets(viewer: Actor) -> list[SetRow]:
    """Every set for the lead; for a reader the open ones and those they tried. Four queries."""
    found = list(TrainingSet.objects.select_related("assay_version").prefetch_related("items").order_by("-id"))
    mine: dict[int, list[TrainingAnswer]] = {}
    answers = TrainingAnswer.objects.filter(reader_id=viewer.pk).select_related("item").order_by("attempt", "id")
    for answer in answers:
        mine.setdefault(answer.item.training_id, []).append(answer)
    stand = passed_until(viewer.pk)
    rows = [set_row(viewer, each, mine.get(each.pk, []), stand.get(each.pk)) for each in found]
    if viewer.has_perm(OVERSEE):
        return rows
    return [row for row in rows if row.tries or row.answered or (not row.closed and row.items)]


def passed_until(reader_id: int | None) -> dict[int, date]:
    """By set, until when what this reader passed stands, where it is too early to read the set again. One query."""
    late = timezone.localdate() + timedelta(days=WARN_DAYS)
    found = Qualification.objects.filter(
        reader_id=reader_id, training__isnull=False, valid_until__gt=late, end__isnull=True
    )
    return {row.training_id: row.valid_until for row in found if row.training_id}


def set_row(viewer: Actor, held: TrainingSet, answers: Sequence[TrainingAnswer], until: date | None) -> SetRow:
    items = len(held.items.all())
    by_try: dict[int, list[TrainingAnswer]] = {}
    for answer in answers:
        by_try.setdefault(answer.attempt, []).append(answer)
    done = {number: given for number, given in by_try.items() if len(given) >= items}
    going = next((number for number in by_try if number not in done), max(by_try, default=0) + 1)
    return SetRow(
        id=held.pk,
        name=held.name,
        assay=Assay(held.assay),
        version=str(held.assay_version or "every version"),
        items=items,
        pass_share=round(held.pass_share * 100),
        within_points=f"{held.within_points.normalize():f}",
        valid_days=held.valid_days,
        closed=held.closed_at is not None,
        synthetic=held.synthetic,
        attempt=going,
        answered=len(by_try.get(going, [])),
        tries=tuple(tried(held, number, given) for number, given in done.items()),
        own=held.made_by_id == viewer.pk,
        until=until,
    )


def tried(held: TrainingSet, number: int, answers: Sequence[TrainingAnswer]) -> Try:
    items = tuple(sorted((each.item.number, faults(held, each)) for each in answers))
    right = sum(not wrong for _, wrong in items)
    passed = right >= held.pass_share * len(items)
    return Try(number, right, len(items), passed, items, max(each.answered_at for each in answers))


def training_set(pk: int) -> TrainingSet:
    found = TrainingSet.objects.filter(pk=pk).select_related("assay_version").first()
    if found is None:
        raise Unknown("unknown_training", "There is no such training set.")
    return found


def one_set(viewer: Actor, pk: int) -> SetRow:
    """Raises Unknown for what is not there and not for this viewer."""
    found = next((row for row in training_sets(viewer) if row.id == pk), None)
    if found is None:
        raise Unknown("unknown_training", "There is no such training set.")
    return found


def items_of(viewer: Actor, training: TrainingSet) -> list[TrainingItem]:
    """With their answers: for the lead alone."""
    require(viewer, OVERSEE, LEAD_ONLY)
    return list(training.items.select_related("slide").order_by("number"))


def item(viewer: Actor, training_id: int, number: int) -> TrainingItem:
    """One slide of a set, for who works through it. Raises Unknown."""
    require(viewer, READ, "Only pathologists are trained.")
    found = TrainingItem.objects.filter(training_id=training_id, number=number)
    row = found.select_related("training", "slide", "slide__staining__run").first()
    if row is None:
        raise Unknown("unknown_item", "This training set has no such slide.")
    return row


def next_item(viewer: Actor, training: TrainingSet) -> TrainingItem | None:
    """What comes next in the try that goes on, in an order of this reader's and this try's own."""
    require(viewer, READ, "Only pathologists are trained.")
    attempt = attempt_now(training, viewer.pk or 0)
    done = TrainingAnswer.objects.filter(item__training=training, reader_id=viewer.pk, attempt=attempt)
    left = training.items.exclude(pk__in=done.values("item_id")).select_related("training", "slide")

    def place(each: TrainingItem) -> str:
        return salted_hmac("scoring.training", f"{viewer.pk}:{attempt}:{each.pk}", algorithm="sha256").hexdigest()

    return min(left, key=place, default=None)


def pictures_of(row: TrainingItem) -> list[Picture]:
    return pictures.of_slide(row.slide_id)


def picture(viewer: Actor, training_id: int, number: int, place: int) -> Picture:
    """One picture of a training slide by its place, from 1. Raises Unknown."""
    found = pictures_of(item(viewer, training_id, number))
    if not 1 <= place <= len(found):
        raise Unknown("unknown_image", "This training slide has no such picture.")
    return found[place - 1]


def versions() -> QuerySet[AssayVersion]:
    """The assay versions that are in use, newest first."""
    return AssayVersion.objects.filter(retired_at__isnull=True).order_by("-id")
