"""The compact copy is made from the source tables by columns alone, the same bytes each time."""

import csv
import gzip
from pathlib import Path

import pytest

from lims.demo import compact


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source folder of one row a table, each cell saying where it stands."""
    folder, made = tmp_path / "source", tmp_path / "cohort"
    folder.mkdir()
    made.mkdir()
    monkeypatch.setattr(compact, "COHORT", made)
    for name, columns in compact.COLUMNS.items():
        _table(folder / name, [["unused", *columns], ["x", *(f"{column}!" for column in columns)]])
    sites = compact.COLUMNS["tissue_source_sites.tsv"]
    _table(folder / "tissue_source_sites.tsv", [list(sites), ["NA", "Duke", "s", "b"], ["ZZ", "Other", "s", "b"]])
    for name in compact.RELEASES:
        second = ["unused", *compact.RELEASE_COLUMNS]
        _table(folder / name, [[f"first {c}" for c in second], second, ["CDE"] * len(second), second])
    return folder


def test_columns_are_kept_by_name_and_values_untouched(source: Path) -> None:
    compact.main(source)
    lines = _lines("slides")
    assert lines[0] == list(compact.COLUMNS["slides.tsv"])
    assert lines[1] == [f"{column}!" for column in lines[0]]


def test_sites_that_are_not_used_go_but_na_stays(source: Path) -> None:
    compact.main(source)
    assert [line[0] for line in _lines("tissue_source_sites")] == ["TSS Code", "NA"]


def test_a_release_keeps_its_three_heading_lines(source: Path) -> None:
    compact.main(source)
    lines = _lines("release_a_clinical_patient")
    assert len(lines) == 4
    assert lines[1] == list(compact.RELEASE_COLUMNS)


def test_a_second_time_gives_the_same_bytes(source: Path) -> None:
    compact.main(source)
    first = {path.name: path.read_bytes() for path in compact.COHORT.iterdir()}
    compact.main(source)
    assert {path.name: path.read_bytes() for path in compact.COHORT.iterdir()} == first


def _table(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter="," if path.suffix == ".csv" else "\t").writerows(lines)


def _lines(name: str) -> list[list[str]]:
    text = gzip.decompress((compact.COHORT / f"{name}.csv.gz").read_bytes()).decode()
    return list(csv.reader(text.splitlines()))
