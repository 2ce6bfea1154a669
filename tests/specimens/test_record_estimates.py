"""Estimates of composition: all or none, each a percentage."""

from dataclasses import replace
from decimal import Decimal

import pytest

from specimens.consenting import withdraw_consent
from specimens.errors import Rejected
from specimens.estimating import NewEstimate, record_estimates, site_and_core
from specimens.models import Consent, LedgerEntry, Patient, Slide
from specimens.scope import EVERYTHING, Scope
from specimens.vocabulary import EstimateSource
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_received_block, a_stained_slide


@pytest.fixture
def slide(cast: Cast, house: House, patient: Patient) -> Slide:
    return a_stained_slide(cast, a_received_block(cast, house, patient))


@pytest.fixture
def row(slide: Slide) -> NewEstimate:
    percents = {"tumour_nuclei": Decimal("80.5"), "necrosis": Decimal(0), "lymphocytes": None}
    return NewEstimate(source=EstimateSource.CORE, percents=percents, slide=slide, row="R1")


def test_estimates_are_recorded(cast: Cast, slide: Slide, row: NewEstimate) -> None:
    site = NewEstimate(
        source=EstimateSource.SITE, percents={"tumour_cells": Decimal(100)}, specimen=slide.block.specimen
    )
    core, whole = record_estimates(by=cast.coordinator, at=AT, rows=[row, site])
    core.refresh_from_db()
    assert (core.slide, core.tumour_nuclei, core.necrosis, core.lymphocytes) == (
        slide,
        Decimal("80.5"),
        0,
        None,
    )
    assert whole.specimen == slide.block.specimen
    said = LedgerEntry.objects.filter(deed="record estimate").order_by("number")
    assert [line.sentence for line in said] == [
        f"The core's estimate of {slide} was recorded.",
        f"The site's estimate of {whole.specimen} was recorded.",
    ]  # fmt: skip


def test_who_may_record_them(cast: Cast, row: NewEstimate) -> None:
    for name, person in cast.everybody().items():
        if name not in ("coordinator", "bench"):
            with forbidden("Only the core's coordinators and bench record estimates"):
                record_estimates(by=person, at=AT, rows=[row])


@pytest.mark.parametrize(
    "value", ["-1", "100.0001", "101", "NaN", "sNaN", "Infinity", "-Infinity", "1E+309", "85.00001"]
)
def test_a_number_that_is_no_percentage(cast: Cast, row: NewEstimate, value: str) -> None:
    bad = replace(row, percents={"necrosis": Decimal(value)}, row="R2")
    with refused("estimates_refused", "Row 2, necrosis: necrosis ", Rejected) as refusal:
        record_estimates(by=cast.coordinator, at=AT, rows=[row, bad])
    assert refusal.places == [(2, "necrosis")]
    assert refusal.problems[0].value == value


def test_an_estimate_of_nothing_or_of_two_things(cast: Cast, row: NewEstimate) -> None:
    neither = replace(row, slide=None)
    both = replace(row, specimen=row.slide.block.specimen)  # type: ignore[union-attr]
    with refused("estimates_refused", "An estimate is of one slide or of one specimen.", Rejected) as refusal:
        record_estimates(by=cast.coordinator, at=AT, rows=[neither, both, replace(row, row="x" * 61)])
    assert refusal.places == [(1, "slide"), (2, "slide"), (3, "row")]


def test_the_same_row_again(cast: Cast, row: NewEstimate) -> None:
    record_estimates(by=cast.coordinator, at=AT, rows=[row])
    with refused("estimate_row_once", "This row of estimates is recorded already."):
        record_estimates(by=cast.coordinator, at=AT, rows=[row])


def test_site_and_core_are_paired_by_specimen(cast: Cast, slide: Slide, row: NewEstimate) -> None:
    """The site's latest word, the mean of the core's slides; nobody of another site, nobody who withdrew."""
    site = NewEstimate(EstimateSource.SITE, {"tumour_nuclei": Decimal(60)}, specimen=slide.block.specimen)
    later = replace(site, percents={"tumour_nuclei": Decimal(70), "lymphocytes": Decimal(5)})
    again = replace(row, percents={"tumour_nuclei": Decimal("60.5")}, row="R2")
    record_estimates(by=cast.coordinator, at=AT, rows=[row, site, later, again])
    found = site_and_core(EVERYTHING, "CWG")
    assert {name: pairs for name, pairs in found.items() if pairs} == {"tumour_nuclei": [(70.0, 70.5)]}
    assert not any(site_and_core(Scope(frozenset({0})), "CWG").values())
    assert not any(site_and_core(EVERYTHING, "OTHER").values())
    consent = Consent.objects.get(patient=slide.block.specimen.patient, scope="this_study")
    withdraw_consent(by=cast.coordinator, at=AT, consent=consent, withdrawn_on=AT.date())
    assert not any(site_and_core(EVERYTHING).values())
