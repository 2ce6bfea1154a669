"""Every measurement runs, small, on the real servers: figures come out and say what they are held to."""

from collections.abc import Iterator
from io import StringIO

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from lims.bench import scale
from lims.bench.ground import Ground, Sizes, ground_of
from lims.bench.measurements import MEASUREMENTS, measured
from lims.management.commands import bench
from scoring.models import PatientScore, Score
from specimens import ledger
from specimens.models import LedgerEntry

SMALL = Sizes(
    patients=30, exported=60, few_slides=20, many_slides=120, manifest_rows=50, rounds=1, calls=3, slide_side=8
)
GIVES = {
    "patient-page": {"patient-page"},
    "worker": {"worker-copy", "worker-rule"},
    "latency": {"latency-task", "latency-job"},
    "scale": {"scale-1", "scale-2"},
    "list": {"list-20", "list-120", "list-flat", "list-queries"},
    "export": {"export"},
    "manifest": {"manifest-dry-run", "manifest-import"},
    "images": {"images-tile", "images-memory", "images-cut"},
    "routes": {"routes-patients", "routes-flow", "routes-api-slides", "routes-queries"},
}


@pytest.fixture(autouse=True)
def alone(request: pytest.FixtureRequest) -> None:
    """A database can be copied only while nobody else is in it: what an earlier test left connected is sent away."""
    if not request.node.get_closest_marker("server"):
        return
    request.getfixturevalue("transactional_db")
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


@pytest.fixture
def ground() -> Iterator[Ground]:
    with ground_of(SMALL) as made:
        yield made


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_every_measurement_gives_its_figures(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "PROCESSES", (1, 2))
    for name in MEASUREMENTS:
        if name == "list":
            the_worker_s_scores_are_real()
        found = measured(ground, [name], len)
        names = {figure.name for figure in found}
        assert names >= GIVES.get(name, set())
        assert all(each.startswith(name) for each in names)
        assert all(figure.figure > 0 and figure.beside > 0 and figure.ratio > 0 and figure.target for figure in found)
        assert [figure for figure in found if figure.unit == "queries" and not figure.met] == []


def the_worker_s_scores_are_real() -> None:
    scored = Score.objects.count()
    assert scored == PatientScore.objects.exclude(score=None).count()
    assert scored == LedgerEntry.objects.filter(deed="score patient").count() >= SMALL.patients
    assert Score.objects.filter(adequate=True, caix_evaluable=True, synthetic=True).count() == scored
    assert list(ledger.verify()) == []


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_json_is_a_list_of_figures_and_a_database_in_use_is_left_alone() -> None:
    out = StringIO()
    call_command("bench", "patient-page", json=True, few_slides=20, stdout=out)
    (row,) = orjson.loads(out.getvalue())
    assert list(row) == ["name", "figure", "unit", "beside", "ratio", "target", "met"]
    assert type(row["met"]) is bool
    before = Score.objects.count()
    with pytest.raises(CommandError, match="in use"):
        call_command("bench", "worker")
    assert Score.objects.count() == before


def test_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(CommandError, match="patient-page, worker, latency, scale, list, export, routes"):
        bench.check(["speed"])


@pytest.mark.embedded
def test_the_embedded_database_is_not_measured() -> None:
    with pytest.raises(CommandError, match="bin/bench"):
        call_command("bench")
