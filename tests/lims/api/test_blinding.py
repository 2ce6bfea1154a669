"""Whoever reads cases gets nothing of outcomes, arm or local diagnosis from any address the API has."""

from typing import Any

import pytest

from lims.api.urls import urlpatterns
from tests.addresses import told
from tests.lims.api.conftest import CANARIES, DIAGNOSIS
from tests.test_doors import walk

SECRETS = [*CANARIES.values(), DIAGNOSIS, "First cut", "CWG-0187", "CWG-0200"]


def addresses(world: Any) -> list[str]:
    """Each address, filled in with things that are there."""
    known = {
        "accession": [world.near_tissue.accession, world.concluded.slide.accession, world.near_parcel.accession],
        "code": ["CWG", "MERCY", world.concluded.code, world.waiting.code],
        "trial": ["CWG"],
        "study_id": ["CWG-0187"],
        "key": ["abc"],
        "pk": [str(world.release.pk)],
        "a": [str(world.release.pk)],
        "b": [str(world.release.pk)],
        "line": ["1"],
        "model": ["imdc-2009"],
        "number": ["1"],
        "anything": ["nowhere/"],
    }
    found = []
    for route, _ in walk(list(urlpatterns)):
        filled = [route]
        for name, values in known.items():
            filled = [
                address.replace(part, value)
                for address in filled
                for part in [next((p for p in address.split("/") if p.endswith(f":{name}>")), "")]
                for value in (values if part else [""])
            ]
        found += filled
    return sorted(set(found))


@pytest.mark.parametrize("who", ["reader", "third_reader", "adjudicator"])
def test_a_reader_gets_nothing_from_any_address(world: Any, calling: Any, who: str) -> None:
    caller = calling(getattr(world.cast, who))
    tried = [address for address in addresses(world) if not address.startswith(("schema", "docs"))]
    assert len(tried) > 40
    assert not [address for address in tried if "<" in address]
    for address in tried:
        for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH"):
            answer = caller.send(method, address, data="{}", content_type="application/json")
            said = told(answer)
            assert answer.status_code < 500, (method, address)
            assert not [secret for secret in SECRETS if secret in said], (method, address)


def test_the_same_addresses_do_tell_a_statistician(world: Any, calling: Any) -> None:
    """The canaries are there to be found: the test above can fail."""
    caller = calling(world.cast.statistician)
    said = "".join(caller.get(address).content.decode() for address in ("outcomes/", "outcomes/local-diagnoses/"))
    assert [secret for secret in (*CANARIES.values(), DIAGNOSIS) if secret not in said] == []


def test_a_stranger_gets_401_everywhere(world: Any, calling: Any) -> None:
    stranger = calling(None)
    assert {stranger.get(address).status_code for address in addresses(world)} == {401}


@pytest.mark.parametrize("who", ["coordinator", "statistician", "bench", "reader"])
def test_nobody_is_ever_answered_422_or_500(world: Any, calling: Any, who: str) -> None:
    caller = calling(getattr(world.cast, who))
    bodies = [("GET", ""), ("POST", "{}"), ("POST", '{"items": [1], "patients": 1}'), ("DELETE", "")]
    for address in addresses(world):
        for method, body in bodies:
            answer = caller.send(method, address, data=body, content_type="application/json")
            assert answer.status_code < 500, (method, address)
            assert answer.status_code != 422
            if answer.status_code >= 400 and not address.startswith("docs"):
                assert set(answer.json()) == {"code", "sentence", "field", "problems"}, (method, address)
                assert answer.json()["sentence"]
            b"".join(answer)
