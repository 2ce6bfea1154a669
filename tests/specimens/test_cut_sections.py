"""Cutting sections at the core."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from specimens.announcing import AnnouncedItem
from specimens.errors import Rejected, Unknown
from specimens.models import Block, LedgerEntry, Patient, SlideFace
from specimens.queries import latest_events
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import ItemKind
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import CUT_ON, House, a_patient, a_received_block, an_announced_parcel, an_item


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


@pytest.fixture
def cut(block: Block) -> Cut:
    return Cut(block=block, sections=3, cut_on=CUT_ON, thickness_um=Decimal("4.5"), position="top")


def test_sections_are_cut_and_numbered(cast: Cast, house: House, cut: Cut) -> None:
    slides = cut_sections(by=cast.bench, at=AT, cuts=[cut])
    assert [slide.accession[:9] for slide in slides] == ["SL-000001", "SL-000002", "SL-000003"]
    first = slides[0]
    first.refresh_from_db()
    assert (first.block, first.cut_on, first.cut_at_core, first.site_label) == (cut.block, CUT_ON, True, "")
    assert (first.thickness_um, first.position) == (Decimal("4.5"), "top")
    held = latest_events(slides=[slide.pk for slide in slides])
    assert {(event.kind, event.holder) for event in held.values()} == {("sectioned", house.core)}
    lines = LedgerEntry.objects.filter(deed="cut section").order_by("number")
    assert [line.label for line in lines] == [slide.accession for slide in slides]
    assert lines[0].sentence == f"Slide {first} was cut from block {cut.block} on 2026-11-10."


def test_sections_that_have_names_already(cast: Cast, cut: Cut) -> None:
    slides = cut_sections(by=cast.bench, at=AT, cuts=[replace(cut, labels=("1-TS", "2-MS", "3-BS"))])
    assert [slide.site_label for slide in slides] == ["1-TS", "2-MS", "3-BS"]
    with refused("slide_label_once", "This block has a slide with that label already."):
        cut_sections(by=cast.bench, at=AT, cuts=[replace(cut, sections=1, labels=("1-TS",))])


def test_a_section_that_shows_two_blocks(cast: Cast, house: House, patient: Patient, cut: Cut) -> None:
    adjacent = a_received_block(cast, house, patient, label="A2")
    slides = cut_sections(by=cast.bench, at=AT, cuts=[replace(cut, further_block=adjacent)])
    assert list(SlideFace.objects.values_list("slide_id", "block_id")) == [(s.pk, adjacent.pk) for s in slides]


def test_only_the_bench_cuts(cast: Cast, cut: Cut) -> None:
    for name, person in cast.everybody().items():
        if name != "bench":
            with forbidden("Only histotechnologists cut sections"):
                cut_sections(by=person, at=AT, cuts=[cut])


@pytest.mark.parametrize(
    ("field", "changes", "words"),
    [
        ("sections", {"sections": 0}, "Cut between 1 and 60 sections at a time, not 0."),
        ("sections", {"sections": 61}, "Cut between 1 and 60 sections at a time, not 61."),
        ("sections", {"sections": -2}, "not -2."),
        ("labels", {"labels": ("one",)}, "3 sections need 3 labels, not 1."),
        ("labels", {"labels": ("a", "b", "c" * 61)}, "At most 60 characters fit here, not 61."),
        ("position", {"position": "t\0p"}, "Only printable characters"),
        ("cut_on", {"cut_on": date(2026, 11, 24)}, "2026-11-24 lies in the future."),
        ("cut_on", {"cut_on": date(2026, 8, 13)}, "lies before the procedure of 2026-08-14."),
        (
            "thickness_um",
            {"thickness_um": Decimal("0.4")},
            "A section is 1 to 100 micrometres thick, not 0.4.",
        ),
        ("thickness_um", {"thickness_um": Decimal("101")}, "not 101."),
        ("thickness_um", {"thickness_um": Decimal("4.55")}, "one decimal"),
        ("thickness_um", {"thickness_um": Decimal("NaN")}, "not NaN."),
    ],
)
def test_a_cut_that_cannot_be(cast: Cast, cut: Cut, field: str, changes: dict[str, object], words: str) -> None:
    with refused("cutting_refused", words, Rejected) as refusal:
        cut_sections(by=cast.bench, at=AT, cuts=[cut, replace(cut, **changes)])  # type: ignore[arg-type]
    assert refusal.places == [(2, field)]


def test_a_block_that_has_not_come(cast: Cast, house: House, patient: Patient) -> None:
    block = an_announced_parcel(cast, house, an_item(patient)).items.get().block
    with refused("cutting_refused", f"Block {block} is not at the core: receive it first.", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=1, cut_on=CUT_ON)])


def test_a_block_that_was_sent_on(cast: Cast, house: House, cut: Cut) -> None:
    home = AnnouncedItem(kind=ItemKind.BLOCK, label="A1", block=cut.block)
    mercy_bound = replace(house, mercy=house.core, core=house.mercy)
    an_announced_parcel(cast, mercy_bound, home, sent_on=date(2026, 11, 20))
    with refused("cutting_refused", "is not at the core", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[cut])


def test_a_further_block_that_is_not_one(cast: Cast, house: House, patient: Patient, cut: Cut) -> None:
    with refused("cutting_refused", "is no further block: name the adjacent one.", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[replace(cut, further_block=cut.block)])
    absent = an_announced_parcel(cast, house, an_item(patient, label="A2")).items.get().block
    with refused("cutting_refused", f"Block {absent} is not at the core", Rejected) as refusal:
        cut_sections(by=cast.bench, at=AT, cuts=[replace(cut, further_block=absent)])
    assert refusal.places == [(1, "further_block")]
    other = a_received_block(cast, house, a_patient(cast, house, "CWG-0200"))
    with refused("cutting_refused", f"Block {other} is another specimen's", Rejected):
        cut_sections(by=cast.bench, at=AT, cuts=[replace(cut, further_block=other)])


def test_a_house_without_a_core(cast: Cast) -> None:
    with refused("no_core", "No institution has the role of the core yet", Unknown):
        cut_sections(by=cast.bench, at=AT, cuts=[])
