"""Signing one's own read."""

import pytest

from scoring.models import Comparison, Read
from scoring.reading import sign_read, signature_holds
from specimens.errors import Forbidden, Rejected
from specimens.models import Job, LedgerEntry
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.scoring.desk import (
    INADEQUATE,
    LATER,
    LOW,
    ONE_FAILED,
    PAPILLARY,
    a_case,
    both_sign,
    decides,
    found,
    signs,
)
from tests.stories import House


def test_a_read_is_signed(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    read = signs(cast.reader, case)
    kept = Read.objects.get()
    assert (kept, kept.slot, kept.role, kept.reader) == (read, 1, "reader", cast.reader)
    assert (kept.signed_name, kept.meaning, kept.method) == ("Ines Moreau", "read", "password")
    assert kept.findings["arch_alveolar"] == "45"
    assert kept.findings["comment"] is None
    assert signature_holds(kept)
    assert not Comparison.objects.exists()
    assert not Job.objects.filter(kind="specimen concluded").exists()


def test_the_ledger_says_that_and_not_what(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    read = signs(cast.reader, case, comment="a secret remark")
    entry = LedgerEntry.objects.latest("number")
    assert entry.sentence == f"Case {case.code}: histology read signed."
    assert (entry.actor_name, entry.became) == ("Ines Moreau", {"digest": read.digest})
    assert entry.patient_id == case.specimen.patient_id


def test_a_second_read_that_agrees_concludes_the_case(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    reads = both_sign(cast, case)
    compared = Comparison.objects.get()
    assert (compared.first, compared.second, compared.discordant, compared.discordances) == (
        *reads,
        False,
        [],
    )
    assert Job.objects.get(kind="specimen concluded").arguments == {"specimen_ids": [case.specimen_id]}


def test_a_second_read_that_differs_is_discordant(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    assert Comparison.objects.get().discordances == ["papillary", "risk"]
    assert not Job.objects.filter(kind="specimen concluded").exists()


def test_caix_either_side_of_the_cutoff_is_discordant(cast: Cast, house: House) -> None:
    both_sign(cast, a_case(cast, house, Stain.CAIX), second=LOW)
    assert "caix_straddles" in Comparison.objects.get().discordances


def test_an_inadequate_section_carries_its_reason(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    read = sign_read(by=cast.reader, at=LATER, case=case, findings=INADEQUATE, method="password")
    assert read.findings["inadequate_reason"] == "no_viable_tumour"


def test_a_single_reader_trial_needs_no_second(cast: Cast, house: House) -> None:
    house.trial.readers_per_case = 1
    house.trial.save()
    case = a_case(cast, house)
    signs(cast.reader, case)
    assert Job.objects.filter(kind="specimen concluded").count() == 1
    with refused("read_slot_once", "has all its reads already"):
        signs(cast.second_reader, case)


def test_only_pathologists_sign(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    for name in ("administrator", "coordinator", "bench", "adjudicator", "statistician"):
        with forbidden("Only pathologists sign reads."):
            signs(getattr(cast, name), case)


def test_the_same_reader_twice(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    signs(cast.reader, case)
    with refused("read_reader_once", "You have read this case already"):
        signs(cast.reader, case)


def test_a_third_reader(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case)
    with refused("read_slot_once", "has all its reads already"):
        signs(cast.third_reader, case)


def test_a_third_reader_of_a_discordant_case(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    decides(cast.adjudicator, case)
    with refused("read_slot_once", "has all its reads already"):
        signs(cast.third_reader, case)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("arch_alveolar", "101", "between 0 and 100"),
        ("arch_alveolar", "forty", "plain digits"),
        ("arch_alveolar", "85%", "percent sign"),
        ("arch_alveolar", "85,5", "decimal comma"),
        ("arch_alveolar", "46", "must be exactly 100"),
        ("arch_solid", "", "blank is not 0"),
        ("histologic_type", "mystery", "not in the list"),
        ("who_isup", "5", "whole number from 1 to 4"),
        ("outcome", "CR", "is not a field of this read"),
    ],
)
def test_what_cannot_be_signed_is_said_by_field(cast: Cast, house: House, field: str, typed: str, words: str) -> None:
    case = a_case(cast, house)
    with refused("read_refused", words, Rejected) as refusal:
        signs(cast.reader, case, **{field: typed})
    assert field in {problem.field for problem in refusal.problems}


def test_caix_waits_for_the_controls_of_its_run(cast: Cast, house: House) -> None:
    waiting = a_case(cast, house, Stain.CAIX, controls={})
    with refused("controls_not_passed", "have not passed yet"):
        signs(cast.reader, waiting)
    failed = a_case(cast, house, Stain.CAIX, waiting.specimen, controls=ONE_FAILED)
    with refused("controls_not_passed", "failed"):
        signs(cast.reader, failed)


def test_a_read_before_its_stain(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    early = AT.replace(day=19)
    with refused("dates_out_of_order", "before it was stained"):
        sign_read(by=cast.reader, at=early, case=case, findings=found(case), method="password")


def test_a_case_that_a_restain_replaced(cast: Cast, house: House) -> None:
    old = a_case(cast, house)
    a_case(cast, house, specimen=old.specimen)
    with refused("case_history", "is history"):
        signs(cast.reader, old)


def test_who_decided_does_not_read(cast: Cast, house: House) -> None:
    from lims.people import grant_role
    from lims.vocabulary import Role

    case = a_case(cast, house)
    both_sign(cast, case, second=PAPILLARY)
    grant_role(by=cast.administrator, at=AT, user=cast.reader, role=Role.ADJUDICATOR)
    del cast.reader._standing
    with refused("read_adjudicator_apart", "You read case", Forbidden):
        decides(cast.reader, case)
