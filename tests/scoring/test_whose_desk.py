"""What is missing, and whose desk it is on: it moves as the tissue and the reads do."""

import pytest

from scoring.assessing import WORKER
from scoring.models import ReadingCase
from scoring.opening import open_cases
from scoring.patient_desk import cases_of, lanes_of, patient_facts
from scoring.whose_desk import Desk, Waits, waits_of
from specimens.models import Slide, Specimen
from specimens.scope import EVERYTHING
from specimens.sectioning import Cut, cut_sections
from specimens.staining import record_controls
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.scoring.desk import LOW, NOT_READ, ONE_FAILED, a_tumour, both_sign, decides, signs
from tests.stories import (
    CAIX,
    CUT_ON,
    PASSED,
    STAINED_ON,
    House,
    a_patient,
    a_stained_slide,
    an_announced_parcel,
    an_item,
)

pytestmark = pytest.mark.django_db
EVERY = ("clear_cell", "alveolar", "granular", "papillary", "caix")


def waits(cast: Cast, specimen: Specimen, *missing: str) -> tuple[Waits, ...]:
    facts = patient_facts(cast.coordinator, EVERYTHING, pk=specimen.patient_id)
    lanes = lanes_of(cast.coordinator, facts, EVERYTHING)
    lane = next(lane for lane in lanes if lane.id == specimen.pk)
    return waits_of(missing or EVERY, lane, cases_of(cast.coordinator, facts, lanes))


def caix_on(cast: Cast, specimen: Specimen) -> tuple[str, str]:
    (found,) = waits(cast, specimen, "caix")
    return found.desk, found.sentence


def opened(slide: Slide) -> ReadingCase:
    return open_cases(by=WORKER, at=AT, slides=[slide])[0]


def test_histology_and_caix_each_have_their_desk(cast: Cast, house: House) -> None:
    specimen = a_tumour(cast, house)
    case = opened(a_stained_slide(cast, specimen.blocks.get()))
    histology, caix = waits(cast, specimen)
    assert (histology.inputs, histology.desk, histology.case) == (EVERY[:4], Desk.READERS, case.code)
    assert (caix.inputs, caix.assay, caix.desk, caix.case) == (("caix",), "CA-IX", Desk.BENCH, "")


def test_nothing_missing_is_on_nobodys_desk(cast: Cast, house: House) -> None:
    specimen = a_tumour(cast, house)
    facts = patient_facts(cast.coordinator, EVERYTHING, pk=specimen.patient_id)
    (lane,) = lanes_of(cast.coordinator, facts, EVERYTHING)
    assert waits_of((), lane, ()) == ()


def test_it_moves_from_the_parcel_to_the_bench(cast: Cast, house: House) -> None:
    parcel = an_announced_parcel(cast, house, an_item(a_patient(cast, house)))
    specimen = parcel.items.get().block.specimen
    assert caix_on(cast, specimen) == (Desk.COORDINATOR, f"parcel {parcel} is on its way")
    here = a_tumour(cast, house, "CWG-0200")
    assert caix_on(cast, here) == (Desk.BENCH, "a block waits to be cut")
    cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=here.blocks.get(), sections=1, cut_on=CUT_ON)])
    assert caix_on(cast, here) == (Desk.BENCH, "a section waits to be stained")


def test_it_moves_from_the_controls_to_the_readers_and_to_who_decides(cast: Cast, house: House) -> None:
    specimen = a_tumour(cast, house)
    slide = a_stained_slide(cast, specimen.blocks.get(), Stain.CAIX, {})
    assert caix_on(cast, specimen) == (Desk.BENCH, "the controls are not recorded")
    record_controls(by=cast.bench, at=AT, run=slide.staining.run, results=PASSED, observed_on=STAINED_ON)
    assert caix_on(cast, specimen) == (Desk.NOBODY, "is stained; its case opens by itself")
    case = opened(slide)
    assert caix_on(cast, specimen) == (Desk.READERS, "waits for a reader")
    signs(cast.reader, case)
    assert caix_on(cast, specimen) == (Desk.READERS, "waits for a second reader")
    signs(cast.second_reader, case, **LOW)
    assert caix_on(cast, specimen) == (Desk.ADJUDICATOR, "the two reads differ and are to be decided")
    decides(cast.adjudicator, case)
    assert caix_on(cast, specimen)[0] is Desk.BENCH


def test_a_failed_control_and_a_result_that_is_not_evaluable_go_back_to_the_bench(cast: Cast, house: House) -> None:
    failed = a_tumour(cast, house)
    a_stained_slide(cast, failed.blocks.get(), Stain.CAIX, ONE_FAILED)
    assert caix_on(cast, failed) == (Desk.BENCH, "the control failed: stain another section")
    unread = a_tumour(cast, house, "CWG-0200")
    case = opened(a_stained_slide(cast, unread.blocks.get(), Stain.CAIX))
    blank = dict.fromkeys(CAIX, "")
    both_sign(cast, case, {**blank, **NOT_READ}, {**blank, **NOT_READ})
    desk, sentence = caix_on(cast, unread)
    assert desk is Desk.BENCH
    assert "without an evaluable result" in sentence
