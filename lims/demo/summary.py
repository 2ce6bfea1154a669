"""What the demo says of itself: every figure but the source's oddities comes from the database."""

from collections import Counter
from collections.abc import Iterator

from lims import settling
from lims.demo.figures import current_scores, published_beside_computed
from lims.demo.kirc import cohort
from lims.demo.load_outcomes import RELEASES
from lims.demo.oddities import CONFLICT_FIELDS, oddities
from lims.demo.reconstruction import LABEL
from lims.demo.stage import CORE, KIRC, PLAYERS, centre_code
from lims.models.outcomes import OutcomeRelease
from scoring.cases import open_to_readers
from scoring.models import Read, ReadingCase
from scoring.phases import with_phase
from scoring.rules.editions import CURRENT
from scoring.rules.vocabulary import Phase
from scoring.vocabulary import ReadRole
from specimens import bench_desk, parcel_desk
from specimens.models import (
    Block,
    CompositionEstimate,
    LedgerEntry,
    Patient,
    Shipment,
    ShipmentItem,
    Slide,
    Specimen,
    Trial,
)
from specimens.scope import EVERYTHING
from specimens.vocabulary import EstimateSource, ItemKind

WIDTH = 34


def lines() -> Iterator[str]:
    """The summary, line by line."""
    yield from loaded()
    yield from odd()
    yield from scored()
    yield from waiting()
    yield from published()


def loaded() -> Iterator[str]:
    """What of the cohort is on record: real facts, and beside them what was generated."""
    yield f"Trial {KIRC}: kidney clear cell carcinoma, TCGA Research Network"
    real = {"synthetic": False}
    blocks = Block.objects.filter(specimen__patient__trial__code=KIRC, **real)
    slides = Slide.objects.filter(block__specimen__patient__trial__code=KIRC)
    extracts = ShipmentItem.objects.filter(kind=ItemKind.ALIQUOT)
    estimates = CompositionEstimate.objects
    received = Shipment.objects.filter(receiver__code=CORE, sender__code__in=codes()).count()
    yield from counted(
        {
            "patients": Patient.objects.filter(trial__code=KIRC).count(),
            "samples": Specimen.objects.filter(patient__trial__code=KIRC).count(),
            "portions": blocks.exclude(embedded_on=None).count(),
            "slides cut by the core": slides.filter(cut_at_core=True, **real).count(),
            "diagnostic slides": slides.filter(cut_at_core=False).count(),
            "aliquots shipped": extracts.exclude(shipment__receiver__code__in=portion_centres()).count(),
            "portions shipped": extracts.filter(shipment__receiver__code__in=portion_centres()).count(),
            "shipments of both": extracts.values("shipment_id").distinct().count(),
            "core estimates": estimates.filter(source=EstimateSource.CORE).count(),
            "site estimates": estimates.filter(source=EstimateSource.SITE).count(),
            "synthetic parcels to the core": received,
            "synthetic sections": slides.filter(synthetic=True).count(),
            "synthetic reads": Read.objects.filter(case__specimen__patient__trial__code=KIRC).count(),
            "of these adjudications": Read.objects.exclude(role=ReadRole.READER).count(),
            "ledger lines": LedgerEntry.objects.count(),
        }
    )


def codes() -> list[str]:
    return [site.code for site in cohort().sites]


def portion_centres() -> list[str]:
    """Where portions went; no aliquot went there."""
    return sorted({centre_code(row.centre) for row in cohort().portion_shipments})


def counted(figures: dict[str, int]) -> Iterator[str]:
    for what, number in figures.items():
        yield f"  {what:<{WIDTH}} {number:>7,}"


def odd() -> Iterator[str]:
    yield ""
    yield "Odd in the source, and kept as it is"
    for finding in oddities(cohort()):
        yield f"  {finding.sentence}"
    trial = Trial.objects.get(code=KIRC)
    a, b = (OutcomeRelease.objects.filter(trial=trial, name=name).first() for name in RELEASES.values())
    if a and b:
        found = Counter(each.field for each in settling.conflicts(trial=trial, release_a=a, release_b=b))
        told = ", ".join(f"{field.replace('_', ' ')} {found[field]}" for field in CONFLICT_FIELDS)
        yield f"  {a} and {b} differ in: {told}. Both are kept."


def scored() -> Iterator[str]:
    yield ""
    yield f"Scores of {KIRC} ({CURRENT.title}, edition {CURRENT.edition}; from synthetic reads)"
    yield f"  {CURRENT.statement}"
    scores = [each.score for each in current_scores(KIRC).values()]
    for what in ("risk", "caix_level", "compartment", "eligibility"):
        values = Counter(getattr(score, what) for score in scores if score)
        said = ", ".join(f"{value.replace('_', ' ')} {number}" for value, number in values.most_common())
        yield f"  {what.replace('_', ' '):<14} {said}"
    yield f"  {'not scored':<14} {scores.count(None)} (no adequate specimen, or consent withdrawn)"


def queues() -> dict[str, int]:
    """How much waits in each queue."""
    phases = Counter(with_phase(open_to_readers().filter(repeats__isnull=True)).values_list("phase", flat=True))
    parcels = parcel_desk.counted(EVERYTHING).filter(closure__isnull=True, receiver__code=CORE)
    return {
        "parcels to receive or settle": parcels.count(),
        "items in quarantine": parcel_desk.doubtful(EVERYTHING).count(),
        "blocks to cut": bench_desk.blocks_to_cut().count(),
        "sections to stain": bench_desk.slides_to_stain().count(),
        "stain runs without controls": bench_desk.runs_waiting().count(),
        "cases awaiting a first read": phases[Phase.AWAITING_FIRST],
        "cases awaiting a second read": phases[Phase.AWAITING_SECOND],
        "cases to adjudicate": phases[Phase.DISCORDANT],
    }


def waiting() -> Iterator[str]:
    yield ""
    yield f"Waiting, of {ReadingCase.objects.filter(repeats__isnull=True).count():,} cases and everything before them"
    yield from counted(queues())


def published() -> Iterator[str]:
    """The reconstruction's table: in print, and computed from the scores and outcomes on record."""
    yield ""
    yield f"The 66-patient study ({LABEL})"
    for row in published_beside_computed():
        yield f"  {row.what}"
        yield f"    printed   {row.printed}"
        yield f"    computed  {row.computed}"


def sign_ins() -> Iterator[str]:
    """Each role's user name and password."""
    yield "Sign in as"
    for player in PLAYERS.values():
        where = f" at {player.site}" if player.site else ""
        yield f"  {player.role + where:<{WIDTH}} {player.username:<6} {player.password}"
