"""The whole synthetic part of the kidney demo from one seed: sections, runs, reads, parcels, open work.

No public source has CA-IX or architecture percentages or receipts. Everything yielded here is
synthetic and says so; the blocks, slides and patients it hangs on are real.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from lims.demo import sections
from lims.demo.agreement import disagreements
from lims.demo.chance import Chance
from lims.demo.kirc import Cohort
from lims.demo.mix import specimens
from lims.demo.opinions import Opinion
from lims.demo.pairs import DISCORDANT_SHARE, two_opinions
from lims.demo.parcels import parcels
from lims.demo.plans import Adjudication, PatientPlan, Plan, Read
from lims.demo.rows import PortionRow
from lims.demo.sections import Bench, Section, workday
from lims.demo.truth import Truth

SEED = 20160128
AS_OF = date(2016, 1, 28)
CONCLUDED = "concluded"
OPEN_STAGES = {
    "announced": 5,
    "received": 5,
    "cut": 5,
    "run_open": 5,
    "first_read": 7,
    "second_read": 7,
    "adjudication": 6,
}
WITH_READS = ("second_read", "adjudication", CONCLUDED)


def plan(cohort: Cohort, seed: int = SEED, as_of: date = AS_OF) -> Plan:
    """The synthetic part of the demo; the same for the same seed and day on every machine.

    `as_of` is the day on which the open work is looked at: its dates lie in the weeks before.
    """
    blocks = first_tumour_portions(cohort)
    stages = pending(blocks)
    bench = _bench(blocks, stages, seed, as_of)
    truths = specimens(cohort, seed)
    cut: dict[str, list[Section]] = {block.patient: [] for block in blocks}
    for section in bench.sections:
        cut[section.patient].append(section)
    plans = tuple(_plan(b, stages[b.patient], tuple(cut[b.patient]), truths[b.patient], seed) for b in blocks)
    awaited = {patient for patient, stage in stages.items() if stage == "announced"}
    return Plan(bench.runs, plans, parcels(cohort, awaited, seed, as_of))


def first_tumour_portions(cohort: Cohort) -> list[PortionRow]:
    """Each patient's first portion of the first primary tumour sample, by the day it was made."""
    primary = {s.barcode for s in cohort.samples if s.kind == "primary" and s.source_type == "primary tumor"}
    first: dict[str, PortionRow] = {}
    for portion in sorted(cohort.portions, key=lambda p: p.barcode):
        if portion.sample in primary:
            first.setdefault(portion.patient, portion)
    return sorted(first.values(), key=lambda portion: (portion.created, portion.barcode))


def pending(blocks: Sequence[PortionRow]) -> dict[str, str]:
    """Each patient's stage: the last 40 blocks leave work in every queue, all others are concluded."""
    stages = [stage for stage, many in OPEN_STAGES.items() for _ in range(many)]
    done = [CONCLUDED] * (len(blocks) - len(stages))
    return {block.patient: stage for block, stage in zip(blocks, [*done, *reversed(stages)], strict=True)}


def _bench(blocks: Sequence[PortionRow], stages: dict[str, str], seed: int, as_of: date) -> Bench:
    at: dict[str, list[PortionRow]] = {stage: [] for stage in (*OPEN_STAGES, CONCLUDED)}
    for block in blocks:
        at[stages[block.patient]].append(block)
    to_read = [*at["first_read"], *at["second_read"], *at["adjudication"]]
    return sections.joined(
        (
            sections.batches(at[CONCLUDED], seed),
            sections.batch(to_read, "90", workday(as_of - timedelta(days=25), -1), seed),
            sections.batch(at["run_open"], "91", workday(as_of - timedelta(days=2), -1), seed, awaiting=True),
            sections.cut_only(at["cut"], workday(as_of - timedelta(days=6), -1)),
        )
    )


def _plan(block: PortionRow, stage: str, cut: tuple[Section, ...], truth: Truth, seed: int) -> PatientPlan:
    if stage not in WITH_READS:
        return PatientPlan(block.patient, block.barcode, stage, cut, (), (), None, truth)
    wanted = Chance(seed, block.patient, "discordant").under(DISCORDANT_SHARE)
    both, decided = two_opinions(
        Chance(seed, block.patient, "reads"), truth, discordant=wanted or stage == "adjudication"
    )
    reads = _reads(both, cut, seed)
    if stage == "second_read":
        return PatientPlan(block.patient, block.barcode, stage, cut, reads[:1], (), None, truth)
    reasons = disagreements(both[0].both, both[1].both)
    ruling = _ruling(decided, reads, seed) if reasons and stage == CONCLUDED else None
    return PatientPlan(block.patient, block.barcode, stage, cut, reads, reasons, ruling, truth)


def _reads(both: tuple[Opinion, Opinion], cut: tuple[Section, ...], seed: int) -> tuple[Read, ...]:
    """In order of signing; either reader may come first."""
    ready = max(section.stained for section in cut if section.stained)
    made = []
    for reader, opinion in zip("AB", both, strict=True):
        waited = Chance(seed, cut[0].patient, "reader", reader).whole(3, 17)
        day = workday(ready + timedelta(days=waited))
        made.append(Read(reader, day, opinion.histology, opinion.caix))
    return tuple(sorted(made, key=lambda read: (read.on, read.reader)))


def _ruling(decided: Opinion, reads: tuple[Read, ...], seed: int) -> Adjudication:
    waited = Chance(seed, str(reads), "adjudicated").whole(2, 20)
    return Adjudication(workday(reads[-1].on + timedelta(days=waited)), decided.histology, decided.caix)
