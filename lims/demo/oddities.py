"""What is odd in the kidney cohort, measured on the copy that ships: warn, keep, correct nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lims.demo.kirc import Cohort
from lims.demo.rows import SlideRow
from lims.demo.rows_outcome import OutcomeRow

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity: its code, how many rows have it, a sentence with the figures, and a few examples."""

    code: str
    count: int
    sentence: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field of one patient on which two releases disagree, each in its own words."""

    patient: str
    field: str
    a: str
    b: str


CONFLICT_FIELDS = {
    "vital_status": "vital_status",
    "days_to_death": "days_to_death_text",
    "days_to_last_contact": "days_to_last_contact_text",
    "stage": "stage",
}


def oddities(cohort: Cohort) -> list[Finding]:
    """Every oddity of the cohort, in the order the import reports them."""
    parts: tuple[Callable[[Cohort], Iterable[Finding]], ...] = (_slides, _vital, _dates, _sparse)
    return [finding for part in parts for finding in part(cohort)]


def release_conflicts(a: Iterable[OutcomeRow], b: Iterable[OutcomeRow]) -> list[Conflict]:
    """Where two releases of the same patients differ, word for word: a bracketed word is a value too."""
    other = {row.patient: row for row in b}
    return [
        Conflict(row.patient, field, getattr(row, name), getattr(other[row.patient], name))
        for row in a
        if row.patient in other
        for field, name in CONFLICT_FIELDS.items()
        if getattr(row, name) != getattr(other[row.patient], name)
    ]


def _slides(cohort: Cohort) -> Iterable[Finding]:
    """A slide with two faces stands in two source rows, so rows are counted by faces."""
    whole = [slide for slide in cohort.slides if None not in slide.of_four]
    off = [slide for slide in whole if _sum(slide) != 100]
    sums = sorted(_sum(slide) for slide in off)
    yield _found(
        "not_100",
        _faces(off),
        f"{_faces(off)} slide rows ({len(off)} slides) have tumour, normal, stroma and necrosis "
        f"that do not sum to 100 ({sums[0]} to {sums[-1]}): kept as recorded.",
        (slide.barcode for slide in off),
    )
    blank = [slide for slide in cohort.slides if all(value is None for value in slide.of_four)]
    partly = [slide for slide in cohort.slides if None in slide.of_four and slide not in set(blank)]
    yield _found(
        "partly_blank",
        _faces(partly),
        f"{_faces(partly)} slide rows are partly blank and are not summed.",
        (slide.barcode for slide in partly),
    )
    yield from _faces_and_normals(cohort, blank)


def _faces_and_normals(cohort: Cohort, blank: list[SlideRow]) -> Iterable[Finding]:
    twice = [slide for slide in cohort.slides if len(slide.faces) == 2]
    yield _found(
        "two_faces",
        len(twice),
        f"{len(twice)} slide barcodes stand twice, under two adjacent portions: each is one slide with two faces.",
        (slide.barcode for slide in twice),
    )
    kinds = {sample.barcode: sample.kind for sample in cohort.samples}
    samples = {portion.barcode: portion.sample for portion in cohort.portions}
    normal = [slide for slide in blank if kinds[samples[slide.portions[0]]] == "normal"]
    yield _found(
        "normal_without_percentages",
        _faces(normal),
        f"{_faces(normal)} normal-tissue slide rows ({len(normal)} slides) carry no percentages: blank is not 0.",
        (slide.barcode for slide in normal),
    )


def _vital(cohort: Cohort) -> Iterable[Finding]:
    status = {patient.barcode: patient.vital_status for patient in cohort.patients}
    later_dead = _contradicted(cohort, status, "alive", "dead")
    later_alive = _contradicted(cohort, status, "dead", "alive")
    yield _found(
        "dead_in_later_form",
        len(later_dead),
        f"{len(later_dead)} patients are alive in the patient table and dead in a later follow-up form.",
        later_dead,
    )
    yield _found(
        "alive_in_later_form",
        len(later_alive),
        f"{len(later_alive)} patients are dead in the patient table and alive in a later follow-up form.",
        later_alive,
    )
    silent = [form.barcode for form in cohort.follow_ups if not form.vital_status]
    yield _found("no_status", len(silent), f"{len(silent)} follow-up forms have no vital status.", silent)


def _contradicted(cohort: Cohort, status: dict[str, str], first: str, later: str) -> list[str]:
    forms = cohort.follow_ups
    return sorted({f.patient for f in forms if status[f.patient] == first and f.vital_status == later})


def _dates(cohort: Cohort) -> Iterable[Finding]:
    created = {portion.barcode: portion.created for portion in cohort.portions}
    early = [a.barcode for a in cohort.aliquots if a.portion in created and a.shipped < created[a.portion]]
    yield _found(
        "shipped_before_created",
        len(early),
        f"{len(early)} aliquots were shipped before their portion's recorded creation date.",
        early,
    )
    lost = [a.barcode for a in cohort.aliquots if a.portion not in created]
    yield _found(
        "unknown_portion",
        len(lost),
        f"{len(lost)} aliquots name a portion barcode that is not in the table.",
        lost,
    )


def _sparse(cohort: Cohort) -> Iterable[Finding]:
    sites = [site for site in cohort.sites if site.code == "NA"]
    yield _found(
        "site_na",
        len(sites),
        f"{len(sites)} site has the code NA: it is a site, not a blank.",
        (f"{site.code} {site.name}" for site in sites),
    )
    ffpe = [sample.barcode for sample in cohort.samples if sample.preservation == "ffpe"]
    yield _found(
        "ffpe_samples",
        len(ffpe),
        f"{len(ffpe)} samples are formalin-fixed, all others are not: preservation is a field.",
        ffpe,
    )
    uuids = [slide.uuid for slide in cohort.diagnostic_slides]
    yield _found(
        "diagnostic_slides",
        len(uuids),
        f"{len(uuids)} formalin-fixed diagnostic slides are identifiers without percentages.",
        uuids,
    )
    yield from _laboratory(cohort)


def _laboratory(cohort: Cohort) -> Iterable[Finding]:
    scored = [patient.barcode for patient in cohort.patients if patient.karnofsky is not None]
    yield _found(
        "karnofsky_known",
        len(scored),
        f"Karnofsky is known for {len(scored)} of {len(cohort.patients)} patients.",
        scored,
    )
    worded = [patient.barcode for patient in cohort.patients if patient.ldh]
    yield _found(
        "ldh_known",
        len(worded),
        f"LDH is known for {len(worded)} of {len(cohort.patients)} patients, as a word (normal or elevated).",
        worded,
    )


def _found(code: str, count: int, sentence: str, examples: Iterable[str]) -> Finding:
    return Finding(code, count, sentence, tuple(examples)[:SHOWN])


def _sum(slide: SlideRow) -> int:
    return sum(value for value in slide.of_four if value is not None)


def _faces(slides: Iterable[SlideRow]) -> int:
    return sum(len(slide.faces) for slide in slides)
