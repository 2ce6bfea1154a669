"""How quickly the patients export leaves the API as CSV, beside PostgreSQL's own COPY of the same columns."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection, transaction

from lims.bench.copying import copy_out
from lims.bench.figures import Figure, in_turn, rounded
from lims.bench.ground import Ground
from lims.bench.processes import Caller, server
from lims.bench.scored import scored
from lims.export import query
from lims.export.query import Asked
from specimens.scope import EVERYTHING

PATH = "/api/v1/export/patients/?format=csv"
LEAST = 0.8


def measure(ground: Ground) -> list[Figure]:
    """Rows a second over HTTP into a file, and by COPY into a file, in turn."""
    scored(ground, ground.sizes.exported)
    with TemporaryDirectory() as folder, server() as caller:
        ours, theirs = Path(folder) / "export.csv", Path(folder) / "copy.csv"
        fetch, copy = (lambda: fetched(caller, ground, ours)), (lambda: copied(theirs))
        in_turn(1, fetch, copy)
        times = in_turn(ground.sizes.rounds, fetch, copy)
        count = lines(theirs) - 1
        assert lines(ours) - 1 == count >= ground.sizes.exported, "both hold every patient once"
    speed = [count / time for time in times]
    ratio = speed[0] / speed[1]
    return [
        Figure(
            "export", rounded(speed[0]), "rows/s", rounded(speed[1]), rounded(ratio),
            f"at least {LEAST:g} of the speed of COPY of the same columns TO STDOUT", ratio >= LEAST,
        )
    ]  # fmt: skip


def fetched(caller: Caller, ground: Ground, to: Path) -> None:
    with to.open("wb") as file:
        caller.get(PATH, ground.house.token, file.write)


def copied(to: Path) -> None:
    """COPY with the memory for sorting that the export itself takes."""
    statement = query.patients(Asked(EVERYTHING))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64MB'")
        copy_out(statement.sql, to, statement.params)


def lines(file: Path) -> int:
    with file.open("rb") as opened:
        return sum(1 for _ in opened)
