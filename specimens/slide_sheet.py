"""The slide inventory as a sheet: every slide that fits, as plain values, made for downloads of hundreds of thousands.

`inventory.told` says the same of one page; a test holds the two against each other.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from specimens.cutting_desk import unstained_left
from specimens.inventory import Sought, slides
from specimens.models import Consent, Standing, StoragePlace, Trial
from specimens.scope import Scope
from specimens.staining import age_band
from specimens.vocabulary import Presence

AT_ONCE = 2000
PATIENT = "block__specimen__patient"
COLUMNS = (
    "pk", "accession", "block__accession", "block__specimen__accession", f"{PATIENT}__study_id", "position", "cut_on",
    "thickness_um", "staining__run__stain", "staining__run__accession", "staining__section_age_days", "where",
    "synthetic", "block_id", f"{PATIENT}_id", f"{PATIENT}__trial_id", "staining__pk",
)  # fmt: skip


class SheetRow(NamedTuple):
    """One slide. `age` in days, at the stain or today; `left` of its block's unstained."""

    slide: str
    block: str
    specimen: str
    trial: str
    study_id: str
    position: str
    cut_on: date | None
    thickness_um: Any
    stain: str
    run: str
    age: int | None
    band: str
    where: Presence
    place: str
    consent: str
    left: int
    synthetic: bool


def sheet(scope: Scope, sought: Sought, today: date) -> Iterator[SheetRow]:
    """Last accessioned first, fetched AT_ONCE at a time, so that a download holds neither memory nor a cursor."""
    found = slides(scope, sought, today).order_by("-pk").select_related(None).values_list(*COLUMNS)
    trials, places, before = Trial.objects.in_bulk(), dict[int, str](), None
    while True:
        some = list((found if before is None else found.filter(pk__lt=before))[:AT_ONCE])
        yield from told(some, today, trials, places)
        if len(some) < AT_ONCE:
            return
        before = some[-1][0]


def told(some: list[Any], today: date, trials: dict[int, Trial], places: dict[int, str]) -> Iterator[SheetRow]:
    """The rows of these values; `places` remembers the names of drawers. Three queries, one more for new drawers."""
    stands = standings([values[0] for values in some], places)
    consents = consent_words({values[14] for values in some})
    left = unstained_left({values[13] for values in some})
    for (pk, slide, block, specimen, study_id, position, cut_on, thickness, stain, run, stained_age, where, synthetic,
         block_id, patient_id, trial_id, stained) in some:  # fmt: skip
        age = stained_age if stained else (today - cut_on).days if cut_on else None
        trial = trials[trial_id]
        yield SheetRow(
            slide, block, specimen, trial.code, study_id, position, cut_on, thickness, stain or "", run or "", age,
            age_band(age, trial).value, Presence(where), stands.get(pk, ""), consents.get(patient_id, "none"),
            left.get(block_id, 0), synthetic,
        )  # fmt: skip


def standings(slide_ids: list[int], places: dict[int, str]) -> dict[int, str]:
    """By slide where it stands, as “Room 2 / Cabinet 1 / Drawer 3, 14”."""
    found = list(Standing.objects.filter(slide_id__among=slide_ids).values_list("slide_id", "place_id", "position"))
    new = {place_id for _, place_id, _ in found} - set(places)
    if new:
        drawers = StoragePlace.objects.filter(pk__in=new).select_related("parent__parent__parent")
        places |= {drawer.pk: str(drawer) for drawer in drawers}
    return {slide_id: f"{places[place_id]}, {position}" for slide_id, place_id, position in found if slide_id}


def consent_words(patient_ids: Collection[int]) -> dict[int, str]:
    """Each patient's consent to this study: given or withdrawn; whoever gave none is left out."""
    about = Consent.objects.filter(patient_id__among=patient_ids, scope="this_study")
    told: list[tuple[int, datetime | None]] = list(about.values_list("patient_id", "withdrawal__recorded_at"))
    words = {patient_id: "given" for patient_id, _ in told}
    return words | {patient_id: "withdrawn" for patient_id, gone in told if gone}
