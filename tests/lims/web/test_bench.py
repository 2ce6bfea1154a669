"""The bench: lots, assay versions, runs, their controls, and restains of what failed."""

from datetime import date

import pytest

from specimens.consenting import withdraw_consent
from specimens.models import AssayVersion, Block, ControlResult, CuttingOrder, Patient, ReagentLot, Slide, StainRun
from specimens.ordering import exhaust_block
from specimens.sectioning import Cut, cut_sections
from specimens.staining import record_controls, record_lot
from specimens.vocabulary import ControlKind, Stain
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.papers import read_paper
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text
from tests.stories import (
    CUT_ON,
    LONG_AGO,
    House,
    a_lot,
    a_received_block,
    a_run,
    a_stained_slide,
)


@pytest.fixture
def block(cast: Cast, house: House, patient: Patient) -> Block:
    return a_received_block(cast, house, patient)


@pytest.fixture
def slides(cast: Cast, block: Block) -> list[Slide]:
    return cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=2, cut_on=CUT_ON)])


# ---- lots ----
def test_a_lot_is_recorded_and_chosen(enter: Enter, cast: Cast, house: House) -> None:
    browser = enter(cast.bench)
    answer = browser.post("/lots/add/", {"stain": "caix", "lot": "77-A", "clone": "M75"})
    lot = ReagentLot.objects.get()
    assert answer["Location"] == f"/runs/stain/?lot={lot.pk}"
    shows(browser, answer["Location"], f'value="{lot.pk}" selected', "M75 lot 77-A")


def test_a_caix_lot_names_its_clone(enter: Enter, cast: Cast, house: House) -> None:
    page = text(enter(cast.bench).post("/lots/add/", {"stain": "caix", "lot": "77-A"}))
    assert "names the antibody’s clone" in page or "names the antibody&#x27;s clone" in page
    assert 'value="77-A"' in page


# ---- runs ----
def run_of(cast: Cast, slides: list[Slide], **changes: str) -> dict[str, str]:
    said = {
        "slides": "\n".join(str(s).lower() for s in slides),
        "lot": str(a_lot(cast, Stain.CAIX).pk),
        "dilution": "1:100",
        "stained_on": "2026-11-22",
        "positive": "kidney tumour TC-7, tonsil T-2",
        "negative": "no primary antibody",
        "commit": "1",
    }
    return said | changes


def test_a_run_is_stained_and_its_controls_recorded(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    answer = browser.post("/runs/stain/", run_of(cast, slides))
    run = StainRun.objects.get()
    assert answer["Location"] == f"/runs/{run}/"
    shows(browser, f"/runs/{run}/", str(slides[0]), str(slides[1]), "controls awaited", "1:100", "12 d")
    passed = {"positive": "passed", "negative": "passed", "observed_on": "2026-11-23"}
    browser.post(f"/runs/{run}/", passed)
    shows(browser, f"/runs/{run}/", "controls passed", "Why an earlier result no longer stands")
    shows(browser, "/runs/", str(run), "controls passed")


def test_a_later_failure_needs_its_reason(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    browser.post("/runs/stain/", run_of(cast, slides))
    address = f"/runs/{StainRun.objects.get()}/"
    browser.post(address, {"positive": "passed", "negative": "passed", "observed_on": "2026-11-23"})
    failed = {"positive": "failed", "negative": "passed", "observed_on": "2026-11-23"}
    page = text(browser.post(address, failed))
    assert "no longer stands." in page.split('id="id_reason_error"')[1]
    assert ControlResult.objects.count() == 2
    browser.post(address, failed | {"reason": "edge of the section was dry"})
    shows(browser, address, "controls failed", "edge of the section was dry")


def test_controls_without_a_result_are_refused(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    browser.post("/runs/stain/", run_of(cast, slides))
    assert "at least one control" in text(
        browser.post(f"/runs/{StainRun.objects.get()}/", {"observed_on": "2026-11-23"})
    )


def test_old_sections_warn_and_then_ask_why(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    block = a_received_block(cast, house, patient, arrived=LONG_AGO)
    days = {"young": "2026-11-10", "old": "2026-10-01", "too old": "2026-08-16"}
    cuts = [Cut(block=block, sections=1, cut_on=CUT_ON.fromisoformat(day)) for day in days.values()]
    slides = cut_sections(by=cast.bench, at=AT, cuts=cuts)
    browser = enter(cast.bench)
    looked = run_of(cast, slides)
    del looked["commit"]
    page = text(browser.post("/runs/stain/", looked))
    assert page.count("past 42 days antigen may be lost") == 2
    assert page.count("give the reason") == 1
    assert not StainRun.objects.exists()
    page = text(browser.post("/runs/stain/", run_of(cast, slides)))
    assert "past 90 days say why it is stained" in page
    reason = "no younger section is left"
    assert browser.post("/runs/stain/", run_of(cast, slides, override_reason=reason)).status_code == 302
    reasons = StainRun.objects.get().stainings.order_by("id").values_list("age_override_reason", flat=True)
    assert list(reasons) == ["", "", reason]


def test_each_scan_is_told_at_once(
    enter: Enter, cast: Cast, house: House, patient: Patient, block: Block, slides: list[Slide]
) -> None:
    """What htmx asks for as the list grows: the last scan first, each with its age and what to do."""
    aged = a_received_block(cast, house, patient, label="A9", arrived=LONG_AGO)
    old = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=aged, sections=1, cut_on=date(2026, 8, 16))])[0]
    stained = a_stained_slide(cast, block)
    scans = [str(slides[0]), str(old), str(stained), "nonsense", "SL-999999-5", str(slides[0]).lower()]
    browser = enter(cast.bench)
    page = text(browser.post("/runs/stain/look/", {"slides": "\n".join(scans), "stained_on": "2026-11-22"}))
    assert "<html" not in page
    assert "6 slides scanned" in page
    assert page.index("is in the list already: one line is enough") < page.index("is not an accession number")
    for said in (
        "12 d", "fresh enough", "98 d", "Past the trial’s limit", "Order a fresh section",
        "is stained already; a restain takes a new section.",
    ):  # fmt: skip
        assert said in page
    assert "check character" in page or "There is no slide SL-999999-5" in page
    assert text(browser.post("/runs/stain/look/", {"slides": ""})).strip() == ""
    assert browser.post("/runs/stain/look/", {"slides": scans[0], "stained_on": "2026-99-99"}).status_code == 200


def test_a_slide_of_a_withdrawn_patient_is_told_at_the_scan(
    enter: Enter, cast: Cast, patient: Patient, slides: list[Slide]
) -> None:
    withdraw_consent(by=cast.coordinator, at=AT, consent=patient.consents.get(), withdrawn_on=CUT_ON)
    page = text(enter(cast.bench).post("/runs/stain/look/", {"slides": str(slides[0])}))
    assert "Consent to this study was withdrawn" in page


def test_looking_asks_a_fixed_number_of_questions(enter: Enter, cast: Cast, block: Block) -> None:
    browser = enter(cast.bench)
    counts = []
    for number in (1, 6):
        made = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=number, cut_on=CUT_ON)])
        counts.append(questions(browser, f"/runs/stain/?slides={','.join(map(str, made))}"))
    assert counts[0] == counts[1] <= MOST_QUERIES + 3


def test_controls_are_named_before_a_caix_run(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    page = text(enter(cast.bench).post("/runs/stain/", run_of(cast, slides, positive="", override_reason="kept")))
    assert "stands beside a positive control slide" in page.split('id="id_positive_error"')[1]
    assert "kept" in page
    assert 'value="no primary antibody"' in page
    assert not StainRun.objects.exists()


def test_an_expired_lot_is_refused_beside_it(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    old = record_lot(by=cast.bench, at=AT, stain=Stain.CAIX, lot="L0", clone="M75", expires_on=date(2026, 11, 21))
    page = text(enter(cast.bench).post("/runs/stain/", run_of(cast, slides, lot=str(old.pk))))
    assert "Lot L0 expired on 2026-11-21: stain from another lot." in page.split('id="id_lot_error"')[1]
    last_day = run_of(cast, slides, lot=str(old.pk), stained_on="2026-11-21")
    assert enter(cast.bench).post("/runs/stain/", last_day).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("SL-000001-X", "check character"),
        ("nonsense", "is not an accession number"),
        ("SL-999999-5", "no slide"),
    ],
)
def test_a_wrong_slide_is_told_and_kept(enter: Enter, cast: Cast, slides: list[Slide], typed: str, said: str) -> None:
    page = text(enter(cast.bench).post("/runs/stain/", run_of(cast, slides) | {"slides": typed}))
    assert said in page or "check character" in page
    assert typed in page
    assert not StainRun.objects.exists()


def test_a_slide_twice_or_stained_before_is_refused(
    enter: Enter, cast: Cast, block: Block, slides: list[Slide]
) -> None:
    browser, stained = enter(cast.bench), a_stained_slide(cast, block)
    page = text(browser.post("/runs/stain/", run_of(cast, [slides[0], slides[0]])))
    assert "stands twice in the list" in page
    page = text(browser.post("/runs/stain/", run_of(cast, [slides[0], stained])))
    assert "is stained already; a restain takes a new section" in page
    assert str(slides[0]).lower() in page


def test_query_counts_are_fixed(enter: Enter, cast: Cast, block: Block, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    a_stained_slide(cast, block)
    run = StainRun.objects.get()
    few = [questions(browser, address) for address in ("/runs/", "/cutting/", f"/runs/{run}/")]
    for _ in range(4):
        a_stained_slide(cast, block)
    more = [questions(browser, address) for address in ("/runs/", "/cutting/", f"/runs/{run}/")]
    assert more == few
    assert max(few) <= MOST_QUERIES


# ---- assay versions ----
ASSAY = {"stain": "caix", "name": "CA-IX 3", "clone": "M75", "dilution": "1:5000", "retrieval": "pH 9, 20 min"}


def test_an_assay_version_is_recorded_used_and_retired(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    assert browser.post("/assays/", ASSAY)["Location"] == "/assays/"
    assay = AssayVersion.objects.get()
    page = text(browser.post("/assays/", ASSAY))
    assert "This assay version is recorded already." in page
    assert 'value="pH 9, 20 min"' in page
    shows(browser, "/runs/stain/", "CA-IX · CA-IX 3")
    answer = browser.post("/runs/stain/", run_of(cast, slides, assay=str(assay.pk)))
    shows(browser, answer["Location"], "CA-IX 3", "the version says 1:5000", "pH 9, 20 min", "tonsil T-2")
    retire = f"/assays/{assay.pk}/retire/"
    assert "This field is required" in text(browser.post(retire, {"reason": ""}))
    browser.post(retire, {"reason": "a new clone"})
    shows(browser, "/assays/", "retired")
    assert "was retired already" in text(browser.post(retire, {"reason": "again"}))
    assert "CA-IX 3" not in text(browser.get("/runs/stain/"))
    shows(enter(cast.coordinator), "/assays/", "CA-IX 3")
    assert enter(cast.coordinator).post("/assays/", ASSAY | {"name": "x"}).status_code == 200
    assert AssayVersion.objects.count() == 1


# ---- the worksheet, and what is cut anew ----
def test_the_worksheet_carries_codes(enter: Enter, cast: Cast, slides: list[Slide]) -> None:
    browser = enter(cast.bench)
    browser.post("/runs/stain/", run_of(cast, slides))
    run = StainRun.objects.get()
    answer = browser.get(f"/runs/{run}/worksheet.pdf")
    assert answer["Content-Type"] == "application/pdf"
    words, codes = read_paper(answer.content)
    assert codes == {str(run), *map(str, slides)}
    for said in (str(run), "kidney tumour TC-7", "M75 lot L1", "1:100", "CWG-0187"):
        assert said in words


def failed(cast: Cast, block: Block, count: int = 2) -> StainRun:
    made = cut_sections(by=cast.bench, at=AT, cuts=[Cut(block=block, sections=count, cut_on=CUT_ON)])
    run = a_run(cast, made, Stain.CAIX)
    results = {ControlKind.POSITIVE: False, ControlKind.NEGATIVE: True}
    record_controls(by=cast.bench, at=AT, run=run, results=results, observed_on=date(2026, 11, 21))
    return run


def test_a_failed_run_offers_restains_of_all_its_slides(enter: Enter, cast: Cast, block: Block) -> None:
    run = failed(cast, block)
    numbers = [str(staining.slide) for staining in run.stainings.order_by("id")]
    browser, address = enter(cast.bench), f"/runs/{run}/"
    shows(browser, "/", "Order the restains", str(run))
    reason = f"Positive control of run {run} failed on 2026-11-21."
    page = shows(browser, address, "Cut anew", reason)
    assert page.count("checked") == 2
    assert "Tick the slides to cut anew." in text(browser.post(f"{address}restain/", {"reason": reason}))
    page = text(browser.post(f"{address}restain/", {"reason": "", "slide": numbers}))
    assert f"Say why slide {numbers[0]} is replaced." in page
    assert not CuttingOrder.objects.exists()
    browser.post(f"{address}restain/", {"reason": reason, "slide": numbers})
    orders = CuttingOrder.objects.order_by("id")
    assert [(str(o.replaces), o.stain, o.reason, o.sections) for o in orders] == [
        (number, "caix", reason, 1) for number in numbers
    ]
    shows(browser, address, f"order {orders[0]}", "2 restains of run")
    assert "Order the restains" not in text(browser.get("/"))
    assert browser.post(f"{address}restain/", {"reason": reason, "slide": numbers}).status_code == 200
    assert orders.count() == 2


def test_what_cannot_be_cut_anew_says_so(enter: Enter, cast: Cast, block: Block) -> None:
    run = failed(cast, block)
    exhaust_block(by=cast.bench, at=AT, block=block)
    browser = enter(cast.bench)
    page = shows(browser, f"/runs/{run}/", "nothing left to cut: ask for more tissue")
    assert 'name="slide"' not in page
    assert "Order the restains" not in text(browser.get("/"))


def test_a_run_redone_with_spare_slides_is_not_due(enter: Enter, cast: Cast, block: Block) -> None:
    run = failed(cast, block, 1)
    a_stained_slide(cast, block, Stain.CAIX)
    browser = enter(cast.bench)
    shows(browser, f"/runs/{run}/", "stained again in run RUN-")
    assert "Order the restains" not in text(browser.get("/"))
