"""The law of custody held against everything on record: streamed, so that memory stays flat at any size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from specimens.custody import STEP, step_of
from specimens.custody_law import replay
from specimens.models import Block, CustodyEvent, InstitutionDuty, Slide
from specimens.queries import NOT_THERE
from specimens.vocabulary import CustodyKind, InstitutionRole

ROWS_AT_ONCE = 2000
BLOCK = {"block_kind": "kind", "block_held": "holder_id"}


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing whose custody cannot be as recorded: `thing` is block or slide."""

    thing: str
    accession: str
    code: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.thing.capitalize()} {self.accession}: {self.sentence}"


def walk(tick: Callable[[int], None] = lambda count: None) -> Iterator[Broken]:
    """Every finding about every block and slide; `tick` is told how many things were looked at since."""
    for model, word in ((Block, "block"), (Slide, "slide")):
        yield from replayed(word, tick)
        for accession in unheld(model, word).values_list("accession", flat=True).iterator(ROWS_AT_ONCE):
            yield Broken(word, accession, "no_beginning", "Nothing says who held it first.")
    for accession, block in absent_blocks().values_list("accession", "block__accession").iterator(ROWS_AT_ONCE):
        said = f"It was cut from block {block}, which was not at the core then."
        yield Broken("slide", accession, "absent_block", said)


def replayed(word: str, tick: Callable[[int], None]) -> Iterator[Broken]:
    """Each thing's events, one thing after the other, through the law."""
    rows = (
        CustodyEvent.objects.filter(**{f"{word}__isnull": False})
        .order_by(f"{word}_id", "id")
        .values_list(f"{word}_id", f"{word}__accession", *STEP)
        .iterator(ROWS_AT_ONCE)
    )
    for (_, accession), events in groupby(rows, key=lambda row: (row[0], row[1])):
        for finding in replay(step_of(row[2:]) for row in events).findings:
            yield Broken(word, accession, finding.code, finding.sentence)
        tick(1)


def unheld(model: Any, word: str) -> QuerySet[Any]:
    """Things of which no event is on record."""
    events = CustodyEvent.objects.filter(**{word: OuterRef("pk")})
    return model.objects.filter(~Exists(events)).order_by("pk")


def absent_blocks() -> QuerySet[Any]:
    """Slides cut at the core when, by the record, their block was not there."""
    cut = CustodyEvent.objects.filter(slide=OuterRef("pk"), kind=CustodyKind.SECTIONED).order_by("id")
    before = CustodyEvent.objects.filter(block=OuterRef("block_id"), occurred_at__lte=OuterRef("cut_at")).order_by(
        "-occurred_at", "-id"
    )
    at_core = InstitutionDuty.objects.filter(role=InstitutionRole.CORE, institution=OuterRef("block_held"))
    when = {"cut_at": Subquery(cut.values("occurred_at")[:1])}
    stood = {name: Subquery(before.values(column)[:1]) for name, column in BLOCK.items()}
    return (
        Slide.objects.filter(cut_at_core=True)
        .annotate(**when)
        .annotate(**stood)
        .filter(Q(block_kind__isnull=True) | Q(block_kind__in=NOT_THERE) | ~Exists(at_core))
        .order_by("pk")
    )
