"""Every address of the house, filled in with what is there, and what it tells a person who asks."""

import re
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from itertools import product, zip_longest
from typing import Any

from django.test import Client
from django.urls import get_resolver

from lims import tokens
from lims.models import Manifest, RoleGrant, User
from lims.models.freezes import Freeze
from lims.models.outcomes import OutcomeRelease
from scoring.models import ReadingCase, Rescoring
from specimens.models import (
    AssayVersion,
    Block,
    Consent,
    Contact,
    CourierAccount,
    CuttingOrder,
    Disposal,
    DowntimeForm,
    Institution,
    ItemQuery,
    Job,
    LabelPrint,
    Letter,
    Loan,
    Patient,
    ReceiptPhoto,
    Shipment,
    Slide,
    SlideImage,
    Specimen,
    StainRun,
    StoragePlace,
    TissueRequest,
    Trial,
)
from tests.lims.web.conftest import BACKEND
from tests.lims.web.papers import words_of
from tests.scoring.desk import LATER
from tests.test_doors import LEADS_HOME, OPEN, walk

PART = re.compile(r"<(?:\w+:)?(\w+)>")
CHANGES_ANYWAY = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|data-csrf="\w+"')
KINDS: dict[str, tuple[Any, str]] = {
    "patients": (Patient, "pk"),
    "consents": (Consent, "pk"),
    "pictures": (SlideImage, "pk"),
    "people": (User, "pk"),
    "outcomes": (OutcomeRelease, "pk"),
    "specimens": (Specimen, "accession"),
    "blocks": (Block, "accession"),
    "slides": (Slide, "accession"),
    "runs": (StainRun, "accession"),
    "parcels": (Shipment, "accession"),
    "shipments": (Shipment, "accession"),
    "receipt-photos": (ReceiptPhoto, "pk"),
    "queries": (ItemQuery, "accession"),
    "downtime": (DowntimeForm, "accession"),
    "downtime-forms": (DowntimeForm, "accession"),
    "loans": (Loan, "accession"),
    "custody": (Block, "accession"),
    "cutting": (CuttingOrder, "accession"),
    "cutting-orders": (CuttingOrder, "accession"),
    "assays": (AssayVersion, "pk"),
    "assay-versions": (AssayVersion, "pk"),
    "institutions": (Institution, "code"),
    "trials": (Trial, "code"),
    "requests": (TissueRequest, "accession"),
    "outbox": (Letter, "pk"),
    "contacts": (Contact, "pk"),
    "couriers": (CourierAccount, "pk"),
    "labels": (LabelPrint, "batch"),
    "manifests": (Manifest, "pk"),
    "store": (StoragePlace, "accession"),
    "disposals": (Disposal, "pk"),
    "jobs": (Job, "pk"),
    "rescorings": (Rescoring, "pk"),
    "freezes": (Freeze, "pk"),
}
ANY = {
    "table": ["pairs", "drift"],
    "number": ["1", "2"],
    "line": ["1"],
    "place": ["1"],
    "size": ["full", "small"],
    "key": ["abc"],
    "pk": ["1"],
    "anything": ["nowhere/"],
    "model": ["imdc-2009"],
    "turn": ["pause"],
    "figure": ["roc"],
    "cut": ["csv"],
    "level": ["0"],
    "column": ["0"],
    "row": ["0"],
}


def fillings(route: str) -> dict[str, list[str]]:
    """For each part of the route what may stand there: one thing of its kind, and every case and patient."""
    model, name = KINDS.get(route.removeprefix("api/v1/").partition("/")[0], (SlideImage, "pk"))
    things = named(model, name)[:1]
    of_two = Freeze if "freezes/" in route else OutcomeRelease
    return ANY | {
        name: things,
        "code": named(ReadingCase, "code") + (things if name == "code" else []),
        "trial": named(Trial, "code"),
        "study_id": named(Patient, "study_id"),
        "grant": named(RoleGrant, "pk")[:1],
        "a": named(of_two, "pk"),
        "b": named(of_two, "pk"),
    }


def named(model: Any, name: str) -> list[str]:
    return [str(value) for value in model.objects.order_by("pk").values_list(name, flat=True)]


def routes() -> list[str]:
    """Every route of the router but for the doors themselves."""
    return [route for route, each in walk(get_resolver().url_patterns) if each.name not in OPEN | LEADS_HOME]


def addresses() -> list[str]:
    """Every route with everything that exists filled in."""
    return sorted({"/" + address for route in routes() for address in filled(route)})


def filled(route: str) -> list[str]:
    parts, known = PART.split(route), fillings(route)
    choices = product(*(known[part] for part in parts[1::2]))
    return ["".join(a + b for a, b in zip_longest(parts[::2], chosen, fillvalue="")) for chosen in choices]


def told(answer: Any) -> str:
    """Everything an answer says: its status, its headers, its body or, of a PDF, the words on its pages.

    A stream is heard out at once: on PostgreSQL it holds a COPY open, and the connection with it.
    """
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    words = words_of(body) if body.startswith(b"%PDF") else body.decode("utf-8", "replace")
    said = f"{answer.status_code} {dict(answer.headers)} {words}"
    return CHANGES_ANYWAY.sub("", said)


Heard = dict[tuple[str, str], str]
"""(how, address) -> what it tells a person: by session, by token, by an empty form or body."""


def heard(user: User, deeds: bool = False, beside: Collection[tuple[str, str]] = ()) -> Heard:
    """What every address tells this person, but for those named in `beside`; `deeds` also sends each an empty form."""
    browser, program = Client(), Client()
    browser.force_login(user, backend=BACKEND)
    token = tokens.make(by=user, at=LATER, lifetime=timedelta(days=1))
    program.defaults["HTTP_AUTHORIZATION"] = f"Token {token}"
    found = {}
    for address in addresses():
        asking: dict[str, Callable[[], Any]] = {"session": partial(browser.get, address)}
        if address.startswith("/api/"):
            asking["token"] = partial(program.get, address)
        if deeds and address.startswith("/api/"):
            asking["body"] = partial(program.post, address, "{}", content_type="application/json")
        elif deeds:
            asking["form"] = partial(browser.post, address, {})
        found |= {(how, address): told(ask()) for how, ask in asking.items() if (how, address) not in beside}
    assert {key: said for key, said in found.items() if said.startswith("5")} == {}
    return {key: without_echo(said, key[1]) for key, said in found.items()}


def closed(found: Heard) -> frozenset[tuple[str, str]]:
    """What is shut to a role whatever has been signed: refused by role or by method, and about no case."""
    cases = named(ReadingCase, "code")
    return frozenset(
        key for key, said in found.items() if said[:3] in ("403", "405") and not any(code in key[1] for code in cases)
    )


def without_echo(said: str, address: str) -> str:
    """The answer without the words of the address: naming what was asked for gives nothing away."""
    words = [re.escape(word) for word in address.split("/") if len(word) > 2]
    return re.sub("|".join(words), "", said) if words else said
