"""The bench: cutting, lots, runs, controls."""

import pytest

from specimens.models import Block, ControlResult, Patient, ReagentLot, Slide, StainRun
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import ItemKind, Stain
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import (
    CUT_ON,
    LONG_AGO,
    SENT_ON,
    House,
    a_lot,
    a_received_block,
    a_stained_slide,
    an_announced_parcel,
    an_item,
)

CUTTING = {"sections": "3", "cut_on": "2026-11-21", "thickness_um": "4.0", "position": "top"}


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


@pytest.fixture
def slides(cast: Cast, block: Block) -> list[Slide]:
    return cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=2, cut_on=CUT_ON)])


# ---- cutting ----
def test_sections_are_cut(enter: Enter, cast: Cast, block: Block) -> None:
    browser = enter(cast.bench)
    shows(browser, "/cutting/", str(block), "1 block to cut")
    assert browser.post(f"/blocks/{block}/cut/", CUTTING)["Location"] == f"/blocks/{block}/"
    shows(browser, f"/blocks/{block}/", *(str(s) for s in Slide.objects.all()), "3 sections were cut")
    shows(browser, "/cutting/", "No block to cut")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("sections", "0", "greater than or equal to 1"),
        ("sections", "61", "less than or equal to 60"),
        ("sections", "many", "whole number"),
        ("cut_on", "2026-12-01", "lies in the future"),
        ("cut_on", "2026-08-01", "before the procedure"),
        ("thickness_um", "4.55", "1 decimal place"),
    ],
)
def test_a_cut_is_refused_beside_its_field(
    enter: Enter, cast: Cast, block: Block, field: str, typed: str, said: str
) -> None:
    page = text(enter(cast.bench).post(f"/blocks/{block}/cut/", CUTTING | {field: typed}))
    assert said in page.split(f'id="id_{field}_error"')[1]
    assert f'value="{typed}"' in page
    assert not Slide.objects.exists()


def test_a_block_that_is_not_here_is_not_cut(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    parcel = an_announced_parcel(cast, house, an_item(patient))
    away = parcel.items.get().block
    assert "is not at the core: receive it first" in text(enter(cast.bench).post(f"/blocks/{away}/cut/", CUTTING))


# ---- lots ----
def test_a_lot_is_recorded_and_chosen(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.bench)
    answer = browser.post("/lots/add/", {"stain": "caix", "lot": "77-A", "clone": "M75"})
    lot = ReagentLot.objects.get()
    assert answer["Location"] == f"/runs/stain/?lot={lot.pk}"
    shows(browser, answer["Location"], f'value="{lot.pk}" selected', "M75 lot 77-A")


def test_a_caix_lot_names_its_clone(enter: Enter, cast: Cast, house: House) -> None:
    page = text(enter(cast.bench).post("/lots/add/", {"stain": "caix", "lot": "77-A"}))
    assert "names the antibody’s clone" in page or "names the antibody&#x27;s clone" in page
    assert 'value="77-A"' in page


# ---- runs ----
def run_of(cast: Cast, slides: list[Slide], **changes: str) -> dict[str, str]:
    said = {
        "slides": "\n".join(str(s).lower() for s in slides),
        "lot": str(a_lot(cast, Stain.CAIX).pk),
        "dilution": "1:100",
        "stained_on": "2026-11-22",
        "commit": "1",
    }
    return said | changes


def test_a_run_is_stained_and_its_controls_recorded(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    answer = browser.post("/runs/stain/", run_of(cast, slides))
    run = StainRun.objects.get()
    assert answer["Location"] == f"/runs/{run}/"
    shows(browser, f"/runs/{run}/", str(slides[0]), str(slides[1]), "controls awaited", "1:100", "12 d")
    passed = {"positive": "passed", "negative": "passed", "observed_on": "2026-11-23"}
    browser.post(f"/runs/{run}/", passed)
    shows(browser, f"/runs/{run}/", "controls passed", "Why an earlier result no longer stands")
    shows(browser, "/runs/", str(run), "controls passed")


def test_a_later_failure_needs_its_reason(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    browser.post("/runs/stain/", run_of(cast, slides))
    address = f"/runs/{StainRun.objects.get()}/"
    browser.post(address, {"positive": "passed", "negative": "passed", "observed_on": "2026-11-23"})
    failed = {"positive": "failed", "negative": "passed", "observed_on": "2026-11-23"}
    page = text(browser.post(address, failed))
    assert "no longer stands." in page.split('id="id_reason_error"')[1]
    assert ControlResult.objects.count() == 2
    browser.post(address, failed | {"reason": "edge of the section was dry"})
    shows(browser, address, "controls failed", "edge of the section was dry")


def test_controls_without_a_result_are_refused(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    browser.post("/runs/stain/", run_of(cast, slides))
    assert "at least one control" in text(
        browser.post(f"/runs/{StainRun.objects.get()}/", {"observed_on": "2026-11-23"})
    )


def test_old_sections_warn_and_then_ask_why(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient, arrived=LONG_AGO)
    days = {"young": "2026-11-10", "old": "2026-10-01", "too old": "2026-08-16"}
    cuts = [Cut(block=block, sections=1, cut_on=CUT_ON.fromisoformat(day)) for day in days.values()]
    slides = cut_sections(by=cast.bench, at=AT, cuts=cuts)
    browser = enter(cast.bench)
    looked = run_of(cast, slides)
    del looked["commit"]
    page = text(browser.post("/runs/stain/", looked))
    assert page.count("past 42 days antigen may be lost") == 2
    assert page.count("give the reason above") == 1
    assert not StainRun.objects.exists()
    page = text(browser.post("/runs/stain/", run_of(cast, slides)))
    assert "past 90 days say why it is stained" in page
    reason = "no younger section is left"
    assert browser.post("/runs/stain/", run_of(cast, slides, override_reason=reason)).status_code == 302
    reasons = StainRun.objects.get().stainings.order_by("id").values_list("age_override_reason", flat=True)
    assert list(reasons) == ["", "", reason]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("SL-000001-X", "check character"),
        ("nonsense", "is not an accession number"),
        ("SL-999999-5", "no slide"),
    ],
)
def test_a_wrong_slide_is_told_and_kept(enter: Enter, cast: Cast, slides: list[Slide], typed: str, said: str) -> None:
    page = text(enter(cast.bench).post("/runs/stain/", run_of(cast, slides) | {"slides": typed}))
    assert said in page or "check character" in page
    assert typed in page
    assert not StainRun.objects.exists()


def test_a_slide_twice_or_stained_before_is_refused(
    enter: Enter, cast: Cast, block: Block, slides: list[Slide]
) -> None:
    browser, stained = enter(cast.bench), a_stained_slide(cast, block)
    page = text(browser.post("/runs/stain/", run_of(cast, [slides[0], slides[0]])))
    assert "stands twice in the list" in page
    page = text(browser.post("/runs/stain/", run_of(cast, [slides[0], stained])))
    assert "is stained already; a restain takes a new section" in page
    assert str(slides[0]).lower() in page


def test_query_counts_are_fixed(enter: Enter, cast: Cast, block: Block, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    a_stained_slide(cast, block)
    run = StainRun.objects.get()
    few = [questions(browser, address) for address in ("/", "/runs/", "/cutting/", f"/runs/{run}/")]
    for _ in range(4):
        a_stained_slide(cast, block)
    more = [questions(browser, address) for address in ("/", "/runs/", "/cutting/", f"/runs/{run}/")]
    assert more == few
    assert max(few) <= MOST_QUERIES


def test_a_block_that_came_with_its_own_slides_waits_to_be_cut(
    enter: Enter, cast: Cast, house: House, patient: Patient
) -> None:
    slide = an_item(patient, kind=ItemKind.UNSTAINED_SLIDE, block_label="A1", label="1", terms="", cut_on=SENT_ON)
    an_announced_parcel(cast, house, slide)
    block = a_received_block(cast, house, patient)
    shows(enter(cast.bench), "/cutting/", str(block), "1 block to cut")
