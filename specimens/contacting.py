"""Whom to write to at an institution, and by whose courier. Both end; neither is deleted."""

from datetime import datetime

from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.deeds import checked, deed, demand_reach, require, unfit
from specimens.errors import Invalid, Refused
from specimens.models import Contact, CourierAccount, Institution
from specimens.vocabulary import ContactDuty

NOT_YOURS = "Only coordinators and administrators keep contacts and courier accounts."


@deed
def add_contact(*, by: Actor, at: datetime, institution: Institution, name: str,
                duty: ContactDuty = ContactDuty.PATHOLOGY, email: str = "", telephone: str = "",
                postal_address: str = "") -> Contact:  # fmt: skip
    """Add somebody to write to. Without an e-mail address their letters are printed."""
    require(by, "specimens.keep_contacts", NOT_YOURS)
    demand_reach(by, [institution], "Keeping contacts")
    said = {"name": name, "email": email, "telephone": telephone, "postal_address": postal_address}
    said = {field: " ".join(text.split()) for field, text in said.items()}
    if not said["name"]:
        raise Invalid("no_name", "Give a name, or an office such as “Pathology archive”.", field="name")
    refuse_unfit(said, {"name": 200, "email": 254, "telephone": 40, "postal_address": 300})
    Institution.objects.select_for_update().get(pk=institution.pk)
    standing = Contact.objects.filter(institution=institution, duty=duty, ended_at__isnull=True)
    if standing.filter(name__iexact=said["name"], email__iexact=said["email"]).exists():
        raise Refused("contact_known", f"{said['name']} is on record for this already.")
    contact = Contact(institution=institution, duty=duty, added_at=at, added_by_id=person_id(by), **said)
    checked(contact).save()
    sentence = f"{contact.name} is a contact of {institution.name}: {contact.get_duty_display()}."
    ledger.write([ledger.line("add contact", institution, sentence, became={"duty": duty, **said})], by=by, at=at)
    return contact


@deed
def end_contact(*, by: Actor, at: datetime, contact: Contact) -> Contact:
    """The contact has left or moved on; letters written to them stay as they are."""
    require(by, "specimens.keep_contacts", NOT_YOURS)
    demand_reach(by, [contact.institution], "Keeping contacts")
    if not Contact.objects.filter(pk=contact.pk, ended_at__isnull=True).update(ended_at=at):
        raise Refused("ended_already", f"{contact.name} has left already.")
    sentence = f"{contact.name} is no longer a contact of {contact.institution.name}."
    ledger.write([ledger.line("end contact", contact.institution, sentence)], by=by, at=at)
    contact.ended_at = at
    return contact


@deed
def add_courier_account(*, by: Actor, at: datetime, institution: Institution, courier: str, account: str,
                        note: str = "") -> CourierAccount:  # fmt: skip
    """Add the number under which a courier carries this institution's parcels."""
    require(by, "specimens.keep_contacts", NOT_YOURS)
    demand_reach(by, [institution], "Keeping courier accounts")
    said = {"courier": courier.strip(), "account": account.strip(), "note": note.strip()}
    for field, sentence in (("courier", "Name the courier."), ("account", "Give the account’s number.")):
        if not said[field]:
            raise Invalid("missing", sentence, field=field)
    refuse_unfit(said, {"courier": 60, "account": 60, "note": 200})
    added = CourierAccount(institution=institution, added_at=at, added_by_id=person_id(by), **said)
    checked(added).save()
    sentence = f"{added.courier} carries for {institution.name} under account {added.account}."
    ledger.write([ledger.line("add courier account", institution, sentence, became=said)], by=by, at=at)
    return added


@deed
def end_courier_account(*, by: Actor, at: datetime, account: CourierAccount) -> CourierAccount:
    """The account is no longer used."""
    require(by, "specimens.keep_contacts", NOT_YOURS)
    demand_reach(by, [account.institution], "Keeping courier accounts")
    if not CourierAccount.objects.filter(pk=account.pk, ended_at__isnull=True).update(ended_at=at):
        raise Refused("ended_already", f"Account {account.account} was ended already.")
    sentence = f"{account.courier} account {account.account} of {account.institution.name} is no longer used."
    ledger.write([ledger.line("end courier account", account.institution, sentence)], by=by, at=at)
    account.ended_at = at
    return account


def refuse_unfit(said: dict[str, str], longest: dict[str, int]) -> None:
    for field, most in longest.items():
        if wrong := unfit(said[field], most):
            raise Invalid("invalid", wrong, field=field)
