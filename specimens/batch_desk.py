"""A batch before it is stained: what each scanned slide is, how old, and whether it may be stained that day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from specimens import queries
from specimens.errors import Refused
from specimens.identifiers import parsed
from specimens.models import Slide
from specimens.staining import age_band, age_of, age_warning, slide_faults
from specimens.vocabulary import AgeBand

MOST_SLIDES = 500


@dataclass(frozen=True, slots=True)
class Look:
    """One scan. `refusal` is why it cannot be stained; `needs_reason` that a reason past the limit would do."""

    typed: str
    slide: Slide | None = None
    age: int | None = None
    band: AgeBand | None = None
    warning: str = ""
    refusal: str = ""
    needs_reason: bool = False


def look(typed: Sequence[str], stained_on: date) -> list[Look]:
    """Every scan in order. A fixed number of queries; the staining deed asks the same of its slides."""
    numbers = [number_of(each) for each in typed[:MOST_SLIDES]]
    known = queries.slides_named([number for number, said in numbers if not said])
    slides = [known[number] for number, said in numbers if number in known and not said]
    found = dict.fromkeys(slides)
    faults = dict(zip(found, slide_faults(list(found), stained_on, queries.core().pk, {}), strict=True))
    gone = queries.withdrawn_patients({slide.block.specimen.patient_id for slide in found})
    looks, seen = [], set()
    for scan, (number, said) in zip(typed, numbers, strict=False):
        slide = known.get(number)
        if said or slide is None:
            looks.append(Look(scan, refusal=said or f"There is no slide {number}."))
        elif slide in seen:
            looks.append(Look(scan, slide, refusal=f"Slide {slide} is in the list already: one line is enough."))
        else:
            fault = faults[slide]
            reasoned = fault is not None and fault.field == "override_reason"
            refusal = "" if reasoned or fault is None else fault.sentence
            if slide.block.specimen.patient_id in gone:
                refusal = "Consent to this study was withdrawn: put the slide aside."
            age = age_of(slide, stained_on)
            band, warning = age_band(age, slide.block.specimen.patient.trial), age_warning(slide, stained_on)
            looks.append(Look(scan, slide, age, band, warning, refusal, reasoned))
            seen.add(slide)
    return looks


def number_of(scan: str) -> tuple[str, str]:
    """(accession number, what is wrong with it) of a scan."""
    try:
        return parsed(scan), ""
    except Refused as refused:
        return scan, refused.sentence
