"""declare_variable: an endpoint of a trial's own, and what may stand in its column, without a migration."""

from datetime import date
from typing import Any

import pytest

from lims.intake.outcome_sheet import read_outcomes
from lims.models.outcome_variables import OutcomeValue, OutcomeVariable
from lims.outcome_rows import NewOutcome, NewValue
from lims.outcome_variables import declare_variable, is_partial_date
from lims.outcomes import import_release
from specimens import ledger
from specimens.errors import Forbidden, Refused, Rejected
from tests.cast import AT, Cast, make_cast
from tests.stories import House, a_house, a_patient

FATIGUE: dict[str, Any] = {
    "name": "qlq_fa", "label": "QLQ-C30 fatigue", "kind": "number", "unit": "score 0-100", "by_time_point": True,
    "source": "EORTC QLQ-C30 version 3.0, scoring manual 2001",
}  # fmt: skip


@pytest.fixture
def place(db: None) -> tuple[Cast, House]:
    cast, house = make_cast(), a_house()
    a_patient(cast, house)
    return cast, house


def declare(place: tuple[Cast, House], **changes: Any) -> OutcomeVariable:
    cast, house = place
    return declare_variable(by=cast.statistician, at=AT, trial=house.trial, **FATIGUE | changes)


def imported(place: tuple[Cast, House], sheet: str) -> None:
    cast, house = place
    declared = set(OutcomeVariable.objects.values_list("name", flat=True))
    import_release(
        by=cast.statistician, at=AT, trial=house.trial, name="a cut", source="the office", cut_on=date(2026, 1, 1),
        sha256="a" * 64, rows=read_outcomes(sheet.encode(), declared=declared),
    )  # fmt: skip


def test_what_is_declared_can_be_imported_by_time_point(place: Any) -> None:
    declare(place)
    declare(place, name="progressed_on", label="Day of progression", kind="date", unit="", by_time_point=False)
    imported(place, "study_id,qlq_fa@week 6,qlq_fa@week 12,progressed_on\nCWG-0187,33.3,66.7,2005-03\n")
    found = OutcomeValue.objects.values_list("variable__name", "time_point", "value", "number")
    assert set(found) == {
        ("qlq_fa", "week 6", "33.3", 33.3), ("qlq_fa", "week 12", "66.7", 66.7), ("progressed_on", "", "2005-03", None),
    }  # fmt: skip
    assert list(ledger.verify()) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "QLQ"}, "name"),
        ({"name": "os_time"}, "name"),
        ({"name": "9a"}, "name"),
        ({"label": ""}, "label"),
        ({"label": "x" * 41}, "label"),
        ({"source": " "}, "source"),
        ({"kind": "colour", "unit": ""}, "kind"),
        ({"kind": "date"}, "unit"),
        ({"kind": "code", "unit": ""}, "codes"),
        ({"codes": {"1": "yes"}}, "codes"),
        ({"kind": "code", "unit": "", "codes": {"": "none"}}, "codes"),
    ],
)
def test_a_faulty_declaration_names_its_field(place: Any, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected) as refused:
        declare(place, **changes)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not OutcomeVariable.objects.exists()


def test_a_name_is_declared_once_and_by_a_statistician(place: Any) -> None:
    declare(place)
    with pytest.raises(Refused, match="a variable of that name already"):
        declare(place)
    cast, house = place
    with pytest.raises(Forbidden):
        declare_variable(by=cast.reader, at=AT, trial=house.trial, **FATIGUE | {"name": "other"})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("number", "-1.5", "much"),
        ("whole", "12", "1.5"),
        ("date", "2005", "2005-13"),
        ("date", "2005-02-28", "2005-02-30"),
        ("date", "2005-02", "02/2005"),
        ("flag", "1", "yes"),
        ("code", "B", "C"),
        ("text", "as it was", "two\tcells"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_row(place: Any, kind: str, good: str, bad: str) -> None:
    codes = {"A": "first", "B": "second"} if kind == "code" else {}
    declare(place, name="own", kind=kind, unit="", by_time_point=False, codes=codes)
    with pytest.raises(Rejected) as refused:
        imported(place, f"study_id,own\nCWG-0187,{bad}\n")
    assert [(problem.row, problem.field, problem.value) for problem in refused.value.problems] == [(1, "own", bad)]
    imported(place, f"study_id,own\nCWG-0187,{good}\n")
    assert OutcomeValue.objects.get().value == good


def test_time_points_are_named_where_there_are_any_and_nowhere_else(place: Any) -> None:
    declare(place)
    declare(place, name="event", kind="flag", unit="", by_time_point=False)
    with pytest.raises(Rejected) as refused:
        imported(place, "study_id,qlq_fa,event@week 6\nCWG-0187,1,1\n")
    assert [problem.sentence for problem in refused.value.problems] == [
        "Name its time point, as qlq_fa@week 12.", "event has no time points.",
    ]  # fmt: skip


def test_a_variable_nobody_declared_is_refused_by_the_deed_too(place: Any) -> None:
    cast, house = place
    with pytest.raises(Rejected, match="declare it first"):
        import_release(
            by=cast.statistician, at=AT, trial=house.trial, name="a cut", source="the office", cut_on=None,
            sha256="a" * 64, rows=[NewOutcome("CWG-0187", values=(NewValue("mood", "", "good"),))],
        )  # fmt: skip


def test_partial_dates() -> None:
    assert [text for text in ("2005", "2005-03", "2005-03-14", "2024-02-29") if not is_partial_date(text)] == []
    wrong = ("", "05", "2005-3", "2005-00", "2005-03-32", "2023-02-29", "1800", "2005-03-14T00:00", "2005/03")
    assert [text for text in wrong if is_partial_date(text)] == []
