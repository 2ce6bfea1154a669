"""The published table beside the computed one."""

import pytest

from lims.analysis.contingency import TwoByTwo
from lims.demo.figures import Row
from lims.vocabulary import Role
from lims.web.published import agrees, ratio
from tests.cast import Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows
from tests.lims.web.visits import status
from tests.stories import House


def test_without_the_reconstruction_the_page_says_how_to_load_it(enter: Enter, cast: Cast, house: House) -> None:
    shows(enter(cast.statistician), "/published/", "is not loaded here", "bin/demo")


def test_it_rests_on_every_patient_and_so_is_for_the_core(enter: Enter, cast: Cast, house: House) -> None:
    assert status(enter(person("sue", "Sue Site", Role.STATISTICIAN, house.mercy)), "/published/") == 403


def test_both_odds_ratios_are_named_with_their_intervals() -> None:
    said = ratio("CA-IX high v low", TwoByTwo(21, 20, 6, 19))
    assert (said.counts, said.p) == ("21, 20; 6, 19", "0.0397")
    assert said.sample == "3.33 (1.10 to 10.02)"
    assert said.conditional.endswith("(0.99 to 12.13)")


def test_an_infinite_ratio_is_called_infinite() -> None:
    said = ratio("CA-IX in intermediate", TwoByTwo(9, 11, 0, 11))
    assert (said.sample, said.p) == ("infinite", "0.0116")


@pytest.mark.parametrize(
    ("printed", "computed", "same"),
    [
        ("24 / 31 / 11", "24 / 31 / 11", True),
        ("21/27 v 20/39, odds ratio 3.3, P 0.04", "21/27 v 20/39, odds ratio 3.33, P 0.0397", True),
        ("21/27 v 20/39, odds ratio 3.3, P 0.04", "20/27 v 21/39, odds ratio 2.45, P 0.1", False),
    ],
)
def test_rounding_is_no_disagreement_and_a_count_is(printed: str, computed: str, same: bool) -> None:
    assert agrees(Row("key", "what", printed, computed)) is same
