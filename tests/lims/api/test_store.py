"""The store for programs: places, what stands in a drawer, putting, taking, and two-person disposal."""

from typing import Any

import pytest

from specimens.models import Disposal, Move, Standing, StoragePlace
from tests.drawers import a_cabinet, put_away, some_slides
from tests.lims.api.test_tissue import queries_of, rows

CABINET = {"kind": "cabinet", "name": "Slides", "drawers": 2, "positions": 12}


@pytest.fixture
def stored(world: Any) -> Any:
    """A drawer with two of three sections in it."""
    drawer = a_cabinet(world.cast)[-1]
    slides = some_slides(world.cast, world.house, world.near, 3, label="ST1")
    put_away(world.cast, drawer, slides[:2])
    return drawer, slides


def test_places_are_added_and_listed(world: Any, calling: Any) -> None:
    caller = calling(world.cast.bench)
    room = caller.post("store/places/", {"places": [{"kind": "room", "name": "Histology"}]}).json()[0]
    answer = caller.post("store/places/", {"places": [CABINET | {"inside": room["accession"]}]})
    assert answer.status_code == 201, answer.content
    assert [(p["name"], p["inside"] != "", p["positions"], p["taken"]) for p in answer.json()] == [
        ("Slides", True, 0, 0), ("Drawer 1", True, 12, 0), ("Drawer 2", True, 12, 0),
    ]  # fmt: skip
    assert len(rows(caller.get("store/places/", kind="drawer"))) == 2
    assert len(rows(caller.get("store/places/", inside=room["accession"]))) == 1
    assert rows(caller.get("store/places/", retired="yes")) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "shelf"}, "kind"),
        ({"inside": "ST-999999-X"}, "inside"),
        ({"inside": "nowhere"}, "inside"),
        ({"name": ""}, "name"),
        ({"positions": -1}, "positions"),
        ({"drawers": 101}, "drawers"),
        ({"shelf": 1}, "shelf"),
    ],
)
def test_a_place_that_cannot_be(world: Any, calling: Any, stored: Any, wrong: dict[str, Any], field: str) -> None:
    body = CABINET | {"inside": stored[0].parent.parent.accession} | wrong
    before = StoragePlace.objects.count()
    answer = calling(world.cast.bench).post("store/places/", {"places": [body]})
    assert answer.status_code == 400, answer.content
    assert field in answer.json()["field"] or field in str(answer.json()["problems"])
    assert StoragePlace.objects.count() == before


def test_a_drawer_says_what_stands_in_it(world: Any, calling: Any, stored: Any) -> None:
    drawer, slides = stored
    caller = calling(world.cast.coordinator)
    found = rows(caller.get(f"store/places/{drawer.accession}/content/"))
    assert [(row["position"], row["thing"], row["study_id"]) for row in found] == [
        (1, str(slides[0]), "CWG-0187"), (2, str(slides[1]), "CWG-0187"),
    ]  # fmt: skip
    assert caller.get(f"store/places/{drawer.accession}/").json()["taken"] == 2
    assert caller.get("store/places/ST-000099-9/").status_code == 404


def test_things_are_put_moved_and_taken(world: Any, calling: Any, stored: Any) -> None:
    drawer, slides = stored
    caller = calling(world.cast.bench)
    here = {"place": drawer.accession}
    puts = [here | {"thing": str(slides[2])}, here | {"thing": str(slides[0]), "position": 9}]
    answer = caller.post("store/puts/", {"puts": puts})
    assert (answer.status_code, [row["position"] for row in answer.json()]) == (201, [3, 9])
    answer = caller.post("store/takes/", {"things": [str(slides[1])], "why": "to the scanner"})
    assert (answer.status_code, answer.json()[0]["place"], answer.json()[0]["note"]) == (201, "", "to the scanner")
    assert sorted(Standing.objects.values_list("position", flat=True)) == [3, 9]


def test_one_fault_keeps_all_out(world: Any, calling: Any, stored: Any) -> None:
    drawer, slides = stored
    caller, here = calling(world.cast.bench), {"place": drawer.accession}
    before = Move.objects.count()
    good = here | {"thing": str(slides[2])}
    for wrong, words in (
        (here | {"thing": str(slides[0])}, "stands at position 1"),
        (here | {"thing": str(slides[0].block), "position": 2}, f"holds {slides[1]}"),
        (here | {"thing": "SL-1"}, "is not an accession number"),
        ({"thing": str(slides[0]), "place": drawer.parent.accession}, "has no positions"),
        ({"thing": str(slides[0]), "place": "ST-999999-X"}, ""),
    ):
        answer = caller.post("store/puts/", {"puts": [good, wrong]})
        assert answer.status_code == 400, answer.content
        assert words in answer.content.decode()
    assert caller.post("store/takes/", {"things": [str(slides[0]), str(slides[2])], "why": "x"}).status_code == 400
    assert caller.post("store/takes/", {"things": [str(slides[0])]}).status_code == 400
    assert caller.post("store/puts/", {"puts": []}).status_code == 400
    assert Move.objects.count() == before


def test_two_people_dispose(world: Any, calling: Any, stored: Any) -> None:
    slides = stored[1]
    bench, coordinator = calling(world.cast.bench), calling(world.cast.coordinator)
    body = {"things": [str(slides[0]), str(slides[1])], "kind": "destroyed", "reason": "cracked"}
    answer = bench.post("disposals/", body)
    assert (answer.status_code, [d["state"] for d in answer.json()]) == (201, ["waiting", "waiting"])
    one, two = (f"disposals/{each['id']}/" for each in answer.json())
    own = bench.post(one + "answer/", {"confirmed": True})
    assert (own.status_code, "a second person confirms" in own.content.decode()) == (400, True)
    told = coordinator.post(one + "answer/", {"confirmed": True})
    assert (told.status_code, told.json()["state"], told.json()["answered_by"]) == (201, "done", "Dana Whitfield")
    assert coordinator.post(one + "answer/", {"confirmed": True}).status_code == 400
    assert coordinator.post(two + "answer/", {"confirmed": False}).status_code == 400
    assert bench.post(two + "answer/", {"confirmed": False, "reason": "mine"}).json()["state"] == "refused"
    assert [d["thing"] for d in rows(bench.get("disposals/", answered="yes"))] == [str(slides[0]), str(slides[1])]
    assert rows(bench.get("disposals/", answered="no")) == []
    assert coordinator.get(one).json()["proposed_by"] == "Rose Achebe"
    assert coordinator.get("disposals/9999/").status_code == 404
    again = bench.post("disposals/", body)
    assert (again.status_code, "was destroyed already" in again.content.decode()) == (400, True)
    assert bench.post("disposals/", body | {"kind": "eaten"}).status_code == 400
    assert bench.post("disposals/", body | {"things": ["SL-000999-X"]}).status_code == 400


def test_the_store_is_the_cores_own(world: Any, calling: Any, stored: Any) -> None:
    drawer, slides = stored
    lists = ["store/places/", "disposals/"]
    bodies = {
        "store/places/": {"places": [{"kind": "room", "name": "R"}]},
        "store/puts/": {"puts": [{"thing": str(slides[2]), "place": drawer.accession}]},
        "store/takes/": {"things": [str(slides[0])], "why": "x"},
        "disposals/": {"things": [str(slides[0])], "kind": "destroyed", "reason": "x"},
    }
    site = calling(world.mercy_coordinator)
    for address in lists:
        assert rows(site.get(address)) == []
    for address in (f"store/places/{drawer.accession}/", f"store/places/{drawer.accession}/content/"):
        assert site.get(address).status_code == 404
    for address, body in bodies.items():
        assert site.post(address, body).status_code == 403, address
        for somebody in (world.cast.reader, world.cast.statistician, world.cast.adjudicator):
            assert calling(somebody).post(address, body).status_code == 403, address
        assert calling(None).post(address, body).status_code == 401, address
    for somebody in (world.cast.reader, world.cast.statistician):
        assert calling(somebody).get("store/places/").status_code == 403
    assert not Disposal.objects.exists()


def test_lists_ask_few_queries(world: Any, calling: Any, stored: Any) -> None:
    caller, cast = calling(world.cast.bench), world.cast
    content = f"store/places/{stored[0].accession}/content/"
    few = [queries_of(caller, "store/places/", 3), queries_of(caller, content, 2)]
    large = a_cabinet(cast, drawers=60, positions=70)[-1]
    put_away(cast, large, some_slides(cast, world.house, world.near, 60, label="ST1"))
    content = f"store/places/{large.accession}/content/"
    assert [queries_of(caller, "store/places/", 64), queries_of(caller, content, 60)] == few
    assert max(few) <= 10
