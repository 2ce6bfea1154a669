"""Who does a deed: a signed-in person, or one of the core's own automata, named as such in the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from django.db import connection

from specimens.errors import Forbidden
from specimens.scope import EVERYTHING, Scope


class Actor(Protocol):
    """What a deed needs of whoever does it."""

    @property
    def pk(self) -> int | None: ...

    @property
    def scope(self) -> Scope: ...

    def has_perm(self, perm: str) -> bool: ...


@dataclass(frozen=True)
class Automaton:
    """A worker that acts by itself: holds exactly the permissions it was made with."""

    name: str
    permissions: frozenset[str]
    pk: None = None
    scope: Scope = EVERYTHING

    def has_perm(self, perm: str) -> bool:
        return perm in self.permissions

    def __str__(self) -> str:
        return self.name


def person_id(by: Actor) -> int:
    """The id of the person who acts; what stands in a person's name no automaton may record."""
    if by.pk is None:
        raise Forbidden("person_needed", f"{by} is no person: this is recorded in somebody's name.")
    return by.pk


def name_of(by: Actor) -> str:
    """The name the ledger prints. A person prints the name they sign with."""
    return str(getattr(by, "printed_name", "") or by)


@contextmanager
def acting(by: Actor) -> Iterator[None]:
    """Tell the database connection who acts inside this block; its guards refuse writes otherwise.

    PostgreSQL forgets the actor when the transaction ends; SQLite is told to when the block ends.
    """
    name = name_of(by)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('paraffin.actor', %s, true)", [name])
        yield
        return
    connection.ensure_connection()
    now = connection.paraffin_actor  # type: ignore[attr-defined]
    before, now.name = now.name, name
    try:
        yield
    finally:
        now.name = before
