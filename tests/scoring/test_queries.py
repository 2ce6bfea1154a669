"""Queues, signed reads, scores: what the pages ask of this floor, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from scoring.explaining import score_why
from scoring.models import PatientScore, Score
from scoring.queries import (
    adjudication_count,
    adjudication_queue,
    case_for,
    current_cases,
    current_patient_scores,
    own_read,
    reading_count,
    reading_queue,
    signed_by,
)
from scoring.rules.vocabulary import INVESTIGATIONAL, Assay
from specimens import jobs
from specimens.consenting import withdraw_consent
from specimens.errors import Unknown
from specimens.models import Consent
from specimens.scope import EVERYTHING, Scope
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden
from tests.scoring.desk import PAPILLARY, a_case, a_tumour, both_sign, corrects, signs
from tests.stories import House


def test_the_queue_holds_what_is_left_to_read(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    one, other = a_case(cast, house, Stain.HE, tumour), a_case(cast, house, Stain.CAIX, tumour)
    assert {row.code for row in reading_queue(cast.reader)} == {one.code, other.code}
    assert [row.code for row in reading_queue(cast.reader, Assay.CAIX)] == [other.code]
    signs(cast.reader, one)
    assert [row.code for row in reading_queue(cast.reader)] == [other.code]
    assert {row.code for row in reading_queue(cast.second_reader)} == {one.code, other.code}
    signs(cast.second_reader, one)
    assert [row.code for row in reading_queue(cast.third_reader)] == [other.code]
    assert reading_count(cast.third_reader) == 1


def test_only_readers_have_a_queue(cast: Cast, house: House) -> None:
    a_case(cast, house)
    for name in ("coordinator", "bench", "adjudicator", "statistician", "administrator"):
        assert reading_queue(getattr(cast, name)) == []


def test_what_cannot_be_read_yet_says_why(cast: Cast, house: House) -> None:
    a_case(cast, house, Stain.CAIX, controls={})
    row = reading_queue(cast.reader)[0]
    assert "have not passed yet" in row.refusal
    assert case_for(cast.reader, row.code).may_sign == row.refusal


def test_void_and_withdrawn_cases_leave_the_queue(cast: Cast, house: House) -> None:
    old = a_case(cast, house)
    new = a_case(cast, house, specimen=old.specimen)
    assert [row.code for row in reading_queue(cast.reader)] == [new.code]
    withdraw_consent(by=cast.coordinator, at=AT, consent=Consent.objects.get(), withdrawn_on=AT.date())
    assert reading_queue(cast.reader) == []


def test_the_adjudicators_queue(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, Stain.CAIX, tumour))
    case = a_case(cast, house, Stain.HE, tumour)
    both_sign(cast, case, second=PAPILLARY)
    row = adjudication_queue(cast.adjudicator)[0]
    assert (row.code, row.discordances, row.refusal) == (case.code, ("papillary", "risk"), "")
    assert adjudication_count(cast.adjudicator) == 1
    assert adjudication_queue(cast.reader) == []


def test_what_somebody_signed(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    read = corrects(cast.reader, signs(cast.reader, case), fuhrman="3")
    row = signed_by(cast.reader)[0]
    assert (row.read_id, row.code, row.amended, row.concluded) == (read.pk, case.code, True, False)
    signs(cast.second_reader, case)
    assert signed_by(cast.reader)[0].concluded
    assert len(signed_by(cast.reader)) == 1
    assert own_read(cast.reader, read.pk) == read
    with pytest.raises(Unknown, match="You signed no such read"):
        own_read(cast.second_reader, read.pk)


def test_an_unknown_case_and_a_hidden_one_sound_alike(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    for viewer, code in ((cast.reader, "NOPE2"), (cast.adjudicator, case.code)):
        with pytest.raises(Unknown, match="There is no case"):
            case_for(viewer, code)
    with pytest.raises(Unknown, match="There is no case"):
        case_for(cast.coordinator, case.code, Scope(frozenset({house.lakeshore.pk})))
    assert case_for(cast.coordinator, case.code, Scope(frozenset({house.mercy.pk}))).code == case.code


def test_the_current_case_of_each_assay(cast: Cast, house: House) -> None:
    old = a_case(cast, house)
    new = a_case(cast, house, specimen=old.specimen)
    assert current_cases([old.specimen_id])[old.specimen_id][Assay.HISTOLOGY].id == new.pk


def test_current_scores_by_reach_and_by_date(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    first, second = both_sign(cast, case)
    jobs.work_off()
    between = timezone.now()
    changed = {"arch_alveolar": "55", "arch_solid": "30", "cyto_clear": "100", "cyto_granular": "0"}
    corrects(cast.reader, first, **changed)
    corrects(cast.second_reader, second, **changed)
    jobs.work_off()
    now = current_patient_scores(EVERYTHING, house.trial).get()
    assert (now.score.risk, now.patient.study_id) == ("good", "CWG-0187")
    then = current_patient_scores(EVERYTHING, house.trial, as_of=between).get()
    assert then.score.risk == "intermediate"
    assert not current_patient_scores(EVERYTHING, as_of=between - timedelta(days=1)).exists()
    assert current_patient_scores(Scope(frozenset({house.mercy.pk}))).count() == 1
    assert current_patient_scores(Scope(frozenset({house.lakeshore.pk}))).count() == 0


def test_why_a_score_is_what_it_is(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    both_sign(cast, a_case(cast, house, Stain.HE, tumour))
    both_sign(cast, a_case(cast, house, Stain.CAIX, tumour))
    jobs.work_off()
    score = PatientScore.objects.latest("id").score
    told = score_why(cast.statistician, score)
    assert told.sentence == "Intermediate pathology, CA-IX high: eligible under edition 2005-R1. Investigational."
    assert told.statement == INVESTIGATIONAL
    assert [read.signer for read in told.reads] == ["Ines Moreau", "Otto Lindqvist"] * 2
    assert [control.kind for control in told.controls] == ["positive", "negative"]
    assert sum(row.applies for row in told.rows) == 1
    assert (told.verdict.risk, told.verdict.eligibility) == (score.risk, score.eligibility)
    with forbidden("Scores are shown to coordinators and statisticians."):
        score_why(cast.reader, score)


def test_the_queries_of_each_page_are_few(cast: Cast, house: House, django_assert_max_num_queries: object) -> None:
    for number in range(3):
        tumour = a_tumour(cast, house, study_id=f"CWG-{number}")
        both_sign(cast, a_case(cast, house, Stain.HE, tumour))
        signs(cast.reader, a_case(cast, house, Stain.CAIX, tumour))
        case = a_case(cast, house, Stain.HE, a_tumour(cast, house, study_id=f"CWG-D{number}"))
        both_sign(cast, case, second=PAPILLARY)
    jobs.work_off()
    with django_assert_max_num_queries(8):
        assert len(reading_queue(cast.second_reader)) == 3
    with django_assert_max_num_queries(6):
        assert len(adjudication_queue(cast.adjudicator)) == 3
    with django_assert_max_num_queries(2):
        assert len(signed_by(cast.reader)) == 9
    assert not cast.coordinator.has_perm("nothing"), "permissions are read once a person"
    with django_assert_max_num_queries(6):
        case_for(cast.coordinator, case.code)
    score = Score.objects.all()[0]
    assert not cast.statistician.has_perm("nothing")
    with django_assert_max_num_queries(2):
        score_why(cast.statistician, score)
