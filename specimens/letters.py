"""Writes letters, inside the deeds that call for them. Posting them is another room's work: see posting.py."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine, Template

from specimens import jobs
from specimens.actors import Actor, name_of
from specimens.deeds import local_day
from specimens.models import Contact, Institution, ItemQuery, Letter, Loan, Shipment, TissueRequest
from specimens.vocabulary import ContactDuty, LetterPurpose

FITTING = {
    LetterPurpose.RETURN: (ContactDuty.SHIPPING, ContactDuty.PATHOLOGY, ContactDuty.TRIAL_OFFICE),
}
USUAL = (ContactDuty.PATHOLOGY, ContactDuty.TRIAL_OFFICE, ContactDuty.SHIPPING)
MADE_UP = "[synthetic] "
SUBJECT_FITS = 200
FOLDER = Path(__file__).parent / "templates" / "letters"


def written(
    *,
    key: str,
    purpose: LetterPurpose,
    institution: Institution,
    template: str,
    context: dict[str, Any],
    by: Actor,
    at: datetime,
    request: TissueRequest | None = None,
    query: ItemQuery | None = None,
    loan: Loan | None = None,
    shipment: Shipment | None = None,
    synthetic: bool = False,
) -> Letter:
    """The letter about `key`, written now unless it was written before; with an address it is sent by a worker.

    `template` names a text in templates/letters: its first line is the subject. Beside `context` it knows
    `institution`, `core`, `core_contact`, `to_name`, `writer` and `day`. Call it inside a deed, before the
    deed's ledger lines.
    """
    if known := Letter.objects.filter(key=key).first():
        return known
    contact = addressee(institution, purpose)
    name = one_line(contact.name) if contact else ""
    said = common(institution, name, by, at) | context
    subject, body = rendered(template, said)
    letter = Letter(
        key=key,
        purpose=purpose,
        institution=institution,
        to_name=name,
        to_address=contact.email if contact else "",
        subject=(MADE_UP * synthetic + subject)[:SUBJECT_FITS],
        body=body,
        request=request,
        query=query,
        loan=loan,
        shipment=shipment,
        written_at=at,
        written_by_id=by.pk,
        synthetic=synthetic,
    )
    Letter.objects.bulk_create([letter], ignore_conflicts=True)  # a race writes it once, and both go on
    letter = Letter.objects.get(key=key)
    if letter.to_address:
        ask_to_send(letter, 1)
    return letter


def ask_to_send(letter: Letter, number: int, **when: Any) -> None:
    """Ask a worker for the attempt of that number; asked twice it is made once."""
    jobs.ask(
        "send letter",
        key=f"{letter.pk}:{number}",
        arguments={"letter_id": letter.pk, "number": number},
        queue="bulk",
        **when,
    )


def addressee(institution: Institution, purpose: LetterPurpose) -> Contact | None:
    """The standing contact of the duty that fits, one with an e-mail address before one without."""
    duties = FITTING.get(purpose, USUAL)
    standing = Contact.objects.filter(institution=institution, ended_at__isnull=True).order_by("id")
    ranked = sorted(standing, key=lambda contact: (duties.index(ContactDuty(contact.duty)), contact.email == ""))
    return ranked[0] if ranked else None


def common(institution: Institution, to_name: str, by: Actor, at: datetime) -> dict[str, Any]:
    """What every letter may say."""
    core = Institution.objects.filter(duties__role="core").order_by("id").first()
    return {
        "institution": institution,
        "core": core,
        "core_contact": addressee(core, LetterPurpose.RETURN) if core else None,
        "to_name": to_name,
        "writer": name_of(by),
        "day": local_day(at),
    }


def rendered(template: str, said: dict[str, Any]) -> tuple[str, str]:
    """(subject, body). The subject is one line whatever stands in it: no name can add a header."""
    subject, body = texts(template)
    context = Context(said, autoescape=False)
    return one_line(subject.render(context)), body.render(context).strip() + "\n"


@lru_cache
def texts(template: str) -> tuple[Template, Template]:
    """The subject's and the body's template, each compiled by itself."""
    subject, _, body = (FOLDER / f"{template}.txt").read_text(encoding="utf-8").partition("\n")
    engine = Engine.get_default()
    return engine.from_string(subject), engine.from_string(body)


def one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
