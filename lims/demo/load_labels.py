"""Labels of the synthetic sections that were stained last, printed as the bench prints them; one printed again."""

from uuid import UUID, uuid5

from lims.demo.stage import Stage, Step, Tick, at
from specimens.labelling import print_labels
from specimens.models import LabelPrint, Slide
from specimens.queries import slides
from specimens.scope import EVERYTHING
from specimens.vocabulary import LabelFormat

LABELLED, STOCK = 24, "avery-l7651"
NAMES = UUID("5d3c1a52-7c53-4c0b-9c37-3f6a0d1b8e11")


def steps(stage: Stage) -> list[Step]:
    return [Step("labels", LABELLED, lambda tick: load(stage, tick))]


def load(stage: Stage, tick: Tick) -> None:
    tick(LABELLED)
    found = slides(EVERYTHING).filter(synthetic=True, cut_at_core=True).order_by("-id")[:LABELLED]
    newest: list[Slide] = sorted(found, key=lambda slide: slide.pk)
    for name, things, reason in (("first", newest, ""), ("again", newest[:1], "smeared by xylene")):
        batch = uuid5(NAMES, name)
        if things and not LabelPrint.objects.filter(batch=batch).exists():
            print_labels(
                by=stage.people["bench"], at=at(stage.as_of), batch=batch, format=LabelFormat.SHEET, stock=STOCK,
                things=things, reason=reason,
            )  # fmt: skip
