"""The people and places that a measurement needs, made through the deeds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from lims import tokens
from lims.models import User
from lims.people import add_person
from lims.vocabulary import Role
from specimens.actors import Automaton
from specimens.enrolling import add_institution, open_trial
from specimens.models import Institution, ReagentLot, Trial
from specimens.staining import record_lot
from specimens.vocabulary import InstitutionRole, Stain

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
BENCH = Automaton("bench", frozenset({"lims.administer", "specimens.stain"}))
SITES = 8


@dataclass(frozen=True, slots=True)
class House:
    """`token` is the statistician's, in the clear. `hospital` is a coordinator of the first site."""

    core: int
    trial: Trial
    sites: tuple[int, ...]
    readers: tuple[User, User]
    statistician: User
    coordinator: User
    technologist: User
    administrator: User
    hospital: User
    lots: dict[Stain, ReagentLot]
    token: str


def build() -> House:
    """A core, hospitals, a synthetic trial, two readers, a statistician with a token, a lot of each stain."""
    both = [InstitutionRole.TREATING, InstitutionRole.HOLDING]
    core = add_institution(by=BENCH, at=AT, code="CORE", name="Core", roles=[InstitutionRole.CORE])
    sites = [
        add_institution(by=BENCH, at=AT, code=f"SITE-{n}", name=f"Hospital {n}", roles=both)
        for n in range(1, SITES + 1)
    ]
    statistician = person("statistician", Role.STATISTICIAN)
    return House(
        core=core.pk,
        trial=open_trial(by=BENCH, at=AT, code="BENCH", title="Synthetic, for measurements", synthetic=True),
        sites=tuple(site.pk for site in sites),
        readers=(person("reader-1", Role.PATHOLOGIST), person("reader-2", Role.PATHOLOGIST)),
        statistician=statistician,
        coordinator=person("coordinator", Role.COORDINATOR),
        technologist=person("technologist", Role.HISTOTECHNOLOGIST),
        administrator=person("administrator", Role.ADMINISTRATOR),
        hospital=person("hospital", Role.COORDINATOR, sites[0]),
        lots={stain: lot(stain) for stain in (Stain.HE, Stain.CAIX)},
        token=tokens.make(by=statistician, at=AT, lifetime=timedelta(days=1)),
    )


def person(username: str, role: Role, site: Institution | None = None) -> User:
    return add_person(
        by=BENCH, at=AT, username=username, name=f"Synthetic {role}", password=token_urlsafe(24), role=role,
        institution=site,
    )  # fmt: skip


def lot(stain: Stain) -> ReagentLot:
    clone = "M75" if stain is Stain.CAIX else ""
    return record_lot(by=BENCH, at=AT, stain=stain, lot="L1", clone=clone, synthetic=True)
