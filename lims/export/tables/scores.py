"""Every score there ever was: each model and edition, each reason."""

from lims.export.columns import PATIENTS
from lims.export.dictionary import Column, Kind
from lims.export.table import Table
from lims.export.tables.shared import NOTICE, STUDY_ID, TRIAL, UNDISPUTED, YES_NO, synthetic
from lims.export.tables.tissue import SPECIMEN, one

BY_NAME = {column.name: column for column in PATIENTS}
SAME = {
    "histologic_type": "s.histologic_type",
    "clear_cell": "s.clear_cell",
    "alveolar_percent": "s.alveolar",
    "granular_percent": "s.granular",
    "papillary_percent": "s.papillary",
    "caix_percent": "s.caix",
    "caix_evaluable": "s.caix_evaluable",
    "h_score": "s.h_score",
    "histology_decided": "s.histology_how",
    "caix_decided": "s.caix_how",
    "risk": "s.risk",
    "possible_risks": "s.possible_risks",
    "caix_level": "s.caix_level",
    "compartment": "s.compartment",
    "il2_eligibility": "s.eligibility",
    "reasons": "s.reasons",
    "missing": "s.missing",
    "model": "s.model",
    "edition": "s.edition",
    "scored_at": "s.computed_at",
}
NEWER = (
    "(SELECT max(s2.id) FROM scoring_score s2 WHERE s2.specimen_id = s.specimen_id AND s2.model = s.model"
    " AND s2.edition = s.edition AND KNOWN(s2.computed_at))"
)
SPEAKS = (
    "EXISTS (SELECT 1 FROM scoring_patientscore q WHERE q.score_id = s.id AND q.patient_id = p.id"
    " AND q.id = (SELECT max(q2.id) FROM scoring_patientscore q2 WHERE q2.patient_id = p.id"
    " AND q2.model = s.model AND q2.edition = s.edition AND KNOWN(q2.computed_at)))"
)


def same(name: str, sql: str) -> tuple[Column, str]:
    """A column as the patients table has it."""
    return BY_NAME[name], sql


SCORES = Table(
    "scores",
    "One row a computed score of a specimen; old ones stay. None that tells of a case which is being read again.",
    (
        TRIAL,
        STUDY_ID,
        SPECIMEN,
        one("score", "SCORENO", "Number of the score", Kind.INTEGER, "scoring", "Unique; in order of computing.",
            "s.id", unit="count"),
        one("current", "CURRENT", "The latest of its edition", Kind.YES_NO, "scoring", "Of this specimen.",
            f"s.id = {NEWER}", codes=YES_NO),
        one("speaks_for_patient", "SPEAKS", "Speaks for the patient", Kind.YES_NO, "scoring",
            "The patient's own category is this one's.", SPEAKS, codes=YES_NO),
        one("adequate", "ADEQUATE", "The histology is adequate", Kind.YES_NO, "central H&E reads",
            "Empty while no histology case has concluded.", "s.adequate", codes=YES_NO),
        *(same(name, sql) for name, sql in SAME.items()),
        synthetic("s.synthetic"),
        NOTICE,
    ),
    """
  FROM scoring_score s
  JOIN specimens_specimen sp ON sp.id = s.specimen_id
  JOIN specimens_patient p ON p.id = sp.patient_id
  JOIN specimens_trial t ON t.id = p.trial_id""",
    "s.computed_at",
    "s.id",
    ("score",),
    UNDISPUTED,
    filters=frozenset({"risk"}),
)  # fmt: skip
