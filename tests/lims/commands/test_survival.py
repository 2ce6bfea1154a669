"""survival FILE.csv: figures with their names, what is undefined, what is refused with its line and field."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

# The 6-mercaptopurine trial of Freireich (1963), as every textbook prints it: remission in weeks, 0 is censored.
TREATED = "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def freireich() -> str:
    lines = ["time,event,group"]
    for group, times in (("6-MP", TREATED), ("placebo", PLACEBO)):
        lines += [f"{time.rstrip('+')},{int(not time.endswith('+'))},{group}" for time in times.split()]
    return "\n".join(lines) + "\n"


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "times.csv"
    path.write_bytes(text.encode())
    return str(path)


def told(path: str) -> dict[str, Any]:
    out = StringIO()
    call_command("survival", path, stdout=out)
    return json.loads(out.getvalue())


def refused(path: str) -> str:
    err = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("survival", path, stderr=err)
    assert ended.value.code == 1
    return err.getvalue()


def test_a_textbook_trial(tmp_path: Path) -> None:
    found = told(written(tmp_path, freireich()))
    assert (found["n"], found["events"]) == (42, 30)
    assert [group["median"]["estimate"] for group in found["groups"]] == [23, 8]
    assert found["log_rank"]["statistic"] == pytest.approx(16.793, abs=5e-4)
    assert found["log_rank"]["name"] == "log-rank test"
    (ratio,) = found["hazard_ratios"]
    assert (ratio["group"], ratio["reference"]) == ("placebo", "6-MP")
    assert (ratio["estimate"], ratio["low"], ratio["high"]) == pytest.approx((4.817, 2.147, 10.81), abs=5e-3)
    assert found["groups"][0]["curve"][0] | {"error": None, "low": None, "high": None} == {
        "time": 6.0, "at_risk": 21, "events": 3, "censored": 1, "survival": pytest.approx(18 / 21), "error": None,
        "low": None, "high": None,
    }  # fmt: skip
    assert set(found["libraries"]) == {"scipy", "statsmodels"}


def test_no_events_and_one_group_leave_nulls_with_notes(tmp_path: Path) -> None:
    found = told(written(tmp_path, "time,event,group\n1,0,a\n2,0,b\n"))
    assert (
        found["log_rank"]["p"] is found["hazard_ratios"][0]["estimate"] is found["groups"][0]["median"]["low"] is None
    )
    assert "no event came while two groups were at risk" in " ".join(found["notes"])
    found = told(written(tmp_path, "group,time,event\na,1,1\n"))
    assert found["hazard_ratios"] == []
    assert "There is one group: nothing to compare." in found["notes"]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ["the file is empty"]),
        ("time,event\n1,1\n", ["line 1: the heading lacks group"]),
        ("time;event;group\n1;1;a\n", ["Separate the columns with commas"]),
        ("time,event,group,time\n1,1,a,1\n", ["names time twice"]),
        ("time,event,group\n", ["a heading and no rows"]),
        ("time,event,group\n-1,1,a\nx,2,\n", ["line 2, time: “-1”", "line 3, time: “x”", "line 3, event: “2”",
                                              "line 3, group"]),
        ("time,event,group\n1,1\n", ["line 2: the row has 2 cells"]),
        ("time,event,group\nnan,1,a\ninf,1,a\n", ["line 2, time", "line 3, time"]),
        ('time,event,group\n"1,1,a\n', ["no well-formed CSV"]),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_right_is_told_so(tmp_path: Path, text: str, sentences: list[str]) -> None:
    said = refused(written(tmp_path, text))
    assert [sentence for sentence in sentences if sentence not in said] == []


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    assert "cannot be read" in refused(str(tmp_path / "none.csv"))
    path = tmp_path / "binary.csv"
    path.write_bytes(b"time,event,group\n1,1,\xff\n")
    assert "line 2 is not UTF-8" in refused(str(path))
