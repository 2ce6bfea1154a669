"""The words of reads and scores that the pure rules do not need. No Django here."""

from enum import StrEnum


class ReadRole(StrEnum):
    READER = "reader"
    ADJUDICATOR = "adjudicator"
    MEETING = "meeting"


class Basis(StrEnum):
    """Whence a patient's score comes: models.md section 8. Never pooled."""

    PRIMARY = "primary"
    METASTASIS = "metastasis"
    NONE = "none"


class AssignedHow(StrEnum):
    RULE = "rule"
    HAND = "hand"


class QualifiedHow(StrEnum):
    TRAINING = "training"
    HAND = "hand"


class MarkKind(StrEnum):
    POINT = "point"
    REGION = "region"


class Wish(StrEnum):
    """What a reader asks for in place of a slide."""

    RECUT = "recut"
    RESTAIN = "restain"


class RescoringCause(StrEnum):
    """Why patients are scored again."""

    NEW_EDITION = "new_edition"
    CHANGED_CONTROL = "changed_control"
    AMENDED_READ = "amended_read"
    WITHDRAWN_CONSENT = "withdrawn_consent"
    CHECK = "check"


class RescoringTurn(StrEnum):
    """What a person decided about a rescoring under way."""

    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"


class RescoringState(StrEnum):
    """A function of a rescoring's turns and of the chunks that are done; never stored."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"
