"""The reader's pages: the queue, the desk, the signature, what was signed, and a correction."""

import re

import pytest
from django.test import Client

from scoring.models import Read, ReadingCase
from scoring.signing import signature_holds
from specimens.imaging import attach_image
from specimens.vocabulary import Stain
from tests.cast import AT, PASSWORD, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.pictures import a_picture
from tests.lims.web.reads import kept_back, no_identity, sent, shows, signing, text
from tests.lims.web.visits import MOST_QUERIES, questions, status
from tests.scoring.desk import INADEQUATE, LOW, a_case, both_sign, found, signs
from tests.stories import House, a_received_block

NUMBERS = tuple(f'value="{number}"' for number in ("45", "40", "15"))


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house)


@pytest.fixture
def stained(cast: Cast, house: House, case: ReadingCase) -> ReadingCase:
    return a_case(cast, house, Stain.CAIX, case.specimen)


@pytest.fixture
def ines(enter: Enter, cast: Cast) -> Client:
    return enter(cast.reader)


# ---- the queue ----
def test_the_queue_names_the_case_its_slide_and_how_to_go_on(ines: Client, case: ReadingCase) -> None:
    page = shows(ines, "/read/", "1 case to read", case.code, case.slide.accession, "2026-11-20", "data-due")
    assert f'href="/read/{case.code}/"' in page
    no_identity(page)


def test_counts_agree_with_rows(ines: Client, case: ReadingCase, stained: ReadingCase) -> None:
    page = shows(ines, "/read/", "2 cases to read", "All 2", "histology 1", "CA-IX 1")
    assert page.count("Read this case") == 2
    assert shows(ines, "/read/?assay=caix", "1 case to read").count("Read this case") == 1


def test_home_offers_the_same_cases(ines: Client, case: ReadingCase) -> None:
    no_identity(shows(ines, "/", "1 due today", case.code, "Read this case"))


def test_an_empty_queue_says_what_will_fill_it(ines: Client, house: House) -> None:
    shows(ines, "/read/", "Nothing is waiting to be read", "controls have passed")


def test_what_one_has_signed_waits_below_the_queue(ines: Client, cast: Cast, case: ReadingCase) -> None:
    signs(cast.reader, case)
    shows(ines, "/read/", "0 cases to read", "Signed by you, case still open", case.code)


# ---- the desk ----
@pytest.mark.parametrize("stain", [Stain.HE, Stain.CAIX])
def test_the_desk_has_every_field_and_its_keys(ines: Client, cast: Cast, house: House, stain: Stain) -> None:
    case = a_case(cast, house, stain)
    page = shows(ines, f"/read/{case.code}/", "data-sign", 'data-key="z"', 'type="password"')
    assert [name for name in found(case) if f'name="{name}"' not in page] == []
    keys = "m i c b p f a v x y w" if stain is Stain.CAIX else "a x"
    assert [key for key in keys.split() if f'data-key="{key}"' not in page] == []
    no_identity(page)


def test_no_cutoff_and_no_risk_stands_on_the_desk(ines: Client, stained: ReadingCase) -> None:
    page = text(ines.get(f"/read/{stained.code}/")).lower()
    assert re.findall(r"\b(?:85|eligib\w*|intermediate|favourable|high|risk)\b", page) == []


def test_the_desk_asks_few_questions(ines: Client, case: ReadingCase) -> None:
    assert questions(ines, f"/read/{case.code}/") <= MOST_QUERIES + 8


def test_without_a_picture_the_slide_is_read_at_the_microscope(ines: Client, stained: ReadingCase) -> None:
    shows(ines, f"/read/{stained.code}/", "Read at the microscope", stained.slide.accession)


def test_the_picture_is_served_to_who_may_see_the_case(
    ines: Client, enter: Enter, cast: Cast, stained: ReadingCase
) -> None:
    image = attach_image(by=cast.bench, at=AT, slide=stained.slide, name="a.html", content=a_picture())
    address = f"/cases/{stained.code}/pictures/1/"
    shows(ines, f"/read/{stained.code}/", address)
    answer = ines.get(address)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert image.sha256 not in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    assert status(enter(cast.adjudicator), address) == 404
    assert status(ines, f"/cases/{stained.code}/pictures/2/") == 404


# ---- the signature ----
def test_signing_keeps_the_read_and_opens_the_next_case(
    ines: Client, cast: Cast, case: ReadingCase, stained: ReadingCase
) -> None:
    answer = sent(ines, case)
    assert (answer.status_code, answer["Location"]) == (302, f"/read/{stained.code}/")
    read = Read.objects.get()
    assert (read.case, read.reader, read.method, read.meaning) == (case, cast.reader, "password", "read")
    assert signature_holds(read)
    shows(ines, answer["Location"], f"read of case {case.code} is signed", "This is the next one")


def test_after_the_last_case_the_queue_says_so(ines: Client, case: ReadingCase) -> None:
    answer = sent(ines, case)
    assert answer["Location"] == "/read/"
    shows(ines, "/read/", "Nothing else is due")


def test_an_inadequate_section_needs_no_percentages(ines: Client, case: ReadingCase) -> None:
    blank = dict.fromkeys(found(case), "")
    assert ines.post(f"/read/{case.code}/", {**blank, **INADEQUATE, "password": PASSWORD}).status_code == 302
    assert Read.objects.get().findings["adequate"] == "no"


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("", "Give your password: it is your signature."), ("wrong", "That is not your password.")],
)
def test_a_password_that_does_not_sign_keeps_everything(
    ines: Client, case: ReadingCase, password: str, sentence: str
) -> None:
    page = kept_back(sent(ines, case, password=password, comment="pale in one corner"), sentence)
    assert [value for value in (*NUMBERS, "pale in one corner") if value not in page] == []
    assert 'value="wrong"' not in page


def test_passwords_cannot_be_tried_without_end(ines: Client, case: ReadingCase) -> None:
    for _ in range(11):
        answer = sent(ines, case, password="wrong")
    kept_back(answer, "Too many tries in one minute")
    kept_back(sent(ines, case), "Too many tries in one minute")


# ---- refusals ----
def test_a_conflict_marks_both_fields_and_is_linked_from_the_top(ines: Client, case: ReadingCase) -> None:
    five = {"arch_sarcomatoid": "5", "arch_tubular": "10"}
    page = kept_back(sent(ines, case, **five), "1 thing keeps this read", "Sarcomatoid 5 % needs WHO/ISUP grade 4")
    assert '<a href="#f-who_isup">' in page
    assert '<fieldset class="field has-error" id="f-who_isup"' in page
    assert 'name="arch_sarcomatoid" value="5" autocomplete="off" maxlength="40" data-next-field aria-invalid' in page
    assert 'value="grade">Give grade 4' in page


def test_the_way_out_is_a_button(ines: Client, case: ReadingCase) -> None:
    five = {"arch_sarcomatoid": "5", "arch_tubular": "10"}
    page = kept_back(sent(ines, case, **five, do="grade"))
    assert 'id="f-who_isup-4" value="4" checked' in page
    assert 'name="arch_sarcomatoid" value="5"' in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"arch_alveolar": "145"}, "145 is not between 0 and 100."),
        ({"arch_alveolar": "some"}, "“some” is not a percentage"),
        ({"arch_alveolar": ""}, "blank is not 0, give a value"),
        ({"arch_alveolar": "44"}, "Architecture sums to 99; it must be exactly 100."),
        ({"histologic_type": "banana"}, "is not in the list"),
        ({"who_isup": "9"}, "is not a whole number from 1 to 4"),
        ({"adequate": ""}, "Say whether the section is adequate"),
        ({"adequate": "no"}, "Inadequate needs a reason"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_in_a_sentence_and_nothing_typed_is_lost(
    ines: Client, case: ReadingCase, changes: dict[str, str], sentence: str
) -> None:
    page = kept_back(sent(ines, case, **changes, comment="a <b>bold</b> word"), sentence)
    assert "a &lt;b&gt;bold&lt;/b&gt; word" in page
    assert 'name="arch_solid" value="40"' in page
    typed = changes.get("arch_alveolar")
    assert typed is None or f'name="arch_alveolar" value="{typed}"' in page


def test_blanks_become_0_by_the_readers_act_where_the_parts_reach_100(ines: Client, case: ReadingCase) -> None:
    blanks = {"arch_cystic": "", "arch_other": "", "cyto_other": "", "cyto_clear": "70"}
    page = kept_back(sent(ines, case, **blanks, do="zero"))
    assert 'name="arch_cystic" value="0"' in page
    assert 'name="arch_other" value="0"' in page
    assert 'name="cyto_other" value=""' in page, "70 and 20 do not reach 100"


def test_numbers_of_an_inadequate_section_are_cleared_by_a_button(ines: Client, case: ReadingCase) -> None:
    kept_back(sent(ines, case, adequate="no", inadequate_reason="other"), "Clear the percentages")
    page = kept_back(sent(ines, case, adequate="no", do="clear"))
    assert 'name="arch_alveolar" value=""' in page


def test_a_warning_is_shown_once_and_may_be_signed_over(ines: Client, case: ReadingCase) -> None:
    odd = {"arch_papillary": "60", "arch_alveolar": "10", "arch_solid": "15"}
    page = kept_back(sent(ines, case, **odd), "Look again before you sign", "60 % papillary is unusual")
    assert 'name="seen" value="clear_cell_mostly_papillary ' in page
    assert sent(ines, case, **odd, seen="clear_cell_mostly_papillary ").status_code == 302


def test_a_second_read_by_the_same_reader_is_refused(ines: Client, cast: Cast, case: ReadingCase) -> None:
    signs(cast.reader, case)
    assert ines.get(f"/read/{case.code}/")["Location"] == f"/cases/{case.code}/"
    assert sent(ines, case)["Location"] == f"/cases/{case.code}/"
    assert Read.objects.count() == 1


def test_a_case_that_filled_up_meanwhile_keeps_what_was_typed(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    both_sign(cast, case)
    answer = sent(enter(cast.third_reader), case)
    assert "has all its reads already" in text(answer)
    assert NUMBERS[0] in text(answer)
    assert Read.objects.count() == 2


@pytest.mark.parametrize("role", ["coordinator", "bench", "statistician", "administrator", "adjudicator"])
def test_only_pathologists_read(enter: Enter, cast: Cast, case: ReadingCase, role: str) -> None:
    browser = enter(getattr(cast, role))
    assert (status(browser, "/read/"), status(browser, f"/read/{case.code}/")) == (403, 403)
    assert browser.post(f"/read/{case.code}/", signing(case)).status_code == 403
    assert not Read.objects.exists()


def test_an_unknown_case_is_not_there(ines: Client, house: House) -> None:
    assert status(ines, "/read/NONE9/") == 404


# ---- one's own read ----
def test_a_signed_read_shows_its_signature(ines: Client, cast: Cast, case: ReadingCase) -> None:
    read = signs(cast.reader, case)
    page = shows(ines, f"/cases/{case.code}/", "Your read is signed", "Ines Moreau", read.digest, "signature holds")
    no_identity(page)


def test_the_signed_list_names_meaning_time_and_whether_it_holds(ines: Client, cast: Cast, case: ReadingCase) -> None:
    signs(cast.reader, case)
    no_identity(shows(ines, "/read/signed/", "1 read that stand", case.code, "2026-11-23 10:00", "holds", "password"))


def test_the_signed_list_is_ones_own(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    signs(cast.reader, case)
    shows(enter(cast.second_reader), "/read/signed/", "You have signed nothing yet")


def test_a_correction_is_prefilled_and_supersedes_with_its_reason(
    ines: Client, cast: Cast, stained: ReadingCase
) -> None:
    first = signs(cast.reader, stained)
    address = f"/read/{stained.code}/amend/"
    shows(ines, address, 'name="pct_3" value="60"', "Why it is corrected")
    answer = ines.post(address, {**signing(stained, **LOW), "reason": "read the wrong slide"})
    assert answer["Location"] == f"/cases/{stained.code}/"
    second = Read.objects.get(supersedes=first)
    assert (second.reason, second.findings["pct_0"]) == ("read the wrong slide", "20")
    shows(ines, f"/cases/{stained.code}/", "Superseded", first.digest, second.digest)


def test_a_correction_needs_a_reason_and_keeps_the_form(ines: Client, cast: Cast, stained: ReadingCase) -> None:
    signs(cast.reader, stained)
    answer = ines.post(f"/read/{stained.code}/amend/", {**signing(stained, **LOW), "reason": " "})
    assert "Say why the read is corrected" in text(answer)
    assert 'name="pct_0" value="20"' in text(answer)
    assert Read.objects.count() == 1


def test_nobody_corrects_anothers_read(enter: Enter, cast: Cast, stained: ReadingCase) -> None:
    signs(cast.reader, stained)
    browser = enter(cast.second_reader)
    answer = browser.post(f"/read/{stained.code}/amend/", {**signing(stained, **LOW), "reason": "mine now"})
    assert answer.status_code == 409
    assert Read.objects.count() == 1


def test_two_specimens_of_one_patient_are_two_cases(ines: Client, cast: Cast, house: House, case: ReadingCase) -> None:
    other = a_received_block(cast, house, case.specimen.patient, specimen_kind="metastasis", specimen_label="M1")
    second = a_case(cast, house, Stain.HE, other.specimen)
    no_identity(shows(ines, "/read/", case.code, second.code))


# ---- the same form twice, from a second tab or a second click ----
def test_what_was_signed_already_is_said_when_it_is_sent_again(ines: Client, case: ReadingCase) -> None:
    sent(ines, case)
    again = ines.post(f"/read/{case.code}/", signing(case, necrosis="15"), follow=True)
    assert f"You signed case {case.code} already: nothing was signed a second time." in text(again)
    assert Read.objects.get().findings["necrosis"] == "10"
