"""Correcting a signed read: it is superseded, never altered."""

import pytest
from django.db import IntegrityError, transaction

from scoring.models import Comparison, Read
from scoring.phases import phase_of
from scoring.reading import amend_read, signature_holds
from scoring.rules.vocabulary import Phase
from specimens.errors import Forbidden, Invalid, Rejected
from specimens.models import Job, LedgerEntry
from tests.cast import Cast
from tests.refusals import refused
from tests.scoring.desk import LATER, PAPILLARY, a_case, both_sign, corrects, decides, found, signs
from tests.stories import House


def test_a_read_is_corrected_by_a_new_one(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    old = signs(cast.reader, case)
    new = corrects(cast.reader, old, fuhrman="3")
    kept = Read.objects.get(pk=old.pk)
    assert (kept.findings["fuhrman"], kept.successor) == (2, new)
    assert (new.findings["fuhrman"], new.reason, new.slot) == (3, "a slip of the pen", 1)
    assert signature_holds(kept)
    assert signature_holds(new)
    assert LedgerEntry.objects.latest("number").sentence == f"Case {case.code}: histology read corrected."


def test_it_can_make_a_concordant_case_discordant(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    _, second = both_sign(cast, case)
    assert phase_of(case) is Phase.CONCLUDED
    corrects(cast.second_reader, second, **PAPILLARY)
    assert phase_of(case) is Phase.DISCORDANT
    assert Comparison.objects.count() == 2
    assert Job.objects.filter(kind="specimen concluded").count() == 2


def test_it_reopens_a_decision_that_rested_on_it(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    first, _ = both_sign(cast, case, second=PAPILLARY)
    decides(cast.adjudicator, case)
    corrects(cast.reader, first, fuhrman="3")
    assert phase_of(case) is Phase.DISCORDANT
    decides(cast.adjudicator, case)
    assert phase_of(case) is Phase.CONCLUDED
    assert Read.objects.filter(slot=3).count() == 2


def test_it_can_end_a_disagreement(cast: Cast, house: House) -> None:
    case = a_case(cast, house)
    _, second = both_sign(cast, case, second=PAPILLARY)
    corrects(cast.second_reader, second)
    assert phase_of(case) is Phase.CONCLUDED


def test_it_needs_a_reason(cast: Cast, house: House) -> None:
    read = signs(cast.reader, a_case(cast, house))
    with refused("reason_missing", "Say why", Invalid):
        amend_read(by=cast.reader, at=LATER, read=read, findings=found(read.case), reason=" ", method="password")


def test_it_must_say_something_else(cast: Cast, house: House) -> None:
    read = signs(cast.reader, a_case(cast, house))
    with refused("nothing_new", "says what the read says already"):
        corrects(cast.reader, read)


def test_it_is_examined_as_any_read(cast: Cast, house: House) -> None:
    read = signs(cast.reader, a_case(cast, house))
    with refused("read_refused", "must be exactly 100", Rejected):
        corrects(cast.reader, read, arch_alveolar="46")


def test_only_who_signed_it(cast: Cast, house: House) -> None:
    read = signs(cast.reader, a_case(cast, house))
    with refused("not_your_read", "Only who signed a read corrects it.", Forbidden):
        corrects(cast.second_reader, read, fuhrman="3")


def test_only_the_read_that_stands(cast: Cast, house: House) -> None:
    read = signs(cast.reader, a_case(cast, house))
    corrects(cast.reader, read, fuhrman="3")
    with refused("superseded", "correct the one that stands"):
        corrects(cast.reader, read, fuhrman="4")


def test_a_signed_read_cannot_be_altered(cast: Cast, house: House) -> None:
    read = signs(cast.reader, a_case(cast, house))
    for write in (
        lambda: Read.objects.update(meaning="other"),
        lambda: Read.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            write()
    read.findings["fuhrman"] = 4
    assert not signature_holds(read)
