"""analysis/ and analysis/cutoff/: the desk's figures for programs, each named; faults by field; for statisticians."""

from typing import Any

import pytest


def test_every_figure_is_there_with_its_name(world: Any, calling: Any) -> None:
    told = calling(world.cast.statistician).get("analysis/", trial="CWG").json()
    assert told["patients"] == 2
    assert told["investigational"].startswith("Investigational")
    assert told["trend"]["name"] == "linear-by-linear (Cochran-Armitage) trend test"
    assert told["compartments"]["fisher"]["name"] == "Fisher’s exact test, two-sided"
    assert told["time_to_event"]["log_rank"]["name"] == "log-rank test"
    assert next(step["name"] for step in told["flow"]) == "enrolled"
    assert {"scipy", "statsmodels"} <= set(told["libraries"])


def test_a_cutoff_is_swept_from_a_seed(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    told = sam.get("analysis/cutoff/", marker="h_score", samples="50", seed="7").json()
    assert (told["marker"], told["endpoint"]) == ("h_score", "response")
    assert told["warning"].startswith("A cutoff chosen from the data")
    assert set(told["by_tissue"]) == {"primary", "metastasis"}
    assert told == sam.get("analysis/cutoff/", marker="h_score", samples="50", seed="7").json()


@pytest.mark.parametrize(
    ("name", "value"),
    [("marker", "age"), ("endpoint", "cure"), ("samples", "5"), ("samples", "many"), ("seed", "-1"), ("basis", "bone"),
     ("trial", "NONE"), ("colour", "red")],
)  # fmt: skip
def test_faults_are_named_by_their_field(world: Any, calling: Any, name: str, value: str) -> None:
    answer = calling(world.cast.statistician).get("analysis/cutoff/", **{name: value})
    assert (answer.status_code, answer.json()["field"]) == (400, name)


def test_nobody_else(world: Any, calling: Any) -> None:
    for somebody in (world.cast.reader, world.cast.adjudicator, world.cast.coordinator, world.cast.administrator):
        for address in ("analysis/", "analysis/cutoff/"):
            assert calling(somebody).get(address).status_code == 403
