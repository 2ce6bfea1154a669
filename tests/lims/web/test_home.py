"""Home: the worklist of each role."""

import csv
import io
from datetime import date, timedelta

from django.test import Client

from lims.vocabulary import Role
from lims.web.home import as_csv
from lims.web.worklist import MOST_ROWS, Due, at_most, grouped, headline
from specimens.models import Patient
from specimens.receiving import ReceivedItem, receive_items
from specimens.vocabulary import Condition, Stain
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import questions, shows
from tests.stories import House, a_patient, a_received_block, a_stained_slide, an_announced_parcel, an_item

TODAY = date(2026, 11, 23)
MOST_AT_HOME = 24  # three about the person, one for each kind of work: see docs/decisions.md

"""Each kind of work asks once, and a coordinator has nearly all of them."""


def a_row(on: date | None, number: str) -> Due:
    return Due(on, "Parcel", number, "what", "open", "open", "Open it", "/")


def test_rows_are_grouped_by_the_day_they_are_due() -> None:
    days = [TODAY + timedelta(days=n) for n in (1, -3, 0, -7)]
    groups = grouped([a_row(day, f"{n}") for n, day in enumerate([*days, None])], TODAY)
    assert [(g.title, [row.number for row, _ in g.rows]) for g in groups] == [
        ("Overdue", ["3", "1"]),
        ("Today, Monday", ["2", "4"]),
        ("Later", ["0"]),
    ]
    assert [days for _, days in groups[0].rows] == [7, 3]
    assert headline([row for g in groups for row, _ in g.rows], TODAY) == "2 overdue, 2 due today"


def test_a_coordinator_sees_what_is_due(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    shipment = an_announced_parcel(cast, house, an_item(patient), an_item(patient, label="A2"))
    waiting = a_patient(cast, house, "CWG-0300")
    page = shows(enter(cast.coordinator), "/", str(shipment), "Receive 2 items", "15 d late", waiting.study_id)
    assert page.count("data-due") == 1
    item = ReceivedItem(line=1, condition=Condition.LABEL_MISMATCH, note="another number")
    receive_items(by=cast.coordinator, at=AT, shipment=shipment, items=[item])
    shows(enter(cast.coordinator), "/", "Finish with 1 missing", "Settle the quarantine", "another number")


def test_the_bench_sees_blocks_sections_and_controls(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    a_stained_slide(cast, a_received_block(cast, house, patient), Stain.CAIX, controls={})
    fresh = a_received_block(cast, house, patient, label="A2")
    page = shows(enter(cast.bench), "/", "Record the controls", "Cut sections", str(fresh))
    assert "Announce a parcel" not in page


def test_a_kind_can_be_chosen(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    an_announced_parcel(cast, house, an_item(patient))
    a_patient(cast, house, "CWG-0300")
    assert "CWG-0300" not in shows(enter(cast.coordinator), "/?kind=Parcel", "Receive 1 item")


def rows_of(answer: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode())))  # type: ignore[attr-defined]


def test_the_rows_shown_can_be_taken_along(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    """The same rows in the same order as the page, filters included; counts agree."""
    an_announced_parcel(cast, house, an_item(patient))
    a_patient(cast, house, "CWG-0300")
    browser = enter(cast.coordinator)
    page = shows(browser, "/", "Download these 2 rows", "All 2")
    rows = rows_of(browser.get("/due.csv"))
    assert len(rows) == 2
    assert all(row["number"] in page for row in rows)
    assert (rows[0]["group"], rows[0]["days_late"]) == ("Overdue", "15")
    shows(browser, "/?kind=Parcel", "Download this row", "/due.csv?kind=Parcel", "All 2")
    assert [row["kind"] for row in rows_of(browser.get("/due.csv?kind=Parcel"))] == ["Parcel"]
    assert browser.get("/due.csv")["Content-Disposition"].startswith('attachment; filename="due-20261123-')


def test_the_list_is_narrowed_by_who_holds_the_tissue(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    for site in ("MERCY", "LAKE"):
        a_received_block(cast, house, a_patient(cast, house, f"CWG-{site}", site=site), label=f"A{site}")
    browser = enter(cast.bench)
    everything = rows_of(browser.get("/due.csv"))
    for place in {row["held_at"] for row in everything if row["held_at"]}:
        there = [row["number"] for row in everything if row["held_at"] == place]
        assert [row["number"] for row in rows_of(browser.get("/due.csv", {"where": place}))] == there
        assert f"{len(there)} row" in shows(browser, f"/?where={place}")
    shows(browser, "/?where=Atlantis", f"{len(everything)} rows")


def test_no_cell_is_a_formula() -> None:
    row = Due(TODAY, "Parcel", "=1+1", "@what", "-open", "open", "+Open", "/", patient="=HYPERLINK()", where="\tx")
    (told,) = csv.DictReader(io.StringIO(as_csv([row], TODAY)))
    assert [told[name][0] for name in ("number", "what", "state", "next", "patient", "held_at")] == ["'"] * 6


def test_a_family_that_offers_too_much_is_cut() -> None:
    many = [a_row(TODAY, f"{n}") for n in range(60)]
    assert len(at_most(many)) == MOST_ROWS
    assert at_most(many)[0].number == "0"


def test_a_hospital_sees_its_own_alone(enter: Enter, cast: Cast, house: House) -> None:
    own = a_patient(cast, house, "CWG-0301", site="LAKE")
    other = a_patient(cast, house, "CWG-0302", site="MERCY")
    lakeshore = person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore)
    assert other.study_id not in shows(enter(lakeshore), "/", own.study_id)


def test_nothing_due_says_what_to_do(enter: Enter, cast: Cast, house: House) -> None:
    shows(enter(cast.administrator), "/", "Nothing is due today", "Scan a label")


def test_the_query_count_is_fixed(enter: Enter, cast: Cast, house: House, patient: Patient) -> None:
    browser: Client = enter(cast.coordinator)
    an_announced_parcel(cast, house, an_item(patient))
    few = questions(browser, "/")
    for n in range(5):
        an_announced_parcel(cast, house, an_item(patient, label=f"B{n}"))
        a_patient(cast, house, f"CWG-04{n:02}")
    assert questions(browser, "/") == few <= MOST_AT_HOME
