"""Disposals: the list, proposing, the second person's word, the certificate, and the row on home."""

import pytest
from pypdfium2 import PdfDocument

from scoring.assessing import WORKER
from scoring.opening import open_cases
from specimens.disposing import answer_disposals, propose_disposal
from specimens.models import Disposal, DisposalAnswer, Patient, Slide
from specimens.vocabulary import DisposalKind
from tests.cast import AT, Cast
from tests.drawers import a_drawer, put_away, some_slides
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House, a_received_block, a_stained_slide

LIST, PROPOSE, ANSWER = "/disposals/", "/disposals/propose/", "/disposals/answer/"


@pytest.fixture
def slides(cast: Cast, house: House, patient: Patient) -> list[Slide]:
    return some_slides(cast, house, patient)


def proposed(cast: Cast, slides: list[Slide]) -> list[Disposal]:
    return propose_disposal(by=cast.bench, at=AT, things=slides, kind=DisposalKind.DESTROYED, reason="cracked")


def test_one_proposes_and_another_confirms(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    put_away(cast, a_drawer(cast), slides)
    bench, coordinator = enter(cast.bench), enter(cast.coordinator)
    said = {"things": f"{slides[0]}\n{slides[1]}".lower(), "kind": "destroyed", "reason": "cracked"}
    assert "2 disposals were proposed" in text(bench.post(PROPOSE, said, follow=True))
    page = shows(bench, LIST, "waits for another", "another person confirms")
    assert "Confirm it" not in page
    shows(coordinator, "/", "Rose Achebe proposes that it be destroyed: cracked", "Confirm or refuse")
    assert "Confirm or refuse" not in text(bench.get("/"))
    shows(coordinator, LIST, "second person", "Confirm it", "to be destroyed: cracked")
    shows(coordinator, f"/slides/{slides[0]}/", "waits for a second person")
    first = Disposal.objects.get(slide=slides[0])
    answer = coordinator.post(ANSWER, {"answer": f"confirm {first.pk}"}, follow=True)
    assert "1 disposal was confirmed; it is gone from the store." in text(answer)
    shows(coordinator, f"/slides/{slides[0]}/", "destroyed", "stands in no drawer")
    shows(bench, LIST + "?state=done", str(slides[0]), "Certificate", "Dana Whitfield")


def test_chosen_ones_are_answered_together(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    proposals, browser = proposed(cast, slides), enter(cast.coordinator)
    chosen = [str(each.pk) for each in proposals]
    page = text(browser.post(ANSWER, {"answer": "refuse", "disposal": chosen, "reason": " "}))
    assert "Say why it is not disposed of." in page
    browser.post(ANSWER, {"answer": "refuse", "disposal": chosen[:1], "reason": "still needed"})
    shows(browser, LIST + "?state=refused", "still needed")
    page = text(browser.post(ANSWER, {"answer": "confirm", "disposal": chosen}))
    assert "Nothing was answered." in page
    assert f"The proposal about {slides[0]} was answered already." in page
    assert DisposalAnswer.objects.count() == 1
    assert "2 disposals were confirmed" in text(
        browser.post(ANSWER, {"answer": "confirm", "disposal": chosen[1:]}, follow=True)
    )


def test_nobody_confirms_their_own_and_withdraws_it(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    proposals, browser = proposed(cast, slides), enter(cast.bench)
    page = text(browser.post(ANSWER, {"answer": f"confirm {proposals[0].pk}"}))
    assert "You have proposed" in page
    browser.post(ANSWER, {"answer": f"refuse {proposals[0].pk}", "reason": "wrong slide"})
    shows(browser, LIST + "?state=refused", "wrong slide")


@pytest.mark.parametrize("said", [{}, {"answer": "confirm"}, {"answer": "confirm x"}, {"disposal": ["9" * 30]}])
def test_nonsense_gets_a_sentence(enter: Enter, cast: Cast, slides: list[Slide], said: dict[str, object]) -> None:
    proposed(cast, slides)
    answer = enter(cast.coordinator).post(ANSWER, said)
    assert (answer.status_code, DisposalAnswer.objects.count()) == (200, 0)
    assert "Nothing was answered." in text(answer)


def test_a_proposal_that_is_refused_keeps_what_was_typed(
    enter: Enter, cast: Cast, house: House, patient: Patient, slides: list[Slide]
) -> None:
    browser = enter(cast.bench)
    lent = a_received_block(cast, house, patient, label="L9")
    base = {"kind": "destroyed", "reason": "cracked"}
    page = text(browser.post(PROPOSE, base | {"things": f"{lent} {slides[0]}"}))
    assert "is here on loan from Mercy General" in page
    assert "cracked" in page
    assert f"{slides[0]}</textarea>" in page
    for things, words in (
        ("rubbish", "is not an accession number"),
        ("", "This field is required"),
        (f"{slides[0]} {slides[0]}", "stands twice in the list."),
    ):
        assert words in text(browser.post(PROPOSE, base | {"things": things}))
    assert "This field is required" in text(browser.post(PROPOSE, {"things": str(slides[0]), "kind": "destroyed"}))
    assert not Disposal.objects.exists()


def test_a_slide_that_is_being_read_is_asked_about(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    slide = a_stained_slide(cast, a_received_block(cast, house, patient))
    case = open_cases(by=WORKER, at=AT, slides=[slide])[0]
    browser, said = enter(cast.bench), {"things": str(slide), "kind": "destroyed", "reason": "cracked"}
    page = text(browser.post(PROPOSE, said))
    assert f"Still being read: {slide} (case {case.code})" in page
    assert not Disposal.objects.exists()
    assert browser.post(PROPOSE, said | {"aware": "on"}).status_code == 302
    shows(enter(cast.coordinator), LIST, "Still being read", case.code)


def test_the_certificate_names_both(enter: Enter, cast: Cast, slides: list[Slide], patient: Patient) -> None:
    proposals, browser = proposed(cast, slides), enter(cast.coordinator)
    assert browser.get(f"/disposals/{proposals[0].pk}/certificate/").status_code == 409
    answer_disposals(by=cast.coordinator, at=AT, disposals=proposals[:2], confirmed=True)
    answer = browser.get(f"/disposals/{proposals[0].pk}/certificate/")
    said = PdfDocument(answer.content)[0].get_textpage().get_text_bounded()
    wanted = ("Certificate of destruction", "Rose", "Dana Whitfield", "cracked", patient.study_id)
    assert [word for word in (*wanted, str(slides[0]), str(slides[1])) if word not in said] == []
    assert str(slides[2]) not in said
    assert browser.get("/disposals/999/certificate/").status_code == 404


def test_the_query_count_is_fixed(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser = enter(cast.coordinator)
    proposed(cast, some_slides(cast, house, patient, 1))
    few = questions(browser, LIST)
    proposed(cast, some_slides(cast, house, patient, 60))
    assert questions(browser, LIST) == few <= MOST_QUERIES
    shows(browser, LIST, "Next 50")
