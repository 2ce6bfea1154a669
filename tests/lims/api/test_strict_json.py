"""Bodies that are not one well-formed JSON object are refused with a sentence, and nothing is kept."""

from typing import Any

import pytest

from specimens.models import Patient

ROW = '{"study_id": "CWG-0300", "treating_site": "MERCY"}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"trial": "CWG",}',
        b'{"trial": "CWG", "trial": "CWG", "patients": [%s]}' % ROW.encode(),
        b'{"trial": NaN}',
        b'{"trial": Infinity}',
        b'{"trial": 1e999999}',
        b'{"trial": ' + b"9" * 5000 + b"}",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b"[]",
        b'["trial"]',
        b'"CWG"',
        b"null",
        b"\xff\xfe{\x00}\x00",
        b'\xef\xbb\xbf{"trial": "CWG"}',
        b'{"trial": "caf\xe9"}',
        b'{"trial": "CWG", "patients": [{"study_id": "CWG\\u0000", "treating_site": "MERCY"}]}',
        b'{"trial": "CWG", "patients": [{"study_id": "CWG\\ud800", "treating_site": "MERCY"}]}',
        b'{"tri\\u0000al": "CWG"}',
        b'{"trial": {"code": "CWG"}, "patients": [%s]}' % ROW.encode(),
        b'{"trial": "CWG", "patients": %s}' % ROW.encode(),
        b'{"trial": "CWG", "patients": []}',
        b'{"trial": "CWG", "patients": ["CWG-0300"]}',
        b'{"trial": true, "patients": [%s]}' % ROW.encode(),
    ],
)
def test_what_is_not_well_formed_is_400(world: Any, calling: Any, body: bytes) -> None:
    caller = calling(world.cast.coordinator)
    before = Patient.objects.count()
    answer = caller.send("POST", "patients/", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["sentence"]
    assert Patient.objects.count() == before


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
    ],
)
def test_another_media_type_is_415(world: Any, calling: Any, kind: str) -> None:
    answer = calling(world.cast.coordinator).send("POST", "patients/", data=b"trial=CWG", content_type=kind)
    assert answer.status_code == 415
    assert answer.json()["sentence"]


def test_a_large_body_is_413(world: Any, calling: Any) -> None:
    body = b'{"trial": "' + b"x" * (50 * 1024 * 1024) + b'"}'
    answer = calling(world.cast.coordinator).send("POST", "patients/", data=body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("field", ["id", "status", "synthetic", "enrolled_at", "signed_by"])
def test_a_field_that_is_not_the_callers_is_refused_by_name(world: Any, calling: Any, field: str) -> None:
    row = {"study_id": "CWG-0300", "treating_site": "MERCY", field: "1"}
    answer = calling(world.cast.coordinator).post("patients/", {"trial": "CWG", "patients": [row]})
    told = answer.json()
    assert (answer.status_code, told["problems"][0]["field"], told["problems"][0]["row"]) == (400, field, 1)
    assert not Patient.objects.filter(study_id="CWG-0300").exists()


def test_the_sentence_names_what_would_be_right(world: Any, calling: Any) -> None:
    sam = calling(world.cast.statistician)
    wrong_method = sam.send("PUT", "scores/", data="{}", content_type="application/json").json()["sentence"]
    assert wrong_method == "This address does not take PUT; it takes GET."
    wrong_kind = sam.send("POST", "outcomes/releases/", data="a=1", content_type="text/plain").json()["sentence"]
    assert "application/json" in wrong_kind
    too_long = sam.send(
        "POST", "outcomes/releases/", data=f'{{"a": {"9" * 5000}}}', content_type="application/json"
    ).json()["sentence"]
    assert "more digits than anything here needs" in too_long


def test_a_cursor_that_says_nothing_is_refused(world: Any, calling: Any) -> None:
    for cursor in ("\x00", "AAAA", "abc"):
        answer = calling(world.cast.statistician).get("patients/", cursor=cursor)
        assert (answer.status_code, answer.json()["field"]) == (400, "cursor"), cursor
