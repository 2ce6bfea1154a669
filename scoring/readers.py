"""Who reads cases. People live on the floor above, which says here how to find them."""

from collections.abc import Callable
from typing import NamedTuple

from specimens.errors import Unknown


class Reader(NamedTuple):
    """Somebody who may sign reads."""

    id: int
    name: str
    username: str


Finder = Callable[[], list[Reader]]
FINDERS: list[Finder] = []


def told_by(finder: Finder) -> None:
    """Register who knows the readers."""
    if finder not in FINDERS:
        FINDERS.append(finder)


def who_reads() -> list[Reader]:
    """Everybody who may sign reads now, by name. One query."""
    found = {reader.id: reader for finder in FINDERS for reader in finder()}
    return sorted(found.values(), key=lambda reader: (reader.name.casefold(), reader.id))


def reader_named(username: str) -> Reader:
    """The one who signs in as that. Raises Unknown."""
    found = next((each for each in who_reads() if each.username.casefold() == username.strip().casefold()), None)
    if found is None:
        raise Unknown("unknown_reader", "There is no such reader: a reader is a pathologist who may sign in.")
    return found


def reader(pk: int) -> Reader:
    """One of them. Raises Unknown for anybody else."""
    found = next((each for each in who_reads() if each.id == pk), None)
    if found is None:
        raise Unknown("unknown_reader", "There is no such reader: a reader is a pathologist who may sign in.")
    return found
