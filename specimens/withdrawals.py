"""Patients who withdrew and whose tissue is still here: a task that lasts as long as there is any.

A withdrawal from this study calls for the return or destruction of everything. One from future research alone calls
for it once the trial is closed: until then the study still needs the tissue.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from specimens import queries
from specimens.custody_desk import things_of, word_of
from specimens.models import Block, Consent, CustodyEvent, Disposal, Institution, Patient, Slide
from specimens.queries import GONE
from specimens.scope import Scope
from specimens.vocabulary import ConsentScope, CustodyKind, InstitutionRole

AT_CORE = Institution.objects.filter(duties__role=InstitutionRole.CORE).values("pk")


def still_here(word: str, path: str) -> Any:
    """How many blocks or slides of the patient at `path` are at a core or on their way to one."""
    model: Any = Block if word == "block" else Slide
    events = CustodyEvent.objects.filter(**{word: OuterRef("pk")}).order_by("-id")
    last = {"last_kind": Subquery(events.values("kind")[:1]), "last_at": Subquery(events.values("holder_id")[:1])}
    ours = model.objects.filter(**{path: OuterRef("pk")}).annotate(**last)
    left = ours.filter(last_at__in=AT_CORE).exclude(last_kind__in=(*GONE, CustodyKind.LOST))
    counted = left.order_by().values(path).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def withdrew(scope: ConsentScope, column: str) -> Subquery:
    """The first withdrawal of that scope by the patient, and no consent to the scope that stands since."""
    gone = Consent.objects.filter(patient=OuterRef("pk"), scope=scope, withdrawal__isnull=False).order_by("id")
    return Subquery(gone.values(column)[:1])


def tasks(scope: Scope) -> QuerySet[Any]:
    """Patients whose tissue must go, with `withdrawn_on`, `blocks_left` and `slides_left`; oldest withdrawal first."""
    future = Consent.objects.filter(patient=OuterRef("pk"), scope=ConsentScope.FUTURE_RESEARCH)
    standing = Exists(future.filter(withdrawal__isnull=True))
    found = queries.patients(scope).annotate(
        study_gone=withdrew(ConsentScope.THIS_STUDY, "withdrawal__withdrawn_on"),
        future_gone=withdrew(ConsentScope.FUTURE_RESEARCH, "withdrawal__withdrawn_on"),
    )
    leftover = Q(future_gone__isnull=False, trial__closed_on__isnull=False) & ~standing
    called = found.filter(Q(study_gone__isnull=False) | leftover)
    when = Case(
        When(study_gone__isnull=False, then=F("study_gone")), default=F("future_gone"), output_field=DateField()
    )
    counted = called.annotate(
        blocks_left=still_here("block", "specimen__patient"),
        slides_left=still_here("slide", "block__specimen__patient"),
        withdrawn_on=when,
    )
    return counted.filter(Q(blocks_left__gt=0) | Q(slides_left__gt=0)).order_by("withdrawn_on", "id")


@dataclass(frozen=True, slots=True)
class Left:
    """One block or slide of the patient: where it is (`word`, `shape`), whose it is, and what may be done:
    `here` at the core, `coming` to it. `proposed` that its destruction was proposed and is not answered."""

    thing: Any
    kind: str
    word: str
    shape: str
    owner: str
    here: bool
    coming: bool
    parcel_id: int | None
    proposed: bool
    stain: str

    @property
    def to_do(self) -> bool:
        return self.here or self.coming


def left_of(patient: Patient, core_id: int) -> list[Left]:
    """Every block and slide of the patient, in order; what is here or coming first. Four queries."""
    proposed: set[tuple[int | None, int | None]] = set(
        Disposal.objects.filter(
            Q(block__specimen__patient=patient) | Q(slide__block__specimen__patient=patient), answer__isnull=True
        ).values_list("block_id", "slide_id")
    )
    rows = [
        left(kind, thing, core_id, proposed)
        for kind, found in zip(("block", "slide"), things_of(patient.pk), strict=True)
        for thing in found
    ]
    return sorted(rows, key=lambda row: (not row.here, not row.coming))


def left(kind: str, thing: Any, core_id: int, proposed: set[tuple[int | None, int | None]]) -> Left:
    word, shape = word_of(thing)
    at_core = thing.last_holder_id == core_id
    travelling = thing.last_kind == CustodyKind.SHIPPED
    specimen = thing.specimen if kind == "block" else thing.block.specimen
    return Left(
        thing=thing,
        kind=kind,
        word=word,
        shape=shape,
        owner=specimen.holding_site.name,
        here=at_core and not travelling and thing.last_kind not in (*GONE, CustodyKind.LOST),
        coming=at_core and travelling and not thing.last_closed,
        parcel_id=thing.last_parcel,
        proposed=((thing.pk, None) if kind == "block" else (None, thing.pk)) in proposed,
        stain=thing.staining.run.stain if kind == "slide" and hasattr(thing, "staining") else "",
    )
