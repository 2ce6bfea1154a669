"""Two synthetic readers of one specimen: mostly of one mind, and discordant where it is wanted."""

from collections.abc import Callable
from dataclasses import replace

from lims.demo import words
from lims.demo.agreement import disagreements
from lims.demo.chance import Chance
from lims.demo.opinions import Opinion, exact, inadequate, not_evaluable, opinion
from lims.demo.truth import Truth

DISCORDANT_SHARE = 0.13
TRIES = 200
CAUSES = {
    "caix_straddles": 0.38,
    "caix_points": 0.12,
    "risk": 0.25,
    "papillary": 0.08,
    "type": 0.07,
    "adequacy": 0.06,
    "evaluability": 0.04,
}

Two = tuple[Opinion, Opinion]


def two_opinions(chance: Chance, truth: Truth, *, discordant: bool) -> tuple[Two, Opinion]:
    """The two readers' opinions, in reader order, and what an adjudicator would decide, near the truth.

    `discordant` asks for disagreement; a specimen that cannot be read is agreed on by both.
    """
    if discordant and not (truth.inadequate or truth.not_evaluable):
        return _discordant(chance, truth)
    decided = exact(chance, truth)
    first = _until(lambda: opinion(chance, truth), decided)
    return (first, _until(lambda: opinion(chance, truth), first)), decided


def _until(draw: Callable[[], Opinion], beside: Opinion) -> Opinion:
    """The first draw that is concordant with the opinion beside it; that opinion itself when none is."""
    for _ in range(TRIES):
        drawn = draw()
        if not disagreements(drawn.both, beside.both):
            return drawn
    return beside


def _discordant(chance: Chance, truth: Truth) -> tuple[Two, Opinion]:
    cause = chance.weighted(CAUSES)
    found = WAYS[cause](chance, truth) or _straddles(chance, truth) or _type(chance, truth)
    truth, wrong = found
    decided = exact(chance, truth)
    right = _until(lambda: opinion(chance, truth), decided)
    right = right if disagreements(right.both, wrong.both) else decided
    return ((right, wrong) if chance.under(0.5) else (wrong, right)), decided


Way = tuple[Truth, Opinion]


def _straddles(chance: Chance, truth: Truth) -> Way | None:
    """Either side of 85 %, within ten points: only a clear cell tumour comes so near."""
    if truth.category == "not_clear_cell":
        return None
    high = truth.caix > 85
    seen = replace(truth, caix=90 if high else chance.pick((80, 85)))
    wrong = replace(truth, caix=chance.pick((80, 85)) if high else 90)
    return seen, exact(chance, wrong)


def _points(chance: Chance, truth: Truth) -> Way | None:
    if not 15 <= truth.caix <= 60:
        return None
    return truth, exact(chance, replace(truth, caix=truth.caix + chance.pick((20, 25))))


def _risk(chance: Chance, truth: Truth) -> Way | None:
    """A careless reading that lands in another category without inventing a papillary part."""
    decided = exact(chance, truth)
    tempted = truth if truth.cytoplasm["granular"] else _with_granular(truth, chance.pick((5, 10)))
    for _ in range(TRIES):
        drawn = opinion(chance, tempted, deviation=12.0, floor=0)
        reasons = disagreements(drawn.both, decided.both)
        if "risk" in reasons and "papillary" not in reasons:
            return truth, Opinion(drawn.histology, decided.caix)
    return None


def _papillary(chance: Chance, truth: Truth) -> Way | None:
    """One reader sees a small papillary part that the other does not, or misses one."""
    seen = truth.architecture["papillary"]
    largest = max(truth.architecture, key=lambda part: truth.architecture[part])
    if truth.category == "not_clear_cell" or seen > 15 or largest == "papillary":
        return None
    other = -seen if seen else min(chance.pick((5, 10)), truth.architecture[largest] - 5)
    moved = {"papillary": seen + other, largest: truth.architecture[largest] - other}
    return truth, exact(chance, replace(truth, architecture=truth.architecture | moved))


def _type(chance: Chance, truth: Truth) -> Way:
    """One reader calls clear cell what the other does not, or the other way round."""
    if truth.histologic_type != words.CLEAR_CELL:
        return truth, exact(chance, replace(truth, histologic_type=words.CLEAR_CELL, grade=truth.grade or 2))
    other = words.PAPILLARY if truth.architecture["papillary"] else words.UNCLASSIFIED
    return truth, exact(chance, replace(truth, histologic_type=other))


def _adequacy(chance: Chance, truth: Truth) -> Way:
    return truth, Opinion(inadequate("crushed_or_folded"), exact(chance, truth).caix)


def _evaluability(chance: Chance, truth: Truth) -> Way:
    return truth, Opinion(exact(chance, truth).histology, not_evaluable("unreadable_background"))


WAYS: dict[str, Callable[[Chance, Truth], Way | None]] = {
    "caix_straddles": _straddles,
    "caix_points": _points,
    "risk": _risk,
    "papillary": _papillary,
    "type": _type,
    "adequacy": _adequacy,
    "evaluability": _evaluability,
}


def _with_granular(truth: Truth, granular: int) -> Truth:
    clear = truth.cytoplasm["clear"] - granular
    return replace(truth, cytoplasm=truth.cytoplasm | {"clear": clear, "granular": granular})
