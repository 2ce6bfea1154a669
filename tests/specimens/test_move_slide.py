"""Moving a slide to the block it was really cut from."""

from specimens.correcting import move_slide
from specimens.errors import Invalid
from specimens.models import Block, Correction, Job, LedgerEntry, Patient, Slide
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_patient, a_received_block, a_stained_slide


def move(by: object, slide: Slide, to: Block, reason: str = "sections swapped in the bath") -> Correction:
    return move_slide(by=by, at=AT, slide=slide, to=to, reason=reason)


def test_a_slide_goes_to_another_patient_s_block(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    slide = a_stained_slide(cast, block)
    other = a_patient(cast, house, "CWG-0200")
    right = a_received_block(cast, house, other)
    kept = move(cast.coordinator, slide, right)
    slide.refresh_from_db()
    assert slide.block == right
    assert (kept.kind, kept.was, kept.became) == ("slide_to_block", str(block), str(right))
    lines = LedgerEntry.objects.filter(deed="move slide").order_by("number")
    assert [line.patient_id for line in lines] == [patient.pk, other.pk]
    job = Job.objects.get(kind="tissue moved")
    assert job.arguments["specimen_ids"] == [block.specimen_id, right.specimen_id]


def test_only_coordinators_correct(cast: Cast, house: House, patient: Patient) -> None:
    slide = a_stained_slide(cast, a_received_block(cast, house, patient))
    right = a_received_block(cast, house, patient, label="A2")
    for name, person in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only coordinators of the core correct an identity"):
                move(person, slide, right)


def test_no_reason(cast: Cast, house: House, patient: Patient) -> None:
    slide = a_stained_slide(cast, a_received_block(cast, house, patient))
    with refused("reason_missing", "Say why this is corrected", Invalid):
        move(cast.coordinator, slide, slide.block, reason="")


def test_it_is_there_already(cast: Cast, house: House, patient: Patient) -> None:
    slide = a_stained_slide(cast, a_received_block(cast, house, patient))
    with refused("there_already", f"Slide {slide} is of block {slide.block} already."):
        move(cast.coordinator, slide, slide.block)
