"""What the measurements stand on: how large they are, and the house they fill."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from django.db import connection
from psycopg.sql import SQL, Composed, Identifier

from lims.bench import house
from lims.bench.house import House
from lims.bench.processes import database_url
from lims.bench.seeding import Seeder


@dataclass(frozen=True, slots=True)
class Sizes:
    """`patients` are scored in each of `rounds`; `exported` are exported as often; a list is fetched `calls` times
    from a table of `few_slides` and from one of `many_slides`; a manifest has `manifest_rows`; a slide
    is cut that has `slide_side` tiles of 512 pixels a side: 52 are 2 GB."""

    patients: int = 10_000
    exported: int = 100_000
    few_slides: int = 1_000
    many_slides: int = 200_000
    manifest_rows: int = 5_000
    rounds: int = 3
    calls: int = 100
    slide_side: int = 52


class Ground:
    """A house with as many patients as the measurement at hand needs. `short` names a database beside it, kept
    from when there were few."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.house: House = house.build()
        self.seeder = Seeder(self.house)
        self.short = f"{connection.settings_dict['NAME']}_short"

    def patients(self, count: int) -> None:
        """See that there are at least `count` patients, each with two slides."""
        if self.seeder.patients < count:
            self.seeder.add(count - self.seeder.patients, alike=True)


@contextmanager
def ground_of(sizes: Sizes) -> Iterator[Ground]:
    """A ground with its short database, which ends with it. This one must be empty but for what migrating left."""
    made = Ground(sizes)
    made.patients(sizes.few_slides // 2)
    here, short = Identifier(connection.settings_dict["NAME"]), Identifier(made.short)
    from_outside(SQL("CREATE DATABASE {} TEMPLATE {}").format(short, here))
    try:
        yield made
    finally:
        from_outside(SQL("DROP DATABASE {} WITH (FORCE)").format(short))


def from_outside(statement: Composed) -> None:
    """Over a connection to another database: one that is in use cannot be copied."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    with psycopg.connect(database_url("postgres"), autocommit=True) as outside:
        outside.execute(statement)
