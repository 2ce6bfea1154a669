"""One whole slide on an H&E slide that waits for its first read, marked as not this slide's tissue."""

from pathlib import Path

from lims.demo import words
from lims.demo.load_bench import slides_of
from lims.demo.stage import Stage, Step, Tick, at, coded
from lims.demo.synthetic import AS_OF
from specimens.models import SlideImage
from specimens.whole_slides import attach_upload

WHOLE_SLIDE = Path(__file__).parent / "images" / "cmu_small_region.svs"


def steps(stage: Stage) -> list[Step]:
    return [Step("whole slide", 1, lambda tick: load(stage, tick))]


def load(stage: Stage, tick: Tick) -> None:
    """The slide is attached; a worker cuts its tiles."""
    tick(1)
    waiting = (plan.read_section(words.HE) for plan in stage.plan.patients if plan.stage == "first_read")
    section = next((each for each in waiting if each), None)
    if section is None or SlideImage.objects.filter(whole_slide=True, demonstration=True).exists():
        return
    attach_upload(
        by=stage.people["bench"],
        at=at(AS_OF, 8),
        slide=slides_of(stage.trial.pk)[coded(section.label)],
        name=WHOLE_SLIDE.name,
        path=WHOLE_SLIDE,
        demonstration=True,
    )
