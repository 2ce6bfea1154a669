"""Who reads what in the demo: qualifications, a synthetic training set that was passed, open cases given out.

Qualifications are asked for on the day of reading, so these hold from the day of the load; one of them ends soon.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from lims.demo.stage import Stage, Step, Tick
from scoring.assigning import assign_by_rule
from scoring.cases import current, open_to_readers
from scoring.models import Assignment, Qualification, Read, ReadingCase, TrainingAnswer, TrainingSet
from scoring.phases import concluded, with_phase
from scoring.qualifying import qualify_by_hand
from scoring.rules.vocabulary import Assay
from scoring.training import add_item_from_case, answer_item, make_training_set
from specimens.models import Trial

READERS = ("A", "B", "C")
SET, SLIDES, PASSES = "Histology, synthetic", 3, Decimal("0.6")
BY_TRAINING, SOON = ("C", Assay.HISTOLOGY), ("B", Assay.CAIX)
YEAR, WEEKS = timedelta(days=365), timedelta(days=21)
WHY = "synthetic: a validation of the demo"


def steps(stage: Stage) -> list[Step]:
    return [
        Step("training set", 1, lambda tick: train(stage, tick)),
        Step("qualifications", len(READERS) * len(Assay), lambda tick: qualify(stage, tick)),
        Step("assignments", 1, lambda tick: give_out(stage, tick)),
    ]


def train(stage: Stage, tick: Tick) -> None:
    """A set of concluded cases; one reader answers it as one of their readers did, and passes."""
    lead, reader, now = stage.people["lead"], stage.people[BY_TRAINING[0]], timezone.now()
    made = TrainingSet.objects.filter(name=SET).first() or make_training_set(
        by=lead, at=now, name=SET, assay=Assay.HISTOLOGY, pass_share=PASSES, synthetic=True
    )
    for case in known(stage.trial)[made.items.count() : SLIDES]:
        if not TrainingAnswer.objects.filter(item__training=made).exists():
            add_item_from_case(by=lead, at=now, training=made, case=case)
    if not Qualification.objects.filter(training=made).exists():
        done = TrainingAnswer.objects.filter(item__training=made, reader=reader).values("item_id")
        for item in made.items.exclude(pk__in=done).select_related("training").order_by("number"):
            read = Read.objects.filter(case__slide_id=item.slide_id, slot=1, successor__isnull=True).latest("id")
            answer_item(by=reader, at=now, item=item, findings=read.findings)
    tick(1)


def known(trial: Trial) -> list[ReadingCase]:
    """The last concluded histology cases with two reads, first opened first."""
    found = concluded(current().filter(specimen__patient__trial=trial, assay=Assay.HISTOLOGY, withdrawn=False))
    return list(found.filter(readers_required=2).order_by("id")[:SLIDES])


def qualify(stage: Stage, tick: Tick) -> None:
    """Every reader for both assays by hand, but for the one who passed the set."""
    now, today = timezone.now(), timezone.localdate()
    here = set(Qualification.objects.values_list("reader_id", "assay"))
    for part in READERS:
        for assay in Assay:
            reader = stage.people[part]
            if (reader.pk, assay.value) not in here:
                qualify_by_hand(
                    by=stage.people["lead"], at=now, reader_id=reader.pk, assay=assay, reason=WHY,
                    valid_until=until(today, part, assay),
                )  # fmt: skip
            tick(1)


def until(today: date, part: str, assay: Assay) -> date:
    return today + (WEEKS if (part, assay) == SOON else YEAR)


def give_out(stage: Stage, tick: Tick) -> None:
    """Every other case that waits, by the rule; the rest stay open to all, for somebody to give out."""
    if not Assignment.objects.exists():
        waiting = with_phase(open_to_readers()).filter(filled=False, specimen__patient__trial=stage.trial)
        cases = list(waiting.order_by("id"))[::2]
        assign_by_rule(by=stage.people["coordinator"], at=timezone.now(), cases=cases)
    tick(1)
