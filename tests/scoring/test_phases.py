"""The phase of a case: the rules' function and the queues' SQL say the same of every combination."""

from collections.abc import Callable

import pytest

from scoring.models import ReadingCase
from scoring.phases import concluded, phase_of, with_phase
from scoring.rules.vocabulary import Phase
from tests.cast import Cast
from tests.scoring.desk import PAPILLARY, a_case, both_sign, corrects, decides, signs
from tests.stories import House

Walk = Callable[[Cast, ReadingCase], None]


def nothing(cast: Cast, case: ReadingCase) -> None:
    pass


def one(cast: Cast, case: ReadingCase) -> None:
    signs(cast.reader, case)


def one_amended(cast: Cast, case: ReadingCase) -> None:
    corrects(cast.reader, signs(cast.reader, case), fuhrman="3")


def concordant(cast: Cast, case: ReadingCase) -> None:
    both_sign(cast, case)


def concordant_amended(cast: Cast, case: ReadingCase) -> None:
    corrects(cast.reader, both_sign(cast, case)[0], fuhrman="3")


def made_discordant(cast: Cast, case: ReadingCase) -> None:
    corrects(cast.reader, both_sign(cast, case)[0], **PAPILLARY)


def discordant(cast: Cast, case: ReadingCase) -> None:
    both_sign(cast, case, second=PAPILLARY)


def discordant_amended(cast: Cast, case: ReadingCase) -> None:
    corrects(cast.reader, both_sign(cast, case, second=PAPILLARY)[0], fuhrman="3")


def made_concordant(cast: Cast, case: ReadingCase) -> None:
    corrects(cast.second_reader, both_sign(cast, case, second=PAPILLARY)[1])


def adjudicated(cast: Cast, case: ReadingCase) -> None:
    discordant(cast, case)
    decides(cast.adjudicator, case)


def decision_amended(cast: Cast, case: ReadingCase) -> None:
    discordant(cast, case)
    corrects(cast.adjudicator, decides(cast.adjudicator, case), fuhrman="3")


def reopened(cast: Cast, case: ReadingCase) -> None:
    first, _ = both_sign(cast, case, second=PAPILLARY)
    decides(cast.adjudicator, case)
    corrects(cast.reader, first, fuhrman="3")


def decided_again(cast: Cast, case: ReadingCase) -> None:
    reopened(cast, case)
    decides(cast.adjudicator, case)


def decided_then_concordant(cast: Cast, case: ReadingCase) -> None:
    _, second = both_sign(cast, case, second=PAPILLARY)
    decides(cast.adjudicator, case)
    corrects(cast.second_reader, second)


TABLE: list[tuple[Walk, int, Phase]] = [
    (nothing, 2, Phase.AWAITING_FIRST),
    (nothing, 1, Phase.AWAITING_FIRST),
    (one, 2, Phase.AWAITING_SECOND),
    (one, 1, Phase.CONCLUDED),
    (one_amended, 2, Phase.AWAITING_SECOND),
    (one_amended, 1, Phase.CONCLUDED),
    (concordant, 2, Phase.CONCLUDED),
    (concordant_amended, 2, Phase.CONCLUDED),
    (made_discordant, 2, Phase.DISCORDANT),
    (discordant, 2, Phase.DISCORDANT),
    (discordant_amended, 2, Phase.DISCORDANT),
    (made_concordant, 2, Phase.CONCLUDED),
    (adjudicated, 2, Phase.CONCLUDED),
    (decision_amended, 2, Phase.CONCLUDED),
    (reopened, 2, Phase.DISCORDANT),
    (decided_again, 2, Phase.CONCLUDED),
    (decided_then_concordant, 2, Phase.CONCLUDED),
]


@pytest.mark.parametrize(("walk", "readers", "expected"), TABLE, ids=[f"{w.__name__}-{n}" for w, n, _ in TABLE])
def test_function_and_sql_agree(cast: Cast, house: House, walk: Walk, readers: int, expected: Phase) -> None:
    house.trial.readers_per_case = readers
    house.trial.save()
    case = a_case(cast, house)
    walk(cast, case)
    assert phase_of(case) is expected
    annotated = with_phase(ReadingCase.objects.all()).get()
    assert annotated.phase == expected
    assert concluded(ReadingCase.objects.all()).exists() is (expected is Phase.CONCLUDED)
