"""bin/manage classify --model: its columns, its two streams and its exit status."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from lims.intake.clinical_sheet import COLUMNS
from scoring.rules.clinical.model import MODELS
from scoring.rules.vectors import FILE
from tests.scoring.rules.clinical.cast import WELL

ANSWER = "id,group,possible_groups,points,reasons,missing\n"
EXPECTED = {
    "mskcc-2002": "favourable,favourable,0,,",
    "imdc-2009": "favourable,favourable,0,,",
    "negrier-2005": "not_rapid,not_rapid,0,,",
    "figlin-1997": "after_6_months,after_6_months,,NEPHRECTOMY_OVER_6_MONTHS,",
    "cwg-strata": "ps0_resected_other,ps0_resected_other,,ECOG_0|PRIMARY_RESECTED|OTHER_SITES_ONLY,",
    "bui-2003": "low,low,,CAIX_LOW,",
}


@pytest.fixture
def run(tmp_path):
    """(exit status, standard output, standard error) for a model and a sheet's text."""

    def ran(model, content):
        sheet, out, err = tmp_path / "cases.csv", io.StringIO(), io.StringIO()
        sheet.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            call_command("classify", "--model", model, str(sheet), stdout=out, stderr=err, no_color=True)
        except SystemExit as ended:
            return ended.code, out.getvalue(), err.getvalue()
        return 0, out.getvalue(), err.getvalue()

    return ran


def sheet(*rows):
    lines = io.StringIO()
    writer = csv.DictWriter(lines, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return lines.getvalue()


@pytest.mark.parametrize("model", MODELS)
def test_every_model_reads_the_one_heading(run, model):
    assert run(model, sheet({"id": "a", **WELL})) == (0, f"{ANSWER}a,{EXPECTED[model]}\n", "")


@pytest.mark.parametrize("model", MODELS)
def test_an_id_alone_leaves_everything_open(run, model):
    status, out, err = run(model, "id\na\n")
    assert (status, err) == (0, "")
    row = next(csv.DictReader(io.StringIO(out)))
    assert row["group"] == "indeterminate"
    assert row["possible_groups"] == "|".join(MODELS[model].groups)
    assert row["missing"] == "|".join(MODELS[model].inputs)
    assert row["points"] == ("0" if MODELS[model].counts else "")


def test_the_two_compartment_model_answers_as_before(run):
    assert run("cwg-two-compartment", FILE.read_bytes())[1].startswith("id,risk,possible_risks,caix_level,")


def test_columns_in_any_order_with_others_beside_a_bom_and_windows_line_ends(run):
    content = b"\xef\xbb\xbfcaix,sex,id, ecog \r\n 90 ,f,x 1,what\r\n"
    assert run("bui-2003", content) == (0, f"{ANSWER}x 1,high,high,,CAIX_HIGH,\n", "")


def test_not_evaluable_caix_is_missing(run):
    out = run("bui-2003", "id,caix\na,not_evaluable\n")[1]
    assert out == f"{ANSWER}a,indeterminate,high|low,,,caix\n"


@pytest.mark.parametrize(
    ("model", "wrong", "field"),
    [
        ("mskcc-2002", {"ldh": "high"}, "ldh"),
        ("mskcc-2002", {"systemic_therapy_start": "2020-03-14"}, "systemic_therapy_start"),
        ("mskcc-2002", {"calcium_mg_dl": "2.4"}, "calcium_mg_dl"),
        ("negrier-2005", {"metastatic_sites": "-1"}, "metastatic_sites"),
        ("negrier-2005", {"metastatic_sites": "0", "liver_metastases": "yes"}, "metastatic_sites"),
        ("figlin-1997", {"nephrectomy": "no"}, "nephrectomy"),
        ("figlin-1997", {"nephrectomy_date": "14/09/2020"}, "nephrectomy_date"),
        ("cwg-strata", {"ecog": "7"}, "ecog"),
        ("bui-2003", {"caix": "95%"}, "caix"),
        ("imdc-2009", {"id": " "}, "id"),
    ],
)
def test_a_bad_row_is_told_and_the_others_come_out(run, model, wrong, field):
    status, out, err = run(model, sheet({"id": "a", **WELL}, {"id": "b", **WELL, **wrong}, {"id": "c", **WELL}))
    assert status == 1
    assert [line.split(",")[0] for line in out.splitlines()] == ["id", "a", "c"]
    assert err.startswith(f"line 3, {field}: ")
    assert err.count("\n") == 1


def test_every_fault_of_a_row_is_told(run):
    assert run("cwg-strata", "id,ecog,primary_in_place\n,x,maybe\n")[2].count("\n") == 3


def test_a_repeated_id_is_answered_twice_and_told(run):
    status, out, err = run("bui-2003", "id,caix\na,1\na,2\n")
    assert (status, out.count("\na,")) == (0, 2)
    assert err == "line 3, id: a was given on line 2 already; both rows are answered.\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "must name the column id; it lacks id"),
        (b"caix\n1\n", "lacks id"),
        (b"id,caix,caix\na,1,2\n", "names caix more than once"),
        ("id,caix\n".encode("utf-16"), "not UTF-8 text"),
    ],
)
def test_a_wrong_sheet_gets_one_sentence(run, content, says):
    status, out, err = run("bui-2003", content)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert says in err


def test_an_unknown_model_is_refused(run):
    with pytest.raises(CommandError, match="invalid choice: 'msk'"):
        run("msk", "id\n")
