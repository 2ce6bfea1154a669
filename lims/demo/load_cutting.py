"""Synthetic bench work that is still open: assay versions in use, orders to cut, a block used up, a section ageing."""

from datetime import date, timedelta

from lims.demo.load_bench import CA_IX, THICKNESS, VERSIONS
from lims.demo.load_parcels import FORMALIN
from lims.demo.stage import Stage, Step, Tick, at, coded
from specimens.assays import record_assay_version, retire_assay_version
from specimens.models import AssayVersion, Block, BlockExhaustion, CuttingOrder, Slide
from specimens.ordering import NewOrder, exhaust_block, order_sections, order_usual
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import Stain

FIRST_DAY = date(2014, 1, 2)
RETIRED = "CA-IX, synthetic 1"
OLD = "-SYN-OLD"
AGE = 50  # days: past the warning, before the limit


def assays(stage: Stage) -> list[Step]:
    """Before the first run is stained."""
    return [Step("assay versions", len(VERSIONS) + 1, lambda tick: record_assays(stage, tick))]


def steps(stage: Stage) -> list[Step]:
    return [
        Step("cutting orders", 2, lambda tick: order(stage, tick)),
        Step("a block used up, a section ageing", 2, lambda tick: wear(stage, tick)),
    ]


def record_assays(stage: Stage, tick: Tick) -> None:
    """The two in use, and the one that CA-IX was stained by before."""
    bench, here = stage.people["bench"], set(AssayVersion.objects.values_list("name", flat=True))
    for stain, (name, parts) in VERSIONS.items():
        if name not in here:
            record_assay_version(by=bench, at=at(FIRST_DAY), stain=stain, name=name, synthetic=True, **parts)
        tick(1)
    if RETIRED not in here:
        said = VERSIONS[Stain.CAIX][1] | {"dilution": "1:2000"}
        old = record_assay_version(by=bench, at=at(FIRST_DAY), stain=Stain.CAIX, name=RETIRED, synthetic=True, **said)
        retire_assay_version(by=bench, at=at(FIRST_DAY, 12), assay=old, reason=f"{CA_IX} took its place")
    tick(1)


def formalin(stage: Stage) -> list[Block]:
    found = Block.objects.filter(specimen__patient__trial=stage.trial, site_label__endswith=FORMALIN)
    return list(found.select_related("specimen__patient__trial").order_by("id"))


def order(stage: Stage, tick: Tick) -> None:
    """The usual of every third formalin block, and levels of the first; the others wait to be ordered from."""
    chosen = formalin(stage)[::3]
    fresh = [block for block in chosen if not CuttingOrder.objects.filter(block=block).exists()]
    if fresh:
        coordinator, wanted = stage.people["coordinator"], stage.as_of + timedelta(days=4)
        order_usual(by=coordinator, at=at(stage.as_of, 10), blocks=fresh, wanted_by=wanted, synthetic=True)
    tick(1)
    if fresh:
        levels = NewOrder(
            fresh[0], 6, Stain.HE, THICKNESS, "3 levels, 50 µm apart", stage.as_of + timedelta(days=1), synthetic=True
        )
        order_sections(by=stage.people["bench"], at=at(stage.as_of, 11), orders=[levels])
    tick(1)


def wear(stage: Stage, tick: Tick) -> None:
    """Of a block that was read long ago the last section is cut and left to age; another is used up."""
    portions = [coded(plan.portion) for plan in stage.plan.patients if plan.reads and not plan.adjudication][:2]
    found = Block.objects.filter(specimen__patient__trial=stage.trial, site_label__in=portions)
    blocks = {block.site_label: block for block in found.select_related("specimen__patient__trial")}
    kept, empty = (blocks.get(portion) for portion in (portions + portions)[:2])
    if kept and not Slide.objects.filter(site_label=f"{kept.site_label}{OLD}").exists():
        day = stage.as_of - timedelta(days=AGE)
        cut = Cut(kept, 1, day, THICKNESS, labels=(f"{kept.site_label}{OLD}",), synthetic=True)
        cut_sections(by=stage.people["bench"], at=at(day, 12), cuts=[cut])
    tick(1)
    if empty and not BlockExhaustion.objects.filter(block=empty).exists():
        note = "synthetic: only wax is left"
        exhaust_block(by=stage.people["bench"], at=at(stage.as_of, 13), block=empty, note=note)
    tick(1)
