"""Contacts and courier accounts: added, ended, never deleted; each institution keeps its own."""

from typing import Any

import pytest

from lims.vocabulary import Role
from specimens.contacting import add_contact, add_courier_account, end_contact, end_courier_account
from specimens.errors import Forbidden, Invalid
from specimens.models import Contact, CourierAccount
from tests.cast import AT, Cast, person
from tests.refusals import forbidden, refused
from tests.specimens.chase import a_contact
from tests.stories import House


def an_account(cast: Cast, house: House, **said: Any) -> CourierAccount:
    known = {"courier": "FedEx", "account": "1234-5678-9"}
    return add_courier_account(by=cast.coordinator, at=AT, institution=house.mercy, **(known | said))


def test_a_contact_is_added_and_ends(cast: Cast, house: House) -> None:
    contact = a_contact(cast, house.mercy, name="  Dr Ruth   Okafor ", telephone="+1 555 0100")
    assert (contact.name, contact.ended_at) == ("Dr Ruth Okafor", None)
    end_contact(by=cast.coordinator, at=AT, contact=contact)
    assert Contact.objects.get().ended_at == AT
    with refused("ended_already", "left already"):
        end_contact(by=cast.coordinator, at=AT, contact=contact)
    a_contact(cast, house.mercy)


def test_the_same_contact_twice(cast: Cast, house: House) -> None:
    a_contact(cast, house.mercy)
    with refused("contact_known", "on record for this already"):
        a_contact(cast, house.mercy, name="dr ruth okafor")
    a_contact(cast, house.mercy, duty="shipping")


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"name": " "}, "no_name", "name"),
        ({"email": "ruth at mercy"}, "invalid", "email"),
        ({"email": "ruth@mercy.example.org\nBcc: all@example.org"}, "invalid", "email"),
        ({"email": "r" * 260 + "@example.org"}, "invalid", "email"),
        ({"telephone": "5" * 41}, "invalid", "telephone"),
        ({"name": "nul\0"}, "invalid", "name"),
    ],
)
def test_a_contact_that_cannot_be_kept(cast: Cast, house: House, said: Any, code: str, field: str) -> None:
    with refused(code, "", Invalid) as refusal:
        a_contact(cast, house.mercy, **said)
    assert refusal.field == field


def test_a_courier_account_is_added_once_and_ends(cast: Cast, house: House) -> None:
    account = an_account(cast, house)
    with refused("courier_account_once", "on record already"):
        an_account(cast, house)
    end_courier_account(by=cast.coordinator, at=AT, account=account)
    with refused("ended_already", "ended already"):
        end_courier_account(by=cast.coordinator, at=AT, account=account)
    an_account(cast, house)


@pytest.mark.parametrize("said", [{"courier": ""}, {"account": " "}, {"note": "x" * 201}])
def test_an_account_that_cannot_be_kept(cast: Cast, house: House, said: Any) -> None:
    with refused("invalid" if "note" in said else "missing", "", Invalid) as refusal:
        an_account(cast, house, **said)
    assert refusal.field == next(iter(said))


def test_each_institution_keeps_its_own(cast: Cast, house: House) -> None:
    contact, account = a_contact(cast, house.mercy), an_account(cast, house)
    stranger = person("leo", "Leo Site", Role.COORDINATOR, house.lakeshore)
    own = person("vera", "Vera Site", Role.COORDINATOR, house.mercy)
    deeds: list[tuple[Any, dict[str, Any]]] = [
        (add_contact, {"institution": house.mercy, "name": "N"}),
        (end_contact, {"contact": contact}),
        (add_courier_account, {"institution": house.mercy, "courier": "DHL", "account": "1"}),
        (end_courier_account, {"account": account}),
    ]
    for deed, said in deeds:
        with forbidden("coordinators and administrators"):
            deed(by=cast.bench, at=AT, **said)
        with refused("other_site", "own people", Forbidden):
            deed(by=stranger, at=AT, **said)
        deed(by=own, at=AT, **said)
