"""The bench's words for what exists. No Django here."""

from enum import StrEnum


class InstitutionRole(StrEnum):
    TREATING = "treating"
    HOLDING = "holding"
    CORE = "core"


class SpecimenKind(StrEnum):
    PRIMARY = "primary"
    METASTASIS = "metastasis"
    NORMAL = "normal"


class Laterality(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    BILATERAL = "bilateral"
    NOT_RECORDED = ""


class Preservation(StrEnum):
    FFPE = "ffpe"
    FROZEN = "frozen"
    OCT = "oct"
    NOT_RECORDED = ""


class ConsentScope(StrEnum):
    THIS_STUDY = "this_study"
    FUTURE_RESEARCH = "future_research"


class ItemKind(StrEnum):
    BLOCK = "block"
    UNSTAINED_SLIDE = "unstained_slide"
    HE_SLIDE = "he_slide"
    ALIQUOT = "aliquot"


class Terms(StrEnum):
    """On what terms tissue is here: models.md section 8."""

    LOAN = "loan"
    DONATED = "donated"
    CONSUMED = "consumed"


class Condition(StrEnum):
    INTACT = "intact"
    BROKEN = "broken"
    WET = "wet"
    LABEL_MISMATCH = "label_mismatch"


class QuarantineOutcome(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class CustodyKind(StrEnum):
    """Events of CDISC's biospecimen domain that this core records (exports.md 1.2)."""

    COLLECTED = "collected"
    EMBEDDED = "embedded"
    SECTIONED = "sectioned"
    SHIPPED = "shipped"
    RECEIVED = "received"
    STAINED = "stained"
    RETURNED = "returned"
    CONSUMED = "consumed"
    DESTROYED = "destroyed"


class Stain(StrEnum):
    HE = "he"
    CAIX = "caix"


class ControlKind(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"


class RunControls(StrEnum):
    """What the external controls of a stain run say together: a function of their results."""

    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"


class EstimateSource(StrEnum):
    SITE = "site"
    CORE = "core"


class CorrectionKind(StrEnum):
    SPECIMEN_TO_PATIENT = "specimen_to_patient"
    BLOCK_TO_SPECIMEN = "block_to_specimen"
    SLIDE_TO_BLOCK = "slide_to_block"
    PATIENT_MERGED = "patient_merged"
    STUDY_ID = "study_id"


STAIN_LABELS = {Stain.HE: "H&E", Stain.CAIX: "CA-IX"}
