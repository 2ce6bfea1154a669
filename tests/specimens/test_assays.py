"""Assay versions: recorded, used in runs, retired, never edited."""

from dataclasses import replace
from datetime import timedelta

import pytest

from specimens.assays import record_assay_version, retire_assay_version
from specimens.errors import Invalid, Rejected
from specimens.models import AssayVersion, ControlSlide, LedgerEntry, Patient
from specimens.sectioning import Cut, cut_sections
from specimens.staining import NewRun, stain_run
from specimens.vocabulary import ControlKind, Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import CONTROL_SLIDES, CUT_ON, STAINED_ON, House, a_lot, a_received_block


@pytest.fixture
def assay(cast: Cast, house: House) -> AssayVersion:
    return record_assay_version(
        by=cast.bench, at=AT, stain=Stain.CAIX, name="CA-IX 3", clone="M75", dilution="1:5000",
        retrieval="pH 9, 20 min", platform="Bond III",
    )  # fmt: skip


@pytest.fixture
def run(cast: Cast, house: House, patient: Patient) -> NewRun:
    block = a_received_block(cast, house, patient)
    slides = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=2, cut_on=CUT_ON)])
    return NewRun(lot=a_lot(cast, Stain.CAIX), slides=slides, stained_on=STAINED_ON, controls=CONTROL_SLIDES)


def test_a_version_is_recorded_once(cast: Cast, assay: AssayVersion) -> None:
    line = LedgerEntry.objects.get(deed="record assay version")
    assert line.sentence == "Assay version CA-IX 3 (CA-IX) was recorded."
    assert line.became["retrieval"] == "pH 9, 20 min"
    with refused("assay_version_once", "This assay version is recorded already."):
        record_assay_version(by=cast.bench, at=AT, stain=Stain.CAIX, name="CA-IX 3", clone="M75")
    with forbidden("Only histotechnologists keep assay versions."):
        record_assay_version(by=cast.coordinator, at=AT, stain=Stain.HE, name="H&E 1")
    with refused("no_name", "Give the version a name", Invalid):
        record_assay_version(by=cast.bench, at=AT, stain=Stain.HE, name=" ")
    with refused("no_clone", "names the antibody's clone", Invalid):
        record_assay_version(by=cast.bench, at=AT, stain=Stain.CAIX, name="CA-IX 4")
    with refused("invalid", "retrieval: ", Invalid):
        record_assay_version(by=cast.bench, at=AT, stain=Stain.HE, name="H&E 1", retrieval="x" * 121)


def test_a_run_takes_what_its_version_says(cast: Cast, assay: AssayVersion, run: NewRun) -> None:
    stained = stain_run(by=cast.bench, at=AT, run=replace(run, assay=assay, dilution="1:4000"))
    assert (stained.assay, stained.dilution, stained.retrieval) == (assay, "1:4000", "pH 9, 20 min")
    assert stained.platform == "Bond III"
    assert set(ControlSlide.objects.values_list("kind", "label")) == set(CONTROL_SLIDES)


def test_a_retired_version_stains_no_later_run(cast: Cast, assay: AssayVersion, run: NewRun) -> None:
    with refused("reason_missing", "Say why the version is retired.", Invalid):
        retire_assay_version(by=cast.bench, at=AT, assay=assay, reason=" ")
    with forbidden("Only histotechnologists keep assay versions."):
        retire_assay_version(by=cast.coordinator, at=AT, assay=assay, reason="new clone")
    retire_assay_version(by=cast.bench, at=AT, assay=assay, reason="new clone")
    assay.refresh_from_db()
    with refused("retired_already", "was retired already."):
        retire_assay_version(by=cast.bench, at=AT, assay=assay, reason="new clone")
    tomorrow = AT + timedelta(days=1)
    late = replace(run, assay=assay, stained_on=tomorrow.date())
    with refused("staining_refused", "Assay version CA-IX 3 was retired on 2026-11-23", Rejected) as refusal:
        stain_run(by=cast.bench, at=tomorrow, run=late)
    assert refusal.places == [(0, "assay")]
    assert stain_run(by=cast.bench, at=tomorrow, run=replace(run, assay=assay)).assay == assay


def test_a_version_of_another_stain_or_clone(cast: Cast, assay: AssayVersion, run: NewRun) -> None:
    plain = a_lot(cast, Stain.HE)
    with refused("staining_refused", "is for CA-IX, the lot is not.", Rejected):
        stain_run(by=cast.bench, at=AT, run=replace(run, assay=assay, lot=plain))
    other = record_assay_version(by=cast.bench, at=AT, stain=Stain.CAIX, name="CA-IX G", clone="G250")
    with refused("staining_refused", "uses clone G250, the lot is of M75.", Rejected):
        stain_run(by=cast.bench, at=AT, run=replace(run, assay=other))


@pytest.mark.parametrize(
    ("controls", "kinds", "words"),
    [
        ((), ["positive", "negative"], "A CA-IX run stands beside a positive control slide"),
        (CONTROL_SLIDES[:1], ["negative"], "beside a negative control slide"),
        ((*CONTROL_SLIDES, (ControlKind.POSITIVE, " ")), ["positive"], "Name it."),
        ((*CONTROL_SLIDES, (ControlKind.POSITIVE, "x" * 61)), ["positive"], "At most 60 characters"),
        ((*CONTROL_SLIDES, (ControlKind.POSITIVE, "KIDNEY tumour tc-7")), ["positive"], "stands twice in the run."),
    ],
)
def test_control_slides_that_do_not_do(
    cast: Cast, run: NewRun, controls: tuple[tuple[ControlKind, str], ...], kinds: list[str], words: str
) -> None:
    with refused("staining_refused", words, Rejected) as refusal:
        stain_run(by=cast.bench, at=AT, run=replace(run, controls=controls))
    assert refusal.places == [(0, kind) for kind in kinds]


def test_he_goes_without_control_slides(cast: Cast, run: NewRun) -> None:
    assert stain_run(by=cast.bench, at=AT, run=replace(run, lot=a_lot(cast, Stain.HE), controls=())).stain == "he"
