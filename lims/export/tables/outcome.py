"""Every release's word on every patient, side by side; and the values of declared variables."""

from lims.export.dictionary import Column, Kind
from lims.export.table import Table
from lims.export.tables.scores import BY_NAME
from lims.export.tables.shared import STUDY_ID, TRIAL, synthetic, words
from lims.export.tables.tissue import one
from lims.vocabulary import VariableKind

RELEASE = "outcome release"
SAME = (
    "arm", "regimen", "response", "response_days", "pfs_time", "pfs_event", "os_time", "os_event", "time_origin",
    "time_unit",
)  # fmt: skip
FROM = """
  FROM lims_outcome o
  JOIN lims_outcomerelease r ON r.id = o.release_id
  JOIN specimens_patient p ON p.id = o.patient_id
  JOIN specimens_trial t ON t.id = p.trial_id"""


def named() -> tuple[tuple[Column, str], ...]:
    return (
        one("release", "RELEASE", "Outcome release", Kind.TEXT, RELEASE, "Its name.", "r.name"),
        one("data_cut", "DATACUT", "Data cut of the release", Kind.DATE, RELEASE, "Empty when its source says none.",
            "r.cut_on"),
    )  # fmt: skip


OUTCOMES = Table(
    "outcomes",
    "One row a patient and release.",
    (
        TRIAL,
        STUDY_ID,
        *named(),
        one("imported_at", "IMPORTTM", "When the release came in", Kind.MOMENT, RELEASE, "The server's clock.",
            "r.imported_at", unit="UTC"),
        *((BY_NAME[name], f"o.{name}") for name in SAME),
        one("vital_status", "VITAL", "Vital status", Kind.TEXT, RELEASE, "As the release spells it.", "o.vital_status"),
        one("days_to_death", "DDEATH", "Days to death", Kind.TEXT, RELEASE, "As the release spells it.",
            "o.days_to_death"),
        one("days_to_last_contact", "DCONTACT", "Days to last contact", Kind.TEXT, RELEASE,
            "As the release spells it.", "o.days_to_last_contact"),
        one("stage", "STAGE", "Stage", Kind.TEXT, RELEASE, "As the release spells it.", "o.stage"),
        synthetic("o.synthetic"),
    ),
    FROM,
    "r.imported_at",
    "o.id",
    ("trial", "study_id", "release"),
    filters=frozenset({"release"}),
)  # fmt: skip
VALUES = Table(
    "outcome_values",
    "One row a value of a declared variable, by patient, release and time point.",
    (
        TRIAL,
        STUDY_ID,
        *named(),
        one("variable", "VARIABLE", "Declared variable", Kind.TEXT, RELEASE, "Its name.", "d.name"),
        one("label", "VARLABEL", "What the variable is", Kind.TEXT, RELEASE, "As declared.", "d.label"),
        one("kind", "VARKIND", "What its values are", Kind.CODE, RELEASE, "As declared.", "d.kind",
            codes=words(VariableKind)),
        one("unit", "VARUNIT", "Unit", Kind.TEXT, RELEASE, "As declared.", "d.unit"),
        one("time_point", "TIMEPT", "Time point", Kind.TEXT, RELEASE, "Empty where it has none.", "w.time_point"),
        one("value", "VALUE", "Value", Kind.TEXT, RELEASE, "As the release spells it; a date as far as it is known.",
            "w.value"),
        one("number", "NUMBER", "The same as a number", Kind.NUMBER, RELEASE, "Of numbers and events.",
            "CAST(w.number AS numeric)",
            unit="that of the row"),
        synthetic("o.synthetic"),
    ),
    """
  FROM lims_outcomevalue w
  JOIN lims_outcomevariable d ON d.id = w.variable_id
  JOIN lims_outcome o ON o.id = w.outcome_id""" + FROM.replace("\n  FROM lims_outcome o", ""),
    "r.imported_at",
    "w.id",
    ("trial", "study_id", "release", "variable", "time_point"),
    filters=frozenset({"release"}),
)  # fmt: skip
