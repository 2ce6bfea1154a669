"""Columns and conditions that several tables share."""

from lims.export.columns import YES_NO, words
from lims.export.dictionary import Column, Kind
from scoring.rules.vocabulary import INVESTIGATIONAL

SINCE = "1.1"

TRIAL = (Column("trial", "STUDYID", "Trial", Kind.TEXT, "enrolment", "Code of the trial.", since=SINCE), "t.code")
STUDY_ID = (
    Column("study_id", "SUBJID", "Study id of the patient", Kind.TEXT, "enrolment", "Unique within the trial.",
           since=SINCE), "p.study_id",
)  # fmt: skip
NOTICE = (
    Column("investigational", "INVESTIG", "What these categories are not", Kind.TEXT, "constant", INVESTIGATIONAL,
           since=SINCE), "{investigational}",
)  # fmt: skip

OPEN_DISPUTE = """EXISTS (
        SELECT 1 FROM scoring_comparison n
         WHERE n.case_id = c.id AND n.discordant {known_n}
           AND NOT EXISTS (SELECT 1 FROM scoring_comparison n2
                            WHERE n2.first_id = n.first_id AND n2.second_id = n.second_id AND n2.id > n.id {known_n2})
           AND NOT EXISTS (SELECT 1 FROM scoring_read x
                            WHERE x.supersedes_id IN (n.first_id, n.second_id) {known_x})
           AND NOT EXISTS (SELECT 1 FROM scoring_read y WHERE y.comparison_id = n.id {known_y}))"""
NOW = {"known_n": "", "known_n2": "", "known_x": "", "known_y": ""}
THEN = {
    "known_n": "AND KNOWN(n.compared_at)",
    "known_n2": "AND KNOWN(n2.compared_at)",
    "known_x": "AND KNOWN(x.recorded_at)",
    "known_y": "AND KNOWN(y.recorded_at)",
}
# ruff: noqa: S608 (constant text, put together from constant text)
CONCLUDED = f"""
   AND EXISTS (SELECT 1 FROM scoring_read f
                WHERE f.case_id = c.id AND f.slot = c.readers_required AND KNOWN(f.recorded_at))
   AND NOT {OPEN_DISPUTE.format(**NOW)}
   AND NOT {OPEN_DISPUTE.format(**THEN)}"""
"""Of cases alone that have concluded, then and now: scoring.phases says the same. No reading is told before."""


AGAIN = f"""(({OPEN_DISPUTE.format(**NOW)}) OR ({OPEN_DISPUTE.format(**THEN)}))"""
UNDISPUTED = f"""
   AND NOT EXISTS (
        SELECT 1 FROM scoring_readingcase c
         WHERE c.specimen_id = s.specimen_id AND c.repeats_id IS NULL AND {AGAIN}
           AND ((c.assay = 'histology' AND s.histology_how <> '') OR (c.assay = 'caix' AND s.caix_how <> ''))
           AND NOT EXISTS (SELECT 1 FROM scoring_readingcase z
                            WHERE z.specimen_id = c.specimen_id AND z.assay = c.assay AND z.repeats_id IS NULL
                              AND z.id > c.id AND z.opened_at <= s.computed_at))"""
"""Of scores `s` alone that tell nothing of a case which a correction has opened again, then or now."""


def synthetic(*parts: str) -> tuple[Column, str]:
    """Says whether anything of the row was generated."""
    column = Column("synthetic", "SYNTHFL", "Anything in this row is synthetic", Kind.YES_NO, "all sources",
                    "yes when the patient or what the row tells of was generated.", codes=YES_NO,
                    since=SINCE)  # fmt: skip
    return column, " OR ".join(f"coalesce({part}, FALSE)" for part in ("p.synthetic", *parts))


__all__ = ["CONCLUDED", "NOTICE", "SINCE", "STUDY_ID", "TRIAL", "UNDISPUTED", "YES_NO", "synthetic", "words"]
