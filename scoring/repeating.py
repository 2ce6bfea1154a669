"""Seeded repeats: some slides come back to a reader after the wash-out, as cases like any other.

Only slides with a picture come back, shown without number or day: glass would be known by its number. Slides of
training sets do not: their answer was told. Which reads
come back is drawn by a hash under the installation's key: the same for ever, and guessed by nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, Max, OuterRef
from django.utils import timezone
from django.utils.crypto import salted_hmac

from scoring import cases
from scoring.models import Assignment, Read, ReadingCase, TrainingItem
from scoring.opening import fresh_codes
from scoring.phases import concluded
from scoring.plans import plans_of
from scoring.policies import check_readable, refusal_or_none
from scoring.readers import who_reads
from scoring.rules.vocabulary import Phase
from scoring.signing import locked
from scoring.turns import rested
from scoring.vocabulary import AssignedHow
from specimens import jobs, ledger
from specimens.actors import Actor, Automaton
from specimens.deeds import deed, local_day, require
from specimens.models import Job, SlideImage

SEED = "scoring.seed_repeats"
SEEDER = Automaton("repeat cases", frozenset({SEED}))
KIND = "seed repeats"
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """One read that is to come back: which case, to whom."""

    case_id: int
    reader_id: int


@deed
def seed_repeats(*, by: Actor, at: datetime) -> list[ReadingCase]:
    """Open a repeat for every read that was drawn, has rested and has not come back. Twice does it once."""
    require(by, SEED, "Repeat cases are seeded by the core's own worker alone.")
    wanted = due_repeats(at)[:MOST_AT_ONCE]
    facts = locked({each.case_id for each in wanted}) if wanted else {}
    back = come_back([each.case_id for each in wanted])
    day = local_day(at)
    fit = [
        each
        for each in wanted
        if (each.case_id, each.reader_id) not in back
        and facts[each.case_id].phase is Phase.CONCLUDED
        and refusal_or_none(check_readable, facts=facts[each.case_id], on=day) is None
    ]
    opened = ReadingCase.objects.bulk_create(
        [
            ReadingCase(
                code=code,
                specimen_id=facts[each.case_id].specimen_id,
                slide_id=facts[each.case_id].slide_id,
                assay=facts[each.case_id].assay,
                readers_required=1,
                repeats_id=each.case_id,
                opened_at=at,
                synthetic=facts[each.case_id].synthetic,
            )
            for each, code in zip(fit, fresh_codes(len(fit)), strict=True)
        ]
    )
    Assignment.objects.bulk_create(
        Assignment(case=case, reader_id=each.reader_id, how=AssignedHow.RULE, assigned_at=at)
        for case, each in zip(opened, fit, strict=True)
    )
    lines = [
        ledger.line(
            "open repeat case",
            case,
            f"Case {case.code} was opened: a slide is shown to one of its readers again.",
            patient_id=facts[each.case_id].patient_id,
            became={"repeats": facts[each.case_id].code},
        )
        for case, each in zip(opened, fit, strict=True)
    ]
    ledger.write(lines, by=by, at=at)
    return opened


def due_repeats(at: datetime) -> list[Wanted]:
    """The reads that come back now, by case and reader. Four queries."""
    done = concluded(cases.current().filter(withdrawn=False, pictured=True)).order_by().values("pk")
    shown = SlideImage.objects.filter(slide_id=OuterRef("case__slide_id"))
    again = Assignment.objects.filter(case__repeats_id=OuterRef("case_id"), reader_id=OuterRef("reader_id"))
    trained = TrainingItem.objects.filter(slide_id=OuterRef("case__slide_id"))
    signed = (
        Read.objects.filter(case_id__in=done, slot__in=[1, 2])
        .filter(~Exists(again), ~Exists(trained), Exists(shown))
        .order_by()
        .values("case_id", "reader_id", code=F("case__code"), trial=F("case__specimen__patient__trial_id"))
        .annotate(last=Max("signed_at"))
    )
    rows = list(signed.filter(last__lte=at - timedelta(days=1)).order_by("case_id", "reader_id"))
    plans, able = plans_of({row["trial"] for row in rows}), {reader.id for reader in who_reads()}
    day = local_day(at)
    return [
        Wanted(row["case_id"], row["reader_id"])
        for row in rows
        if row["reader_id"] in able
        and rested(row["last"], plans[row["trial"]].wash_out_days) <= day
        and is_drawn(row["code"], row["reader_id"], float(plans[row["trial"]].repeat_share))
    ]


def is_drawn(code: str, reader_id: int, share: float) -> bool:
    """Does this read come back, when `share` of all do?"""
    drawn = salted_hmac("scoring.repeats", f"{code}:{reader_id}", algorithm="sha256").digest()
    return int.from_bytes(drawn[:6], "big") < share * 2**48


def come_back(case_ids: Sequence[int]) -> set[tuple[int, int]]:
    """(case, reader) of repeats that were opened already. One query."""
    found = Assignment.objects.filter(case__repeats_id__in=case_ids)
    return {(case_id or 0, reader_id) for case_id, reader_id in found.values_list("case__repeats_id", "reader_id")}


def look_for_repeats() -> None:
    """Ask once a day for the repeats of the day, where any slide with a picture was read before. Two queries."""
    key = timezone.localdate().isoformat()
    if Job.objects.filter(key=f"{KIND}:{key}").exists():
        return
    shown = SlideImage.objects.filter(slide_id=OuterRef("case__slide_id"))
    before = timezone.now() - timedelta(days=1)
    if Read.objects.filter(Exists(shown), signed_at__lte=before).exists():
        jobs.ask(KIND, key=key, arguments={}, queue="bulk")


def seed_now() -> None:
    seed_repeats(by=SEEDER, at=timezone.now())
