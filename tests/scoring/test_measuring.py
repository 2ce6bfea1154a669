"""Measured beside a signed CA-IX read: after the signature, once, seen by its reader, by others after the case."""

import io
from decimal import Decimal

import pytest
from django.test import override_settings
from PIL import Image

from scoring.marking import picture_marked, set_mark
from scoring.measuring import MEASURE, far_apart, measure, measured_beside, register
from scoring.models import Measurement, Read, ReadingCase, Score
from scoring.queries import case_for
from scoring.vocabulary import MarkKind
from specimens import jobs
from specimens.imaging import attach_image
from specimens.models import LedgerEntry
from specimens.models.jobs import Job
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.scoring.desk import LATER, LOW, a_case, corrects, signs
from tests.stories import House

TOP = [(0, 0), (400, 0), (400, 200), (0, 200)]


def half_brown() -> bytes:
    picture = Image.new("RGB", (400, 400), (250, 250, 250))
    picture.paste((140, 90, 50), (0, 0, 200, 200))
    picture.paste((150, 160, 200), (200, 0, 400, 200))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    made = a_case(cast, house, Stain.CAIX)
    attach_image(by=cast.bench, at=AT, slide=made.slide, name="a.png", content=half_brown())
    return made


def marks(person: object, case: ReadingCase, shape: object = TOP) -> None:
    picture = picture_marked(case_for(person, case.code), 1)
    set_mark(by=person, at=LATER, case=case, picture=picture, kind=MarkKind.REGION, shape=shape)


def beside(person: object, case: ReadingCase) -> list[tuple[str, Decimal | None]]:
    return [(each.whose, each.positive_area) for each in measured_beside(case_for(person, case.code))]


def test_nothing_is_measured_before_the_signature(cast: Cast, case: ReadingCase) -> None:
    marks(cast.reader, case)
    jobs.work_off()
    assert not Job.objects.filter(kind=MEASURE).exists()
    assert not Measurement.objects.exists()
    assert beside(cast.reader, case) == []


def test_the_largest_region_is_measured_once_after_it(cast: Cast, case: ReadingCase) -> None:
    marks(cast.reader, case, [(0, 0), (100, 0), (100, 100)])
    marks(cast.reader, case)
    read = signs(cast.reader, case)
    assert Job.objects.get(kind=MEASURE).queue == "images"
    jobs.work_off()
    found = Measurement.objects.get()
    assert (found.read, found.positive_area, found.nuclei, found.cause) == (read, 50, None, "")
    assert found.region == [list(map(float, corner)) for corner in TOP]
    assert found.apart == abs(50 - 95)
    measure(read.pk)
    assert Measurement.objects.count() == LedgerEntry.objects.filter(deed="measure read").count() == 1
    assert "50" not in LedgerEntry.objects.get(deed="measure read").sentence.replace(case.code, "")


def test_without_a_region_nothing_is_asked(cast: Cast, case: ReadingCase) -> None:
    signs(cast.reader, case)
    assert not Job.objects.filter(kind=MEASURE).exists()


def test_a_region_of_bare_glass_says_so(cast: Cast, case: ReadingCase) -> None:
    marks(cast.reader, case, [(0, 250), (400, 250), (400, 390)])
    signs(cast.reader, case)
    jobs.work_off()
    found = Measurement.objects.get()
    assert (found.positive_area, found.apart) == (None, None)
    assert found.cause == "There is hardly any tissue in the region."
    assert far_apart().rows == []


def test_its_reader_sees_it_then_and_others_once_the_case_concludes(cast: Cast, case: ReadingCase) -> None:
    marks(cast.reader, case)
    signs(cast.reader, case)
    jobs.work_off()
    assert beside(cast.reader, case) == [("your read", 50)]
    for other in (cast.second_reader, cast.third_reader, cast.coordinator, cast.statistician, cast.bench):
        assert beside(other, case) == []
    signs(cast.second_reader, case, **LOW)
    assert beside(cast.adjudicator, case) == []
    assert beside(cast.second_reader, case) == []
    assert far_apart().rows == []


def test_large_differences_of_concluded_cases_are_the_leads(cast: Cast, case: ReadingCase) -> None:
    marks(cast.reader, case)
    first = signs(cast.reader, case)
    signs(cast.second_reader, case)
    jobs.work_off()
    assert beside(cast.second_reader, case) == [("Read A", 50)]
    assert beside(cast.coordinator, case) == [("Read A", 50)]
    (row,) = far_apart().rows
    assert (row.code, row.label, row.read, row.positive_area, row.apart) == (case.code, "Read A", 95, 50, 45)
    with override_settings(PARAFFIN_MEASUREMENT_APART=46):
        assert far_apart().rows == []
        assert not measured_beside(case_for(cast.reader, case.code))[0].is_large
    corrects(cast.reader, first, pct_0="45", pct_1="10", pct_2="20", pct_3="25")
    jobs.work_off()
    assert Measurement.objects.latest("id").apart == 5
    assert far_apart().rows == []


def test_it_never_enters_a_score(cast: Cast, case: ReadingCase) -> None:
    marks(cast.reader, case)
    for reader in (cast.reader, cast.second_reader):
        signs(reader, case)
    jobs.work_off()
    inputs = str(list(Score.objects.values()))
    assert Score.objects.exists()
    assert set(Score.objects.values_list("caix", flat=True)) == {Decimal(95)}
    assert "measure" not in inputs
    before = Score.objects.count()
    register()
    measure(Read.objects.first().pk)
    jobs.work_off()
    assert Score.objects.count() == before
