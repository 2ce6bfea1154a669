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
