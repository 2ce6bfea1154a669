"""The cast: one person of each role, made through the deeds an administrator uses."""

from dataclasses import dataclass
from datetime import UTC, datetime

from lims.models import User
from lims.people import add_person
from lims.vocabulary import Role
from specimens.actors import Automaton

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "haematoxylin and eosin 42"
FOUNDER = Automaton("test founder", frozenset({"lims.administer"}))


@dataclass(frozen=True)
class Cast:
    administrator: User
    coordinator: User
    bench: User
    reader: User
    second_reader: User
    third_reader: User
    adjudicator: User
    statistician: User

    def everybody(self) -> dict[str, User]:
        return dict(vars(self))


def person(username: str, name: str, role: Role, institution: object = None) -> User:
    """Add one person with one role."""
    return add_person(
        by=FOUNDER, at=AT, username=username, name=name, password=PASSWORD, role=role, institution=institution
    )


def make_cast() -> Cast:
    return Cast(
        administrator=person("ada", "Ada Administrator", Role.ADMINISTRATOR),
        coordinator=person("dana", "Dana Whitfield", Role.COORDINATOR),
        bench=person("rose", "Rose Achebe", Role.HISTOTECHNOLOGIST),
        reader=person("ines", "Ines Moreau", Role.PATHOLOGIST),
        second_reader=person("otto", "Otto Lindqvist", Role.PATHOLOGIST),
        third_reader=person("mei", "Mei Tanaka", Role.PATHOLOGIST),
        adjudicator=person("ravi", "Ravi Nair", Role.ADJUDICATOR),
        statistician=person("sam", "Sam Okafor", Role.STATISTICIAN),
    )
