"""Who sees what of a case, and when: the table, and that the views obey it."""

import dataclasses

import orjson
import pytest

from scoring.blinding import Item, Part, sees
from scoring.models import ReadingCase
from scoring.queries import case_for, reads_of_patient
from scoring.rules.vocabulary import Phase
from specimens.errors import Unknown
from tests.cast import Cast
from tests.scoring.desk import PAPILLARY, a_case, decides, signs
from tests.stories import House

FIRST, SECOND, DISCORDANT, CONCLUDED = Phase
ANALYSTS = (Part.COORDINATOR, Part.STATISTICIAN)


@pytest.mark.parametrize("part", Part)
def test_nobody_sees_the_other_read_before_two_are_there(part: Part) -> None:
    for phase in (FIRST, SECOND):
        for item in (Item.READS, Item.COMPARISON, Item.CONSENSUS, Item.SCORE, Item.READER_NAMES):
            assert not sees(part, phase, item)


@pytest.mark.parametrize("part", sorted(set(Part) - {Part.ADJUDICATOR, Part.DECIDER}))
def test_a_disagreement_is_for_the_adjudicator_alone(part: Part) -> None:
    for item in (Item.READS, Item.COMPARISON, Item.CONSENSUS, Item.SCORE):
        assert not sees(part, DISCORDANT, item)
    assert sees(Part.ADJUDICATOR, DISCORDANT, Item.READS)


@pytest.mark.parametrize("part", [Part.READER, Part.CANDIDATE, Part.ADJUDICATOR, Part.DECIDER])
@pytest.mark.parametrize("phase", Phase)
def test_who_reads_never_meets_a_patient_a_name_or_a_score(part: Part, phase: Phase) -> None:
    for item in (Item.PATIENT, Item.SITE, Item.HOSPITAL_NUMBER, Item.READER_NAMES, Item.SCORE):
        assert not sees(part, phase, item)


def test_a_reader_sees_the_other_read_once_concluded() -> None:
    assert [sees(Part.READER, phase, Item.READS) for phase in Phase] == [False, False, False, True]
    assert all(sees(Part.READER, phase, Item.OWN_READ) for phase in Phase)


def test_only_coordinators_see_the_hospital_number() -> None:
    assert {part for part in Part if sees(part, FIRST, Item.HOSPITAL_NUMBER)} == {Part.COORDINATOR}


def test_a_reader_cannot_tell_whether_anybody_else_has_read(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    signs(cast.reader, case, comment="mine")
    alone = case_for(cast.reader, case.code)
    signs(cast.second_reader, case, **PAPILLARY, comment="a secret remark")
    assert case_for(cast.reader, case.code) == alone
    assert alone.own is not None
    assert (alone.own.signer, alone.phase, alone.reads) == ("Ines Moreau", None, ())
    decides(cast.adjudicator, case)
    after = case_for(cast.reader, case.code)
    assert [read.label for read in after.reads] == ["Read A", "Read B"]
    assert [read.signer for read in after.reads] == ["Ines Moreau", ""]
    assert after.discordances == ("papillary", "risk")
    assert after.consensus is not None
    assert after.consensus.how == "adjudicated"


def test_the_adjudicator_sees_both_without_names(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    with pytest.raises(Unknown):
        case_for(cast.adjudicator, case.code)
    signs(cast.reader, case)
    with pytest.raises(Unknown):
        case_for(cast.adjudicator, case.code)
    signs(cast.second_reader, case, **PAPILLARY)
    shown = case_for(cast.adjudicator, case.code)
    assert [read.findings["arch_papillary"] for read in shown.reads] == ["0", "10"]
    assert {read.signer for read in shown.reads} == {""}
    assert (shown.discordances, shown.own, shown.may_adjudicate) == (("papillary", "risk"), None, "")


def every_word(case: ReadingCase, viewer: object) -> str:
    return orjson.dumps(dataclasses.asdict(case_for(viewer, case.code))).decode()


def test_a_readers_view_holds_nothing_identifying(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    signs(cast.second_reader, case)
    signs(cast.third_reader, case, **PAPILLARY)
    patient = case.specimen.patient
    for viewer in (cast.reader, cast.second_reader, cast.adjudicator):
        shown = every_word(case, viewer)
        for secret in (patient.study_id, "Mercy", "SECRET", case.specimen.accession, "Tanaka"):
            assert secret not in shown


def test_a_coordinator_sees_the_patient_and_no_read_before_the_end(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    signs(cast.reader, case)
    shown = case_for(cast.coordinator, case.code)
    assert (shown.patient, shown.site, shown.phase, shown.reads) == (
        "CWG-0187", "Mercy General", Phase.AWAITING_SECOND, (),
    )  # fmt: skip
    signs(cast.second_reader, case)
    shown = case_for(cast.statistician, case.code)
    assert [read.signer for read in shown.reads] == ["Ines Moreau", "Otto Lindqvist"]


def test_readers_have_no_patient_page(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    signs(cast.reader, case)
    patient = case.specimen.patient
    assert reads_of_patient(cast.reader, patient) == []
    assert reads_of_patient(cast.adjudicator, patient) == []
    assert [view.code for view in reads_of_patient(cast.bench, patient)] == [case.code]
