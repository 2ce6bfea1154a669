"""Training sets: made by the lead, worked through by a reader, passed or not; and what a qualification opens."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lims.models import User
from lims.vocabulary import Role
from scoring.models import Qualification, TrainingItem, TrainingSet
from scoring.qualifying import end_qualification, qualify_by_hand, warnings_for
from scoring.queries import case_for, reading_queue
from scoring.rules.vocabulary import Assay
from scoring.training import (
    add_item_from_case,
    add_training_item,
    answer_item,
    close_training_set,
    make_training_set,
)
from scoring.training_desk import next_item, one_set, training_sets
from specimens.assays import record_assay_version
from specimens.errors import Forbidden, Invalid, Rejected
from specimens.vocabulary import Stain
from tests.cast import AT, Cast, person
from tests.refusals import forbidden, refused
from tests.scoring.desk import LATER, PAPILLARY, a_case, a_tumour, both_sign, signs
from tests.stories import HISTOLOGY, House

DAY = AT.date()


@pytest.fixture
def lead(cast: Cast) -> User:
    return person("lena", "Lena Haas", Role.LEAD_PATHOLOGIST)


@pytest.fixture
def training(cast: Cast, house: House, lead: User) -> TrainingSet:
    """Two slides, of which one must be read rightly."""
    made = make_training_set(by=lead, at=AT, name="Histology 1", assay=Assay.HISTOLOGY, pass_share=Decimal("0.5"))
    for number in range(2):
        case = a_case(cast, house, specimen=a_tumour(cast, house, f"CWG-T{number}"))
        both_sign(cast, case)
        add_item_from_case(by=lead, at=AT, training=made, case=case)
    return made


def answers(reader: User, training: TrainingSet, *changes: dict[str, str]) -> None:
    for change in changes:
        item = next_item(reader, training)
        assert item is not None
        answer_item(by=reader, at=LATER, item=item, findings=HISTOLOGY | change)


def by_hand(lead: User, reader: User, days: int = 90, **said: object) -> Qualification:
    told = {"assay": Assay.HISTOLOGY, "valid_until": DAY + timedelta(days=days), "reason": "validated", **said}
    return qualify_by_hand(by=lead, at=AT, reader_id=reader.pk, **told)


def test_who_passes_is_qualified(cast: Cast, training: TrainingSet) -> None:
    answers(cast.reader, training, {})
    assert not Qualification.objects.exists(), "a try says nothing before its end"
    assert one_set(cast.reader, training.pk).tries == ()
    answers(cast.reader, training, PAPILLARY)
    held = Qualification.objects.get()
    assert (held.reader, held.how, held.share, held.attempt) == (cast.reader, "training", Decimal("0.500"), 1)
    assert held.valid_until == DAY + timedelta(days=365)
    done = one_set(cast.reader, training.pk).tries[0]
    assert (done.right, done.of, done.passed) == (1, 2, True)
    assert next(wrong for _, wrong in done.items if wrong)[:2] == ("papillary", "risk")
    with refused("passed_already", "your qualification stands until"):
        answer_item(by=cast.reader, at=LATER, item=training.items.first(), findings=HISTOLOGY)


def test_who_fails_tries_again(cast: Cast, training: TrainingSet) -> None:
    answers(cast.reader, training, PAPILLARY, PAPILLARY)
    assert not Qualification.objects.exists()
    answers(cast.reader, training, {}, {})
    assert Qualification.objects.get().attempt == 2
    assert [each.passed for each in one_set(cast.reader, training.pk).tries] == [False, True]


def test_an_item_is_answered_once_a_try(cast: Cast, training: TrainingSet) -> None:
    item = next_item(cast.reader, training)
    answer_item(by=cast.reader, at=LATER, item=item, findings=HISTOLOGY)
    with refused("training_answer_once", "You have answered this one already"):
        answer_item(by=cast.reader, at=LATER, item=item, findings=HISTOLOGY)
    with refused("read_refused", "", Rejected):
        answer_item(by=cast.second_reader, at=LATER, item=item, findings=HISTOLOGY | {"arch_solid": "90"})


def test_points_off_are_wrong_too(cast: Cast, training: TrainingSet) -> None:
    answers(cast.reader, training, {"necrosis": "25"}, {"necrosis": "20"})
    done = one_set(cast.reader, training.pk).tries[0]
    assert sorted(wrong for _, wrong in done.items) == [(), ("necrosis",)]


def test_only_the_lead_makes_sets_and_nobody_takes_their_own(cast: Cast, house: House, training: TrainingSet) -> None:
    for other in (cast.reader, cast.coordinator, cast.adjudicator):
        with forbidden("Only the lead pathologist qualifies readers."):
            make_training_set(by=other, at=AT, name="X", assay=Assay.CAIX, pass_share=Decimal(1))
    with forbidden("Only pathologists are trained."):
        answer_item(by=cast.adjudicator, at=LATER, item=training.items.first(), findings=HISTOLOGY)


def test_what_a_set_refuses(cast: Cast, house: House, lead: User, training: TrainingSet) -> None:
    said = {"by": lead, "at": AT, "assay": Assay.HISTOLOGY, "pass_share": Decimal("0.8")}
    with refused("training_name_once", "of that name already"):
        make_training_set(name="Histology 1", **said)
    for changes, code in (({"pass_share": Decimal(0)}, "pass_share"), ({"valid_days": 0}, "valid_days")):
        with refused(code, "", Invalid):
            make_training_set(name="Other", **said | changes)
    open_case = a_case(cast, house)
    with refused("not_concluded", "Only a concluded case has a known answer"):
        add_item_from_case(by=lead, at=AT, training=training, case=open_case)
    with refused("being_read", "being read"):
        add_training_item(by=lead, at=AT, training=training, slide=open_case.slide, answer=HISTOLOGY)
    caix = a_case(cast, house, Stain.CAIX, open_case.specimen)
    with refused("other_assay", "is not stained for histology"):
        add_training_item(by=lead, at=AT, training=training, slide=caix.slide, answer=HISTOLOGY)
    answers(cast.reader, training, {})
    both_sign(cast, open_case)
    with refused("begun", "Somebody has begun Histology 1"):
        add_item_from_case(by=lead, at=AT, training=training, case=open_case)
    close_training_set(by=lead, at=AT, training=training)
    with refused("closed_already", "is closed"):
        answer_item(by=cast.second_reader, at=LATER, item=TrainingItem.objects.all()[0], findings=HISTOLOGY)
    assert [row.id for row in training_sets(cast.second_reader)] == []


def test_the_first_qualification_begins_the_rule(cast: Cast, house: House, lead: User) -> None:
    case = a_case(cast, house)
    assert {row.code for row in reading_queue(cast.second_reader)} == {case.code}
    held = by_hand(lead, cast.reader)
    assert {row.code for row in reading_queue(cast.reader)} == {case.code}
    assert reading_queue(cast.second_reader) == []
    with refused("not_qualified", "You are not qualified for this version of histology"):
        signs(cast.second_reader, case)
    assert warnings_for(cast.second_reader.pk, DAY)[0].startswith("You are not qualified for histology")
    signs(cast.reader, case)
    end_qualification(by=lead, at=AT, qualification=held, reason="left the core")
    with refused("ended_already", "ended already"):
        end_qualification(by=lead, at=AT, qualification=held, reason="again")
    other = a_case(cast, house, specimen=a_tumour(cast, house, "CWG-2"))
    assert "not qualified" in case_for(cast.reader, other.code).may_sign


def test_it_ends_on_its_day_and_warns_before(cast: Cast, lead: User) -> None:
    by_hand(lead, cast.reader, days=60)
    until = DAY + timedelta(days=60)
    assert warnings_for(cast.reader.pk, DAY) == []
    assert warnings_for(cast.reader.pk, DAY + timedelta(days=30)) == [
        f"Your qualification for histology ends on {until}."
    ]
    assert warnings_for(cast.reader.pk, until + timedelta(days=1))[0].startswith(
        f"Your qualification for histology ended on {until}"
    )


def test_it_is_for_a_version_of_the_assay(cast: Cast, house: House, lead: User) -> None:
    one, other = (record_assay_version(by=cast.bench, at=AT, stain=Stain.HE, name=name) for name in ("H 1", "H 2"))
    by_hand(lead, cast.reader, version=other)
    case = a_case(cast, house)
    assert reading_queue(cast.reader), "a run that names no version needs no certain one"
    from scoring.assessing import WORKER
    from scoring.opening import open_cases
    from specimens.models import StainRun
    from specimens.sectioning import Cut, cut_sections
    from specimens.staining import NewRun, stain_run
    from tests.stories import CONTROL_SLIDES, CUT_ON, STAINED_ON, a_lot

    assert StainRun.objects.get().assay is None
    tumour = a_tumour(cast, house, "CWG-2")
    slide = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=tumour.blocks.get(), sections=1, cut_on=CUT_ON)])[0]
    run = NewRun(lot=a_lot(cast, Stain.HE), slides=[slide], stained_on=STAINED_ON, assay=one, controls=CONTROL_SLIDES)
    stain_run(by=cast.bench, at=AT, run=run)
    (versioned,) = open_cases(by=WORKER, at=AT, slides=[slide])
    assert {row.code for row in reading_queue(cast.reader)} == {case.code}
    with refused("not_qualified", "You are not qualified for this version"):
        signs(cast.reader, versioned)


def test_what_a_qualification_by_hand_refuses(cast: Cast, lead: User) -> None:
    with refused("reason_missing", "Say what", Invalid):
        by_hand(lead, cast.reader, reason=" ")
    with refused("until_before_from", "ends on or after", Invalid):
        by_hand(lead, cast.reader, days=-1)
    with forbidden("Only the lead pathologist qualifies readers."):
        by_hand(cast.coordinator, cast.reader)
    from lims.people import grant_role
    from tests.cast import FOUNDER

    grant_role(by=FOUNDER, at=AT, user=cast.reader, role=Role.LEAD_PATHOLOGIST)
    with refused("not_oneself", "Nobody qualifies themselves", Forbidden):
        by_hand(User.objects.get(pk=cast.reader.pk), cast.reader)
