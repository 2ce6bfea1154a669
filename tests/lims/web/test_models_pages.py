"""The models' cards and the desk of what if: for everybody, prefilled by nothing, stored nowhere."""

import pytest

from scoring.rules.catalogue import names
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows
from tests.lims.web.visits import status


def test_every_model_has_a_card(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.reader)
    for name in names():
        shows(browser, f"/models/{name}/", name, "What decides", "Known limits", "Evidence, for and against",
              "Investigational, for research use only", "in force")  # fmt: skip
    assert status(browser, "/models/none/") == 404
    assert status(browser, "/models/imdc-2009/?edition=none") == 404


def test_findings_are_classified_with_what_would_change_it(enter: Enter, cast: Cast) -> None:
    shows(enter(cast.reader), "/what-if/?clear_cell=yes&alveolar=20&granular=20&papillary=0&caix=85",
          "<b>intermediate</b>", "not eligible", "CA-IX were above 85 %", "Investigational")  # fmt: skip


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("model=imdc-2009&karnofsky=70", ("indeterminate", "intermediate, poor", "points that certainly hold", "1")),
        ("model=bui-2003&caix=85.1", ("<b>high</b>",)),
        ("model=cwg-strata&ecog=0&primary_in_place=no&bone_metastases=yes", ("ps0 resected boneliver",)),
        ("caix=not_evaluable&clear_cell=no", ("<b>poor</b>", "NON_CLEAR_CELL")),
    ],
)
def test_the_other_models_answer_too(enter: Enter, cast: Cast, query: str, words: tuple[str, ...]) -> None:
    shows(enter(cast.coordinator), f"/what-if/?{query}", *words)


def test_a_fault_stands_beside_its_field_and_what_was_typed_stays(enter: Enter, cast: Cast) -> None:
    shows(enter(cast.adjudicator), "/what-if/?alveolar=101&granular=12.5", "101 is not between 0 and 100",
          'value="101"', 'value="12.5"', "Type what is known")  # fmt: skip
    assert status(enter(cast.adjudicator), "/what-if/?model=none") == 404


def test_nothing_is_filled_in_before_somebody_types(enter: Enter, cast: Cast) -> None:
    page = shows(enter(cast.reader), "/what-if/", "Type what is known and press Enter.")
    assert 'name="alveolar" value=' not in page
