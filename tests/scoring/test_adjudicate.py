"""Deciding a discordant case, alone or in a meeting."""

import pytest
from django.db import IntegrityError, transaction

from scoring.adjudicating import record_meeting
from scoring.models import Comparison, Read
from scoring.phases import phase_of
from scoring.queries import case_for
from scoring.reading import signature_holds
from scoring.rules.vocabulary import Phase
from specimens.actors import acting
from specimens.errors import Forbidden, Invalid
from specimens.models import Job
from specimens.vocabulary import Stain
from tests.cast import Cast
from tests.refusals import forbidden, refused
from tests.scoring.desk import LATER, PAPILLARY, a_case, both_sign, corrects, decides, found, signs
from tests.stories import House


def test_the_adjudicator_decides(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    assert phase_of(case) is Phase.DISCORDANT
    decision = decides(cast.adjudicator, case)
    assert (decision.role, decision.slot, decision.comparison) == ("adjudicator", 3, Comparison.objects.get())
    assert signature_holds(Read.objects.get(pk=decision.pk))
    assert phase_of(case) is Phase.CONCLUDED
    assert Job.objects.get(kind="specimen concluded").arguments == {"specimen_ids": [case.specimen_id]}


def test_a_meeting_is_recorded_with_who_was_there(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    people = ["Ines Moreau", "Otto  Lindqvist", "Ines Moreau"]
    decision = record_meeting(
        by=cast.adjudicator, at=LATER, case=case, findings=found(case), present=people, method="password"
    )
    assert (decision.role, decision.present) == ("meeting", "Ines Moreau; Otto Lindqvist")
    assert phase_of(case) is Phase.CONCLUDED


def test_a_meeting_of_one_is_none(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    with refused("too_few_present", "at least two people", Invalid):
        record_meeting(
            by=cast.adjudicator,
            at=LATER,
            case=case,
            findings=found(case),
            present=["A", " ", "A"],
            method="password",
        )


def test_nothing_to_decide(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    with refused("not_discordant", "no disagreement to decide"):
        decides(cast.adjudicator, case)
    signs(cast.reader, case)
    with refused("not_discordant", "no disagreement to decide"):
        decides(cast.adjudicator, case)
    signs(cast.second_reader, case)
    with refused("not_discordant", "no disagreement to decide"):
        decides(cast.adjudicator, case)


def test_a_case_is_decided_once(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    decides(cast.adjudicator, case)
    with refused("not_discordant", "no disagreement to decide"):
        decides(cast.adjudicator, case)


def test_readers_cannot_decide(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    with forbidden("Only adjudicators decide"):
        decides(cast.third_reader, case)


def test_a_decision_is_corrected_by_who_made_it(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    decision = decides(cast.adjudicator, case)
    right = corrects(cast.adjudicator, decision, **PAPILLARY)
    assert (right.supersedes, right.comparison, right.slot) == (decision, decision.comparison, 3)
    assert phase_of(case) is Phase.CONCLUDED
    with refused("not_your_read", "Only who signed", Forbidden):
        corrects(cast.reader, signs_another(cast, house, case))


def signs_another(cast: Cast, house: House, case: object) -> Read:
    return Read.objects.get(case=case, slot=2)


def test_the_database_keeps_readers_and_deciders_apart(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    first, _ = both_sign(cast, case, second=PAPILLARY)
    forged = Read.objects.get(pk=first.pk)
    forged.pk, forged.slot, forged.role, forged.comparison = None, 3, "adjudicator", Comparison.objects.get()
    with (
        pytest.raises(IntegrityError, match="read_adjudicator_apart"),
        transaction.atomic(),
        acting(cast.reader),
    ):
        forged.save(force_insert=True)


def test_the_database_refuses_a_decision_on_another_case(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    other = a_case(cast, house, specimen=case.specimen)
    forged = Read.objects.get(case=case, slot=1)
    forged.pk, forged.slot, forged.role, forged.comparison = None, 3, "adjudicator", Comparison.objects.get()
    forged.case, forged.reader = other, cast.adjudicator
    with (
        pytest.raises(IntegrityError, match="read_adjudicator_apart"),
        transaction.atomic(),
        acting(cast.reader),
    ):
        forged.save(force_insert=True)


def test_straddling_reads_are_never_averaged(cast: Cast, house: House) -> None:
    """84 and 86 lie either side of the cutoff; their mean would be 85."""
    case = a_case(cast, house, Stain.CAIX)
    below, above = {"pct_0": "16", "pct_3": "49"}, {"pct_0": "14", "pct_3": "51"}
    both_sign(cast, case, below, above)
    assert case_for(cast.coordinator, case.code).consensus is None
    decides(cast.adjudicator, case, pct_0="12", pct_3="53")
    decided = case_for(cast.coordinator, case.code).consensus
    assert decided is not None
    assert (decided.how, decided.positive) == ("adjudicated", "88")
