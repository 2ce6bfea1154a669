"""Moving a block to the specimen it is really of."""

from specimens.correcting import move_block
from specimens.errors import Invalid
from specimens.models import Block, Correction, Job, LedgerEntry, Patient, Specimen
from specimens.vocabulary import SpecimenKind
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_patient, a_received_block, a_specimen, a_stained_slide


def move(by: object, block: Block, to: Specimen, reason: str = "wrong cassette") -> Correction:
    return move_block(by=by, at=AT, block=block, to=to, reason=reason)


def test_a_block_goes_to_another_specimen_with_its_slides(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient, label="A2")
    slide = a_stained_slide(cast, block)
    other = a_patient(cast, house, "CWG-0200")
    right = a_specimen(cast, house, other, SpecimenKind.METASTASIS)
    was = block.specimen
    kept = move(cast.coordinator, block, right)
    slide.refresh_from_db()
    assert slide.block.specimen == right
    assert (kept.was, kept.became) == (str(was), str(right))
    lines = list(LedgerEntry.objects.filter(deed="move block").order_by("number"))
    assert [line.patient_id for line in lines] == [patient.pk, other.pk]
    assert "cases on its slides are void" in lines[0].sentence
    job = Job.objects.get(kind="tissue moved")
    assert job.arguments == {"specimen_ids": [was.pk, right.pk], "patient_ids": [patient.pk, other.pk]}


def test_within_one_patient_it_is_one_line(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient, label="A2")
    move(cast.coordinator, block, a_specimen(cast, house, patient, SpecimenKind.METASTASIS))
    assert LedgerEntry.objects.filter(deed="move block").count() == 1


def test_only_coordinators_correct(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    right = a_specimen(cast, house, patient, SpecimenKind.METASTASIS)
    for name, person in cast.everybody().items():
        if name != "coordinator":
            with forbidden("Only coordinators of the core correct an identity"):
                move(person, block, right)


def test_no_reason(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    with refused("reason_missing", "Say why this is corrected", Invalid):
        move(cast.coordinator, block, block.specimen, reason="")


def test_it_is_there_already(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    with refused("there_already", f"Block {block} is of specimen {block.specimen} already."):
        move(cast.coordinator, block, block.specimen)


def test_two_blocks_with_one_label(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient)
    right = a_specimen(cast, house, patient, SpecimenKind.METASTASIS)
    with refused("block_label_once", "This specimen has a block with that label already."):
        move(cast.coordinator, block, right)
