"""A write with an Idempotency-Key may be sent again: it is done once, and answered alike."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from drf_spectacular.generators import SchemaGenerator

from lims import answers
from lims.api.door import Door
from lims.models import RememberedAnswer
from specimens import jobs
from specimens.models import Job, Shipment
from tests.lims.api.conftest import Caller
from tests.refusals import everything_written
from tests.scoring.desk import LATER

KEY = "6c1f0a52-announce"


def a_parcel(**changes: Any) -> dict[str, Any]:
    item = {"kind": "block", "label": "A7", "trial": "CWG", "study_id": "CWG-0187", "specimen_label": "S1"}
    return {"sender": "MERCY", "receiver": "CORE", "items": [item], **changes}


def announce(caller: Caller, key: str | None = KEY, body: Any = None, address: str = "shipments/") -> Any:
    if key is not None:
        caller.headers = {**caller.headers, "Idempotency-Key": key}
    return caller.post(address, body or a_parcel())


def said(answer: Any) -> tuple[int, str, str]:
    told = answer.json()
    return answer.status_code, told["code"], told["sentence"]


def test_the_same_again_is_done_once_and_answered_alike(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    first = announce(caller)
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first
    written = everything_written()
    again = announce(caller)
    assert (again.status_code, again.content) == (201, first.content)
    assert (again["Idempotency-Replayed"], again["Content-Type"]) == ("true", first["Content-Type"])
    assert everything_written() == written


def test_without_a_key_the_deed_speaks_for_itself(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    assert announce(caller, key=None).status_code == 201
    assert announce(caller, key=None).status_code == 400
    assert RememberedAnswer.objects.count() == 0


@pytest.mark.parametrize("change", [{"courier": "UPS"}, {"sent_on": "2026-11-01"}])
def test_another_request_under_the_same_key_is_refused(world: Any, calling: Any, change: dict[str, Any]) -> None:
    caller = calling(world.cast.coordinator)
    announce(caller)
    written = everything_written()
    status, code, sentence = said(announce(caller, body=a_parcel(**change)))
    assert (status, code) == (409, "key_used")
    assert "another request" in sentence
    assert everything_written() == written


def test_another_address_is_another_request(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    announce(caller)
    answer = announce(caller, address=f"shipments/{world.near_parcel}/receipts/", body={"items": [{"line": 1}]})
    assert said(answer)[:2] == (409, "key_used")


def test_a_key_is_its_persons_own(world: Any, calling: Any) -> None:
    announce(calling(world.cast.coordinator))
    other = announce(calling(world.mercy_coordinator), body=a_parcel(items=[{**a_parcel()["items"][0], "label": "A8"}]))
    assert other.status_code == 201
    assert Shipment.objects.count() == 4


def test_a_refusal_leaves_the_key_free(world: Any, calling: Any) -> None:
    """Nothing was done, so the corrected request may go under the same key."""
    caller = calling(world.cast.coordinator)
    written = everything_written()
    assert announce(caller, body=a_parcel(sender="NOWHERE")).status_code == 400
    assert announce(caller, body=a_parcel(colour="blue")).status_code == 400
    assert everything_written() == written
    assert announce(caller).status_code == 201


def test_a_key_that_cannot_be_kept_is_refused(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    written = everything_written()
    for key in ("", "   ", "k" * 201, "clé", "a\tb"):
        assert said(announce(caller, key=key))[:2] == (400, "bad_key")
    assert everything_written() == written
    assert announce(caller, key="k" * 200).status_code == 201
    assert announce(caller, key="k" * 200)["Idempotency-Replayed"] == "true"


def test_a_role_that_ended_gets_no_old_answer(world: Any, calling: Any) -> None:
    announce(calling(world.cast.coordinator))
    assert announce(calling(world.cast.reader)).status_code == 403
    assert announce(calling(None)).status_code == 401


def test_a_token_is_never_remembered(world: Any, calling: Any) -> None:
    caller = calling(None)
    answer = announce(caller, address="auth/token/", body={"username": "dana", "password": "x"})
    assert said(answer)[:2] == (400, "no_key_here")
    assert RememberedAnswer.objects.count() == 0


def test_a_read_does_not_mind_the_header(world: Any, calling: Any) -> None:
    caller = calling(world.cast.coordinator)
    caller.headers["Idempotency-Key"] = "k" * 500
    assert caller.get("shipments/").status_code == 200


def test_an_answer_without_a_body_is_given_again(world: Any, calling: Any) -> None:
    caller, other = calling(world.cast.coordinator), calling(world.cast.coordinator)
    key = other.get("auth/tokens/").json()[0]["key"]
    mine = caller.headers["Authorization"].split()[1][:15]
    key = next(row["key"] for row in other.get("auth/tokens/").json() if row["key"] != mine)
    caller.headers["Idempotency-Key"] = KEY
    for _ in range(2):
        answer = caller.send("DELETE", f"auth/tokens/{key}/")
        assert (answer.status_code, answer.content) == (204, b"")
        assert "Content-Type" not in answer
    assert answer["Idempotency-Replayed"] == "true"


class Killed(BaseException):
    """What a process feels when it is killed: nothing catches it."""


def dies(*_: Any, **__: Any) -> None:
    raise Killed


def test_killed_before_the_commit_nothing_was_done(world: Any, calling: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = calling(world.cast.coordinator)
    written = everything_written()
    with monkeypatch.context() as patch:
        patch.setattr(RememberedAnswer.objects, "create", dies)
        with pytest.raises(Killed):
            announce(caller)
    assert everything_written() == written
    assert announce(caller).status_code == 201


def test_killed_between_commit_and_answer_the_answer_is_there(
    world: Any, calling: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Door, "finalize_response", dies)
        with pytest.raises(Killed):
            announce(calling(world.cast.coordinator))
    parcels = Shipment.objects.count()
    again = announce(calling(world.cast.coordinator))
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert Shipment.objects.count() == parcels
    assert again.json()["accession"] == Shipment.objects.latest("id").accession


def test_answers_are_forgotten_after_seven_days(world: Any, calling: Any) -> None:
    announce(calling(world.cast.coordinator))
    with time_machine.travel(LATER + timedelta(days=6)):
        jobs.sweep()
        jobs.work_off()
        assert RememberedAnswer.objects.count() == 1
    with time_machine.travel(LATER + timedelta(days=8)):
        jobs.sweep()
        jobs.work_off()
        assert RememberedAnswer.objects.count() == 0
        jobs.sweep()
        assert Job.objects.filter(kind=answers.FORGET, done_at__isnull=True).count() == 0


def test_no_password_can_be_guessed_from_what_is_kept() -> None:
    told = ("POST", "/api/v1/cases/7F3K/reads/", b'{"password": "hunter2"}')
    plain = sha256(b"\0".join((told[0].encode(), told[1].encode(), told[2]))).hexdigest()
    assert answers.fingerprint(*told) not in plain
    assert len(answers.fingerprint(*told)) == 64


def test_the_schema_tells_of_the_header() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    named = {
        (path, method): [each["name"] for each in told.get("parameters", [])]
        for path, methods in schema["paths"].items()
        for method, told in methods.items()
        if isinstance(told, dict)
    }
    assert "Idempotency-Key" in named["/api/v1/shipments/", "post"]
    assert "Idempotency-Key" not in named["/api/v1/shipments/", "get"]
    assert "Idempotency-Key" not in named["/api/v1/auth/token/", "post"]
