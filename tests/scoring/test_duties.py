"""What the scoring floor does by itself when something below it happens."""

from scoring import queries
from scoring.models import PatientScore, ReadingCase, Score
from specimens import jobs
from specimens.models import Job
from specimens.staining import record_controls
from specimens.vocabulary import ControlKind, Stain
from tests.cast import AT, Cast
from tests.scoring.desk import LATER, ONE_FAILED, a_case, a_tumour, both_sign
from tests.stories import PASSED, STAINED_ON, House, a_stained_slide


def test_cases_open_when_the_controls_pass(cast: Cast, house: House) -> None:
    slide = a_stained_slide(cast, a_tumour(cast, house).blocks.get(), Stain.CAIX)
    jobs.work_off()
    case = ReadingCase.objects.get()
    assert (case.slide, case.assay) == (slide, "caix")


def test_none_opens_while_they_have_not(cast: Cast, house: House) -> None:
    a_stained_slide(cast, a_tumour(cast, house).blocks.get(), Stain.CAIX, {ControlKind.POSITIVE: True})
    a_stained_slide(cast, a_tumour(cast, house, "CWG-2").blocks.get(), Stain.CAIX, ONE_FAILED)
    jobs.work_off()
    assert not ReadingCase.objects.exists()


def test_controls_that_pass_at_last(cast: Cast, house: House) -> None:
    slide = a_stained_slide(cast, a_tumour(cast, house).blocks.get(), Stain.CAIX, {})
    record_controls(by=cast.bench, at=AT, run=slide.staining.run, results=PASSED, observed_on=STAINED_ON)
    jobs.work_off()
    assert ReadingCase.objects.get().slide == slide


def test_a_second_section_waits_for_a_person(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    first = a_stained_slide(cast, tumour.blocks.get(), Stain.CAIX)
    jobs.work_off()
    a_stained_slide(cast, tumour.blocks.get(), Stain.CAIX)
    jobs.work_off()
    assert ReadingCase.objects.get().slide == first


def test_a_restain_of_a_failed_run_opens_a_new_case(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    first = a_stained_slide(cast, tumour.blocks.get(), Stain.CAIX)
    jobs.work_off()
    record_controls(
        by=cast.bench,
        at=LATER,
        run=first.staining.run,
        results=ONE_FAILED,
        observed_on=STAINED_ON,
        reason="pale",
    )
    second = a_stained_slide(cast, tumour.blocks.get(), Stain.CAIX)
    jobs.work_off()
    assert list(ReadingCase.objects.order_by("id").values_list("slide", flat=True)) == [first.pk, second.pk]


def test_a_concluded_case_is_scored(cast: Cast, house: House) -> None:
    both_sign(cast, a_case(cast, house))
    jobs.work_off()
    assert PatientScore.objects.get().score == Score.objects.get()


def test_a_lost_request_is_found(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case)
    Job.objects.filter(kind="specimen concluded").delete()
    assert queries.unscored_specimens() == [case.specimen_id]
    jobs.sweep()
    assert Job.objects.filter(kind="specimen concluded").count() == 1
    jobs.sweep()
    assert Job.objects.filter(kind="specimen concluded").count() == 1
    jobs.work_off()
    assert Score.objects.count() == 1
    assert queries.unscored_specimens() == []


def test_each_duty_twice_is_once(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    both_sign(cast, a_case(cast, house, Stain.CAIX, tumour))
    jobs.work_off()
    before = (Score.objects.count(), PatientScore.objects.count(), ReadingCase.objects.count())
    for kind, arguments in Job.objects.values_list("kind", "arguments"):
        for doer in jobs.DOERS[kind]:
            doer(**arguments)
            doer(**arguments)
    assert (Score.objects.count(), PatientScore.objects.count(), ReadingCase.objects.count()) == before
