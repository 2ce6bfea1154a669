"""The bench's words for reads, rules and verdicts. Sources: the project's model reference, sections 1-7."""

from enum import StrEnum

INVESTIGATIONAL = "Investigational, for research use only, not validated for treatment decisions."


class YesNo(StrEnum):
    YES = "yes"
    NO = "no"


class ClearCell(StrEnum):
    YES = "yes"
    NO = "no"


class Risk(StrEnum):
    GOOD = "good"
    INTERMEDIATE = "intermediate"
    POOR = "poor"
    INDETERMINATE = "indeterminate"


class UptonGroup(StrEnum):
    """The four printed rows of Upton 2005: not clear cell stands apart from poor."""

    GOOD = "good"
    INTERMEDIATE = "intermediate"
    POOR = "poor"
    NOT_CLEAR_CELL = "not_clear_cell"
    INDETERMINATE = "indeterminate"


class CaixLevel(StrEnum):
    HIGH = "high"
    LOW = "low"
    MISSING = "missing"
    NOT_EVALUABLE = "not_evaluable"


class Compartment(StrEnum):
    FAVOURABLE = "favourable"
    UNFAVOURABLE = "unfavourable"
    INDETERMINATE = "indeterminate"


class Eligibility(StrEnum):
    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    INDETERMINATE = "indeterminate"


def said(term: StrEnum) -> str:
    """A coded term as it is written in a sentence: not_eligible is *not eligible*."""
    return term.value.replace("_", " ")


class Reason(StrEnum):
    """Why the pathology risk is poor. Every reason that certainly holds is given."""

    NON_CLEAR_CELL = "NON_CLEAR_CELL"
    PAPILLARY_PRESENT = "PAPILLARY_PRESENT"
    NO_ALVEOLAR = "NO_ALVEOLAR"
    GRANULAR_OVER_50 = "GRANULAR_OVER_50"


class Holds(StrEnum):
    """Does a condition hold here? Unknown as long as a blank could decide it either way."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Assay(StrEnum):
    HISTOLOGY = "histology"
    CAIX = "caix"


class Phase(StrEnum):
    AWAITING_FIRST = "awaiting_first"
    AWAITING_SECOND = "awaiting_second"
    DISCORDANT = "discordant"
    CONCLUDED = "concluded"


class HowDecided(StrEnum):
    SINGLE = "single"
    CONCORDANT_MEAN = "concordant_mean"
    ADJUDICATED = "adjudicated"
    CONSENSUS_MEETING = "consensus_meeting"


class Discordance(StrEnum):
    """What makes two reads of a case discordant, in the order they are told."""

    ADEQUACY = "adequacy"
    EVALUABILITY = "evaluability"
    TYPE = "type"
    CLEAR_CELL = "clear_cell"
    PAPILLARY = "papillary"
    RISK = "risk"
    MEAN_CATEGORY = "mean_category"
    CAIX_STRADDLES = "caix_straddles"
    CAIX_POINTS = "caix_points"
    BLANK_FIELD = "blank_field"


class Severity(StrEnum):
    REFUSE = "refuse"
    WARN = "warn"


class CaixMode(StrEnum):
    """How a CA-IX read is recorded: cells at each intensity, or % positive and the main intensity."""

    INTENSITIES = "intensities"
    POSITIVE_ONLY = "positive_only"


class Pattern(StrEnum):
    MEMBRANOUS_COMPLETE = "membranous_complete"
    MEMBRANOUS_INCOMPLETE = "membranous_incomplete"
    CYTOPLASMIC = "cytoplasmic"
    MIXED = "mixed"


class ControlState(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"


class InadequateReason(StrEnum):
    """Why an H&E section cannot be read."""

    NO_VIABLE_TUMOUR = "no_viable_tumour"
    NO_TUMOUR = "no_tumour"
    TOO_LITTLE_TUMOUR = "too_little_tumour"
    WRONG_TISSUE = "wrong_tissue"
    POOR_FIXATION = "poor_fixation"
    CRUSHED_OR_FOLDED = "crushed_or_folded"
    UNREADABLE_STAIN = "unreadable_stain"
    OTHER = "other"


class NotEvaluableReason(StrEnum):
    """Why a CA-IX stain cannot be evaluated."""

    NO_VIABLE_TUMOUR = "no_viable_tumour"
    TOO_FEW_CELLS = "too_few_cells"
    WRONG_TISSUE = "wrong_tissue"
    UNREADABLE_BACKGROUND = "unreadable_background"
    INTERNAL_CONTROL_FAILED = "internal_control_failed"
    EXTERNAL_CONTROL_FAILED = "external_control_failed"
    TISSUE_LIFTED = "tissue_lifted"
    OTHER = "other"
