"""Staining a batch of slides."""

from dataclasses import replace
from datetime import date

import pytest

from specimens.announcing import AnnouncedItem
from specimens.errors import Invalid, Rejected
from specimens.models import LedgerEntry, Patient, Slide, Staining
from specimens.queries import latest_events
from specimens.sectioning import Cut, cut_sections
from specimens.staining import NewRun, age_warning, record_lot, stain_run
from specimens.vocabulary import ItemKind, Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import (
    CONTROL_SLIDES,
    CUT_ON,
    LONG_AGO,
    STAINED_ON,
    House,
    a_lot,
    a_received_block,
    an_announced_parcel,
    an_item,
)


@pytest.fixture
def slides(cast: Cast, house: House, patient: Patient) -> list[Slide]:
    block = a_received_block(cast, house, patient)
    return cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=2, cut_on=CUT_ON)])


@pytest.fixture
def run(cast: Cast, slides: list[Slide]) -> NewRun:
    return NewRun(
        lot=a_lot(cast, Stain.CAIX),
        slides=slides,
        stained_on=STAINED_ON,
        dilution="1:100",
        platform="Dako",
        controls=CONTROL_SLIDES,
    )


def test_a_batch_is_stained(cast: Cast, house: House, run: NewRun) -> None:
    stained = stain_run(by=cast.bench, at=AT, run=run)
    assert stained.accession.startswith("RUN-000001-")
    assert (stained.stain, stained.dilution, stained.platform) == ("caix", "1:100", "Dako")
    assert set(stained.stainings.values_list("slide_id", "section_age_days")) == {(s.pk, 10) for s in run.slides}
    held = latest_events(slides=[slide.pk for slide in run.slides])
    assert {(event.kind, event.holder) for event in held.values()} == {("stained", house.core)}
    deeds = list(LedgerEntry.objects.order_by("-number").values_list("deed", flat=True)[:3])
    assert deeds == ["stain slide", "stain slide", "stain run"]
    assert (
        LedgerEntry.objects.get(deed="stain run").sentence == f"Run {stained} (CA-IX) stained 2 slides on 2026-11-20."
    )


def test_only_the_bench_stains(cast: Cast, run: NewRun) -> None:
    for name, person in cast.everybody().items():
        if name != "bench":
            with forbidden("Only histotechnologists stain slides"):
                stain_run(by=person, at=AT, run=run)


@pytest.mark.parametrize(
    ("place", "changes", "words"),
    [
        ((0, "slides"), {"slides": []}, "A run stains at least one slide."),
        ((0, "stained_on"), {"stained_on": date(2026, 11, 24)}, "2026-11-24 lies in the future."),
    ],
)
def test_a_run_that_cannot_be(
    cast: Cast, run: NewRun, place: tuple[int, str], changes: dict[str, object], words: str
) -> None:
    with refused("staining_refused", words, Rejected) as refusal:
        stain_run(by=cast.bench, at=AT, run=replace(run, **changes))  # type: ignore[arg-type]
    assert refusal.places == [place]


@pytest.mark.parametrize(("field", "text"), [("dilution", "x" * 21), ("platform", "x" * 81), ("platform", "a\0")])
def test_a_text_that_cannot_be_kept(cast: Cast, run: NewRun, field: str, text: str) -> None:
    with refused("invalid", f"{field}: ", Invalid) as refusal:
        stain_run(by=cast.bench, at=AT, run=replace(run, **{field: text}))  # type: ignore[arg-type]
    assert refusal.field == field


def test_a_lot_past_its_date(cast: Cast, run: NewRun) -> None:
    lot = record_lot(by=cast.bench, at=AT, stain=Stain.HE, lot="old", expires_on=date(2026, 11, 19))
    with refused("staining_refused", "Lot old expired on 2026-11-19: stain from another lot.", Rejected) as refusal:
        stain_run(by=cast.bench, at=AT, run=replace(run, lot=lot))
    assert refusal.places == [(0, "lot")]


def test_slides_are_stained_once(cast: Cast, run: NewRun) -> None:
    stain_run(by=cast.bench, at=AT, run=replace(run, slides=run.slides[:1]))
    with refused("staining_refused", "is stained already; a restain takes a new section.", Rejected) as refusal:
        stain_run(by=cast.bench, at=AT, run=replace(run, slides=[run.slides[1], run.slides[0]]))
    assert refusal.places == [(2, "slide")]


def test_a_slide_twice_in_one_run(cast: Cast, run: NewRun) -> None:
    with refused("staining_refused", "stands twice in this run.", Rejected) as refusal:
        stain_run(by=cast.bench, at=AT, run=replace(run, slides=[*run.slides, run.slides[0]]))
    assert refusal.places == [(1, "slide"), (3, "slide")]


def test_a_slide_that_is_not_here(cast: Cast, house: House, patient: Patient, run: NewRun) -> None:
    glass = an_item(patient, kind=ItemKind.UNSTAINED_SLIDE, label="u1", block_label="A1", cut_on=date(2026, 11, 2))
    slide = an_announced_parcel(cast, house, glass).items.get().slide
    with refused("staining_refused", f"Slide {slide} is not at the core: receive it first.", Rejected):
        stain_run(by=cast.bench, at=AT, run=replace(run, slides=[slide]))
    away = AnnouncedItem(kind=ItemKind.UNSTAINED_SLIDE, label="1", slide=run.slides[0])
    an_announced_parcel(cast, replace(house, mercy=house.core, core=house.mercy), away, sent_on=STAINED_ON)
    with refused("staining_refused", f"Slide {run.slides[0]} is not at the core: receive it first.", Rejected):
        stain_run(by=cast.bench, at=AT, run=run)


def test_an_old_section_needs_a_reason(cast: Cast, house: House, patient: Patient, run: NewRun) -> None:
    block = a_received_block(cast, house, patient, label="A2", arrived=LONG_AGO)
    cut = Cut(block=block, sections=1, cut_on=date(2026, 8, 21))
    old = cut_sections(by=cast.bench, at=AT, cuts=[cut])[0]
    with refused("staining_refused", "was cut 91 days before; past 90 days say why it is stained.", Rejected):
        stain_run(by=cast.bench, at=AT, run=replace(run, slides=[old], override_reasons={old.pk: " "}))
    reasons = {old.pk: "the block is used up"}
    stained = stain_run(by=cast.bench, at=AT, run=replace(run, slides=[old], override_reasons=reasons))
    assert stained.stainings.get().age_override_reason == "the block is used up"
    assert LedgerEntry.objects.get(deed="stain slide").reason == "the block is used up"


def test_a_stain_before_the_cut(cast: Cast, run: NewRun) -> None:
    with refused("staining_refused", "was cut on 2026-11-10, after this stain.", Rejected):
        stain_run(by=cast.bench, at=AT, run=replace(run, stained_on=date(2026, 11, 9)))


def test_a_section_whose_cut_is_unknown_is_stained_with_a_warning(cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient, label="A7", arrived=LONG_AGO)
    made = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=1, cut_on=date(2026, 9, 1))])[0]
    assert age_warning(made, STAINED_ON) == "Cut 80 days ago; past 42 days antigen may be lost."
    assert age_warning(made, date(2026, 9, 30)) == ""
    assert age_warning(Slide(block=block), STAINED_ON) == "The cut date is not known."
    assert not Staining.objects.exists()
