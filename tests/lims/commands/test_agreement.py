"""agreement FILE.csv: the worked example of models.md section 7, what is undefined, what is refused."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

CAIX_A = [95, 90, 85, 80, 100, 60, 0, 88, 86, 40, 92, 70]
CAIX_B = [90, 95, 90, 80, 100, 50, 0, 80, 90, 55, 85, 75]
RANK = {"g": 1, "i": 2, "p": 3}
FIGURES = ("raw", "kappa", "kappa_linear", "kappa_quadratic", "alpha", "icc_2_1", "mean_difference", "limits")


def sheet(tmp_path: Path, first: list[object], second: list[object]) -> Path:
    """Two readers' values, item by item, under the heading the command asks for."""
    lines = ["item,reader,value"]
    for number, (a, b) in enumerate(zip(first, second, strict=True), start=1):
        lines += [f"{number},A,{a}", f"{number},B,{b}"]
    return written(tmp_path, "\n".join(lines) + "\n")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "reads.csv"
    path.write_text(text, encoding="utf-8")
    return path


def told(path: Path, kind: str, *more: str) -> dict[str, object]:
    out = StringIO()
    call_command("agreement", str(path), "--kind", kind, *more, stdout=out)
    return json.loads(out.getvalue())


def refused(path: Path, kind: str = "nominal", *more: str) -> str:
    err = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("agreement", str(path), "--kind", kind, *more, stderr=err)
    assert ended.value.code == 1
    return err.getvalue()


def test_the_worked_percentages(tmp_path: Path) -> None:
    found = told(sheet(tmp_path, CAIX_A, CAIX_B), "percent", "--cutoff", "85")
    assert found["raw"] == 9 / 12
    assert found["kappa"] == pytest.approx(0.5, abs=5e-7)
    assert found["icc_2_1"] == pytest.approx(0.970955, abs=5e-7)
    assert found["mean_difference"] == pytest.approx(-0.333333, abs=5e-7)
    assert found["limits"] == pytest.approx([-14.226184, 13.559517], abs=5e-7)
    assert found["kappa_linear"] is found["kappa_quadratic"] is None


def test_the_worked_risks(tmp_path: Path) -> None:
    ranks = [[RANK[word] for word in said] for said in ("ggiigppgiigp", "giiigppggigi")]
    found = told(sheet(tmp_path, *ranks), "ordinal")
    expected = {"raw": 0.75, "kappa": 0.612903, "kappa_linear": 0.694915, "kappa_quadratic": 0.785714}
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=5e-7)
    assert found["alpha"] == pytest.approx(0.779511, abs=5e-7)
    nominal = told(sheet(tmp_path, list("ggiigppgiigp"), list("giiigppggigi")), "nominal")
    assert nominal["alpha"] == pytest.approx(0.627027, abs=5e-7)
    assert {name for name in FIGURES if nominal[name] is None} == set(FIGURES) - {"raw", "kappa", "alpha"}


def test_exactly_the_cutoff_is_not_above_it(tmp_path: Path) -> None:
    found = told(sheet(tmp_path, ["85", "85.00000000000000000001"], ["85.0", "85"]), "percent")
    assert found["raw"] == 0.5


def test_what_is_undefined_is_null(tmp_path: Path) -> None:
    found = told(sheet(tmp_path, ["a", "a"], ["a", "a"]), "nominal")
    assert (found["raw"], found["kappa"], found["alpha"]) == (1.0, None, None)
    empty = told(written(tmp_path, "item,reader,value\n"), "percent")
    assert {empty[name] for name in FIGURES} == {None}


def test_a_reading_that_was_not_made_is_left_out(tmp_path: Path) -> None:
    lines = "item,reader,value\n1,A,x\n1,B,x\n2,A,y\n2,B,\n3,A,y\n3,B,x\n"
    found = told(written(tmp_path, lines), "nominal")
    assert (found["raw"], found["items"], found["items_compared"]) == (0.5, 3, 2)


def test_three_readers_have_an_alpha_and_no_kappa(tmp_path: Path) -> None:
    lines = "item,reader,value\n1,A,1\n1,B,1\n1,C,1\n2,A,2\n2,B,2\n2,C,3\n3,A,3\n3,B,3\n3,C,3\n"
    found = told(written(tmp_path, lines), "ordinal")
    assert found["kappa"] is None
    # By hand: ranks 3, 2, 4 of 1, 2, 3; observed 4 x 9 / 2 / 9, expected 2 (6 x 6.25 + 8 x 9 + 12 x 30.25) / 72.
    assert found["alpha"] == pytest.approx(1 - 2 / 13.125)
    assert found["raw"] == pytest.approx(7 / 9)


@pytest.mark.parametrize(
    ("kind", "lines", "words"),
    [
        ("nominal", "item,reader\n1,A\n", "The heading must name item, reader, value once each"),
        ("nominal", "item,reader,value\n1,A,x\n1,A,y\n", "line 3, reader: A has read 1 already"),
        ("nominal", "item,reader,value\n,A,x\n", "line 2, item: blank"),
        ("nominal", "item,reader,value\n1,A\n", "line 2: the row does not have as many cells"),
        ("ordinal", "item,reader,value\n1,A,1.5\n", "“1.5” is no whole number"),
        ("percent", "item,reader,value\n1,A,101\n", "line 2, value: 101 is not between 0 and 100."),
        ("percent", 'item,reader,value\n1,A,"85,5"\n', "has a decimal comma: write 85.5."),
    ],
)
def test_a_sheet_that_is_wrong_says_where(tmp_path: Path, kind: str, lines: str, words: str) -> None:
    assert words in refused(written(tmp_path, lines), kind)


def test_a_cutoff_that_is_none(tmp_path: Path) -> None:
    assert "--cutoff" in refused(sheet(tmp_path, [1], [2]), "percent", "--cutoff", "high")
    assert "cannot be read" in refused(tmp_path / "absent.csv")
