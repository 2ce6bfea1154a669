"""Downtime forms: printed with a code that an independent reader decodes, entered later, and no reader sees more."""

from datetime import timedelta

import pytest
import time_machine
import zxingcpp
from django.test import Client
from pypdfium2 import PdfDocument

from lims.papers.bench_card import CODES, bench_card
from lims.papers.downtime import CAIX, HISTOLOGY, reads_form
from scoring.models import Read
from scoring.rules.findings import CAIX_KINDS, HISTOLOGY_KINDS
from specimens.downtime import print_forms
from specimens.models import DowntimeForm, ItemReceipt, Patient, Shipment
from specimens.vocabulary import DowntimeKind
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import House, an_announced_parcel, an_item

PRINTED = AT - timedelta(days=2)
ENTRY = {"happened_at": "2026-11-22 10:30", "written_by": "Rose by hand"}


@pytest.fixture
def parcel(cast: Cast, house: House, patient: Patient) -> Shipment:
    return an_announced_parcel(cast, house, *[an_item(patient, label=f"A{n}") for n in (1, 2)])


def a_form(cast: Cast, kind: DowntimeKind = DowntimeKind.RECEIPT, **about: object) -> DowntimeForm:
    return print_forms(by=cast.bench, at=PRINTED, kind=kind, **about)[0]  # type: ignore[arg-type]


def words(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in PdfDocument(pdf))


def codes(pdf: bytes) -> set[str]:
    """The Data Matrix codes on the paper, as a camera meets them: decoded from a picture of each page."""
    return {
        code.text
        for page in PdfDocument(pdf)
        for code in zxingcpp.read_barcodes(page.render(scale=4).to_pil().convert("L"))
    }


def line(parcel: Shipment, number: int, condition: str, note: str = "") -> dict[str, str]:
    return {f"line-{number}-condition": condition, f"line-{number}-agree": "2", f"line-{number}-note": note}


def test_a_form_for_a_parcel_lists_what_it_announces(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    browser = enter(cast.bench)
    answer = browser.post(f"/parcels/{parcel}/downtime/print/")
    form = DowntimeForm.objects.get()
    assert answer["Location"] == f"/downtime/{form}/paper/"
    paper = browser.get(answer["Location"])
    assert paper["Content-Type"] == "application/pdf"
    said = words(paper.content)
    assert all(word in said for word in (str(form), str(parcel), "A1", "A2", "CWG-0187", "broken"))
    assert "SECRET" not in said
    assert codes(paper.content) == {str(form)}


def test_the_bench_card_is_read_by_a_scanner(enter: Enter, cast: Cast) -> None:
    assert enter(cast.bench).get("/downtime/bench-card/")["Content-Type"] == "application/pdf"
    assert codes(bench_card()) == {code for code, _, _ in CODES}


def test_the_reads_form_has_every_field_and_nothing_more(enter: Enter, cast: Cast) -> None:
    for kinds, fields in ((HISTOLOGY_KINDS, HISTOLOGY), (CAIX_KINDS, CAIX)):
        names = [name for name, _, _ in fields]
        assert [kind for kind in kinds if not kind.startswith(tuple(names))] == []
    said = words(reads_form("DF-000001-O", PRINTED))
    assert "8310/3 clear cell" in said
    for hidden in ("85 %", "> 85", "eligib", "cutoff", "risk", "TCGA", "patient"):
        assert hidden not in said.lower()


def test_an_entry_is_marked_as_such_everywhere(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    form, browser = a_form(cast, shipment=parcel), enter(cast.coordinator)
    said = ENTRY | {"form": form.accession.lower()} | line(parcel, 1, "broken", "chipped") | line(parcel, 2, "")
    answer = browser.post(f"/parcels/{parcel}/downtime/", said)
    assert answer["Location"] == f"/parcels/{parcel}/receive/"
    receipt = ItemReceipt.objects.get()
    assert (receipt.item.line, receipt.condition, receipt.written_by) == (1, "broken", "Rose by hand")
    assert f"{receipt.received_at:%Y-%m-%d %H:%M}" == "2026-11-22 10:30"
    shows(browser, f"/parcels/{parcel}/receive/", "entered later from form", str(form))
    shows(browser, f"/parcels/{parcel}/items/1/", "entered later from form", "Rose by hand")
    shows(browser, f"/blocks/{receipt.item.block}/", "Entered later from form")
    shows(browser, "/downtime/", "1 item")


@pytest.mark.parametrize(
    ("changes", "words_"),
    [
        ({"form": "DF-999999-X"}, "check character"),
        ({"form": ""}, "This field is required"),
        ({"happened_at": "yesterday"}, "Write the moment as 2026-11-23 09:40."),
        ({"happened_at": "2026-11-24 10:00"}, "still to come"),
        ({"happened_at": "2026-11-20 10:00"}, "was printed only at"),
        ({"line-1-condition": ""}, "Say of at least one line how it came."),
        ({"line-1-condition": "melted"}, "is not one of the available choices"),
    ],
)
def test_a_faulty_entry_says_why_and_stays_typed(
    enter: Enter, cast: Cast, parcel: Shipment, changes: dict[str, str], words_: str
) -> None:
    form = a_form(cast)
    said = ENTRY | {"form": str(form)} | line(parcel, 1, "wet", "soaked") | line(parcel, 2, "") | changes
    page = text(enter(cast.bench).post(f"/parcels/{parcel}/downtime/", said))
    assert words_ in page
    assert 'value="soaked"' in page
    assert not ItemReceipt.objects.exists()


def test_blank_forms_are_numbered(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.bench)
    assert browser.post("/downtime/print/", {"kind": "receipt", "count": "3"})["Location"] == "/downtime/"
    assert DowntimeForm.objects.count() == 3
    few = questions(browser, "/downtime/")
    browser.post("/downtime/print/", {"kind": "reads", "count": "20"})
    assert questions(browser, "/downtime/") == few <= MOST_QUERIES
    assert "less than or equal to 50" in text(browser.post("/downtime/print/", {"kind": "reads", "count": "51"}))


def test_a_reader_prints_reads_forms_and_sees_no_other(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    others = [a_form(cast, shipment=parcel), a_form(cast), a_form(cast, DowntimeKind.READS)]
    browser: Client = enter(cast.reader)
    browser.post("/downtime/print/", {"kind": "reads", "count": "1"})
    own = DowntimeForm.objects.latest("id")
    page = shows(browser, "/downtime/", str(own))
    assert not [form for form in others if str(form) in page or "Rose" in page]
    assert browser.get(f"/downtime/{own}/paper/").status_code == 200
    assert {browser.get(f"/downtime/{form}/paper/").status_code for form in others} == {404}
    assert "Forms for receipt are printed by those who do them." in text(
        browser.post("/downtime/print/", {"kind": "receipt", "count": "1"})
    )
    assert enter(cast.statistician).get("/downtime/").status_code == 403


def test_a_read_names_its_form_which_its_signature_binds(enter: Enter, cast: Cast, house: House) -> None:
    from scoring.signing import signature_holds
    from tests.lims.web.reads import signing
    from tests.scoring.desk import LATER, a_case

    case, form = a_case(cast, house), a_form(cast, DowntimeKind.READS)
    wrong = a_form(cast)
    browser = enter(cast.reader)
    said = signing(case)
    with time_machine.travel(LATER):
        page = text(browser.post(f"/read/{case}/", said | {"downtime_form": str(wrong)}))
        assert "is for receipt, not for reads." in page
        assert f'value="{wrong}"' in page
        browser.post(f"/read/{case}/", said | {"downtime_form": str(form)})
        read = Read.objects.get()
        assert (read.downtime_form, signature_holds(read)) == (form, True)
        shows(browser, f"/cases/{case}/", "Entered later from form", str(form))
        assert str(form) not in text(enter(cast.second_reader).get(f"/read/{case}/"))
    read.downtime_form = wrong
    assert not signature_holds(read)


EXTRA = {"extra-kind": "block", "extra-label": "B9", "extra-condition": "intact", "extra-note": "loose in the box"}


def test_what_the_form_has_and_nobody_announced_is_entered_too(enter: Enter, cast: Cast, parcel: Shipment) -> None:
    form, browser = a_form(cast, shipment=parcel), enter(cast.bench)
    shows(browser, f"/parcels/{parcel}/downtime/", "Something on it was not announced")
    where = f"/parcels/{parcel}/downtime/extra/"
    page = text(browser.post(where, ENTRY | EXTRA | {"form": str(form), "happened_at": "2026-11-24 10:00"}))
    assert "still to come" in page
    assert 'value="loose in the box"' in page
    assert not ItemReceipt.objects.exists()
    answer = browser.post(where, ENTRY | EXTRA | {"form": str(form)})
    assert answer["Location"] == f"/parcels/{parcel}/receive/"
    receipt = ItemReceipt.objects.get()
    assert (receipt.item.announced, receipt.item.label, receipt.downtime_form) == (False, "B9", form)
    assert (receipt.written_by, f"{receipt.received_at:%H:%M}") == ("Rose by hand", "10:30")
    assert enter(cast.reader).get(where).status_code == 403


def test_a_long_form_goes_on_on_the_next_sheet(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    long = an_announced_parcel(cast, house, *[an_item(patient, label=f"L{n}") for n in range(1, 63)])
    browser = enter(cast.bench)
    page = shows(browser, f"/parcels/{long}/downtime/", "Next sheet, from line 61", "L60")
    assert "line-61-condition" not in page
    page = shows(browser, f"/parcels/{long}/downtime/?line=61", "L61", "L62", "First sheet")
    assert "line-60-condition" not in page
    said = ENTRY | {"form": str(a_form(cast))} | line(long, 61, "intact") | line(long, 62, "")
    browser.post(f"/parcels/{long}/downtime/?line=61", said)
    assert ItemReceipt.objects.get().item.line == 61
