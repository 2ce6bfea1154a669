"""The words of a read, as `scoring.rules.vocabulary` and `scoring.rules.types` spell them.

One place, so that a change of the vocabulary is one change here.
"""

YES, NO = "yes", "no"
HE, CAIX = "he", "caix"
SYNTHETIC = "synthetic"
INTENSITIES = "intensities"

CLEAR_CELL, NOT_YET_TYPED, UNCLASSIFIED = "clear_cell", "not_yet_typed", "unclassified"
PAPILLARY, CHROMOPHOBE, COLLECTING_DUCT = "papillary", "chromophobe", "collecting_duct"
TRANSLOCATION, SARCOMATOID = "translocation", "sarcomatoid"

COMPLETE, INCOMPLETE = "membranous_complete", "membranous_incomplete"
CYTOPLASMIC, MIXED = "cytoplasmic", "mixed"
PASSED, FAILED, ABSENT = "passed", "failed", "absent"

INADEQUATE = ("too_little_tumour", "no_viable_tumour", "crushed_or_folded", "poor_fixation")
TOO_FEW_CELLS, NO_VIABLE_TUMOUR = "too_few_cells", "no_viable_tumour"
INTERNAL_CONTROL_FAILED = "internal_control_failed"
NOT_EVALUABLE = (TOO_FEW_CELLS, "unreadable_background", INTERNAL_CONTROL_FAILED, "tissue_lifted")

ARCHITECTURE = ("alveolar", "solid", "tubular", "papillary", "cystic", "trabecular", "sarcomatoid", "other")
CYTOPLASM = ("clear", "granular", "other")

HISTOLOGY_FIELDS = (
    "adequate",
    "inadequate_reason",
    "viable_tumour",
    "necrosis",
    "histologic_type",
    "underlying_type",
    *(f"arch_{part}" for part in ARCHITECTURE),
    *(f"cyto_{part}" for part in CYTOPLASM),
    "rhabdoid",
    "fuhrman",
    "who_isup",
    "comment",
)
CAIX_FIELDS = (
    "mode",
    "pct_0",
    "pct_1",
    "pct_2",
    "pct_3",
    "at_least_100_cells",
    "pattern",
    "internal_control",
    "evaluable",
    "not_evaluable_reason",
    "comment",
)
