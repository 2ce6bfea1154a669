"""The ledger of loans, one loan, returns and their confirmation, and the rows of home."""

import io
from datetime import date

import pytest
import zxingcpp
from django.test import Client
from PIL import Image

from lims.models import User
from lims.papers.packing_list import Packed, packing_list
from specimens.lending import ask_extension, recall
from specimens.models import Loan, LoanEvent, Patient, Shipment
from specimens.queries import latest_events
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.specimens.loans import a_loan, block_of, mercy_coordinator, returned, sent_back
from tests.stories import House

LATE = date(2026, 11, 20)


@pytest.fixture
def loan(cast: Cast, house: House, patient: Patient) -> Loan:
    return a_loan(cast, house, patient, due=LATE)


@pytest.fixture
def cora(house: House) -> User:
    return mercy_coordinator(house)


@pytest.fixture
def core(enter: Enter, cast: Cast) -> Client:
    return enter(cast.coordinator)


def test_the_ledger_of_loans(enter: Enter, core: Client, cast: Cast, loan: Loan, house: House, cora: User) -> None:
    shows(core, "/loans/", str(loan), str(block_of(loan)), "overdue", "Mercy General", "none returned yet")
    shows(core, "/loans/?state=in+hand&owner=MERCY", str(loan))
    assert str(loan) not in text(core.get("/loans/?state=returned"))
    shows(enter(cora), "/loans/", str(loan))
    shows(core, f"/loans/{loan}/", "due back")
    assert core.get("/find/", {"q": str(loan)})["Location"] == f"/loans/{loan}/"


def test_on_time_says_n_of_m(core: Client, cast: Cast, house: House, patient: Patient) -> None:
    returned(cast, block_of(a_loan(cast, house, patient, "A1", due=date(2026, 11, 25))))
    returned(cast, block_of(a_loan(cast, house, patient, "A2", due=LATE)))
    shows(core, "/loans/", "1 of 2")


def test_a_list_asks_few_questions(core: Client, cast: Cast, house: House, patient: Patient, loan: Loan) -> None:
    few = questions(core, "/loans/")
    for number in range(6):
        a_loan(cast, house, patient, f"B{number}", due=LATE)
    assert questions(core, "/loans/") == few <= MOST_QUERIES


def test_the_core_asks_and_the_owner_answers(enter: Enter, core: Client, loan: Loan, cora: User) -> None:
    asked = {"ask-until": "2027-03-01", "ask-reason": "CA-IX is not read yet"}
    assert core.post(f"/loans/{loan}/ask/", asked)["Location"] == f"/loans/{loan}/"
    browser = enter(cora)
    shows(browser, "/", "asks to keep", "2027-03-01", "Answer")
    shows(browser, f"/loans/{loan}/", "asked to extend until", "CA-IX is not read yet")
    browser.post(f"/loans/{loan}/answer/", {"answer-granted": "yes"})
    shows(core, f"/loans/{loan}/", "2027-03-01", "extended")


def test_a_mistake_keeps_what_was_typed(core: Client, loan: Loan) -> None:
    page = text(core.post(f"/loans/{loan}/ask/", {"ask-until": "2026-11-01", "ask-reason": "still reading"}))
    assert "no later than what was agreed" in page
    assert "still reading" in page
    assert not LoanEvent.objects.exists()


def test_the_owner_recalls_and_the_core_sees_it_first(enter: Enter, core: Client, loan: Loan, cora: User) -> None:
    browser = enter(cora)
    assert "Return it" not in text(browser.get(f"/loans/{loan}/"))
    browser.post(f"/loans/{loan}/recall/", {"recall-reason": "new tumour"})
    shows(core, "/", f"Return block {block_of(loan)}: recalled by its owner", "recalled", "Return 1 block")
    browser.post(f"/loans/{loan}/withdraw/", {})
    shows(core, "/", "the loan ended on 2026-11-20", "overdue")
    browser.post(f"/loans/{loan}/donate/", {})
    shows(core, f"/loans/{loan}/", "donated", "This loan has ended.")


def test_tissue_goes_back(enter: Enter, core: Client, loan: Loan, cora: User) -> None:
    block = block_of(loan)
    shows(core, f"/returns/new/?things={block}", "Announce 1 return parcel", "Mercy General")
    sent = {"things": str(block), "sent_on": "2026-11-23", "courier": "FedEx", "commit": "1"}
    answer = core.post("/returns/new/", sent)
    parcel = Shipment.objects.latest("id")
    assert answer["Location"] == f"/parcels/{parcel}/"
    shows(core, f"/parcels/{parcel}/", "Packing list (PDF)", "Confirm what came")
    shows(core, "/", "Return parcel, sent 2026-11-23")
    browser = enter(cora)
    shows(browser, "/", "Confirm what came")
    shows(browser, f"/parcels/{parcel}/confirm/", str(block))
    assert browser.post(f"/parcels/{parcel}/confirm/", {"lines": ["1"]}).status_code == 302
    last = latest_events(blocks=[block.pk])["block", block.pk]
    assert (last.kind, last.holder.code) == ("returned", "MERCY")
    shows(core, f"/loans/{loan}/", "returned")
    shows(browser, f"/parcels/{parcel}/confirm/", "was confirmed already")


def test_what_else_is_due_there_is_offered(
    core: Client, cast: Cast, house: House, patient: Patient, loan: Loan
) -> None:
    second = a_loan(cast, house, patient, "A2", due=LATE)
    a_loan(cast, house, patient, "A3", due=date(2027, 11, 20))
    first, other = block_of(loan), block_of(second)
    shows(core, f"/returns/new/?things={first}", "1 more thing on loan is due back there", f"things={first}+{other}")
    shows(core, f"/returns/new/?things={first}+{other}", "2 things in 1 parcel")


def test_what_cannot_go_says_why(core: Client, cast: Cast, loan: Loan) -> None:
    block = block_of(loan)
    for typed, said in (
        ("nonsense", "is not an accession number"),
        ("B-000099-X", "check character"),
        ("", "required"),
    ):
        page = text(core.post("/returns/new/", {"things": typed, "commit": "1"}))
        assert said in page
    sent_back(cast, block)
    page = text(core.post("/returns/new/", {"things": str(block), "commit": "1"}))
    assert "is not at the core" in page
    assert Shipment.objects.count() == 2


def test_the_core_says_how_it_knows(core: Client, cast: Cast, loan: Loan) -> None:
    parcel = sent_back(cast, block_of(loan))
    assert "Say how the owner told you" in text(core.post(f"/parcels/{parcel}/confirm/", {"lines": ["1"]}))
    told = {"lines": ["1"], "note": "fax of 2026-11-23"}
    assert core.post(f"/parcels/{parcel}/confirm/", told).status_code == 302


def test_what_did_not_come_stays_open(enter: Enter, core: Client, cast: Cast, house: House, patient: Patient,
                                      loan: Loan, cora: User) -> None:  # fmt: skip
    second = a_loan(cast, house, patient, "A2")
    parcel = sent_back(cast, block_of(loan), block_of(second))
    enter(cora).post(f"/parcels/{parcel}/confirm/", {"lines": ["2"]})
    shows(core, "/", "1 of 2 confirmed", "partly received", "Record the confirmation")


def test_lengths_of_loans_are_set(core: Client, house: House) -> None:
    shows(core, "/loans/terms/", "trial CWG", "90")
    assert core.post("/loans/terms/", {"institution": "MERCY", "days": "30"}).status_code == 302
    shows(core, "/loans/terms/", "Mercy General", "30")
    assert "one of the two" in text(core.post("/loans/terms/", {"days": "30"}))
    assert "between 1 and" in text(core.post("/loans/terms/", {"trial": "CWG"}))


def test_who_may_not(enter: Enter, cast: Cast, loan: Loan, cora: User) -> None:
    for reader in (cast.reader, cast.adjudicator):
        for address in ("/loans/", f"/loans/{loan}/", "/returns/new/"):
            assert status(enter(reader), address) == 403
    assert status(enter(cora), "/returns/new/") == 403
    assert enter(cast.bench).post(f"/loans/{loan}/recall/", {}).status_code == 403


def test_another_hospitals_loan_is_not_there(enter: Enter, house: House, loan: Loan) -> None:
    from lims.vocabulary import Role
    from tests.cast import person

    lia = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    assert status(lia, f"/loans/{loan}/") == 404
    assert str(loan) not in text(lia.get("/loans/"))


def test_the_packing_list_can_be_scanned(core: Client, cast: Cast, loan: Loan) -> None:
    parcel = sent_back(cast, block_of(loan))
    answer = core.get(f"/parcels/{parcel}/packing-list/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    rows = [(1, "B-000001-X", "A1", "block", "CWG CWG-0187")]
    pdf = packing_list(Packed(str(parcel), "Core", "Mercy", "2026-11-23", "FedEx", rows, AT))
    found = {code.text for picture in pictures(pdf) for code in zxingcpp.read_barcodes(picture)}
    assert found == {str(parcel), "B-000001-X"}


def pictures(pdf: bytes) -> list[Image.Image]:
    """The pictures that a PDF of ours holds, drawn by an independent reader."""
    pypdfium = pytest.importorskip("pypdfium2")
    pages = pypdfium.PdfDocument(io.BytesIO(pdf))
    return [page.render(scale=3).to_pil() for page in pages]


def test_a_recalled_loan_is_recorded_by_the_core(core: Client, cast: Cast, loan: Loan) -> None:
    recall(by=cast.coordinator, at=AT, loan=loan, reason="by telephone")
    shows(core, f"/loans/{loan}/", "by telephone", "Withdraw the recall")
    with pytest.raises(Exception, match="was recalled"):
        ask_extension(by=cast.coordinator, at=AT, loan=loan, until=date(2027, 1, 1), reason="x")
