"""Loading reads that others made, in bulk."""

import dataclasses

from scoring.models import Comparison, Read, ReadingCase
from scoring.policies import SYNTHETIC
from scoring.reading import NewRead, sign_reads, signature_holds
from specimens.actors import Automaton
from specimens.errors import Forbidden, Rejected
from specimens.models import Job, LedgerEntry
from specimens.vocabulary import Stain
from tests.cast import Cast
from tests.refusals import forbidden, refused
from tests.scoring.desk import LATER, LOW, a_case, a_tumour, found
from tests.stories import House

LOADER = Automaton("demo load", frozenset({"scoring.load_reads"}))


def rows_of(cast: Cast, case: ReadingCase, **second: str) -> list[NewRead]:
    return [
        NewRead(case, cast.reader, found(case), LATER),
        NewRead(case, cast.second_reader, found(case, **second), LATER),
    ]


def test_a_load_keeps_compares_and_asks(cast: Cast, house: House) -> None:
    tumour = a_tumour(cast, house)
    one, other = a_case(cast, house, Stain.HE, tumour), a_case(cast, house, Stain.CAIX, tumour)
    loaded = sign_reads(by=LOADER, at=LATER, rows=[*rows_of(cast, one), *rows_of(cast, other, **LOW)])
    assert [(read.case, read.slot, read.reader) for read in loaded] == [
        (one, 1, cast.reader), (one, 2, cast.second_reader),
        (other, 1, cast.reader), (other, 2, cast.second_reader),
    ]  # fmt: skip
    assert {(read.signed_name, read.method) for read in loaded} == {
        ("Ines Moreau", SYNTHETIC), ("Otto Lindqvist", SYNTHETIC),
    }  # fmt: skip
    assert all(read.synthetic and signature_holds(read) for read in Read.objects.select_related("case"))
    assert dict(Comparison.objects.values_list("case__code", "discordant")) == {
        one.code: False,
        other.code: True,
    }
    assert Job.objects.get(kind="specimen concluded").arguments == {"specimen_ids": [tumour.pk]}
    assert LedgerEntry.objects.filter(deed="sign read", actor_name="demo load").count() == 4


def test_the_queries_do_not_grow_with_the_rows(cast: Cast, house: House, django_assert_max_num_queries: object) -> None:
    rows = [
        row
        for number in range(4)
        for row in rows_of(cast, a_case(cast, house, Stain.HE, a_tumour(cast, house, study_id=f"CWG-{number}")))
    ]
    with django_assert_max_num_queries(20):
        sign_reads(by=LOADER, at=LATER, rows=rows)


def test_no_person_loads(cast: Cast, house: House) -> None:
    rows = rows_of(cast, a_case(cast, house))
    for person in cast.everybody().values():
        with forbidden("only an import loads them"):
            sign_reads(by=person, at=LATER, rows=rows)


def test_a_load_never_claims_a_password(cast: Cast, house: House) -> None:
    rows = rows_of(cast, a_case(cast, house))
    with refused("not_a_signature", "their method is", Forbidden):
        sign_reads(by=LOADER, at=LATER, rows=rows, method="password")


def test_one_faulty_row_refuses_the_load(cast: Cast, house: House) -> None:
    rows = rows_of(cast, a_case(cast, house), arch_alveolar="46")
    with refused("read_refused", "must be exactly 100", Rejected) as refusal:
        sign_reads(by=LOADER, at=LATER, rows=rows)
    assert refusal.places[0] == (2, "arch_alveolar")


def test_a_reader_twice_in_one_load(cast: Cast, house: House) -> None:
    first = rows_of(cast, a_case(cast, house))[0]
    with refused("read_reader_once", "You have read this case already"):
        sign_reads(by=LOADER, at=LATER, rows=[first, first])


def test_a_third_in_one_load(cast: Cast, house: House) -> None:
    rows = rows_of(cast, a_case(cast, house))
    third = dataclasses.replace(rows[0], reader=cast.third_reader)
    with refused("read_slot_once", "has all its reads already"):
        sign_reads(by=LOADER, at=LATER, rows=[*rows, third])
