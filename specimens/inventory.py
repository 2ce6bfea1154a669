"""The slide inventory: which slides there are, where, how old, with whose consent; what remains of each block.

Lists are keyset pages; each asks a fixed number of queries, at any number of slides.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from specimens import bench_desk, queries
from specimens.cutting_desk import standing_places, unstained_left
from specimens.desk import Page, paged
from specimens.models import Block, Consent, CuttingOrder, Slide, Trial
from specimens.ordering import exhausted_among
from specimens.scope import Scope
from specimens.staining import age_band
from specimens.vocabulary import AgeBand, Presence, Stain
from specimens.whereabouts import found_at, placed

CONSENTS = ("given", "withdrawn", "none")
UNSTAINED, STAINED = "unstained", "stained"
STATES = (UNSTAINED, STAINED, *(stain.value for stain in Stain))


@dataclass(frozen=True, slots=True)
class Sought:
    """What an inventory is narrowed by; blank is everything. `block` is an accession number."""

    trial: str = ""
    block: str = ""
    state: str = ""
    age: AgeBand | None = None
    consent: str = ""
    where: Presence | None = None


@dataclass(frozen=True, slots=True)
class SlideRow:
    """One slide as the inventory shows it. `age` in days, at the stain or today; `left` of its block's unstained."""

    slide: Slide
    stain: str
    age: int | None
    band: AgeBand
    where: Presence
    place: str
    consent: str
    left: int


# ---- how old: one function of the facts, and the same in SQL ----
def age_today(slide: Slide, today: date) -> int | None:
    """Section age in days: as it was at the stain, or as it is today; None when the cut is not known."""
    staining = getattr(slide, "staining", None)
    if staining is not None:
        return staining.section_age_days
    return (today - slide.cut_on).days if slide.cut_on else None


def of_age(found: QuerySet[Slide], band: AgeBand, today: date) -> QuerySet[Slide]:
    """Unstained slides whose age today lies in `band` of their trial; `staining.age_band` says the same of one."""
    found = found.filter(bench_desk.unstained())
    if band is AgeBand.UNKNOWN:
        return found.filter(cut_on__isnull=True)
    said = Q(pk__in=[])
    for trial in Trial.objects.all():
        warn = today - timedelta(days=trial.section_age_warn_days)
        limit = today - timedelta(days=trial.section_age_limit_days)
        days = {
            AgeBand.FRESH: Q(cut_on__gte=warn),
            AgeBand.AGEING: Q(cut_on__lt=warn, cut_on__gte=limit),
            AgeBand.PAST: Q(cut_on__lt=min(warn, limit)),
        }
        said |= Q(block__specimen__patient__trial_id=trial.pk) & days[band]
    return found.filter(said)


def consenting(found: QuerySet[Any], word: str, path: str = "block__specimen__patient_id") -> QuerySet[Any]:
    """Of patients whose consent to this study is given, withdrawn or none."""
    about = Consent.objects.filter(patient_id=OuterRef(path), scope="this_study")
    gone, given = Exists(about.filter(withdrawal__isnull=False)), Exists(about.filter(withdrawal__isnull=True))
    conditions = {"withdrawn": (gone,), "given": (~gone, given), "none": (~gone, ~given)}
    return found.filter(*conditions[word])


# ---- slides ----
def slides(scope: Scope, sought: Sought, today: date) -> QuerySet[Slide]:
    """The slides within reach that fit `sought`, with block, patient and stain beside them."""
    found = queries.slides(scope)
    if sought.trial:
        found = found.filter(block__specimen__patient__trial__code__iexact=sought.trial)
    if sought.block:
        found = found.filter(block__accession=sought.block)
    if sought.state in (UNSTAINED, STAINED):
        bare = bench_desk.unstained()
        found = found.filter(bare if sought.state == UNSTAINED else ~bare)
    elif sought.state:
        found = found.filter(staining__run__stain=sought.state)
    if sought.age:
        found = of_age(found, sought.age, today)
    if sought.consent:
        found = consenting(found, sought.consent)
    return placed(found_at(found, sought.where) if sought.where else found)


def slide_page(scope: Scope, sought: Sought, today: date, before_id: int | None) -> Page[SlideRow]:
    """Slides, last accessioned first."""
    page = paged(slides(scope, sought, today), before_id)
    return Page(told(page.rows, today), page.after)


def told(found: list[Slide], today: date) -> list[SlideRow]:
    """The rows of these slides. Three queries."""
    places = standing_places(slides=[slide.pk for slide in found])
    consents = consent_words({slide.block.specimen.patient_id for slide in found})
    left = unstained_left({slide.block_id for slide in found})
    rows = []
    for slide in found:
        age, staining = age_today(slide, today), getattr(slide, "staining", None)
        patient = slide.block.specimen.patient
        rows.append(
            SlideRow(
                slide,
                staining.run.stain if staining else "",
                age,
                age_band(age, patient.trial),
                Presence(slide.where),  # type: ignore[attr-defined]
                places.get(("slide", slide.pk), ""),
                consents.get(patient.pk, "none"),
                left.get(slide.block_id, 0),
            )
        )
    return rows


def consent_words(patient_ids: Collection[int]) -> dict[int, str]:
    """Each patient's consent to this study: given or withdrawn; whoever gave none is left out. One query."""
    about = Consent.objects.filter(patient_id__among=patient_ids, scope="this_study")
    words: dict[int, str] = {}
    for consent in about.select_related("withdrawal"):
        if hasattr(consent, "withdrawal"):
            words[consent.patient_id] = "withdrawn"
        words.setdefault(consent.patient_id, "given")
    return words


# ---- what remains of each block ----
@dataclass(frozen=True, slots=True)
class BlockRow:
    """What remains of a block: unstained slides at the core, sections still ordered, whether it can be cut again."""

    block: Block
    left: int
    ordered: int
    exhausted: bool
    where: Presence
    place: str


def blocks(scope: Scope, trial: str = "", left: str = "") -> QuerySet[Block]:
    """Blocks within reach that lie at the core; `left` "none": of which no unstained slide is left, "empty": used
    up."""
    found = Block.objects.filter(scope.specimens("specimen__")).select_related("specimen__patient__trial")
    if trial:
        found = found.filter(specimen__patient__trial__code__iexact=trial)
    if left == "empty":
        return placed(found.filter(exhaustion__isnull=False), "block")
    found = placed(found_at(found, Presence.CORE, "block"), "block")
    if left == "none":
        found = found.filter(~Exists(Slide.objects.filter(block=OuterRef("pk"), staining__isnull=True)))
    return found


def block_page(scope: Scope, trial: str, left: str, before_id: int | None) -> Page[BlockRow]:
    """Blocks, last accessioned first. A fixed number of queries."""
    page = paged(blocks(scope, trial, left), before_id)
    ids = [block.pk for block in page.rows]
    places, empty = standing_places(blocks=ids), exhausted_among(ids)
    unstained, ordered = unstained_left(ids), dict.fromkeys(ids, 0)
    for block, number in CuttingOrder.objects.filter(block_id__in=ids, end__isnull=True).values_list(
        "block_id", "sections"
    ):
        ordered[block] += number
    rows = [
        BlockRow(
            block,
            unstained.get(block.pk, 0),
            ordered[block.pk],
            block.pk in empty,
            Presence(block.where),
            places.get(("block", block.pk), ""),
        )
        for block in page.rows
    ]
    return Page(rows, page.after)
