"""The bench for programs: orders, cuts, lots, assay versions, runs, controls; all or none, by scope, 409 for races."""

from typing import Any

import pytest

from specimens.models import (
    AssayVersion,
    Block,
    BlockExhaustion,
    ControlSlide,
    CuttingOrder,
    ReagentLot,
    Slide,
    StainRun,
)
from specimens.vocabulary import Stain
from tests.stories import LONG_AGO, a_lot, a_received_block

ORDERS, RUNS, CUTS = "cutting-orders/", "runs/", "cuts/"
CONTROLS = [{"kind": "positive", "label": "TC-7"}, {"kind": "negative", "label": "no primary"}]


@pytest.fixture
def near(world: Any) -> Block:
    return world.near_tissue.blocks.get()


@pytest.fixture
def far(world: Any) -> Block:
    return world.far_tissue.blocks.get()


@pytest.fixture
def bench(world: Any, calling: Any) -> Any:
    return calling(world.cast.bench)


def order(bench: Any, block: Block, **changes: Any) -> dict[str, Any]:
    row = {"block": str(block), "sections": 2, "stain": "caix", "thickness_um": 4, "wanted_by": "2027-01-05"}
    answer = bench.post(ORDERS, {"orders": [row | changes]})
    assert answer.status_code == 201, answer.content
    return answer.json()[0]


def cut(bench: Any, block: Block, **changes: Any) -> Any:
    row = {"block": str(block), "sections": 2, "cut_on": "2026-11-22", "thickness_um": 4}
    return bench.post(CUTS, {"cuts": [row | changes]})


def a_run(bench: Any, world: Any, scanned: list[str], **changes: Any) -> Any:
    lot = a_lot(world.cast, Stain.CAIX).pk
    body = {"slides": scanned, "lot": lot, "stained_on": "2026-11-23", "control_slides": CONTROLS}
    return bench.post(RUNS, body | changes)


# ---- cutting ----
def test_orders_are_placed_listed_cut_and_cancelled(bench: Any, near: Block) -> None:
    told = order(bench, near, levels="3 levels")
    assert (told["state"], told["block"], told["sections"], told["levels"]) == ("open", str(near), 2, "3 levels")
    other = order(bench, near, stain="he")
    address = f"{ORDERS}{other['accession']}/"
    assert bench.post(f"{address}cancel/", {"reason": ""}).status_code == 400
    answer = bench.post(f"{address}cancel/", {"reason": "ordered twice"})
    assert (answer.status_code, answer.json()["state"], answer.json()["end_reason"]) == (
        201,
        "cancelled",
        "ordered twice",
    )
    assert bench.post(f"{address}cancel/", {"reason": "again"}).status_code == 409
    answer = cut(bench, near, order=told["accession"])
    assert answer.status_code == 201, answer.content
    assert {(s["order"], s["where"], s["stain"]) for s in answer.json()} == {(told["accession"], "core", "")}
    listed = bench.get(ORDERS, block=str(near)).json()["results"]
    assert [(o["state"], o["slides_cut"]) for o in listed] == [("cut", 2), ("cancelled", 0)]
    for state, count in (("open", 0), ("cut", 1), ("cancelled", 1)):
        assert len(bench.get(ORDERS, state=state).json()["results"]) == count
    answer = cut(bench, near, order=told["accession"])
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (409, "order")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"sections": 0}, 400, "sections"),
        ({"sections": "many"}, 400, "sections"),
        ({"block": "B-1"}, 400, "block"),
        ({"block": "B-999999-X"}, 400, "block"),
        ({"thickness_um": "NaN"}, 400, "thickness_um"),
        ({"thickness_um": 4.55}, 400, "thickness_um"),
        ({"stain": "purple"}, 400, "stain"),
        ({"wanted_by": "2020-01-01"}, 400, "wanted_by"),
        ({"replaces": "SL-999999-X"}, 400, "replaces"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
def test_one_faulty_order_keeps_all_out(
    bench: Any, near: Block, changes: dict[str, Any], status: int, field: str
) -> None:
    good = {"block": str(near), "sections": 1}
    answer = bench.post(ORDERS, {"orders": [good, good | changes]})
    assert answer.status_code == status
    assert (2, field) in [(p["row"], p["field"].split(".")[-1]) for p in answer.json()["problems"]]
    assert not CuttingOrder.objects.exists()


def test_a_restain_says_why(bench: Any, world: Any, near: Block) -> None:
    slide = world.concluded.slide
    answer = bench.post(ORDERS, {"orders": [{"block": str(near), "sections": 1, "replaces": str(slide)}]})
    assert answer.json()["problems"][0]["field"] == "reason"
    assert order(bench, near, sections=1, replaces=str(slide), reason="weak")["replaces"] == str(slide)


def test_the_usual_is_for_blocks_not_begun(bench: Any, world: Any, near: Block) -> None:
    answer = bench.post(f"{ORDERS}usual/", {"blocks": [str(near)]})
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (409, "blocks")
    fresh = a_received_block(world.cast, world.house, world.near, label="A7")
    answer = bench.post(f"{ORDERS}usual/", {"blocks": [str(fresh)]})
    assert [(o["stain"], o["sections"]) for o in answer.json()] == [("he", 1), ("caix", 2)]
    assert bench.post(f"{ORDERS}usual/", {"blocks": ["B-999999-X"]}).status_code == 400


def test_cuts_are_all_or_none(bench: Any, near: Block) -> None:
    before = Slide.objects.count()
    rows = [
        {"block": str(near), "sections": 1, "cut_on": "2026-11-22"},
        {"block": str(near), "sections": 61, "cut_on": "2026-11-22"},
    ]
    answer = bench.post(CUTS, {"cuts": rows})
    assert (answer.status_code, answer.json()["problems"][0]["row"]) == (400, 2)
    assert Slide.objects.count() == before
    short = order(bench, near, sections=3)["accession"]
    assert cut(bench, near, order=short).json()["problems"][0]["field"] == "shortfall"
    assert cut(bench, near, order=short, shortfall="folds", reorder_rest=True).status_code == 201
    assert CuttingOrder.objects.get(end__isnull=True).sections == 1


def test_a_block_used_up_is_a_conflict(bench: Any, near: Block) -> None:
    address = f"blocks/{near}/exhaustion/"
    answer = bench.post(address, {"note": "only wax"})
    assert (answer.status_code, answer.json()["block"], answer.json()["note"]) == (201, str(near), "only wax")
    assert BlockExhaustion.objects.get().block == near
    assert bench.post(address, {}).status_code == 409
    assert cut(bench, near).status_code == 409
    assert bench.post(ORDERS, {"orders": [{"block": str(near), "sections": 1}]}).status_code == 409


# ---- lots and assay versions ----
def test_lots_are_recorded_and_listed(bench: Any, world: Any) -> None:
    body = {"stain": "caix", "lot": "77-A", "clone": "M75", "supplier": "Bayer", "expires_on": "2027-03-31"}
    answer = bench.post("lots/", body)
    assert (answer.status_code, answer.json()["expires_on"]) == (201, "2027-03-31")
    assert bench.post("lots/", body).status_code == 409
    assert bench.post("lots/", {"stain": "caix", "lot": "78"}).json()["field"] == "clone"
    assert [lot["lot"] for lot in bench.get("lots/", lot="77-A").json()["results"]] == ["77-A"]
    assert ReagentLot.objects.filter(lot="77-A").count() == 1


def test_assay_versions_are_recorded_and_retired(bench: Any, world: Any) -> None:
    body = {"stain": "caix", "name": "CA-IX 3", "clone": "M75", "retrieval": "pH 9", "dilution": "1:5000"}
    told = bench.post("assay-versions/", body).json()
    assert (told["name"], told["retired_at"]) == ("CA-IX 3", None)
    assert bench.post("assay-versions/", body).status_code == 409
    cut_ = [s["accession"] for s in cut(bench, world.near_tissue.blocks.get()).json()]
    run = a_run(bench, world, cut_[:1], assay="CA-IX 3").json()
    assert (run["assay"], run["retrieval"], run["dilution"]) == ("CA-IX 3", "pH 9", "1:5000")
    assert a_run(bench, world, cut_[1:], assay="CA-IX 9").json()["field"] == "assay"
    retire = f"assay-versions/{told['id']}/retire/"
    assert bench.post(retire, {"reason": ""}).status_code == 400
    assert bench.post(retire, {"reason": "new clone"}).json()["retired_at"]
    assert bench.post(retire, {"reason": "again"}).status_code == 409
    assert bench.get("assay-versions/", retired="no").json()["results"] == []
    assert AssayVersion.objects.count() == 1


# ---- runs ----
def test_a_run_is_stained_and_its_controls_recorded(bench: Any, world: Any, near: Block) -> None:
    slides = [each["accession"] for each in cut(bench, near).json()]
    answer = a_run(bench, world, slides)
    assert answer.status_code == 201, answer.content
    run = answer.json()
    assert ([each["slide"] for each in run["slides"]], run["controls"]) == (slides, "pending")
    assert run["control_slides"] == CONTROLS
    address = f"{RUNS}{run['accession']}/controls/"
    assert bench.post(address, {"observed_on": "2026-11-23"}).status_code == 400
    answer = bench.post(address, {"positive": False, "negative": True, "observed_on": "2026-11-23"})
    assert (answer.status_code, answer.json()["controls"]) == (201, "failed")
    again = {"positive": True, "observed_on": "2026-11-23"}
    assert bench.post(address, again).json()["field"] == "reason"
    assert bench.post(address, again | {"reason": "wrong slide"}).json()["controls"] == "passed"
    assert bench.post(address, again | {"reason": "wrong slide"}).status_code == 409
    assert run["accession"] in [each["accession"] for each in bench.get(RUNS, stain="caix").json()["results"]]


def test_a_slide_stained_already_is_a_conflict(bench: Any, world: Any, near: Block) -> None:
    slides = [each["accession"] for each in cut(bench, near).json()]
    a_run(bench, world, slides[:1])
    answer = a_run(bench, world, slides)
    assert (answer.status_code, answer.json()["code"]) == (409, "staining_refused")
    assert "is stained already" in answer.json()["sentence"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"control_slides": []}, "positive"),
        ({"control_slides": [{"kind": "positive", "label": ""}]}, "label"),
        ({"control_slides": [{"kind": "middling", "label": "x"}]}, "kind"),
        ({"lot": 999_999}, "lot"),
        ({"slides": ["SL-999999-X"]}, "slides"),
        ({"stained_on": "2027-11-23"}, "stained_on"),
        ({"stained_on": "soon"}, "stained_on"),
    ],
)
def test_a_faulty_run_is_refused_by_field(
    bench: Any, world: Any, near: Block, changes: dict[str, Any], field: str
) -> None:
    slides = [each["accession"] for each in cut(bench, near).json()]
    before = StainRun.objects.count(), ControlSlide.objects.count()
    answer = a_run(bench, world, slides, **changes)
    assert answer.status_code == 400
    told = answer.json()
    assert field in [told["field"], *(p["field"].split(".")[-1] for p in told["problems"])]
    assert (StainRun.objects.count(), ControlSlide.objects.count()) == before


def test_slides_are_narrowed_by_what_the_inventory_knows(bench: Any, world: Any) -> None:
    aged = a_received_block(world.cast, world.house, world.near, label="A8", arrived=LONG_AGO)
    slides = {each["accession"] for each in cut(bench, aged, cut_on="2026-09-20").json()}
    for query in ({"age": "ageing"}, {"stained": "no", "where": "core"}, {"age": "ageing", "consent": "given"}):
        found = bench.get("slides/", **query).json()["results"]
        assert {each["accession"] for each in found} == slides, query
    assert {each["section_age_days"] for each in found} == {64}
    for query in ({"where": "gone"}, {"consent": "withdrawn"}, {"age": "past"}, {"consent": "none"}):
        assert bench.get("slides/", **query).json()["results"] == [], query
    assert bench.get("slides/", where="nowhere").status_code == 400


# ---- who ----
def test_a_site_sees_its_own_and_changes_nothing(world: Any, calling: Any, bench: Any, near: Block, far: Block) -> None:
    own, others = order(bench, near), order(bench, far)
    site = calling(world.mercy_coordinator)
    assert [o["accession"] for o in site.get(ORDERS).json()["results"]] == [own["accession"]]
    assert site.get(f"{ORDERS}{others['accession']}/").status_code == 404
    assert site.post(f"{ORDERS}{others['accession']}/cancel/", {"reason": "x"}).status_code == 404
    assert site.post(f"{ORDERS}{own['accession']}/cancel/", {"reason": "x"}).status_code == 403
    assert site.post(ORDERS, {"orders": [{"block": str(near), "sections": 1}]}).status_code == 403
    assert site.post(ORDERS, {"orders": [{"block": str(far), "sections": 1}]}).status_code == 400
    seen = site.get(RUNS).json()["results"]
    assert seen
    assert world.far_case.slide.accession not in str(seen)
    assert site.get(f"{RUNS}{world.far_case.slide.staining.run}/").status_code == 404


@pytest.mark.parametrize("address", [ORDERS, "lots/", "assay-versions/", RUNS])
def test_a_reader_gets_nothing(world: Any, calling: Any, address: str) -> None:
    assert calling(world.cast.reader).get(address).status_code == 403
    assert calling(None).get(address).status_code == 401


@pytest.mark.parametrize("address", [CUTS, "lots/", "assay-versions/", RUNS])
def test_only_the_bench_writes(world: Any, calling: Any, address: str) -> None:
    assert calling(world.cast.coordinator).post(address, {}).status_code == 403
    assert calling(world.cast.bench).post(address, {}).status_code == 400
