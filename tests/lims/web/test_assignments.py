"""Who reads what, as a page: given out by the rule and by hand, taken back, the trial's plan."""

import pytest
from django.test import Client

from lims.people import grant_role
from lims.vocabulary import Role
from scoring.models import Assignment, ReadingCase
from scoring.plans import plan_of
from scoring.turns import standing
from tests.cast import AT, FOUNDER, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.scoring.desk import a_case, a_tumour
from tests.stories import House


@pytest.fixture
def dana(enter: Enter, cast: Cast) -> Client:
    return enter(cast.coordinator)


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house)


def test_given_out_by_the_rule(dana: Client, case: ReadingCase) -> None:
    shows(dana, "/assignments/", "1 case without all readers", case.code, "nobody", "Ines Moreau", "data-due")
    answer = dana.post("/assignments/give-out/", {"case": [case.code]}, follow=True)
    assert "1 given out to 2 readers." in text(answer)
    assert standing().count() == 2
    dana.post("/assignments/give-out/", {"case": [case.code]})
    assert standing().count() == 2
    shows(dana, "/assignments/?show=free", "Every case has a reader.")


def test_nothing_chosen_and_a_case_that_is_not_there(dana: Client) -> None:
    assert "Choose the cases" in text(dana.post("/assignments/give-out/", {}, follow=True))
    assert "There is no case NOPE2" in text(dana.post("/assignments/give-out/", {"case": ["NOPE2"]}, follow=True))


def test_by_hand_then_to_another(dana: Client, cast: Cast, case: ReadingCase) -> None:
    address = f"/assignments/{case.code}/"
    answer = dana.post(address, {"reader": cast.reader.pk, "reason": ""})
    assert "This field is required" in text(answer)
    dana.post(address, {"reader": cast.reader.pk, "reason": "she knows the trial"})
    held = Assignment.objects.get()
    shows(dana, address, "by hand: she knows the trial", "Take back")
    said = {f"a{held.pk}-reason": "on leave", "to": str(cast.third_reader.pk)}
    dana.post(f"{address}{held.pk}/away/", said)
    assert standing().get().reader == cast.third_reader
    again = text(dana.post(f"{address}{held.pk}/away/", said))
    assert standing().count() == 1
    assert "Mei Tanaka" in again


def test_only_who_gives_out_gets_there(enter: Enter, cast: Cast, house: House, case: ReadingCase) -> None:
    for name in ("reader", "adjudicator", "bench", "statistician", "administrator"):
        assert status(enter(getattr(cast, name)), "/assignments/") == 403
    hospital = person("hugh", "Hugh Okello", Role.COORDINATOR, house.mercy)
    assert status(enter(hospital), "/assignments/") == 403
    lead = person("lena", "Lena Haas", Role.LEAD_PATHOLOGIST)
    page = shows(enter(lead), "/assignments/", case.code)
    assert "CWG-0187" not in page
    grant_role(by=FOUNDER, at=AT, user=cast.reader, role=Role.LEAD_PATHOLOGIST)
    assert status(enter(type(lead).objects.get(pk=cast.reader.pk)), "/assignments/") == 403


def test_the_plan_of_a_trial(dana: Client, house: House) -> None:
    address = f"/trials/{house.trial.code}/reading-plan/"
    shows(dana, address, "10.0", "14")
    answer = dana.post(address, {"assigns": "on", "share": "140", "wash_out_days": "14"})
    assert "less than or equal to 100" in text(answer)
    dana.post(address, {"assigns": "on", "share": "12.5", "wash_out_days": "21"})
    plan = plan_of(house.trial.pk)
    assert (plan.assigns, str(plan.repeat_share), plan.wash_out_days) == (True, "0.125", 21)


def test_the_page_asks_few_questions(dana: Client, cast: Cast, house: House) -> None:
    for number in range(3):
        a_case(cast, house, specimen=a_tumour(cast, house, f"CWG-{number}"))
    dana.post("/assignments/give-out/", {"case": list(ReadingCase.objects.values_list("code", flat=True)[:2])})
    assert questions(dana, "/assignments/") <= MOST_QUERIES
