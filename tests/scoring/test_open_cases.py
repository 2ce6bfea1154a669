"""Opening cases on stained slides."""

import re

from scoring.assessing import WORKER
from scoring.models import ReadingCase
from scoring.opening import ALPHABET, open_cases
from specimens.consenting import withdraw_consent
from specimens.errors import Rejected
from specimens.models import Consent, LedgerEntry, Slide
from specimens.sectioning import Cut, cut_sections
from specimens.vocabulary import SpecimenKind, Stain
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.scoring.desk import a_tumour
from tests.stories import CUT_ON, House, a_stained_slide


def test_the_stain_decides_the_assay(cast: Cast, house: House) -> None:
    block = a_tumour(cast, house).blocks.get()
    slides = [a_stained_slide(cast, block, Stain.HE), a_stained_slide(cast, block, Stain.CAIX)]
    opened = open_cases(by=cast.bench, at=AT, slides=slides)
    assert [case.assay for case in opened] == ["histology", "caix"]
    assert [case.slide for case in opened] == slides
    assert {case.readers_required for case in opened} == {2}
    assert len({case.code for case in opened}) == 2
    assert all(re.fullmatch(f"[{ALPHABET}]{{5}}", case.code) for case in opened)


def test_the_ledger_says_slide_and_code(cast: Cast, house: House) -> None:
    slide = a_stained_slide(cast, a_tumour(cast, house).blocks.get())
    case = open_cases(by=WORKER, at=AT, slides=[slide])[0]
    entry = LedgerEntry.objects.latest("number")
    assert entry.sentence == f"Case {case.code} was opened on slide {slide.accession}."
    assert (entry.became, entry.actor_name) == (None, "scoring worker")


def test_a_single_reader_trial(cast: Cast, house: House) -> None:
    house.trial.readers_per_case = 1
    house.trial.save()
    slide = a_stained_slide(cast, a_tumour(cast, house).blocks.get())
    assert open_cases(by=WORKER, at=AT, slides=[slide])[0].readers_required == 1


def test_who_may_not(cast: Cast, house: House) -> None:
    slide = a_stained_slide(cast, a_tumour(cast, house).blocks.get())
    for name in ("administrator", "coordinator", "reader", "adjudicator", "statistician"):
        with forbidden("Only histotechnologists open cases."):
            open_cases(by=getattr(cast, name), at=AT, slides=[slide])


def an_unstained_slide(cast: Cast, house: House) -> Slide:
    cut = Cut(block=a_tumour(cast, house).blocks.get(), sections=1, cut_on=CUT_ON)
    return cut_sections(by=cast.bench, at=AT, cuts=[cut])[0]


def test_an_unstained_slide_is_refused(cast: Cast, house: House) -> None:
    slide = an_unstained_slide(cast, house)
    with refused("unstained", "stain it first"):
        open_cases(by=WORKER, at=AT, slides=[slide])


def test_normal_tissue_is_refused(cast: Cast, house: House) -> None:
    slide = a_stained_slide(cast, a_tumour(cast, house, kind=SpecimenKind.NORMAL).blocks.get())
    with refused("normal_tissue", "only tumour is read"):
        open_cases(by=WORKER, at=AT, slides=[slide])


def test_withdrawn_consent_is_refused(cast: Cast, house: House) -> None:
    slide = a_stained_slide(cast, a_tumour(cast, house).blocks.get())
    withdraw_consent(by=cast.coordinator, at=AT, consent=Consent.objects.get(), withdrawn_on=AT.date())
    with refused("consent_withdrawn", "consent was withdrawn"):
        open_cases(by=WORKER, at=AT, slides=[slide])


def test_a_slide_that_never_came_is_refused(cast: Cast, house: House) -> None:
    block = a_tumour(cast, house).blocks.get()
    absent = Slide.objects.create(accession="SL-999999-0", block=block, accessioned_at=AT)
    with refused("not_received", "receive it first"):
        open_cases(by=WORKER, at=AT, slides=[absent])


def test_a_slide_has_one_case(cast: Cast, house: House) -> None:
    slide = a_stained_slide(cast, a_tumour(cast, house).blocks.get())
    open_cases(by=WORKER, at=AT, slides=[slide])
    with refused("case_once", "has a case for that assay already"):
        open_cases(by=WORKER, at=AT, slides=[slide])


def test_one_wrong_slide_refuses_them_all(cast: Cast, house: House) -> None:
    good = a_stained_slide(cast, a_tumour(cast, house).blocks.get())
    bad = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=good.block, sections=1, cut_on=CUT_ON)])[0]
    with refused("cases_refused", "stain it first", Rejected) as refusal:
        open_cases(by=WORKER, at=AT, slides=[good, bad])
    assert refusal.places == [(2, "slide")]
    assert not ReadingCase.objects.exists()
