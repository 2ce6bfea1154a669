"""The words of the trial network's sheets, from their own Data Dictionary, and ours for those that we keep."""

from specimens.vocabulary import ItemKind, Preservation, SpecimenKind

UNKNOWN = ("not reported", "not_reported", "not available", "n/a", "unknown")

TUMOURS = {"primary tumor": SpecimenKind.PRIMARY, "metastatic tumor": SpecimenKind.METASTASIS}
TISSUES = ("tumor tissue", "normal tissue", "skin tissue", "lymph node", "bone marrow")
NOT_TISSUE = ("blood", "cerebrospinal fluid", "stool")

ITEMS = {
    "fixed slide": ItemKind.UNSTAINED_SLIDE,
    "h&e-stained fixed tissue slide specimen": ItemKind.HE_SLIDE,
    "tissue scroll": ItemKind.ALIQUOT,
    "ffpe punch": ItemKind.ALIQUOT,
}
FLUIDS = (
    "whole blood", "plasma", "pbmc", "buffy coat", "bone marrow mononuclear cell", "supernatant", "cell pellet",
)  # fmt: skip

PRESERVED = {
    "archival ffpe": Preservation.FFPE,
    "formalin-fixed paraffin-embedded": Preservation.FFPE,
    "frozen specimen": Preservation.FROZEN,
    "optimum cutting temperature medium": Preservation.OCT,
}
NO_WORD_HERE = ("fresh specimen", "thaw-lyse", "other", *UNKNOWN)

OTHER_WORDS = {
    "procedure": (
        "blood draw", "excision", "core biopsy", "punch biopsy", "endoscopic biopsy", "bone marrow core biopsy",
        "bone marrow aspirate", "lumbar puncture", "aspirate", "fine-needle aspiration", "not reported", "other",
    ),
    "used_units": (
        "microliters", "milliliters", "nanogram per microliter", "milligram per milliliter",
        "micrograms per microliter", "cells per vial", "slides", "not reported", "other",
    ),
    "storage": ("rt", "4oc", "(-20)oc", "(-80)oc", "ln", "not reported", "other"),
    "quality": ("pass", "fail", "not reported", "other"),
    "replacement": (
        "replacement not requested", "replacement requested", "replacement tested", "not reported", "other",
    ),
    "residual": (
        "sample returned", "sample sent to another lab", "sample received from cimac", "not reported", "other",
    ),
}  # fmt: skip
OTHER_WORDS["remaining_units"] = OTHER_WORDS["used_units"]
"""Columns that are looked at and not kept: a word of theirs that nobody knows is a warning."""
