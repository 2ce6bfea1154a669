"""How far a patient's tissue has come, and why no further: one function over five small facts. No database here.

Each patient stands at exactly one stop, so that what enters a stage is what leaves it and what was lost there.
"""

from enum import IntEnum
from typing import NamedTuple

from scoring.rules.vocabulary import InadequateReason
from specimens.vocabulary import NoTissueReason, RequestState


class Stage(IntEnum):
    """Stages in the order of the tissue's way. Who reached one has passed all before it."""

    ENROLLED = 0
    ASKED = 1
    RECEIVED = 2
    ADEQUATE = 3
    STAINED = 4
    READ = 5
    CONCLUDED = 6


class Consent(IntEnum):
    NONE = 0
    GIVEN = 1
    WITHDRAWN = 2


class Came(IntEnum):
    """The best that can be said of a specimen's receipt, worst first."""

    NOTHING = 0
    MISSING = 1
    ON_THE_WAY = 2
    REJECTED = 3
    QUARANTINED = 4
    IN_ORDER = 5


class Level(IntEnum):
    """How far one assay of one specimen is."""

    NONE = 0
    FAILED = 1
    PENDING = 2
    STAINED = 3
    AWAITING_FIRST = 4
    AWAITING_SECOND = 5
    DISCORDANT = 6
    CONCLUDED = 7


class Shelf(IntEnum):
    """What is here to make a stain from."""

    NOTHING = 0
    TOO_OLD = 1
    BLOCK = 2
    SECTIONS = 3


# A specimen's tissue in one number, so that the best of several specimens is the largest.
INADEQUATE, QUARANTINED, IN_ORDER = 10, 50, 100
INADEQUATE_REASONS = (*InadequateReason,)
# A request's state in one number: what is open stands above what has ended.
CANCELLED, NO_TISSUE, DECLINED, NOT_SENT, OPEN = 1, 10, 20, 30, 40
NO_TISSUE_REASONS = tuple(reason for reason in NoTissueReason if reason.value)
OPEN_STATES = {
    RequestState.ASKED: OPEN,
    RequestState.REMINDED: 41,
    RequestState.PROMISED: 45,
    RequestState.SHIPPED: 50,
    RequestState.PARTLY_RECEIVED: 55,
    RequestState.RECEIVED: 60,
}


class Facts(NamedTuple):
    """What decides where one patient stands. `asked`: some request of theirs was sent. `request`: the state of
    the one that matters most, `tissue`: of the specimen that is furthest, both as numbers (see above)."""

    consent: int
    asked: int
    request: int
    tissue: int
    shelf: int


class Stop(NamedTuple):
    """The last stage reached, and the code of why no further; blank for who has reached the last."""

    stage: Stage
    reason: str


def in_order(histology: int, caix: int) -> int:
    """The number of an adequate specimen whose assays are so far: the one further behind weighs most."""
    return IN_ORDER * (min(histology, caix) + 1) + 10 * histology + caix


def assays_of(tissue: int) -> tuple[Level, Level]:
    """Histology and CA-IX of a specimen in order."""
    return Level(tissue // 10 % 10), Level(tissue % 10)


def stop_of(facts: Facts) -> Stop:
    """Where the patient stands. Who withdrew stays where they were, and never counts as concluded."""
    stage = reached(facts)
    if facts.consent == Consent.WITHDRAWN:
        return Stop(min(stage, Stage.READ), "consent_withdrawn")
    return Stop(stage, "" if stage is Stage.CONCLUDED else WHY[stage](facts))


def reached(facts: Facts) -> Stage:
    if facts.tissue >= IN_ORDER:
        least = min(assays_of(facts.tissue))
        if least == Level.CONCLUDED:
            return Stage.CONCLUDED
        if least == Level.DISCORDANT:
            return Stage.READ
        return Stage.STAINED if least else Stage.ADEQUATE
    if facts.tissue >= Came.REJECTED:
        return Stage.RECEIVED
    asked = facts.asked or facts.tissue or NO_TISSUE <= facts.request < NOT_SENT or facts.request >= OPEN
    return Stage.ASKED if asked else Stage.ENROLLED


def why_not_asked(facts: Facts) -> str:
    if facts.consent == Consent.NONE:
        return "no_consent"
    return {NOT_SENT: "not_sent", CANCELLED: "cancelled"}.get(facts.request, "no_request")


def why_not_received(facts: Facts) -> str:
    if facts.tissue:
        return "missing" if facts.tissue == Came.MISSING else "on_the_way"
    if NO_TISSUE <= facts.request < DECLINED:
        return f"no_tissue:{NO_TISSUE_REASONS[facts.request - NO_TISSUE]}"
    if DECLINED <= facts.request < NOT_SENT:
        return f"declined:{NO_TISSUE_REASONS[facts.request - DECLINED]}"
    others = {CANCELLED: "cancelled", NOT_SENT: "not_sent"}
    words = {OPEN_STATES[state]: code for state, code in WAITS.items()}
    return others.get(facts.request) or words.get(facts.request, "no_answer")


WAITS = {
    RequestState.ASKED: "no_answer",
    RequestState.REMINDED: "no_answer_reminded",
    RequestState.PROMISED: "promised",
    RequestState.SHIPPED: "on_the_way",
    RequestState.PARTLY_RECEIVED: "no_tumour",
    RequestState.RECEIVED: "no_tumour",
}


def why_not_adequate(facts: Facts) -> str:
    if facts.tissue >= QUARANTINED:
        return "quarantined"
    if facts.tissue >= INADEQUATE:
        return f"inadequate:{INADEQUATE_REASONS[facts.tissue - INADEQUATE]}"
    return "rejected"


def why_not_stained(facts: Facts) -> str:
    if facts.shelf == Shelf.NOTHING:
        return "nothing_left"
    if facts.shelf == Shelf.TOO_OLD:
        return "section_too_old"
    histology, caix = assays_of(facts.tissue)
    if histology or caix:
        return "without_caix" if histology else "without_he"
    return "to_cut" if facts.shelf == Shelf.BLOCK else "to_stain"


def why_not_read(facts: Facts) -> str:
    codes = {
        Level.FAILED: "control_failed",
        Level.PENDING: "controls_pending",
        Level.STAINED: "no_case",
        Level.AWAITING_FIRST: "awaits_reader",
        Level.AWAITING_SECOND: "awaits_second",
    }
    return codes[min(assays_of(facts.tissue))]


WHY = {
    Stage.ENROLLED: why_not_asked,
    Stage.ASKED: why_not_received,
    Stage.RECEIVED: why_not_adequate,
    Stage.ADEQUATE: why_not_stained,
    Stage.STAINED: why_not_read,
    Stage.READ: lambda facts: "discordant",
}
ENDED = {"consent_withdrawn", "no_tissue", "declined", "cancelled", "missing", "rejected", "inadequate",
         "nothing_left", "section_too_old", "control_failed", "no_tumour"}  # fmt: skip


def is_lost(reason: str) -> bool:
    """Is this an end unless somebody begins anew? What is not lost only waits."""
    return reason.partition(":")[0] in ENDED
