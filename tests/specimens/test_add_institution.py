"""Adding an institution."""

import pytest

from specimens.enrolling import add_institution
from specimens.errors import Invalid
from specimens.models import Institution, LedgerEntry
from specimens.vocabulary import InstitutionRole
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused

HOLDING = [InstitutionRole.HOLDING]


def add(by: object, **changes: object) -> Institution:
    said = {"code": "mercy", "name": " Mercy General ", "roles": HOLDING, "time_zone": "Europe/London"}
    return add_institution(by=by, at=AT, **(said | changes))


def test_an_institution_is_added_with_its_roles(cast: Cast) -> None:
    both = [InstitutionRole.TREATING, InstitutionRole.HOLDING, InstitutionRole.TREATING]
    added = add(cast.administrator, roles=both)
    assert (added.code, added.name, added.time_zone) == ("MERCY", "Mercy General", "Europe/London")
    assert sorted(added.duties.values_list("role", flat=True)) == ["holding", "treating"]
    line = LedgerEntry.objects.latest("number")
    assert (line.deed, line.actor_name, line.sentence) == (
        "add institution", "Ada Administrator", "Mercy General was added.",
    )  # fmt: skip


def test_only_an_administrator_adds_one(cast: Cast) -> None:
    for name, person in cast.everybody().items():
        if name != "administrator":
            with forbidden("Only an administrator adds institutions"):
                add(person)


@pytest.mark.parametrize("code", ["", "  ", "mercy general", "X" * 16, "-A", "MÉRCY", "A\0"])
def test_a_code_that_is_none(cast: Cast, code: str) -> None:
    with refused("bad_code", "1 to 15 letters", Invalid) as refusal:
        add(cast.administrator, code=code)
    assert refusal.field == "code"


def test_no_role(cast: Cast) -> None:
    with refused("no_role", "at least one role", Invalid) as refusal:
        add(cast.administrator, roles=[])
    assert refusal.field == "roles"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "x" * 300])
def test_a_time_zone_that_is_none(cast: Cast, zone: str) -> None:
    with refused("bad_zone", "no time zone", Invalid) as refusal:
        add(cast.administrator, time_zone=zone)
    assert refusal.field == "time_zone"


@pytest.mark.parametrize("name", ["", "n" * 201])
def test_a_name_that_cannot_be_kept(cast: Cast, name: str) -> None:
    with refused("invalid", "name: ", Invalid) as refusal:
        add(cast.administrator, name=name)
    assert refusal.field == "name"


def test_the_same_code_again(cast: Cast) -> None:
    add(cast.administrator)
    with refused("institution_code_once", "An institution with this code exists already."):
        add(cast.administrator, code="Mercy", name="Another")
