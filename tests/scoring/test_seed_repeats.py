"""Slides that come back to a reader: when, to whom, unrecognised, and never counted as first reads."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
import time_machine

from scoring.cases import current
from scoring.flow import flows
from scoring.flow_facts import Asked
from scoring.models import Assignment, Read, ReadingCase, Score
from scoring.plans import set_reading_plan
from scoring.queries import case_for, current_cases, reading_queue, signed_by
from scoring.reading import sign_read
from scoring.repeat_reads import pairs
from scoring.repeating import SEEDER, is_drawn, seed_now, seed_repeats
from scoring.rules.vocabulary import Assay
from specimens import jobs
from specimens.imaging import attach_image
from specimens.scope import EVERYTHING
from tests.cast import AT, Cast
from tests.lims.web.pictures import a_picture
from tests.refusals import forbidden, refused
from tests.scoring.desk import LATER, a_case, both_sign, found, signs
from tests.stories import House

RESTED = LATER + timedelta(days=14)


@pytest.fixture(autouse=True)
def fortnight_later() -> Iterator[None]:
    with time_machine.travel(RESTED + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    """A concluded case on a slide with a picture; every read of the trial comes back."""
    set_reading_plan(
        by=cast.coordinator, at=AT, trial=house.trial, assigns=False, repeat_share=Decimal(1), wash_out_days=14
    )
    case = a_case(cast, house)
    attach_image(by=cast.bench, at=AT, slide=case.slide, name="scan.png", content=a_picture())
    both_sign(cast, case, second={"fuhrman": "3"})
    jobs.work_off()
    return case


def seeded(at=RESTED) -> list[ReadingCase]:
    return seed_repeats(by=SEEDER, at=at)


def repeat_of(case: ReadingCase, reader: object) -> ReadingCase:
    return ReadingCase.objects.get(repeats=case, assignments__reader=reader)


def test_each_reader_gets_the_slide_back_once(cast: Cast, case: ReadingCase) -> None:
    opened = seeded()
    assert len(opened) == 2
    assert {each.readers_required for each in opened} == {1}
    assert len({case.code, *(each.code for each in opened)}) == 3
    assert seeded() == [], "twice does it once"
    seed_now()
    assert ReadingCase.objects.filter(repeats=case).count() == 2


def test_not_before_the_wash_out_is_over(cast: Cast, case: ReadingCase) -> None:
    assert seeded(RESTED - timedelta(days=1)) == []


def test_glass_and_open_cases_do_not_come_back(cast: Cast, house: House, case: ReadingCase) -> None:
    from tests.scoring.desk import a_tumour

    glass = a_case(cast, house, specimen=a_tumour(cast, house, "CWG-2"))
    both_sign(cast, glass)
    half = a_case(cast, house, specimen=a_tumour(cast, house, "CWG-3"))
    attach_image(by=cast.bench, at=AT, slide=half.slide, name="scan.png", content=a_picture())
    signs(cast.reader, half)
    assert {each.repeats_id for each in seeded()} == {case.pk}


def test_only_the_worker_seeds(cast: Cast) -> None:
    with forbidden("Repeat cases are seeded by the core's own worker alone."):
        seed_repeats(by=cast.coordinator, at=AT)


def test_its_reader_cannot_tell_it_from_another(cast: Cast, house: House, case: ReadingCase) -> None:
    from tests.scoring.desk import a_tumour

    seeded()
    repeat = repeat_of(case, cast.reader)
    fresh = a_case(cast, house, specimen=a_tumour(cast, house, "CWG-2"))
    attach_image(by=cast.bench, at=AT, slide=fresh.slide, name="scan.png", content=a_picture())
    rows = {row.code: row for row in reading_queue(cast.reader)}
    assert set(rows) == {repeat.code, fresh.code}
    told = [orjson.dumps(rows[each.code]).decode().replace(each.code, "") for each in (repeat, fresh)]
    assert told[0] == told[1]
    views = [orjson.loads(orjson.dumps(case_for(cast.reader, each.code))) for each in (repeat, fresh)]
    different = {name for name in views[0] if views[0][name] != views[1][name]}
    assert different == {"id", "code", "slide_id"}
    for each in (repeat, fresh):
        signs_at(cast.reader, each)
    views = [case_for(cast.reader, each.code) for each in (repeat, fresh)]
    assert {(view.phase, view.part, view.reads, view.slide) for view in views} == {(None, "reader", (), "")}
    open_rows = {row.code: (row.concluded, row.slide) for row in signed_by(cast.reader)}
    assert open_rows[repeat.code] == open_rows[fresh.code] == (False, "")


def signs_at(person: object, case: ReadingCase, **changes: str) -> Read:
    return sign_read(by=person, at=RESTED, case=case, findings=found(case, **changes), method="password")


def test_only_its_reader_reads_it(cast: Cast, case: ReadingCase) -> None:
    seeded()
    repeat = repeat_of(case, cast.reader)
    assert repeat.code not in {row.code for row in reading_queue(cast.third_reader)}
    for other in (cast.second_reader, cast.third_reader):
        with refused("not_assigned", "given to"):
            signs_at(other, repeat)
    signs_at(cast.reader, repeat)
    with refused("read_reader_once", "You have read this case already"):
        signs_at(cast.reader, repeat)


def test_a_correction_starts_the_wash_out_again(cast: Cast, case: ReadingCase) -> None:
    seeded()
    repeat = repeat_of(case, cast.reader)
    own = Read.objects.get(case=case, reader=cast.reader)
    from scoring.reading import amend_read

    amend_read(
        by=cast.reader, at=RESTED, read=own, findings=found(case, fuhrman="3"), reason="a slip", method="password"
    )
    assert repeat.code not in {row.code for row in reading_queue(cast.reader)}
    with refused("wash_out", "may be read from 2026-12-21 on"):
        signs_at(cast.reader, repeat)
    assert "may be read from 2026-12-21 on" in case_for(cast.reader, repeat.code).may_sign


def test_it_counts_nowhere_as_a_read(cast: Cast, house: House, case: ReadingCase) -> None:
    scores, flowing = list(Score.objects.values_list("digest", flat=True)), told_flow()
    seeded()
    repeat = repeat_of(case, cast.reader)
    assert told_flow() == flowing
    signs_at(cast.reader, repeat, adequate="no", inadequate_reason="no_viable_tumour", **dict.fromkeys(
        [name for name in found(case) if name not in ("adequate", "viable_tumour", "comment")], ""),
        viable_tumour="0")  # fmt: skip
    jobs.work_off()
    assert list(Score.objects.values_list("digest", flat=True)) == scores
    assert told_flow() == flowing
    assert list(current()) == [case]
    assert current_cases([case.specimen_id])[case.specimen_id][Assay.HISTOLOGY].id == case.pk


def told_flow() -> object:
    return flows(Asked(EVERYTHING, LATER.date()))


def test_the_pairs_of_each_reader_with_themselves(cast: Cast, case: ReadingCase) -> None:
    seeded()
    assert pairs(EVERYTHING) == []
    signs_at(cast.reader, repeat_of(case, cast.reader), fuhrman="4")
    assay, reader_id, first, again, month = pairs(EVERYTHING)[0]
    assert (assay, reader_id, first.fuhrman, again.fuhrman) == (Assay.HISTOLOGY, cast.reader.pk, 2, 4)
    assert str(month) == "2026-12-01"
    assert len(pairs(EVERYTHING, "NONE")) == 0


def test_about_the_share_comes_back() -> None:
    drawn = sum(is_drawn(f"CASE{number}", 7, 0.1) for number in range(4000))
    assert 320 < drawn < 480
    assert not any(is_drawn(f"CASE{number}", 7, 0.0) for number in range(100))
    assert all(is_drawn(f"CASE{number}", 7, 1.0) for number in range(100))


def test_the_sweep_asks_once_a_day(cast: Cast, case: ReadingCase) -> None:
    jobs.sweep()
    jobs.sweep()
    jobs.work_off()
    assert Assignment.objects.filter(case__repeats=case).count() == 2
