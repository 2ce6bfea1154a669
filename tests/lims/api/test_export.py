"""GET export/patients/ and export/dictionary/: streamed, labelled, for statisticians alone."""

import csv
import gzip
import io
from typing import Any

import pyarrow as pa
import pytest

from specimens.consenting import withdraw_consent
from specimens.models import Consent
from tests.cast import AT


def table(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode(), newline="")))


def test_the_statistician_downloads_one_row_a_patient(world: Any, calling: Any) -> None:
    answer = calling(world.cast.statistician).get("export/patients/", format="csv")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    rows = table(answer)
    assert [row["study_id"] for row in rows] == ["CWG-0187", "CWG-0200"]
    near = rows[0]
    assert (near["trial"], near["treating_site"], near["specimen_kind"]) == ("CWG", "MERCY", "primary")
    assert (near["risk"], near["edition"], near["alveolar_percent"]) == ("intermediate", "2005-R1", "45")
    assert (near["arm"], near["response"], near["os_time"], near["os_event"]) == (
        "CANARYARM",
        "PR",
        "412",
        "1",
    )
    assert (near["release"], near["data_cut"], near["time_unit"]) == ("First cut", "2026-11-01", "days")


def test_csv_is_what_it_gives_unless_told(world: Any, calling: Any) -> None:
    answer = calling(world.cast.statistician).get("export/patients/")
    assert b"".join(answer.streaming_content).startswith(b"trial,study_id,")


def test_the_wrapping_says_what_is_in_it(world: Any, calling: Any) -> None:
    answer = calling(world.cast.statistician).get("export/patients/")
    assert answer["X-Row-Count"] == "2"
    assert answer["X-Edition"] == "cwg-two-compartment 2005-R1"
    assert answer["X-Investigational"].startswith("Investigational, for research use only")
    assert answer["X-Generated-At"].startswith("2026-11-23T11:00:")
    assert answer["Content-Disposition"].endswith('.csv"')
    assert len(table(answer)) == 2


def test_json_holds_the_same_values(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    answer = sam.get("export/patients/", format="json")
    told = answer_json(answer)
    assert (told["count"], told["edition"], told["dictionary_version"]) == (2, "2005-R1", "1.1")
    assert told["investigational"].startswith("Investigational")
    as_text = [{k: "" if v is None else str(v) for k, v in row.items()} for row in told["rows"]]
    assert as_text == table(sam.get("export/patients/", format="csv"))


def unpacked(content: bytes) -> bytes:
    return pa.input_stream(pa.py_buffer(content), compression="zstd").read()


def answer_json(answer: Any) -> Any:
    import json

    return json.loads(b"".join(answer.streaming_content))


def test_blank_is_empty_and_not_0(world: Any, calling: Any) -> None:
    near = table(calling(world.cast.statistician).get("export/patients/"))[0]
    assert (near["caix_percent"], near["caix_evaluable"], near["h_score"], near["pfs_time"]) == (
        "",
        "",
        "",
        "",
    )
    assert (near["caix_level"], near["missing"], near["pfs_event"]) == ("missing", "caix", "")


def test_who_withdrew_consent_is_not_in_it(world: Any, calling: Any) -> None:
    consent = Consent.objects.get(patient=world.near)
    withdraw_consent(by=world.cast.coordinator, at=AT, consent=consent, withdrawn_on=AT.date())
    answer = calling(world.cast.statistician).get("export/patients/")
    assert (answer["X-Row-Count"], [row["study_id"] for row in table(answer)]) == ("1", ["CWG-0200"])


def test_a_sites_statistician_gets_the_sites_patients(world: Any, calling: Any) -> None:
    answer = calling(world.mercy_statistician).get("export/patients/")
    assert (answer["X-Row-Count"], [row["study_id"] for row in table(answer)]) == ("1", ["CWG-0187"])


def test_filters_narrow_it(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    assert [r["study_id"] for r in table(sam.get("export/patients/", site="lake"))] == ["CWG-0200"]
    assert len(table(sam.get("export/patients/", trial="CWG", risk="intermediate"))) == 2
    assert table(sam.get("export/patients/", risk="good")) == []
    assert len(table(sam.get("export/patients/", release="First cut"))) == 2


def test_as_of_a_day_before_the_scores_tells_none(world: Any, calling: Any) -> None:
    rows = table(calling(world.cast.statistician).get("export/patients/", as_of="2026-11-01"))
    assert {(row["risk"], row["scored_at"], row["arm"]) for row in rows} == {("", "", "")}


def test_faulty_parameters_are_refused_by_name(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    for name, value in [("format", "pdf"), ("compress", "rar"), ("columns", "nonsense"), ("assay", "caix"),
                        ("risk", "bad"), ("as_of", "soon"), ("as_of", "2026-02-30"),
                        ("trial", "NONE"), ("site", "NONE"), ("release", "none"), ("ordering", "arm"),
                        ("trial", "a\x00")]:  # fmt: skip
        answer = sam.get("export/patients/", **{name: value})
        assert (answer.status_code, answer.json()["field"]) == (400, name)
        assert answer.json()["sentence"]


def test_another_sites_code_does_not_exist_for_a_site(world: Any, calling: Any) -> None:
    answer = calling(world.mercy_statistician).get("export/patients/", site="LAKE")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_site")


def test_nobody_else_may_export(world: Any, calling: Any) -> None:
    cast = world.cast
    for somebody in (cast.reader, cast.adjudicator, cast.coordinator, cast.bench, cast.administrator):
        for address in ("export/patients/", "export/dictionary/"):
            assert calling(somebody).get(address).status_code == 403
    assert calling(None).get("export/patients/").status_code == 401


def test_the_dictionary_explains_every_column_of_the_table(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    told = sam.get("export/dictionary/", table="patients").json()
    names = [column["name"] for column in told["columns"]]
    assert names == list(table(sam.get("export/patients/"))[0])
    assert (told["dictionary_version"], told["edition"]) == ("1.1", "2005-R1")
    assert all(column["label"] and column["derivation"] and column["source"] for column in told["columns"])


TABLES = ("specimens", "slides", "custody", "reads", "scores", "outcomes", "outcome_values", "agreement")


@pytest.mark.parametrize("name", TABLES)
def test_every_table_comes_within_reach_alone(world: Any, calling: Any, name: str) -> None:
    """The core's statistician sees both patients' rows, a site's the site's, nobody else any."""
    sam, site = calling(world.cast.statistician), calling(world.mercy_statistician)
    answer = sam.get(f"export/{name}/")
    rows = table(answer)
    assert (answer.status_code, int(answer["X-Row-Count"])) == (200, len(rows))
    assert {row["study_id"] for row in table(site.get(f"export/{name}/"))} <= {"CWG-0187"}
    for somebody in (world.cast.reader, world.cast.adjudicator, world.cast.coordinator, world.cast.administrator):
        assert calling(somebody).get(f"export/{name}/").status_code == 403


def test_columns_are_chosen_and_ordered(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    rows = table(sam.get("export/patients/", columns="risk, study_id"))
    assert [list(row) for row in rows] == [["risk", "study_id"]] * 2
    whole = table(sam.get("export/patients/"))
    assert [tuple(row.values()) for row in rows] == [(row["risk"], row["study_id"]) for row in whole]


@pytest.mark.parametrize(("packing", "unpack"), [("gzip", gzip.decompress), ("zstd", unpacked)])
def test_it_comes_packed(world: Any, calling: Any, packing: str, unpack: Any) -> None:
    sam = calling(world.cast.statistician)
    answer = sam.get("export/patients/", compress=packing)
    assert answer["Content-Type"] == f"application/{packing}"
    assert unpack(b"".join(answer.streaming_content)) == b"".join(sam.get("export/patients/").streaming_content)


def test_what_is_packed_already_is_not_packed_again(world: Any, calling: Any) -> None:
    answer = calling(world.cast.statistician).get("export/patients/", format="parquet", compress="gzip")
    assert (answer.status_code, answer.json()["field"]) == (400, "compress")


def test_the_dictionary_comes_as_a_sheet_too(world: Any, calling: Any) -> None:
    answer = calling(world.cast.statistician).get("export/dictionary/", format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    risk = next(row for row in rows if row["name"] == "risk")
    assert (risk["xpt"], risk["codes"]) == ("PATHRSK", "good|intermediate|poor|indeterminate")


def test_a_day_that_has_not_come_is_refused(world: Any, calling: Any) -> None:
    answer = calling(world.cast.statistician).get("export/patients/", as_of="2026-11-24")
    assert (answer.status_code, answer.json()["field"]) == (400, "as_of")
    assert "has not come yet" in answer.json()["sentence"]


def test_the_de_identified_variant_tells_no_site(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    rows = table(sam.get("export/patients/", variant="safe_harbour"))
    assert len(rows) == 2
    assert not {"treating_site", "data_cut"} & set(rows[0])
    for query in ({"variant": "open"}, {"variant": "safe_harbour", "site": "MERCY"}):
        answer = sam.get("export/patients/", **query)
        assert (answer.status_code, answer.json()["field"]) == (400, list(query)[-1])
