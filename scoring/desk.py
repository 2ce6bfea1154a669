"""What a reader's desk needs beside `queries`: the count of the work, what comes next, pictures, signatures.

Every function takes the viewer, or a view that blinding has filtered already.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from scoring.models import Read
from scoring.pictures import pictures as pictures
from scoring.queries import QueueRow, adjudication_queue, reading_count, reading_queue
from scoring.refusing import asked_by
from scoring.rules.vocabulary import Assay
from scoring.signing import signature_holds
from specimens.actors import Actor


@dataclass(frozen=True, slots=True)
class Tally:
    """How much this reader has signed that stands, and how much is due."""

    signed: int
    due: int

    @property
    def all(self) -> int:
        return self.signed + self.due


def tally(viewer: Actor) -> Tally:
    """Two queries."""
    signed = Read.objects.filter(reader_id=viewer.pk, role="reader", successor__isnull=True).count()
    return Tally(signed, reading_count(viewer))


def next_case(viewer: Actor, assay: Assay | None = None) -> str | None:
    """The code of the case this reader may read next: of the same assay while there is one, and none of which
    another slide was asked for."""
    asked = asked_by(viewer)
    ready = [row for row in reading_queue(viewer) if not (row.refusal or asked.get(row.code))]
    same = [row for row in ready if row.assay is assay]
    return next((row.code for row in [*same, *ready]), None)


def decision_queue(viewer: Actor) -> list[QueueRow]:
    """Differing cases for this viewer. One of which they asked for another slide waits for it, and says so."""
    asked = asked_by(viewer)
    return [row if row.refusal else replace(row, refusal=asked.get(row.code, "")) for row in adjudication_queue(viewer)]


def signatures_hold(read_ids: Collection[int]) -> dict[int, bool]:
    """For each of these reads: does its signature still belong to what it says? One query."""
    found = Read.objects.filter(pk__in=read_ids).select_related("case", "downtime_form")
    return {read.pk: signature_holds(read) for read in found}
