"""Synthetic receipts: real blocks and slides in parcels of at most 24, one of them with troubles."""

from collections import Counter

import pytest

from lims.demo.kirc import cohort
from lims.demo.parcels import Parcel
from lims.demo.synthetic import plan


@pytest.fixture(scope="module")
def parcels() -> tuple[Parcel, ...]:
    return plan(cohort()).parcels


def test_every_solid_block_and_diagnostic_slide_is_in_one_parcel(parcels: tuple[Parcel, ...]) -> None:
    blood = {s.barcode for s in cohort().samples if s.tissue == "blood"}
    solid = {p.barcode for p in cohort().portions if p.sample not in blood}
    slides = {s.uuid for s in cohort().diagnostic_slides}
    counts = Counter((item.kind, item.label) for parcel in parcels for item in parcel.items)
    assert set(counts) == {("block", b) for b in solid} | {("he_slide", s) for s in slides}
    assert set(counts.values()) == {1}


def test_a_parcel_comes_from_one_site_and_holds_at_most_24(parcels: tuple[Parcel, ...]) -> None:
    sites = {p.barcode: p.site for p in cohort().patients}
    for parcel in parcels:
        assert {sites[item.patient] for item in parcel.items} == {parcel.site}
        assert 1 <= len(parcel.items) <= 24
    assert len({parcel.reference for parcel in parcels}) == len(parcels)


def test_a_parcel_is_announced_shipped_and_received_in_order(parcels: tuple[Parcel, ...]) -> None:
    created = {p.barcode: p.created for p in cohort().portions}
    for parcel in parcels:
        assert parcel.announced < parcel.shipped
        if parcel.received:
            assert parcel.shipped < parcel.received
            assert all(parcel.received < created[i.label] for i in parcel.items if i.kind == "block")


def test_what_is_awaited_belongs_to_the_patients_announced(parcels: tuple[Parcel, ...]) -> None:
    announced = {p.patient for p in plan(cohort()).patients if p.stage == "announced"}
    awaited = [parcel for parcel in parcels if parcel.received is None]
    assert {item.patient for parcel in awaited for item in parcel.items} == announced
    assert {item.condition for parcel in awaited for item in parcel.items} == {None}


def test_one_parcel_came_short_with_an_extra_and_a_broken_one(parcels: tuple[Parcel, ...]) -> None:
    troubled = [p for p in parcels if any(not item.announced for item in p.items)]
    assert len(troubled) == 1
    assert troubled[0].received is not None
    states = Counter((item.announced, item.condition) for item in troubled[0].items)
    assert states[True, None] == states[True, "broken"] == states[False, "intact"] == 1


def test_most_things_arrive_intact_and_blocks_always(parcels: tuple[Parcel, ...]) -> None:
    items = [item for parcel in parcels if parcel.received for item in parcel.items]
    conditions = Counter(item.condition for item in items)
    assert {"intact", "broken", "wet", "label_mismatch"} <= set(conditions)
    assert conditions["intact"] > 0.95 * len(items)
    assert {item.condition for item in items if item.kind == "block"} == {"intact"}
